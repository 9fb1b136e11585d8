"""The question before an image is left whose changes are not kept."""

from __future__ import annotations

from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Worklist import Worklist


def mayLeave(worklist: Worklist) -> bool:
    """Whether the current image may be left: after asking, if the reader has changed it in a session that was
    opened to read."""
    if not worklist.losesWork():
        return True
    question = _(
        "The session was opened to read: your changes of {name} are not kept. Leave it and lose them?"
    ).format(name=worklist.current.image.name)
    return ui.confirm(question, _("Lose your changes?"), _("Lose them"), _("Stay"))

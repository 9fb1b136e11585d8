"""An image is removed from the session, and another one shown in its place."""

from __future__ import annotations

from cxradain.sessions.records import UNREADABLE
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Worklist import Worklist
from .RefusalTexts import filteredText, noneLeftText


def removeAfterAsking(section, worklist: Worklist, key: str) -> None:
    """Remove an image of the list, after asking; if it was chosen, show the next one, or the one before, or
    say that there is none. section: the WorklistSection."""
    table = section.table
    question = _(
        "Remove {name} from the session? Its pixels and masks stay in the session's folder, and come "
        "back when it is added again."
    )
    question = question.format(name=table.model.rows[key].name)
    if not ui.confirm(question, _("Remove the image?"), _("Remove"), _("Keep")):
        return
    wasChosen = key == worklist.key
    neighbor = table.beside(key, 1) or table.beside(key, -1)
    if not worklist.remove(key):
        return
    section.refresh()
    if wasChosen and neighbor:
        section.show(neighbor)
    elif wasChosen:
        isFiltered = any(row.status != UNREADABLE for row in table.model.rows.values())
        section.messages.tell(filteredText() if isFiltered else noneLeftText())

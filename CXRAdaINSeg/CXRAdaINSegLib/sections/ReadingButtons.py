"""The reader's buttons and keys: moving through the list, approving and flagging."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from slicer.i18n import tr as _

from .. import Widgets as ui
from ..Events import Shortcuts, inOrder
from ..scene.EditHistory import editorNode

PREVIOUS, NEXT, APPROVE, FLAG, UNREVIEWED, DONE = "P", "N", "A", "F", "U", "D"  # keys


class ReadingButtons:
    """The buttons in `layout`, and their keys. slots: actions by key. In the views arrow keys work, too;
    onRefused(): not while a tool is chosen."""

    def __init__(self, slots: Mapping[str, Callable[[], object]], onRefused: Callable[[], object]):
        names = {
            PREVIOUS: ("PreviousButton", _("Previous"), _("Keep the mask and show the image before.")),
            NEXT: ("NextButton", _("Next"), _("Keep the mask and show the next image.")),
            UNREVIEWED: (
                "UnreviewedButton",
                _("Unreviewed"),
                _("Keep the mask and show the next image that you have not reviewed."),
            ),
            APPROVE: ("ApproveButton", _("Approve"), _("The mask is right, and rounds may train on it.")),
            DONE: (
                "DoneButton",
                _("Approve, next"),
                _("The mask is right; keep it approved and show the next image."),
            ),
            FLAG: (
                "FlagButton",
                _("Flag"),
                _(
                    "Put the image aside until you approve it: no round trains on it, unless another reader "
                    "has a mask."
                ),
            ),
        }
        self.buttons = {}
        for key, (name, title, hint) in names.items():
            self.buttons[key] = ui.pushButton(name, f"{title} ({key})", slots[key])
            self.buttons[key].toolTip = _("{hint} Key: {key}").format(hint=hint, key=key)
        made = list(self.buttons.values())
        self.layout = ui.column(
            ui.row(*made[:3], stretch=(1, 1, 1)),
            ui.row(*made[3:], stretch=(1, 1, 1)),
        )
        acts = {key: inOrder(slot) for key, slot in slots.items()}
        self._keys = Shortcuts(acts, repeated=(PREVIOUS, NEXT))  # to leaf through
        forward, back = (_unlessEditing(acts[key], onRefused) for key in (NEXT, PREVIOUS))
        arrows = {"Right": forward, "Down": forward, "Left": back, "Up": back}
        self._arrows = Shortcuts(arrows, inViews=True, repeated=arrows)

    def activate(self, active: bool) -> None:
        """Enable or disable the keys."""
        self._keys.activate(active)
        self._arrows.activate(active)

    def update(self, goes: bool, decides: bool) -> None:
        """Enable the buttons. goes: the list has images. decides: an image can be approved or flagged."""
        for key, button in self.buttons.items():
            button.enabled = goes if key in (PREVIOUS, NEXT, UNREVIEWED) else decides


def _unlessEditing(go: Callable[[], object], onRefused: Callable[[], object]) -> Callable[[], object]:
    """The action, disabled while an effect is active: it may use the arrow keys."""
    return lambda: onRefused() if editorNode().GetActiveEffectName() else go()

"""Whose masks a round learns from: a box for each of the session's readers, all of them at first."""

from __future__ import annotations

from collections.abc import Sequence

import qt
from slicer.i18n import tr as _


class RoundReaders:
    """`words()` are the arguments of `cxradain train round` that the choice stands for."""

    def __init__(self):
        self.widget = qt.QWidget()
        self.widget.objectName = "RoundReaders"
        self._layout = qt.QVBoxLayout(self.widget)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.boxes: dict[str, qt.QCheckBox] = {}
        self._left: set[str] = set()  # whom the user does not want
        self.show([])

    def show(self, readers: Sequence[str]) -> None:
        """Offer these; who was not wanted before still is not. Of one alone there is nothing to choose."""
        if list(readers) != list(self.boxes):
            self._left = {name for name, box in self.boxes.items() if not box.checked} & set(readers)
            for box in self.boxes.values():
                self._layout.removeWidget(box)
                box.hide()
                box.deleteLater()
            self.boxes = {name: self._box(name) for name in readers}
        self.widget.visible = len(self.boxes) > 1

    def words(self) -> list[str]:
        """None where all are chosen. Without any, nobody's masks are labels."""
        chosen = [name for name, box in self.boxes.items() if box.checked]
        if len(self.boxes) < 2 or len(chosen) == len(self.boxes):
            return []
        return [f"--reader={name}" for name in chosen or [""]]  # a name may begin with a dash

    def _box(self, name: str):
        box = qt.QCheckBox(_("Masks of {reader}").format(reader=name.replace("&", "&&")))
        box.objectName = "RoundReader"
        box.toolTip = _(
            "Learn from this reader's masks, and compare by them. The count above is of all readers."
        )
        box.checked = name not in self._left
        self._layout.addWidget(box)
        return box

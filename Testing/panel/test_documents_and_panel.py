"""The places of the panel that the documents name, such as *Train > Models*, are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from module_panel import standing_in
from PySide6 import QtGui, QtWidgets

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "Docs").glob("*.md"))]
PLACE = re.compile(r"\*([A-Z][^*\n>]*?) > ([^*]+)\*")
SLICERS_OWN = {"Edit", "File"}  # menus of 3D Slicer


def plain(text: str) -> str:
    return text.replace("&", "").removesuffix("...").rstrip(":")


def named() -> list[tuple[str, str, str]]:
    """Each document with an outer and an inner place that it names."""
    return [
        (path.name, outer, " ".join(inner.split()))
        for path in DOCUMENTS
        for outer, inner in PLACE.findall(path.read_text(encoding="utf-8"))
        if outer not in SLICERS_OWN
    ]


def box_of(widget):
    """The section or box that a control, or another box, is in; None outside the panel's boxes."""
    widget = widget.parentWidget()
    while widget is not None and not hasattr(widget, "collapsed"):
        widget = widget.parentWidget()
    return widget


def written_on(widget) -> str:
    texts = [widget.property(name) for name in ("title", "text")]
    return plain(next((text for text in texts if isinstance(text, str)), "")).partition(" (")[0]


@pytest.fixture
def places(window) -> dict[str, set[str]]:
    """What is in each section and box of the panel, not counting the boxes in these, and in each menu."""
    with standing_in(window) as panel:
        found: dict[str, set[str]] = {}
        for child in panel.widget.parent.findChildren(QtWidgets.QWidget):
            box = box_of(child)
            if box is not None:
                found.setdefault(written_on(box), set()).add(written_on(child))
        for menu in window.window.findChildren(QtWidgets.QMenu):
            actions = [*menu.findChildren(QtGui.QAction), *menu.actions()]
            found.setdefault(plain(menu.title), set()).update(plain(action.text) for action in actions)
        return found


def test_the_documents_name_places_that_the_panel_has(places):
    assert len(named()) > 5 and {"Setup", "Train", "Worklist"} <= places.keys()
    wrong = [each for each in named() if each[2] not in places.get(each[1], ())]
    assert wrong == []
    assert "Models" in places["Train"] - places["Setup"], "as README once had it"

"""How the panel looks: each control says what it does, nothing widens the panel, colors are the palette's."""

from __future__ import annotations

import re

import pytest
from module_panel import standing_in
from places import ROOT
from PySide6 import QtWidgets
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

CONTROLS = (
    QtWidgets.QPushButton,
    QtWidgets.QToolButton,
    QtWidgets.QCheckBox,
    QtWidgets.QComboBox,
    QtWidgets.QAbstractSpinBox,
    QtWidgets.QLineEdit,
    QtWidgets.QAbstractItemView,
    QtWidgets.QPlainTextEdit,
)
WIDEST = 400  # pixels; 3D Slicer's module panel is about that wide at first
SECTIONS = ("setup", "worklist", "segment", "correct", "measure", "train")


@pytest.fixture
def sections(window):
    with standing_in(window) as panel:
        found = {name: getattr(panel.widget, f"{name}Section").widget for name in SECTIONS}
        folded = {name: widget.collapsed for name, widget in found.items()}
        yield found
        for name, widget in found.items():
            widget.collapsed = folded[name]


def controls(widget) -> list:
    """Those of ours, which have a name; not the parts of other widgets."""
    return [
        each
        for each in widget.findChildren(QtWidgets.QWidget)
        if isinstance(each, CONTROLS) and each.objectName and not each.objectName.startswith("qt_")
    ]


def narrowest(section) -> int:
    """Pixels below which the panel would have to be scrolled sideways."""
    return section.parentWidget().layout().minimumSize().width()


@pytest.mark.parametrize("name", SECTIONS)
def test_every_control_says_what_it_does(sections, name):
    found = controls(sections[name])
    assert found, name
    assert [each.objectName for each in found if not each.toolTip] == []


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_fits_a_narrow_panel(sections, window, name):
    for other, widget in sections.items():
        widget.collapsed = other != name
    boxes = sections[name].findChildren(QtWidgets.QGroupBox)
    for box in boxes:
        box.collapsed = False
    window.process()
    assert narrowest(sections[name]) <= WIDEST


def test_alt_and_the_underlined_letter_press_a_button(sections, window):
    section = sections["segment"]
    section.collapsed = False
    window.process()
    outline = section.findChild(QtWidgets.QCheckBox, "OutlineBox")
    before = outline.checked
    QTest.keyClick(window.window, Qt.Key_U, Qt.AltModifier)
    assert window.process(5, until=lambda: outline.checked != before)  # a button stays down for a moment
    section.collapsed = True
    QTest.keyClick(window.window, Qt.Key_U, Qt.AltModifier)
    assert not window.process(0.3, until=lambda: outline.checked == before), "what is folded hears no keys"
    outline.checked = before


@pytest.mark.parametrize("name", ["SetupStatus", "SegmentMessage", "WorklistMessage", "TrainMessage"])
def test_a_long_word_does_not_widen_the_panel(sections, window, name):
    section = next(each for each in sections.values() if each.findChild(QtWidgets.QLabel, name))
    label = section.findChild(QtWidgets.QLabel, name)
    before = label.text
    section.collapsed, label.visible, label.text = False, True, "a-path-without-end" * 20
    window.process()
    found, label.text = narrowest(section), before
    assert found <= WIDEST


def test_the_panel_says_that_it_is_for_research(window):
    with standing_in(window) as panel:
        notice = panel.widget.parent.findChild(QtWidgets.QLabel, "ResearchNotice")
        assert notice.text == "For research, not for diagnosis." and notice.visible


def test_worklist_columns_have_tooltips(window):
    from CXRAdaINSegLib.sections.WorklistModel import WorklistModel

    model = WorklistModel(lambda key: None, lambda key: None)
    hints = [model.headerData(column, Qt.Horizontal, Qt.ToolTipRole) for column in range(model.columnCount())]
    assert len(set(hints)) == 7 and all(hints)


def test_colors_follow_the_palette():
    """A color written down would be unreadable in one of the light and the dark style; but for the two whose
    contrast is measured, in test_tool_in_hand.py and test_view.py."""
    told = re.compile(r"styleSheet|setStyleSheet|qt\.QColor|qt\.QPalette|qt\.QBrush")
    files = [path for path in (ROOT / "CXRAdaINSeg").rglob("*.py") if path.name != "SideMarker.py"]
    assert len(files) > 40
    texts = {path.name: path.read_text() for path in files}
    measured = re.compile(r"def showDown\(.*?\n\n\n", re.DOTALL)
    texts["Widgets.py"], found = measured.subn("", texts["Widgets.py"])
    assert found == 1
    assert [(name, line) for name, text in texts.items() for line in told.findall(text)] == []

"""The panel fits small windows, and no message, bar or flag moves a button from below the mouse."""

from __future__ import annotations

import pytest
from PySide6 import QtCore, QtWidgets
from worklist_driver import quality

Qt = QtCore.Qt
LONG = "What happened here, and what is to be done about it, in a text of several lines. " * 4


def panel_of(window):
    import slicer

    return slicer.util.getModule("CXRAdaINSeg").widgetRepresentation()


def places(window) -> dict[str, tuple[int, int]]:
    """Where each button, box and field of the panel is that can be seen, by its name."""
    window.process(0.05)
    root = panel_of(window)
    kinds = (QtWidgets.QAbstractButton, QtWidgets.QComboBox, QtWidgets.QLineEdit, QtWidgets.QTableView)
    found = {}
    for kind in kinds:
        for each in root.findChildren(kind):
            if each.objectName and each.isVisibleTo(root):
                place = each.mapTo(root, QtCore.QPoint(0, 0))
                found[each.objectName] = (place.x(), place.y())
    return found


@pytest.fixture
def unfolded(hands):
    """All sections but the editor's unfolded, a session open."""
    panel = hands.panel.widget
    sections = [panel.setupSection, panel.worklistSection, panel.segmentSection, panel.trainSection]
    for section in sections:
        section.widget.collapsed = False
    hands.window.process(0.2)
    yield hands
    for section in sections:
        section.widget.collapsed = section is not panel.segmentSection


def test_no_message_moves_a_button(unfolded):
    from CXRAdaINSegLib.Widgets import setMessage

    panel = unfolded.panel.widget
    before = places(unfolded.window)
    assert {"SegmentButton", "NextButton", "StartRoundButton", "CheckButton", "UndoButton"} & before.keys()
    sections = (panel.worklistSection, panel.segmentSection, panel.trainSection)
    for section in sections:
        section.showMessage(LONG)
    setMessage(panel.trainSection.cost, LONG)
    panel.trainSection.use.text = panel.setupSection.status.text = LONG
    assert places(unfolded.window) == before
    assert all(section.message.isVisibleTo(panel_of(unfolded.window)) for section in sections)
    for section in sections:
        section.showMessage("")
    setMessage(panel.trainSection.cost, "")
    assert places(unfolded.window) == before


def test_how_a_round_stands_and_its_verdict_move_no_button(unfolded):
    train = unfolded.panel.widget.trainSection
    watch, verdict = train.watch, train.verdict
    changing = [watch.progress, watch.pauseButton, watch.resumeButton, watch.cancelButton, verdict.keepButton]
    watch.widget.visible = verdict.widget.visible = True
    try:
        for each in changing:
            each.visible = True
        before = places(unfolded.window)
        assert {"CurvesButton", "PromoteButton", "PauseRoundButton"} <= before.keys()
        watch.state.text = verdict.verdict.text = LONG
        for each in changing:
            each.visible = False
        after = places(unfolded.window)
        hidden = {each.objectName for each in changing}
        assert after == {name: place for name, place in before.items() if name not in hidden}
    finally:
        watch.widget.visible = verdict.widget.visible = False


def test_work_in_the_background_moves_no_button(unfolded):
    before = places(unfolded.window)
    unfolded.jobs.allButton.click()
    assert unfolded.jobs.progressBar.isVisibleTo(panel_of(unfolded.window))
    shown = places(unfolded.window)
    assert {name: shown[name] for name in before} == before
    unfolded.jobs.cancel()
    assert places(unfolded.window) == before


def test_segmenting_and_what_is_said_of_the_mask_moves_no_button(unfolded):
    unfolded.go(unfolded.show, 5)
    before = places(unfolded.window)
    unfolded.panel.engine.quality = quality(0.3)
    unfolded.panel.segment.segmentButton.click()
    busy = places(unfolded.window)
    assert {name: busy[name] for name in before} == before
    unfolded.panel.settle()
    after = places(unfolded.window)
    assert {name: after[name] for name in before} == before
    assert unfolded.panel.segment.quality.text


def test_reviewing_moves_no_button(unfolded):
    before = places(unfolded.window)
    unfolded.press(Qt.Key_A)
    unfolded.go(unfolded.press, Qt.Key_N)
    unfolded.press(Qt.Key_F)
    assert places(unfolded.window) == before


@pytest.mark.parametrize("size", [(1024, 768), (1067, 667)])
def test_the_window_fits_small_screens_and_nothing_of_the_panel_is_cut_off(unfolded, size):
    """The second is 1600 x 1000 at 150 %."""
    window = unfolded.window.window
    before = window.size
    panel = unfolded.panel.widget
    sections = [panel.correctSection, panel.measureSection]
    try:
        for section in sections:
            section.widget.collapsed = False
        window.resize(*size)
        unfolded.window.process(0.3)
        assert (window.width, window.height) == size
        root = panel_of(unfolded.window)
        width = root.parentWidget().width
        assert root.minimumSizeHint.width() <= width
        cut = [
            each.objectName
            for each in root.findChildren(QtWidgets.QAbstractButton)
            if each.isVisibleTo(root) and each.mapTo(root, QtCore.QPoint(each.width, 0)).x() > width
        ]
        assert cut == []
        assert unfolded.panel.view.widget.width >= size[0] / 3, "and the radiograph has room"
    finally:
        for section in sections:
            section.widget.collapsed = True
        window.resize(before)
        unfolded.window.process(0.1)


def test_a_reader_needs_no_scrolling_on_a_small_screen(hands):
    """Neither for the keys' buttons below the list, nor for the images' names in it."""
    window = hands.window.window
    before = window.size
    hands.panel.widget.segmentSection.widget.collapsed = True
    try:
        window.resize(1024, 768)
        hands.window.process(0.3)
        root = panel_of(hands.window)
        low = hands.section.reading.buttons["D"]
        assert low.mapTo(root, QtCore.QPoint(0, low.height)).y() <= root.parentWidget().height
        view = hands.table.view
        for column in range(view.model().columnCount()):
            view.setColumnHidden(column, False)
        hands.window.process(0.1)
        assert view.columnWidth(0) >= 120
    finally:
        hands.section.refresh()  # which hides what is empty
        hands.panel.widget.segmentSection.widget.collapsed = False
        window.resize(before)
        hands.window.process(0.1)


def test_setup_does_not_unfold_over_work(hands):
    from CXRAdaINSegLib.processes.EngineProcess import FAILED

    setup = hands.panel.widget.setupSection
    setup.widget.collapsed = True
    before = places(hands.window)
    hands.panel.engine.stateChanged.emit(FAILED, "The engine ended.")
    assert setup.widget.collapsed and places(hands.window) == before


def test_no_text_of_any_section_moves_a_button_and_each_can_be_read_whole(unfolded):
    """What stood in the sections for correcting and measuring did."""
    from CXRAdaINSegLib.Widgets import setMessage

    panel = unfolded.panel.widget
    folded = [section.widget for section in (panel.viewSection, panel.measureSection, panel.correctSection)]
    for each in folded:
        each.collapsed = False
    root = panel_of(unfolded.window)
    setup = panel.setupSection.widget  # whose texts are of work that the reader waits for there
    labels = [each for each in root.findChildren(QtWidgets.QLabel) if each.wordWrap and each.objectName]
    labels = [each for each in labels if not setup.isAncestorOf(each)]
    texts = [(each, each.text, each.toolTip, each.isVisibleTo(root)) for each in labels]
    before = places(unfolded.window)
    try:
        for each in labels:
            setMessage(each, f"<b> {LONG}")
        assert {"LargestButton", "SaveCsvButton", "SaveDicomButton"} <= before.keys()
        assert places(unfolded.window) == before
        assert all("&lt;b&gt;" in each.toolTip and LONG.strip() in each.toolTip for each in labels)
    finally:
        for each, text, hint, shown in texts:
            each.text, each.toolTip = text, hint
            each.setVisible(shown)
        for widget in folded:
            widget.collapsed = True


def test_messages_have_their_text_as_tool_tip_too(hands):
    hands.section.showMessage("line one\nline < two")
    hands.panel.segment.showMessage("another")
    assert "line one<br>line &lt; two" in hands.section.message.toolTip
    assert "another" in hands.panel.segment.message.toolTip
    assert "promise" in hands.panel.segment.quality.toolTip
    hands.section.showMessage("")
    assert not hands.section.message.toolTip

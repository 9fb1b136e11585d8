"""Measurements in the view: lines where the masks are measured, and the heart's width by two points."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from cxradain.imaging.turn import Turn
from module_panel import answer_by, chest, standing_in
from PySide6 import QtCore, QtGui, QtTest, QtWidgets
from test_right_image import other_volume

Qt = QtCore.Qt
START, END = (150, 70), (170, 130)


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        panel.measure.widget.collapsed = False
        panel.add_pixels(chest(), "first")
        panel.press_segment()
        yield panel
        panel.measure.drawButton.checked = False
        panel.measure.heartButton.checked = False
        panel.measure.widget.collapsed = True


def place(panel, *points) -> None:
    """Press the button, and click at the points."""
    panel.measure.heartButton.click()
    QtTest.QTest.mouseMove(panel.view.view, QtCore.QPoint(5, 5))  # as from the button
    for point in points:
        panel.view.clickIjk(*point)
        panel.window.process()
    panel.window.process(0.3)


def rows(panel) -> dict[str, tuple[str, str]]:
    return {name: (value, unit) for name, value, unit in panel.measure.rows}


def lines() -> list[np.ndarray]:
    """The lines that are drawn, as pairs of (column, row)."""
    import slicer

    nodes = slicer.util.getNodesByClass("vtkMRMLMarkupsLineNode")
    shown = [n for n in nodes if n.GetNumberOfControlPoints() == 2 and n.GetDisplayNode().GetVisibility()]
    return [-slicer.util.arrayFromMarkupsControlPoints(node, world=True)[:, :2] for node in shown]


def color_of(button) -> str:
    return button.palette.color(QtGui.QPalette.Button).name()


@pytest.mark.parametrize("end", ["both points", "clicks", "another radiograph"])
def test_the_button_looks_pressed_only_as_long_as_points_are_placed(panel, end):
    button = panel.measure.heartButton
    plain = color_of(button)
    place(panel, START)
    assert button.checked and color_of(button) != plain
    if end == "both points":
        panel.view.clickIjk(*END)
    elif end == "clicks":
        QtTest.QTest.mouseClick(panel.segment.clickButton, Qt.LeftButton)
    else:
        panel.segment.input.choose(other_volume())
    panel.window.process(0.3)
    assert not button.checked and color_of(button) == plain


def test_a_button_that_follows_the_scene_looks_as_it_is(panel):
    button, display = panel.widget.viewSection.invertButton, panel.volume.GetDisplayNode()
    plain = color_of(button)
    for inverted in (1, 0):
        display.SetInvertDisplayScalarRange(inverted)  # as in another module
        assert button.checked == bool(inverted) and (color_of(button) != plain) == bool(inverted)


def test_two_clicks_give_the_hearts_width_and_the_ratio(panel):
    assert "Heart width, by hand" not in rows(panel)
    place(panel, START, END)
    assert not panel.measure.heartButton.checked, "the mouse is the view's again"
    assert rows(panel)["Heart width, by hand"] == ("60", "pixels, uncalibrated"), "across, whatever the rows"
    width = float(rows(panel)["Inner thoracic width"][0])
    assert float(rows(panel)["Cardiothoracic ratio"][0]) == pytest.approx(60 / width, abs=0.006)


def test_a_dragged_point_is_measured_anew(panel):
    place(panel, START, END)
    panel.view.dragIjk([END, (170, 135), (170, 140)])
    panel.window.process(0.3)
    assert float(rows(panel)["Heart width, by hand"][0]) == pytest.approx(70, abs=1)


def test_a_quarter_turn_measures_across_the_turned_image(panel):
    from CXRAdaINSegLib.scene.ChestLines import heartWidth, setHeartPoints
    from CXRAdaINSegLib.scene.VolumeImages import setTurn

    setHeartPoints(panel.volume, (START, END))
    assert heartWidth(panel.volume) == pytest.approx(60, abs=0.1)
    setTurn(panel.volume, Turn(90))
    assert heartWidth(panel.volume) == pytest.approx(20, abs=0.1)


def test_calibrated_in_centimeters_and_an_ap_view_is_told(panel):
    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf

    fields = radiographOf(panel.volume).to_json()
    fields["facts"] |= {"spacing": [1.0, 2.0], "view": "AP"}
    panel.volume.SetAttribute(ATTRIBUTE, json.dumps(fields))
    place(panel, START, END)
    assert rows(panel)["Heart width, by hand"] == ("12.0", "cm")
    assert any(name == "Check" and "AP view" in value for name, value, _unit in panel.measure.rows)


def test_the_ratio_is_copied_and_exported_with_the_others(panel, tmp_path):
    place(panel, START, END)
    panel.measure.copyButton.click()
    copied = QtWidgets.QApplication.clipboard().text().splitlines()
    assert [line.split("\t") for line in copied] == [list(row) for row in panel.measure.rows]
    panel.measure.saveTo(tmp_path / "lungs.csv")
    assert "Cardiothoracic ratio" in (tmp_path / "lungs.csv").read_text("utf-8")


def test_placing_is_left_with_a_tool_or_a_click_and_one_point_is_no_width(panel):
    import slicer

    place(panel, START)
    panel.take("Paint")
    panel.window.process(0.3)
    assert not panel.measure.heartButton.checked and "Heart width, by hand" not in rows(panel)
    (heart,) = (n for n in slicer.util.getNodesByClass("vtkMRMLMarkupsLineNode"))
    assert heart.GetNumberOfControlPoints() == 0
    panel.correct.editor.setActiveEffect(None)
    panel.measure.heartButton.click()
    panel.segment.clickButton.click()
    assert not panel.measure.heartButton.checked and panel.segment.clicks.active
    panel.segment.clickButton.click()
    place(panel, START, END)
    assert rows(panel)["Heart width, by hand"][0] == "60", "and it can be begun again"


def test_lines_are_drawn_where_the_masks_are_measured_and_nowhere_else(panel):
    import slicer

    before = panel.view.pixels()
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_M)
    assert panel.measure.drawButton.checked and (panel.view.pixels() != before).any()
    width, right, left = sorted(lines(), key=lambda line: -np.ptp(line[:, 0]))
    assert np.ptp(width[:, 0]) == pytest.approx(float(rows(panel)["Inner thoracic width"][0]), abs=0.1)
    assert np.ptp(width[:, 1]) == 0 and right[0, 0] == right[1, 0] and left[0, 0] == left[1, 0]
    slicer.util.setSliceViewerLayers(background=other_volume())
    assert lines() == [], "the moment the view has another image"
    panel.widget.exit()
    panel.widget.enter()
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_M)
    assert lines() == [] and not panel.measure.drawButton.checked


def test_the_heart_is_drawn_over_no_other_image(panel):
    import slicer

    place(panel, START, END)
    assert len(lines()) == 1, panel.segment.message.text
    slicer.util.setSliceViewerLayers(background=other_volume())
    assert lines() == []


def test_a_session_keeps_the_heart_for_its_reader(hands):
    from CXRAdaINSegLib.scene.ChestLines import heartPoints

    panel = hands.panel
    panel.view.pixels()
    panel.measure.heartButton.click()
    for point in ((60, 30), (70, 80)):
        panel.view.clickIjk(*point)
        panel.window.process()
    key = hands.worklist.current.image.key
    hands.go(hands.press, Qt.Key_N)  # at once, before anything has settled
    session = hands.worklist.session
    assert np.allclose(session.heart(key, "Reader A"), ((60, 30), (70, 80)), atol=1)
    assert heartPoints(panel.volume) == ()
    hands.go(hands.press, Qt.Key_P)
    assert np.allclose(heartPoints(panel.volume), ((60, 30), (70, 80)), atol=1)
    assert "Cardiothoracic ratio" in rows(panel)
    hands.read_as("Reader B")
    assert heartPoints(panel.volume) == (), "another reader's are not this one's"


def test_placing_that_is_given_up_leaves_the_points_of_before(hands):
    from CXRAdaINSegLib.scene.ChestLines import heartPoints

    panel, points = hands.panel, ((60, 30), (70, 80))
    place(panel, *points)
    key, session = hands.worklist.current.image.key, hands.worklist.session
    place(panel, (20, 20))
    QtTest.QTest.mouseClick(panel.measure.heartButton, Qt.LeftButton)  # pressed again
    panel.window.process(0.3)
    assert np.allclose(heartPoints(panel.volume), points, atol=1)
    assert np.allclose(session.heart(key, "Reader A"), points, atol=1)
    place(panel, (20, 20))
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)
    panel.window.process(0.3)
    assert np.allclose(heartPoints(panel.volume), points, atol=1)
    assert np.allclose(session.heart(key, "Reader A"), points, atol=1)


def test_placing_ends_with_its_radiograph_and_its_reader(hands):
    from CXRAdaINSegLib.scene.ChestLines import heartPoints
    from CXRAdaINSegLib.scene.MouseMode import isTaken

    panel, points = hands.panel, ((60, 30), (70, 80))
    place(panel, *points)
    key, session = hands.worklist.current.image.key, hands.worklist.session
    hands.read_as("Reader B")
    place(panel, (20, 20))
    hands.read_as("Reader A")
    panel.window.process(0.3)
    assert np.allclose(session.heart(key, "Reader A"), points, atol=1), "not taken for this one's"
    assert np.allclose(heartPoints(panel.volume), points, atol=1) and session.heart(key, "Reader B") == ()
    place(panel, (20, 20))
    hands.go(hands.press, Qt.Key_N)
    assert not panel.measure.heartButton.checked and not isTaken()
    panel.view.pixels()
    for point in points:
        panel.view.clickIjk(*point)
        panel.window.process()
    assert lines() == [] and "Heart width, by hand" not in rows(panel)


@pytest.mark.parametrize("way", ["session closed", "image removed"])
@pytest.mark.parametrize("clicks", [0, 1])
def test_placing_ends_with_the_nodes_of_its_radiograph(hands, way, clicks):
    from CXRAdaINSegLib.scene.MouseMode import isTaken

    panel, folder = hands.panel, hands.worklist.session.path
    place(panel, *[(20, 20)][:clicks])
    if way == "session closed":
        hands.close()
    else:
        answer_by("Remove")
        QtTest.QTest.mouseClick(hands.section.removeButton, Qt.LeftButton)
    panel.window.process(0.3)
    assert not panel.measure.heartButton.checked and not isTaken()
    if way == "session closed":
        hands.go(hands.open, folder)
    panel.view.pixels()
    panel.view.clickIjk(30, 30)
    panel.window.process()
    assert lines() == []


@pytest.mark.parametrize("unfolded", [False, True])
def test_escape_gives_placing_up(hands, unfolded):
    from CXRAdaINSegLib.scene.ChestLines import heartPoints
    from CXRAdaINSegLib.scene.MouseMode import isTaken

    panel, points = hands.panel, ((60, 30), (70, 80))
    panel.correct.widget.collapsed = not unfolded
    place(panel, *points)
    place(panel, (20, 20))
    hands.press(Qt.Key_Escape)
    panel.window.process(0.3)
    assert not panel.measure.heartButton.checked and not isTaken()
    assert np.allclose(heartPoints(panel.volume), points, atol=1), "those of before"
    panel.correct.widget.collapsed = True


def test_a_point_dragged_before_another_reader_goes_on_is_its_readers(hands):
    panel, points = hands.panel, ((60, 30), (70, 80))
    place(panel, *points)
    panel.view.dragIjk([points[1], (75, 85), (80, 90)])
    hands.read_as("Reader B")  # at once, before anything has settled
    key, session = hands.worklist.current.image.key, hands.worklist.session
    assert np.allclose(session.heart(key, "Reader A"), (points[0], (80, 90)), atol=2)
    assert session.heart(key, "Reader B") == ()


@pytest.fixture
def german(window):
    """The table's titles in German, as after a restart."""
    from embedded_slicer.modules import i18n

    table = window.module("CXRAdaINSeg").measureSection.table
    titles = [table.horizontalHeaderItem(column).text() for column in range(3)]
    i18n.choose("de")
    try:
        context = "sections.MeasureSection"
        table.setHorizontalHeaderLabels([i18n.translate(context, title) for title in titles])
    finally:
        i18n.choose("en")
    yield
    table.setHorizontalHeaderLabels(titles)


ROWS = [
    ("Right lung area", "8661860", "pixels, uncalibrated"),
    ("Right lung share of image", "21.3", "%"),
    ("Inner thoracic width", "2866", "pixels, uncalibrated"),
    ("Check", "Look at this lung again. " * 8, ""),
]


def is_whole(table, row: int, column: int) -> bool:
    """Whether a cell's text is neither cut short nor out of sight."""
    rect, needed = (
        table.visualItemRect(table.item(row, column)),
        table.sizeHintForIndex(table.indexFromItem(table.item(row, column))),
    )
    fits = rect.width() >= needed.width() or rect.height() >= 2 * table.fontMetrics().lineSpacing()
    return fits and rect.left() >= 0 and rect.right() <= table.viewport().width


@pytest.mark.parametrize("scrolled", [False, True])
@pytest.mark.parametrize("size", [(1024, 768), (1240, 800), (1600, 1000)])
@pytest.mark.parametrize("language", ["en", "de"])
def test_units_and_numbers_are_whole_with_a_scroll_bar_and_without(panel, language, size, scrolled, request):
    if language == "de":
        request.getfixturevalue("german")
    measure, window = panel.measure, panel.window.window
    before = window.size
    try:
        window.resize(*size)
        panel.window.process(0.2)
        measure.shownRows = ROWS * (5 if scrolled else 1)
        measure.fillTable()
        panel.window.process(0.1)
        table = measure.table
        assert table.verticalScrollBar().isVisible() == scrolled
        assert not table.horizontalScrollBar().isVisible()
        for row in range(3):
            assert all(is_whole(table, row, column) for column in range(3)), ROWS[row]
        assert table.rowHeight(3) > 2 * table.rowHeight(0), "and all of a remark can be read"
        measure.shownRows = ROWS[:1] * 2
        measure.fillTable()
        assert table.columnSpan(1, 1) == 1 and table.rowHeight(1) == table.rowHeight(0)
    finally:
        window.resize(before)
        panel.window.process(0.1)
        measure.update()


def press_remove(panel, text: str) -> None:
    button = panel.measure.removeButton
    assert (button.text, button.enabled) == (text, True)
    QtTest.QTest.mouseClick(button, Qt.LeftButton)


def test_kept_points_are_removed_and_with_them_the_ratio_from_table_and_csv(hands, tmp_path):
    from cxradain.exchange.session_table import write_session_table
    from CXRAdaINSegLib.scene.MeasurementTable import tableOf

    panel, points = hands.panel, ((60, 30), (70, 80))
    panel.measure.widget.collapsed = False
    assert not panel.measure.removeButton.enabled
    place(panel, *points)
    hands.press(Qt.Key_A)
    key, session = hands.worklist.key, hands.worklist.session

    def ratio_of_session() -> str:
        write_session_table(session, tmp_path / "session.csv", readers=["Reader A"])
        (row,) = csv.DictReader((tmp_path / "session.csv").open(encoding="utf-8"))
        return row["cardiothoracic_ratio"]

    assert ratio_of_session() and "Cardiothoracic ratio" in rows(panel)
    press_remove(panel, "Remove")
    assert session.heart(key, "Reader A") == () and not ratio_of_session(), "at once"
    assert not [name for name in rows(panel) if "eart" in name or ("ratio" in name and "Right" not in name)]
    table = tableOf(panel.volume)
    names = [table.GetTable().GetValue(row, 0).ToString() for row in range(table.GetNumberOfRows())]
    assert "Cardiothoracic ratio" not in names and lines() == []
    panel.measure.saveTo(tmp_path / "lungs.csv")
    assert "Heart" not in (tmp_path / "lungs.csv").read_text("utf-8")
    press_remove(panel, "Bring back")
    assert np.allclose(session.heart(key, "Reader A"), points, atol=1) and ratio_of_session()
    press_remove(panel, "Remove")
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)
    assert session.heart(key, "Reader A") == () and "Heart width, by hand" not in rows(panel)
    assert not panel.measure.removeButton.enabled
    panel.measure.widget.collapsed = True


def test_a_readers_removed_points_are_not_brought_back_for_another(hands):
    panel, points = hands.panel, ((60, 30), (70, 80))
    panel.measure.widget.collapsed = False
    place(panel, *points)
    press_remove(panel, "Remove")
    hands.read_as("Reader B")
    assert not panel.measure.removeButton.enabled
    place(panel, *points)
    place(panel, (20, 20))
    press_remove(panel, "Remove")  # while others are being placed
    panel.window.process(0.3)
    assert hands.worklist.session.heart(hands.worklist.key, "Reader B") == () and lines() == []
    press_remove(panel, "Bring back")
    assert np.allclose(hands.worklist.session.heart(hands.worklist.key, "Reader B"), points, atol=1)
    panel.measure.widget.collapsed = True

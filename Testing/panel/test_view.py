"""How a radiograph is looked at: what is written over it, window and level, and whose the left button is."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cxradain.imaging.turn import Turn
from module_panel import chest, standing_in
from PySide6 import QtCore, QtGui, QtTest, QtWidgets

Qt = QtCore.Qt


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        panel.view_section = panel.widget.viewSection
        panel.view_section.widget.collapsed = False
        panel.add_pixels(chest(), "first")
        panel.press_segment()
        yield panel
        panel.view_section.keepBox.checked = False
        panel.view_section.dragButton.checked = False
        panel.view_section.widget.collapsed = True
        panel.correct.editor.setActiveEffect(None)


@pytest.mark.parametrize("key", [Qt.Key_Control, Qt.Key_Shift, Qt.Key_Alt, Qt.Key_Up, Qt.Key_F5])
def test_a_key_without_a_letter_leaves_the_masks_shown(panel, key):
    """VTK took it for the key that hides them, with each Ctrl-click."""
    panel.view.clickIjk(3, 3)
    display = panel.segmentation.GetDisplayNode()
    before = display.GetOpacity()
    QtTest.QTest.keyPress(panel.view.view, key)
    pressed = display.GetOpacity()
    QtTest.QTest.keyRelease(panel.view.view, key)
    assert before == pressed == display.GetOpacity() == 1


def shown(volume) -> tuple[float, float, bool]:
    """The values that are black and white, and whether dark is bright."""
    display = volume.GetDisplayNode()
    low, high = (display.GetLevel() + side * display.GetWindow() / 2 for side in (-1, 1))
    return low, high, bool(display.GetInvertDisplayScalarRange())


def choose_preset(panel, name: str) -> None:
    box = panel.view_section.presetBox
    box.setCurrentIndex(box.findData(name))


# --- over the view ----------------------------------------------------------------------------------------


def test_the_view_names_the_image_its_place_status_and_reader(hands):
    text = hands.panel.widget.viewLabels.text
    assert text.lines == ["image-0001", "1 of 6", "auto (model)"]
    hands.press(Qt.Key_A)
    assert text.lines[2] == "approved (Reader A)"
    hands.go(hands.press, Qt.Key_N)
    assert text.lines[:2] == ["image-0002", "2 of 6"]
    hands.panel.widget.exit()
    assert text.lines == [] and text.marker == "", "another module's views are clean"
    hands.panel.widget.enter()
    assert text.lines[0] == "image-0002"


def test_text_is_drawn_and_never_over_another_image(panel):
    import slicer

    text, before = panel.widget.viewLabels.text, panel.view.pixels()
    assert text.lines == ["first", "model's mask"] and text.marker == "R?", "no file says which side it is"
    text.show((), text.marker)
    assert (panel.view.pixels() != before).any(), "it was drawn"
    other = slicer.util.addVolumeFromArray(np.stack([chest(150, 140)] * 3), name="a CT")
    slicer.util.setSliceViewerLayers(background=other)
    assert text.lines == [] and text.marker == ""


def test_text_can_be_read_on_white(panel):
    panel.add_pixels(np.full((200, 200), 4000, np.uint16), "white")
    panel.volume.GetDisplayNode().SetWindowLevel(100, 50)
    panel.window.process(0.1)
    pixels = panel.view.pixels()
    height, width, _channels = pixels.shape
    assert pixels[height // 4, width // 2].min() == 255, "the image is white"
    lines = pixels[-60:, -200:]
    assert lines.min() < 150 and (lines < 190).all(axis=2).sum() > 200, "on a dark ground"


@pytest.mark.parametrize("size", [(1240, 800), (1024, 700)])
@pytest.mark.parametrize("zoom", ["fitted", "1:1", "by the wheel"])
def test_the_marker_covers_nothing_of_the_film_however_it_is_zoomed(panel, zoom, size):
    """The film's own marker may be anywhere in it."""
    from embedded_slicer.view.rendered_widget import widget_pixels

    window = panel.window.window
    before = window.size
    try:
        window.resize(*size)
        panel.window.process(0.2)
        panel.add_pixels(np.full((700, 1500), 3000, np.uint16), "wide")
        panel.volume.GetDisplayNode().SetWindowLevel(1000, 3000)
        panel.window.process(0.1)
        if zoom == "1:1":
            QtTest.QTest.mouseClick(panel.view_section.actualButton, Qt.LeftButton)
        elif zoom == "by the wheel":
            turn_wheel(panel, 12)
        text = panel.widget.viewLabels.text
        assert text.marker == "R?" and text.side == "left"
        marked = panel.view.pixels()
        text.show(text.lines)
        assert (panel.view.pixels() == marked).all(), "nothing of it is in the view"
        if zoom == "fitted":
            (left, _y), (right, _y1) = (panel.view.ijkToView(350, column) for column in (0, 1499))
            assert left >= -1 and right <= panel.view.view.width + 1, "and all of the image is"
        panel.widget.viewLabels.update(panel.volume)
        label = panel.view.widget.findChild(QtWidgets.QLabel, "SideMarker")
        place = label.mapTo(panel.view.widget, QtCore.QPoint(0, 0))
        assert place.x() + label.width <= panel.view.view.mapTo(panel.view.widget, QtCore.QPoint(0, 0)).x()
        drawn = widget_pixels(label)
        assert (drawn == 255).all(axis=2).sum() > 100 and (drawn == 0).all(axis=2).sum() > 100
    finally:
        window.resize(before)
        panel.window.process(0.1)


def turn_wheel(panel, steps: int) -> None:
    """Zoom in over the middle of the view."""
    view = panel.view.view
    middle = QtCore.QPointF(view.width / 2, view.height / 2)
    for _step in range(steps):
        event = QtGui.QWheelEvent(
            middle,
            QtCore.QPointF(view.mapToGlobal(middle.toPoint())),
            QtCore.QPoint(),
            QtCore.QPoint(0, 120),
            Qt.NoButton,
            Qt.NoModifier,
            Qt.NoScrollPhase,
            False,
        )
        QtWidgets.QApplication.sendEvent(view, event)


def test_the_strip_of_the_marker_goes_with_the_module_and_follows_the_side(panel):
    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf

    def strip():
        return panel.view.widget.findChild(QtWidgets.QFrame, "SideMarkerStrip")

    whole = panel.view.widget.width
    assert panel.view.view.width == whole - strip().width and strip().geometry.left() == 0
    fields = radiographOf(panel.volume).to_json()
    fields["facts"] |= {"orientation": ["R", "F"]}
    panel.volume.SetAttribute(ATTRIBUTE, json.dumps(fields))
    panel.widget.viewLabels.update(panel.volume)
    panel.window.process()
    assert strip().geometry.right() == whole - 1 and panel.view.view.width == whole - strip().width
    panel.widget.exit()
    panel.window.process()
    assert strip() is None and panel.view.view.width == whole
    panel.widget.enter()
    panel.window.process()
    assert panel.view.view.width < whole


def test_the_marker_is_on_the_patients_right_as_the_image_is_turned(panel):
    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf, setTurn

    volume, labels = panel.volume, panel.widget.viewLabels
    fields = radiographOf(volume).to_json()
    fields["facts"] |= {"orientation": ["L", "F"], "view": "PA"}
    volume.SetAttribute(ATTRIBUTE, json.dumps(fields))
    labels.update(volume)
    assert labels.text.marker == "R" and labels.text.side == "left"
    assert labels.text.lines == ["first", "PA", "model's mask"]
    setTurn(volume, Turn(0, True))
    labels.update(volume)
    assert labels.text.marker == "R" and labels.text.side == "right"


@pytest.mark.parametrize("masks", ["the model's, till it has answered", "none"])
def test_the_marker_moves_when_a_turn_is_chosen_that_leaves_the_masks(panel, masks):
    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf

    volume, text = panel.volume, panel.widget.viewLabels.text
    if masks == "none":
        volume = panel.add_pixels(chest(), "second")
    fields = radiographOf(volume).to_json()
    fields["facts"] |= {"orientation": ["L", "F"]}
    volume.SetAttribute(ATTRIBUTE, json.dumps(fields))
    panel.segment.turning.turn(Turn(180))
    assert (text.marker, text.side) == ("R", "right")
    panel.settle()
    panel.segment.turning.turn(Turn())
    assert (text.marker, text.side) == ("R", "left")
    panel.settle()


def test_the_bar_of_the_view_does_not_pass_for_a_marker(panel):
    controller = panel.view.widget.sliceController()
    assert [label.text for label in controller.findChildren(QtWidgets.QLabel)] == ["Red view"]


# --- window and level -------------------------------------------------------------------------------------


def test_presets_are_windows_by_the_values_and_the_masks(panel):
    low, high, _ = shown(panel.volume)
    choose_preset(panel, "full")
    assert shown(panel.volume)[:2] == pytest.approx((800, 3059), abs=2)
    choose_preset(panel, "lungs")
    assert 795 < shown(panel.volume)[0] < shown(panel.volume)[1] < 870, "within the masks"
    choose_preset(panel, "bones")
    assert shown(panel.volume)[0] == pytest.approx(830, abs=5) and shown(panel.volume)[1] > 3000
    choose_preset(panel, "file")
    assert shown(panel.volume)[:2] == pytest.approx((low, high))


def test_a_key_inverts_also_while_tools_have_theirs(panel):
    window = panel.window.window
    QtTest.QTest.keyClick(window, Qt.Key_I)
    assert shown(panel.volume)[2] and panel.view_section.invertButton.checked
    panel.take("Paint")
    QtTest.QTest.keyClick(window, Qt.Key_I)
    assert not shown(panel.volume)[2]
    choose_preset(panel, "lungs")
    assert not shown(panel.volume)[2], "and a preset leaves that as it is"


def test_dragging_changes_the_window_and_the_list_says_by_hand(panel):
    panel.view_section.dragButton.click()
    before = shown(panel.volume)
    panel.view.dragIjk([(100, 60), (120, 100), (140, 140)])
    assert shown(panel.volume) != before
    panel.window.process(0.1)
    assert panel.view_section.presetBox.currentIndex == -1
    choose_preset(panel, "file")
    assert shown(panel.volume) == pytest.approx(before)


def test_dragging_and_tools_are_never_both_on(panel):
    from CXRAdaINSegLib.scene.MouseMode import adjustsWindow

    drag, segment, editor = panel.view_section.dragButton, panel.segment, panel.correct.editor
    panel.take("Paint")
    drag.click()
    assert adjustsWindow() and editor.activeEffect() is None
    panel.take("Paint")
    assert not adjustsWindow() and not drag.checked and editor.activeEffect() is not None
    drag.click()
    segment.clickButton.click()
    assert segment.clicks.active and not adjustsWindow() and not drag.checked
    drag.click()
    assert adjustsWindow() and not segment.clicks.active and not segment.clickButton.checked
    panel.widget.exit()
    assert not adjustsWindow()
    panel.widget.enter()


def test_dragging_switched_on_by_the_application_ends_a_tool_too(panel):
    import slicer

    panel.take("Paint")
    node = slicer.app.applicationLogic().GetInteractionNode()
    node.SetCurrentInteractionMode(node.AdjustWindowLevel)
    assert panel.correct.editor.activeEffect() is None and panel.view_section.dragButton.checked
    before = panel.labels
    panel.view.dragIjk([(30, 40), (30, 60)])
    assert (panel.labels == before).all()


@pytest.mark.parametrize("wanted", [False, True])
def test_how_it_is_shown_is_kept_for_the_next_where_wanted(panel, wanted):
    view, first = panel.view_section, panel.volume
    view.keepBox.checked = wanted
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_I)
    low, high, _ = shown(first)
    first.GetDisplayNode().SetWindowLevelMinMax(low + 0.25 * (high - low), low + 0.75 * (high - low))
    view.actualButton.click()
    second = panel.add_pixels(chest(480, 400) // 4, "second")
    default = np.percentile(chest(480, 400) // 4, (0.5, 99.5))
    if wanted:
        quarter = (default[1] - default[0]) / 4
        assert shown(second)[:2] == pytest.approx((default[0] + quarter, default[1] - quarter), abs=2)
        assert shown(second)[2]
    else:
        assert shown(second)[:2] == pytest.approx(tuple(default), abs=2) and not shown(second)[2]
    (x0, _y), (x1, _y1) = (panel.view.ijkToView(100, column) for column in (100, 200))
    assert (x1 - x0 == pytest.approx(100, abs=0.5)) is wanted, "1:1 is kept as well, or it is fitted"


def test_fit_and_one_to_one(panel):
    view = panel.view_section
    view.actualButton.click()
    (x0, y0), (x1, y1) = (panel.view.ijkToView(*place) for place in ((50, 50), (150, 100)))
    assert (x1 - x0, y1 - y0) == pytest.approx((50, 100), abs=0.5)
    view.fitButton.click()
    top, bottom = (panel.view.ijkToView(row, 100)[1] for row in (0, 239))
    assert 0 <= top < bottom <= panel.view.view.height and bottom - top > 0.9 * panel.view.view.height


def test_color_has_no_window_to_change(panel):
    panel.add_pixels(np.random.default_rng(3).integers(0, 255, (150, 140, 3), np.uint8), "color")
    view = panel.view_section
    assert not any(each.enabled for each in (view.presetBox, view.dragButton, view.invertButton))
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_I)
    assert view.fitButton.enabled


def test_redo_has_its_keys_with_the_tools_and_without(panel):
    window, made = panel.window.window, panel.labels
    panel.take("Paint")
    panel.view.dragIjk([(30, 40), (30, 60)])
    painted = panel.labels
    assert (painted != made).any()
    for unfolded in (True, False):
        panel.correct.widget.collapsed = not unfolded
        for redo in ((Qt.Key_Y, Qt.ControlModifier), (Qt.Key_Z, Qt.ControlModifier | Qt.ShiftModifier)):
            QtTest.QTest.keyClick(window, Qt.Key_Z, Qt.ControlModifier)
            assert (panel.labels == made).all()
            QtTest.QTest.keyClick(window, *redo)
            assert (panel.labels == painted).all(), f"{redo} with the tools unfolded: {unfolded}"

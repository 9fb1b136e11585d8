"""Which editing tool is in hand is plain to see, in the light and in the dark colors of the window."""

from __future__ import annotations

import numpy as np
import pytest
from module_panel import chest, standing_in
from PySide6 import QtCore, QtTest, QtWidgets

Qt = QtCore.Qt


@pytest.fixture
def panel(window):
    from embedded_slicer.window.appearance import use_dark

    with standing_in(window) as panel:
        panel.add_pixels(chest())
        panel.press_segment()
        panel.correct.widget.collapsed = False
        panel.until(lambda: min(button(panel, "Paint").size.toTuple()) > 16, 10)  # it has its place
        yield panel
        panel.correct.editor.setActiveEffect(None)
        panel.correct.widget.collapsed = True
    use_dark(False)


def button(panel, tool: str) -> QtWidgets.QToolButton:
    return panel.correct.editor.findChild(QtWidgets.QToolButton, tool)


def colors(widget) -> tuple[float, float]:
    """The luminance of a button's face, which is most of it, and of what differs most from it, its text."""
    from embedded_slicer.view.rendered_widget import widget_pixels

    pixels = widget_pixels(widget)[4:-4, 4:-4] / 255
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    face = float(np.median(luminance))
    return face, float(luminance.flat[np.abs(luminance - face).argmax()])


def contrast(one: float, other: float) -> float:
    """WCAG 2.2, relative luminances 0 to 1."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("before", [False, True])
def test_the_tool_in_hand_stands_out_and_can_be_read(panel, dark, before):
    """before: the window took its colors before the tool was taken, or after."""
    from embedded_slicer.window.appearance import use_dark

    use_dark(dark if before else not dark)
    panel.window.process()
    QtTest.QTest.mouseClick(button(panel, "Paint"), Qt.LeftButton)
    use_dark(dark)
    panel.window.process()
    face, text = colors(button(panel, "Paint"))
    others = [colors(button(panel, name))[0] for name in ("Draw", "Erase", "Threshold")]
    assert min(contrast(face, other) for other in others) >= 3, "WCAG 2.2, 1.4.11"
    assert contrast(face, text) >= 4.5, "WCAG 2.2, 1.4.3"
    QtTest.QTest.mouseClick(button(panel, "Paint"), Qt.LeftButton)
    assert colors(button(panel, "Paint"))[0] == pytest.approx(others[0], abs=0.02)


def test_a_tool_that_puts_itself_down_or_is_taken_by_its_key_shows_that(panel):
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_1)
    assert contrast(colors(button(panel, "Paint"))[0], colors(button(panel, "Draw"))[0]) >= 3
    QtTest.QTest.keyClick(panel.window.window, Qt.Key_Escape)
    assert contrast(colors(button(panel, "Paint"))[0], colors(button(panel, "Draw"))[0]) < 1.1


@pytest.mark.parametrize("dark", [False, True])
def test_click_to_segment_stands_out_as_a_tool_does(panel, dark):
    from embedded_slicer.window.appearance import use_dark

    use_dark(dark)
    panel.window.process()
    QtTest.QTest.mouseClick(panel.segment.clickButton, Qt.LeftButton)
    face, text = colors(panel.segment.clickButton)
    assert contrast(face, colors(panel.segment.segmentButton)[0]) >= 3 and contrast(face, text) >= 4.5
    QtTest.QTest.mouseClick(panel.segment.clickButton, Qt.LeftButton)

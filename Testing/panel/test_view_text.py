"""What is written over a view is read from beginning to end, however wide the view is, on any screen."""

from __future__ import annotations

import numpy as np
import pytest
from module_panel import chest, standing_in
from PySide6 import QtCore

NAME = "streptococcal-pneumococcal-pneumonia-follow-up-day7.png"
MESSAGE = (
    "The file of this image is another than when it was added. Put the file that was added back in its "
    "place, or remove the image from the list."
)


@pytest.fixture
def panel(window):
    """A radiograph with a long name, and a message over it."""
    before = window.window.size
    with standing_in(window) as panel:
        panel.compare = panel.widget.viewSection.comparison
        panel.add_pixels(chest(), NAME)
        panel.widget.viewLabels.say(MESSAGE)
        yield panel
        panel.widget.viewLabels.say("")
        panel.compare.button.checked = False
    window.window.resize(before)
    window.process(0.1)


def resize(panel, width: int, height: int) -> None:
    panel.window.window.resize(width, height)
    panel.window.process(0.3)


def drawn(panel, name: str) -> np.ndarray:
    """Which pixels of a view its text changes, in the widget's own pixels."""
    view = panel.window.sliceView(name)
    text = panel.widget.viewLabels.text if name == "Red" else panel.compare.text
    lines, marker, side = text.lines, text.marker, text.side
    with_text = view.pixels()
    text.show([], marker, side)
    changed = (view.pixels() != with_text).any(axis=2)
    text.show(lines, marker, side)
    return changed


def is_inside(panel, name: str) -> bool:
    """Whether a view's text leaves it at no edge."""
    changed = drawn(panel, name)
    edges = changed[:, :2], changed[:, -1:], changed[:2], changed[-1:]
    return bool(changed.any()) and not any(edge.any() for edge in edges)


@pytest.mark.parametrize("size", [(1024, 768), (1360, 850)])
def test_with_two_views_nothing_that_is_written_is_cut_off(panel, size):
    resize(panel, *size)
    panel.compare.button.click()
    panel.window.process(0.3)
    assert " ".join(panel.compare.text.lines) == "Nothing to compare this radiograph with."
    assert is_inside(panel, "Compare")
    panel.press_segment()
    panel.widget.viewLabels.say(MESSAGE)
    panel.window.process(0.3)
    labels, beside = panel.widget.viewLabels.text.lines, panel.compare.text.lines
    assert MESSAGE in " ".join(labels)
    for lines in (labels, beside):
        name = next(line for line in lines if line.startswith("strepto"))
        assert name == NAME or ("…" in name and name.endswith("day7.png"))
    assert is_inside(panel, "Red") and is_inside(panel, "Compare")


def test_lines_are_broken_again_as_the_views_width_changes(panel):
    text = panel.widget.viewLabels.text
    resize(panel, 1360, 850)
    alone = text.lines
    assert NAME in alone and max(map(len, alone)) < 65, "no line is as long as the view is wide"
    panel.compare.button.click()
    resize(panel, 1024, 768)
    assert NAME not in text.lines and len(text.lines) > len(alone)
    assert is_inside(panel, "Red")
    panel.compare.button.click()
    resize(panel, 1360, 850)
    assert text.lines == alone


def test_text_has_its_size_on_a_screen_of_any_scale(panel, monkeypatch):
    """A window that is moved to a screen of 150 %, as Qt tells a view of it."""
    view = panel.view.view

    def rows() -> int:
        return int(drawn(panel, "Red").any(axis=1).sum())

    def moved() -> None:
        QtCore.QCoreApplication.sendEvent(view, QtCore.QEvent(QtCore.QEvent.DevicePixelRatioChange))
        panel.window.process(0.1)

    before, lines = rows(), panel.widget.viewLabels.text.lines
    with monkeypatch.context() as patch:
        patch.setattr(view, "devicePixelRatioF", lambda: 1.5)
        moved()
        assert view.interactor().GetRenderWindow().GetSize()[0] == round(1.5 * view.width)
        assert rows() == pytest.approx(before, rel=0.1)
        assert panel.widget.viewLabels.text.lines == lines
    moved()
    assert rows() == before

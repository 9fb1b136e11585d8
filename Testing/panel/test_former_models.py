"""What a former model predicted is not used after a change of model, though its radiograph is in the view."""

from __future__ import annotations

import numpy as np
import pytest
from module_panel import Panel, chest, standing_in
from PySide6 import QtTest
from PySide6.QtCore import Qt


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        panel.add_pixels(chest())
        panel.press_segment()
        yield panel


def restarted(panel: Panel) -> None:
    """As by Setup > Check, or after a crash."""
    panel.engine.stop()


def chosen(panel: Panel) -> None:
    """As by Promote, or by the list of models."""
    panel.segmenting.predictions.modelChanged()


@pytest.mark.parametrize("change", [restarted, chosen])
def test_segmenting_again_after_a_change_of_the_model_asks_the_new_one(panel, change):
    former = panel.labels
    view = panel.segment.overlay.toggles["as_normal"]
    QtTest.QTest.mouseClick(view, Qt.LeftButton)
    panel.settle()
    assert view.checked
    change(panel)
    assert not view.checked, "which showed what the former one sees"
    panel.engine.model_id, panel.engine.lower = "stand-in 2", {panel.segment.mode: 6}
    QtTest.QTest.mouseClick(panel.segment.segmentButton, Qt.LeftButton)
    assert panel.segmenting.busy, "the engine is asked"
    panel.settle()
    assert np.array_equal(panel.labels, np.roll(former, 6, axis=0))
    assert "stand-in 2" in panel.segment.message.text
    QtTest.QTest.mouseClick(panel.segment.segmentButton, Qt.LeftButton)
    assert not panel.segmenting.busy, "and its answer is kept"


def test_an_answer_of_the_former_engine_is_not_kept_for_the_next(panel):
    panel.segmenting.predictions.clear()
    QtTest.QTest.mouseClick(panel.segment.segmentButton, Qt.LeftButton)
    panel.segmenting.predictions.modelChanged()
    panel.settle()
    QtTest.QTest.mouseClick(panel.segment.segmentButton, Qt.LeftButton)
    assert panel.segmenting.busy
    panel.settle()

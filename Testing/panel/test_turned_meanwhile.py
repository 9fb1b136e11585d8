"""An image that is turned while *Segment all* has it in work gets the mask of the turn that it has then."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.imaging.turn import Turn
from cxradain.sessions.records import MODEL
from in_process_engine import boxes
from places import SAMPLES
from PySide6 import QtTest
from PySide6.QtCore import Qt
from test_turned import choose
from worklist_driver import worklist


@pytest.fixture
def hands(window, tmp_path):
    """A radiograph without a mask in the view, and another after it."""
    with worklist(window) as hands:
        hands.create(tmp_path / "s")
        hands.read_as("Reader A")
        hands.add(SAMPLES / "kermany_normal__IM-0459-0001.jpeg", SAMPLES / "v7cohen__53c9be49.jpg")
        hands.show(0)
        yield hands


def asked(hands) -> list[str]:
    """The images whose masks the model is asked for."""
    return [request[2]["key"] for request in hands.panel.engine.asked if request[1] == "predict"]


@pytest.mark.parametrize("turn", [Turn(0, True), Turn(180)])
@pytest.mark.parametrize("when", ["while the model computes", "while it is written", "while it is read"])
def test_its_mask_is_of_the_new_turn(hands, turn, when):
    engine, jobs, key = hands.panel.engine, hands.jobs, hands.worklist.key
    QtTest.QTest.mouseClick(jobs.allButton, Qt.LeftButton)

    def load() -> bool:
        if not asked(hands):
            engine.answer()
        return bool(asked(hands))

    def wait_for(condition) -> None:
        hands.panel.until(condition, 30)

    def turn_it() -> None:
        hands.panel.segment.turning.turn(turn)

    if when == "while it is read":
        turn_it()
    wait_for(load)
    assert asked(hands) == [key]
    if when == "while the model computes":
        choose_without_answer(hands, turn)
    if when == "while it is written":
        engine.answer()
        turn_it()

    def ended() -> bool:
        engine.answer()
        return not jobs.segmentAll.running

    wait_for(ended)
    hands.panel.settle()
    session, shape = hands.worklist.session, hands.panel.volume.GetImageData().GetDimensions()[1::-1]
    upright = turn.undo(boxes(turn.pair(shape)))
    for version in session.versions(key):
        assert np.array_equal(session.mask(version), upright) and version.reader == MODEL
    assert session.newest(key).turn == turn
    assert np.array_equal(hands.panel.labels, upright) and "2 of 2" in hands.message
    assert not session.verify().problems


def choose_without_answer(hands, turn: Turn) -> None:
    """Choose the turn from its list; the model does not answer meanwhile."""
    engine = hands.panel.engine
    answer, engine.answer = engine.answer, lambda: None
    choose(hands.panel, turn)
    engine.answer = answer


def test_a_stroke_made_before_the_new_mask_comes_stays_and_it_is_said(hands):
    from CXRAdaINSegLib.scene.LungSegments import IDS

    panel = hands.panel
    panel.press_segment()
    choose_without_answer(hands, Turn(180))
    panel.take("Paint")
    for lung in (1, 2):
        panel.correct.editor.setCurrentSegmentID(IDS[lung])
        panel.view.dragIjk([(5, 400 * lung), (5, 400 * lung + 90)])
    panel.correct.putToolDown()
    labels = panel.labels
    assert panel.segmenting.busy and set(np.unique(labels[5])) == {0, 1, 2}
    panel.settle()
    assert np.array_equal(panel.labels, labels)
    assert "as you have corrected the present one" in panel.segment.message.text
    panel.correct.widget.collapsed = True

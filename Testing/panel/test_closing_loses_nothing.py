"""No way of closing the window or the scene loses work without a question, or ends what is under way."""

from __future__ import annotations

import pytest
from cxradain.sessions.records import NotSaved
from module_panel import answer_by, chest
from PySide6 import QtCore, QtTest
from test_closing_window import STROKE, asked, closes
from test_unsaved_masks import close_scene

Qt = QtCore.Qt
HEART = ((40.0, 20.0), (40.0, 60.0))

__all__ = ["asked"]


@pytest.fixture
def refusing(hands, monkeypatch):
    """The session on a full disk."""

    def refuse(*_arguments, **_options):
        raise NotSaved("The disk is full.")

    for name in ("add_mask", "set_heart"):
        monkeypatch.setattr(hands.worklist.session, name, refuse)


def paint(hands) -> None:
    hands.paint(*STROKE)
    hands.panel.correct.widget.collapsed = True


def place_heart(hands) -> None:
    from CXRAdaINSegLib.scene.ChestLines import setHeartPoints

    setHeartPoints(hands.panel.volume, HEART)


def close_scene_unasked() -> None:
    """As a script does, or after the question was answered."""
    import slicer

    slicer.mrmlScene.Clear(0)
    slicer.app.processEvents()


@pytest.mark.parametrize("work", [paint, place_heart])
@pytest.mark.parametrize("isSessionClosed", [False, True])
def test_what_is_in_memory_alone_is_asked_about_before_the_window_closes(
    hands, asked, refusing, work, isSessionClosed
):
    folder = hands.worklist.session.path
    work(hands)
    if isSessionClosed:
        hands.worklist.close()
    close_scene_unasked()
    assert close_scene(hands) == [] and not asked, "it stays in memory"
    answer_by("Stay")
    assert not closes(hands)
    answer_by("Lose them")
    assert closes(hands) and not asked
    hands.worklist.close()
    hands.open(folder)
    hands.show(0)
    assert closes(hands), "it is saved by now"


def test_the_hearts_points_of_a_radiograph_in_no_session_are_asked_about(hands, asked):
    hands.close()
    hands.panel.add_pixels(chest(), "outside")
    place_heart(hands)
    assert not closes(hands) and "outside heart width" in asked.pop()
    (question,) = close_scene(hands) or asked
    assert "outside heart width" in question and hands.panel.volume is not None


def test_the_hearts_points_that_the_session_has_are_not_asked_about(hands, asked):
    place_heart(hands)
    assert closes(hands) and not asked
    assert hands.worklist.session.heart(hands.worklist.key, "Reader A") == HEART


def test_the_scene_does_not_close_nor_the_window_with_it_while_the_model_computes_masks(hands):
    hands.panel.segment.segmentButton.click()
    volume = hands.panel.volume
    assert close_scene(hands) == [] and volume.GetScene() is not None
    assert "still working" in hands.panel.segment.message.text
    hands.panel.settle()
    hands.window.process(0.2)
    assert hands.window.window.isVisible() and hands.panel.lungs
    status = hands.window.window.statusBar()
    hands.panel.until(lambda: "working" not in status.currentMessage(), 10)
    assert close_scene(hands) == [] and volume.GetScene() is None


def test_the_scene_does_not_close_over_an_outline_that_is_not_closed(hands):
    hands.panel.take("Draw")
    for place in ((10, 30), (20, 30)):
        hands.panel.view.clickIjk(*place)
    assert close_scene(hands) == [] and hands.worklist.hasOpenOutline()
    assert "outline is not closed" in hands.panel.segment.message.text
    hands.panel.correct.putToolDown()
    hands.panel.correct.widget.collapsed = True


def test_the_window_closes_only_after_what_was_decided_while_the_model_computed(hands, monkeypatch):
    """Both wait for the answer: approving is not to come second."""
    import slicer

    closed: list[str] = []
    monkeypatch.setattr(
        slicer.util.mainWindow(), "close", lambda: closed.append(hands.newest().status), raising=False
    )
    hands.panel.segment.segmentButton.click()
    assert not closes(hands)
    QtTest.QTest.mouseClick(hands.section.reading.buttons["A"], Qt.LeftButton)
    hands.panel.settle()
    hands.panel.until(lambda: closed, 10)
    assert closed == ["approved"]

"""A mask is called corrected where a person has changed the model's, and nowhere else; by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from cxradain.imaging.turn import TURNS, Turn
from cxradain.sessions.records import MODEL
from in_process_engine import MODEL_HASH, boxes
from PySide6 import QtCore, QtTest
from worklist_driver import filled, worklist

Qt = QtCore.Qt


@pytest.fixture
def hands(window, tmp_path):
    """A session with a model's masks, and an engine whose teacher makes others than its student."""
    with worklist(window) as hands:
        hands.panel.engine.lower["teacher"] = 4
        hands.open(filled(tmp_path / "session"))
        hands.show(0)
        yield hands
        hands.panel.segment.modeBox.setCurrentIndex(0)


def versions(hands, place: int = 0) -> list[tuple]:
    """Reader, status and mode of each version of an image."""
    made = hands.worklist.session.versions(hands.table.model.keyAt(place))
    return [(version.reader, version.status, version.mode) for version in made]


def teacher(hands) -> None:
    hands.panel.segment.modeBox.setCurrentIndex(1)


@pytest.fixture
def replaced(monkeypatch) -> list[str]:
    """What was asked; the answer is to replace."""
    from CXRAdaINSegLib import Widgets

    asked: list[str] = []
    monkeypatch.setattr(Widgets, "confirm", lambda text, *_: asked.append(text) or True)
    return asked


def test_another_modes_mask_of_a_reviewed_image_is_no_correction(hands, replaced):
    hands.press(Qt.Key_A)
    teacher(hands)
    hands.panel.press_segment()
    assert len(replaced) == 1, "an approved mask is replaced only when the reader says so"
    hands.go(hands.press, Qt.Key_N)
    assert versions(hands) == [
        (MODEL, "auto", "student"),
        ("Reader A", "approved", "student"),
        (MODEL, "auto", "teacher"),
        ("Reader A", "auto", "teacher"),
    ]
    assert hands.statuses["image-0001"] == "auto"
    assert hands.worklist.session.unproven() == []


def test_a_flagged_image_segmented_anew_is_no_correction(hands):
    hands.press(Qt.Key_F)
    teacher(hands)
    hands.panel.press_segment()
    hands.go(hands.press, Qt.Key_N)
    assert hands.statuses["image-0001"] == "flagged" and "corrected" not in str(versions(hands))


def flip(hands) -> None:
    hands.panel.segment.turning.box.setCurrentIndex(TURNS.index(Turn(0, True)))


def undo(hands) -> None:
    hands.panel.correct.editor.setActiveEffect(None)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Z, Qt.ControlModifier)


def stroke(hands) -> None:
    hands.paint((30, 40), (30, 60))


def before(hands) -> None:
    QtTest.QTest.mouseClick(hands.section.beforeButton, Qt.LeftButton)


@pytest.mark.parametrize("act", [stroke, undo, flip, before])
def test_a_flag_stays_whatever_becomes_of_the_mask_until_the_image_is_approved(hands, act):
    hands.paint((5, 40), (5, 60))
    hands.press(Qt.Key_F)
    flagged = hands.panel.labels
    act(hands)
    hands.panel.settle()
    assert (hands.panel.labels != flagged).any()
    hands.panel.correct.widget.collapsed = True
    hands.go(hands.press, Qt.Key_N)
    assert hands.statuses["image-0001"] == "flagged"
    hands.go(hands.press, Qt.Key_P)
    hands.press(Qt.Key_A)
    assert hands.statuses["image-0001"] == "approved"


@pytest.mark.parametrize("saved_between", [True, False])
def test_reset_gives_the_mask_that_the_image_began_with_and_is_no_correction(hands, saved_between):
    made = hands.panel.labels
    hands.paint((5, 40), (5, 60))
    if saved_between:
        hands.go(hands.press, Qt.Key_N)
        hands.go(hands.press, Qt.Key_P)
    teacher(hands)
    hands.panel.correct.resetButton.click()
    hands.panel.settle()
    assert np.array_equal(hands.panel.labels, made), "not the other mode's"
    hands.go(hands.press, Qt.Key_N)
    last = versions(hands)[-1]
    assert last == (("Reader A", "auto", "student") if saved_between else (MODEL, "auto", "student"))
    hands.panel.correct.widget.collapsed = True


def test_a_correction_names_the_mask_it_came_from_which_is_kept(hands):
    """Segmented anew and corrected at once: the store can prove it."""
    teacher(hands)
    hands.panel.press_segment()
    hands.paint((5, 40), (5, 60))
    hands.go(hands.press, Qt.Key_N)
    session = hands.worklist.session
    _student, kept, corrected = session.versions(hands.table.model.keyAt(0))
    assert (kept.reader, kept.mode, kept.model_hash) == (MODEL, "teacher", MODEL_HASH)
    assert np.array_equal(session.mask(kept), np.roll(boxes((120, 100)), 4, axis=0))
    assert (corrected.status, corrected.base, corrected.tools) == ("corrected", kept.id, ("Paint",))
    assert session.source(corrected) == kept and session.unproven() == []
    hands.panel.correct.widget.collapsed = True


def test_what_the_engine_was_asked_beside_the_mask_does_not_change_where_it_came_from(hands):
    """The teacher's view is looked at; the mask painted on is the student's."""
    hands.panel.press_segment()
    teacher(hands)
    hands.panel.segment.overlay.toggles["probability"].click()
    hands.panel.settle()
    hands.panel.segment.overlay.toggles["probability"].click()
    hands.paint((5, 40), (5, 60))
    hands.go(hands.press, Qt.Key_N)
    assert versions(hands)[-1] == ("Reader A", "corrected", "student")
    hands.panel.correct.widget.collapsed = True


def test_one_lung_by_a_click_is_no_correction(hands):
    hands.show(5)
    hands.panel.segment.clickButton.click()
    hands.panel.click(60, 25)
    hands.panel.segment.clickButton.click()
    assert hands.panel.lungs == (1,)
    hands.go(hands.press, Qt.Key_P)
    assert versions(hands, 5) == [(MODEL, "auto", "student"), ("Reader A", "auto", "student")]
    whole = hands.worklist.session.versions(hands.table.model.keyAt(5))[0]
    assert set(np.unique(hands.worklist.session.mask(whole))) == {0, 1, 2}, "the model's is the whole"


def test_erasing_a_lung_and_exchanging_sides_are_corrections(hands):
    hands.panel.segment.overlay.swapButton.click()
    hands.panel.settle()
    hands.go(hands.press, Qt.Key_N)
    assert versions(hands)[-1] == ("Reader A", "corrected", "student")


def test_going_back_to_an_earlier_model_mask_stays_so(hands):
    """The one that was made last came back."""
    first = hands.panel.labels
    teacher(hands)
    hands.panel.press_segment()
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)
    assert (hands.panel.labels != first).any()
    hands.panel.segment.modeBox.setCurrentIndex(0)
    hands.panel.press_segment()
    hands.go(hands.press, Qt.Key_N)
    hands.go(hands.press, Qt.Key_P)
    assert np.array_equal(hands.panel.labels, first)
    assert versions(hands) == [(MODEL, "auto", mode) for mode in ("student", "teacher", "student")]


def test_a_stroke_taken_back_leaves_the_models_mask(hands):
    hands.paint((5, 40), (5, 60))
    hands.worklist.autosave()
    hands.panel.correct.undo()
    hands.panel.settle()
    hands.go(hands.press, Qt.Key_N)
    assert versions(hands)[-1] == ("Reader A", "auto", "student") and hands.statuses["image-0001"] == "auto"
    hands.panel.correct.widget.collapsed = True


def test_more_images_than_the_engines_answers_are_kept_of_change_nothing(hands):
    """The model's mask is known from the scene, not from what was asked last."""
    hands.show(5)
    hands.panel.press_segment()
    hands.panel.segmenting.predictions.clear()
    hands.go(hands.press, Qt.Key_P)
    assert versions(hands, 5) == [(MODEL, "auto", "student")]


@pytest.fixture
def two_models(hands, monkeypatch, tmp_path):
    """The Train section unfolded, with a second model kept, its row chosen."""
    from cxradain.models.registry import Registry, bundled_models

    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    added = Registry().add(bundled_models()[0])
    train = hands.panel.widget.trainSection
    train.widget.collapsed = train.models.widget.collapsed = False
    train.models.update()
    train.models.table.selectRow([entry.id for entry in Registry().models()].index(added.id))
    hands.window.process()
    assert train.models.useButton.enabled
    yield train
    train.widget.collapsed = True


def test_a_model_put_in_use_while_the_former_segments_makes_the_next_mask(hands, two_models):
    panel, engine = hands.panel, hands.panel.engine
    QtTest.QTest.mouseClick(two_models.models.useButton, Qt.LeftButton)
    assert "Trying the model" in two_models.message.text
    QtTest.QTest.mouseClick(panel.segment.segmentButton, Qt.LeftButton)
    panel.settle()
    assert "loaded" in two_models.message.text
    assert np.array_equal(panel.labels, boxes(panel.labels.shape)), "as asked before it was in use"
    engine.model_id, engine.lower["student"] = "stand-in 2", 10
    panel.press_segment()
    assert np.array_equal(panel.labels, np.roll(boxes(panel.labels.shape), 10, axis=0))
    assert "stand-in 2" in panel.segment.message.text
    engine.lower["student"] = 20
    panel.press_segment()
    assert np.array_equal(panel.labels, np.roll(boxes(panel.labels.shape), 10, axis=0)), "asked only once"

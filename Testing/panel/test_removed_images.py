"""An image is removed from the session: the next one is shown, or it is said that there is none; list, panel
and view have the same image."""

from __future__ import annotations

import pytest
from PySide6 import QtTest
from PySide6.QtCore import Qt
from worklist_driver import sample_files, worklist


@pytest.fixture
def hands(window, tmp_path, monkeypatch):
    from CXRAdaINSegLib import Widgets

    monkeypatch.setattr(Widgets, "confirm", lambda *_: True)
    with worklist(window) as hands:
        hands.create(tmp_path / "s")
        hands.add(*sample_files(3))
        hands.show(0)
        yield hands


def remove(hands) -> None:
    QtTest.QTest.mouseClick(hands.section.removeButton, Qt.LeftButton)


def shown(hands) -> str:
    """The name of the image in the view, which is the panel's and the list's."""
    hands.panel.until(hands.is_there, 5)
    assert hands.section.shownKey() == hands.table.highlighted == hands.worklist.key
    return hands.panel.volume.GetName()


def said_in_view(hands) -> str:
    return " ".join(hands.panel.widget.viewLabels.text.lines)


@pytest.mark.parametrize("work", ["segment", "clicks", "a decision that waits"])
def test_the_next_image_does_not_wait_for_the_models_answer_on_the_one_removed(hands, work):
    """The view stayed empty until the model had answered for the image that was gone."""
    if work == "clicks":
        hands.panel.segment.setClickMode(True)
        hands.panel.view.pixels()
        for _ in range(2):
            hands.panel.view.clickIjk(60, 50)
    else:
        QtTest.QTest.mouseClick(hands.panel.segment.segmentButton, Qt.LeftButton)
    if work == "a decision that waits":
        hands.press(Qt.Key_D)
    assert hands.panel.segmenting.writing
    remove(hands)
    assert shown(hands) == "image-0002" and not hands.panel.segmenting.writing
    hands.panel.settle()
    assert not hands.panel.lungs and set(hands.statuses.values()) == {"unlabelled"}


def test_the_next_image_is_shown_after_the_volume_of_one_at_work_has_left_the_scene(hands):
    import slicer

    QtTest.QTest.mouseClick(hands.panel.segment.segmentButton, Qt.LeftButton)
    slicer.mrmlScene.RemoveNode(hands.panel.volume)
    assert not hands.panel.segmenting.busy
    hands.window.process()
    hands.section.remove(hands.worklist.key)
    assert shown(hands) == "image-0002" and len(hands.statuses) == 2


def test_that_the_filter_lists_no_other_image_is_said_in_the_view(hands):
    hands.table.textEdit.text = "image-0001"
    remove(hands)
    hands.window.process()
    assert hands.panel.volume is None and hands.table.highlighted == "" == hands.worklist.key
    assert "passes the filter" in hands.message and "passes the filter" in said_in_view(hands)
    hands.table.textEdit.text = ""
    hands.go(hands.press, Qt.Key_N)
    assert shown(hands) == "image-0002"


def test_that_nothing_is_left_is_said_in_the_view(hands):
    for _ in range(3):
        hands.panel.until(hands.is_there, 5)
        remove(hands)
    hands.window.process()
    assert hands.panel.volume is None and not hands.statuses
    assert "is left in the session" in hands.message and "is left in the session" in said_in_view(hands)


def test_a_rows_menu_removes_its_own_image(hands):
    """It removed the highlighted one, which an open outline keeps from being left."""
    second = hands.table.model.keyAt(1)
    dict(hands.section.rowMenu(second))["Remove image..."]()
    assert list(hands.statuses) == ["image-0001", "image-0003"] and shown(hands) == "image-0001"


def test_while_all_are_segmented_the_next_image_is_shown_and_the_others_get_their_masks(hands):
    hands.jobs.allButton.click()
    hands.window.process(0.1)
    remove(hands)
    assert shown(hands) == "image-0002"
    hands.panel.until(lambda: hands.panel.engine.answer() or not hands.jobs.segmentAll.running, 60)
    hands.panel.settle()
    assert hands.statuses == {"image-0002": "auto", "image-0003": "auto"}

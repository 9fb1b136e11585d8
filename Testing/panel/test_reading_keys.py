"""The keys of a reader: next unreviewed, approve and next, arrows, and one to hold to see below the masks."""

from __future__ import annotations

import pytest
import slicer
from cxradain.sessions.store import Session
from module_panel import answer_by
from PySide6 import QtCore, QtTest, QtWidgets
from test_right_image import drawn
from worklist_driver import filled

Qt = QtCore.Qt


def test_approve_and_next_is_one_key(hands):
    hands.go(hands.press, Qt.Key_D)
    assert hands.statuses["image-0001"] == "approved" and hands.name == "image-0002"
    hands.show(4)
    hands.press(Qt.Key_D)
    assert hands.name == "image-0005" and "no mask to approve" in hands.message, "and it stays"


def test_going_on_renders_the_next_image_only_and_with_its_mask(hands):
    """In 3D Slicer a view may render between any two changes of the scene, for all to see."""
    hands.panel.until(lambda: hands.worklist.readAhead.has(hands.table.model.keyAt(1)), 30)
    view, shown = hands.window.sliceView("Red"), []
    composite = view.widget.mrmlSliceCompositeNode()

    def note(*_event) -> None:
        current = hands.worklist.current
        isShown = composite.GetBackgroundVolumeID() == current.volume.GetID()
        shown.append((current.image.name, isShown and bool(hands.panel.labels.any())))

    tag = view.view.rendering.window.AddObserver("StartEvent", note)
    hands.go(hands.press, Qt.Key_D)
    view.view.rendering.window.RemoveObserver(tag)
    assert shown and set(shown) == {("image-0002", True)}
    assert not slicer.app.isRenderPaused()


def test_a_key_pressed_while_the_next_image_is_read_says_so(hands):
    hands.worklist.readAhead.forget()
    for _press in range(3):
        hands.press(Qt.Key_D)
    assert hands.name == "image-0001" and "Press again once it is" in hands.message
    hands.panel.until(hands.is_there, 30)
    assert hands.statuses["image-0002"] == "auto" and hands.message == "", "it is in the view now"


def test_the_next_unreviewed_image_is_found_also_from_the_end(hands):
    for place in (0, 1, 5):
        hands.show(place)
        hands.press(Qt.Key_F)
    hands.go(hands.press, Qt.Key_U)
    assert hands.name == "image-0003"
    hands.press(Qt.Key_A)
    hands.go(hands.press, Qt.Key_U)
    assert hands.name == "image-0004"
    for place in (3, 4):
        hands.show(place)
        hands.press(Qt.Key_F)
    hands.press(Qt.Key_U)
    assert "reviewed all" in hands.message and hands.name == "image-0005"


@pytest.mark.parametrize(
    ("key", "name"), [(Qt.Key_N, "image-0003"), (Qt.Key_U, "image-0003"), (Qt.Key_P, "image-0001")]
)
def test_keys_go_on_from_where_an_image_was_that_the_filter_has_left_out(hands, key, name):
    hands.show(1)
    hands.press(Qt.Key_A)
    hands.table.statusBox.setFocus()
    for _status in ("unlabelled", "auto"):
        QtTest.QTest.keyClick(hands.table.statusBox, Qt.Key_Down)
    assert list(hands.statuses) == ["image-0001", "image-0003", "image-0004"] and hands.name == "image-0002"
    hands.table.textEdit.text = "image"
    hands.go(hands.press, key)
    assert hands.name == name


@pytest.mark.parametrize("order", ["file", "useful"])
@pytest.mark.parametrize("key", [Qt.Key_N, Qt.Key_P])
def test_from_an_image_that_a_filter_hides_either_key_comes_into_the_list(hands, order, key):
    hands.table.orderBox.setCurrentIndex(hands.table.orderBox.findData(order))
    names = list(hands.statuses)
    hands.show(len(names) - 1 if key == Qt.Key_N else 0)
    hands.table.textEdit.text = names[2]
    assert list(hands.statuses) == [names[2]]
    hands.go(hands.press, key)
    assert hands.name == names[2]
    hands.press(key)
    assert ("last" if key == Qt.Key_N else "first") in hands.message


def test_after_the_last_image_of_the_list_that_the_filter_has_left_out_the_first_comes(hands):
    for place in (0, 3):
        hands.show(place)
        hands.press(Qt.Key_A)
    hands.table.statusBox.setCurrentIndex(hands.table.statusBox.findData("unlabelled"))
    hands.go(hands.press, Qt.Key_N)
    assert hands.name == "image-0005", "which follows it in the session"
    hands.table.statusBox.setCurrentIndex(hands.table.statusBox.findData("approved"))
    assert list(hands.statuses) == ["image-0001", "image-0004"]
    hands.go(hands.press, Qt.Key_N)
    assert hands.name == "image-0001"


def test_arrows_in_the_view_go_on_and_back_unless_a_tool_is_chosen(hands):
    view = hands.panel.view.view
    view.setFocus()
    for key, name in ((Qt.Key_Right, "image-0002"), (Qt.Key_Down, "image-0003"), (Qt.Key_Left, "image-0002")):
        hands.go(QtTest.QTest.keyClick, view, key)
        assert hands.name == name
    hands.panel.take("Paint")
    view.setFocus()
    QtTest.QTest.keyClick(view, Qt.Key_Right)
    hands.window.process(0.1)
    assert hands.name == "image-0002"
    hands.panel.correct.widget.collapsed = True


def test_arrows_in_a_field_are_the_fields(hands):
    hands.table.textEdit.setFocus()
    QtTest.QTest.keyClick(hands.table.textEdit, Qt.Key_Right)
    hands.window.process(0.1)
    assert hands.name == "image-0001"


def test_keys_after_return_in_a_field_are_the_panels(hands):
    """Keys of the system go to the window's focus widget: a box, say, whose text field has given it up."""
    edit, opacity = hands.rows.readerEdit, hands.panel.segment.overlay.opacity
    number = opacity.findChild(QtWidgets.QAbstractSpinBox).findChild(QtWidgets.QLineEdit)
    fields = {edit: "Reader B", hands.table.textEdit: "image", hands.jobs.patientEdit: "p", number: "0.45"}
    for field, text in fields.items():
        QtTest.QTest.mouseClick(field, Qt.LeftButton)
        field.selectAll()
        QtTest.QTest.keyClicks(field, text)
        window = hands.window.window
        QtTest.QTest.keyClick(window.focusWidget(), Qt.Key_Return)
        hands.window.process(0.2)
        before = hands.name
        hands.go(QtTest.QTest.keyClick, window.focusWidget() or window, Qt.Key_N)
        assert hands.name != before and field.text == text
    hands.jobs.patientEdit.text = hands.table.textEdit.text = ""
    assert hands.worklist.reader == "Reader B" and opacity.value == 0.45


def test_the_view_says_how_far_it_is_in_the_list_as_it_is_now(hands):
    text = hands.panel.widget.viewLabels.text
    assert "1 of 6" in text.lines
    QtTest.QTest.keyClicks(hands.table.textEdit, "image-0001")
    hands.window.process()
    assert "1 of 1" in text.lines
    hands.table.textEdit.text = ""


def test_the_list_is_each_readers_own(hands):
    hands.show(1)
    hands.press(Qt.Key_A)
    hands.show(0)  # which is alike to both
    hands.read_as("Reader B")
    assert hands.statuses["image-0002"] == "auto"
    hands.go(hands.press, Qt.Key_U)
    assert hands.name == "image-0002", "another's approval is none of this reader's"
    hands.read_as("Reader A")
    assert hands.statuses["image-0002"] == "approved"


def test_masks_are_hidden_while_a_key_is_held(hands):
    masks, window = hands.panel.segmentation, hands.window.window
    QtTest.QTest.keyPress(window, Qt.Key_H)
    assert not drawn(masks)
    hands.window.process(0.1)
    assert not drawn(masks)
    QtTest.QTest.keyRelease(window, Qt.Key_H)
    assert drawn(masks)
    QtTest.QTest.keyPress(window, Qt.Key_H)
    hands.panel.widget.exit()
    assert drawn(masks), "no key leaves them hidden"
    hands.panel.widget.enter()


def test_a_session_is_offered_again_and_opens_where_it_was_left(hands):
    folder = hands.worklist.session.path
    hands.show(3)
    hands.table.orderBox.setCurrentIndex(2)
    hands.close()
    assert hands.panel.volume is None
    hands.rows.path.currentPath = ""
    hands.open(folder)
    hands.panel.until(hands.is_there, 30)
    assert hands.name == "image-0004" and hands.table.order == "useful"
    kept = QtCore.QSettings().value("CXRAdaINSeg/sessions")
    assert str(folder) in ([kept] if isinstance(kept, str) else kept)


def test_another_session_begins_with_all_its_images(hands, tmp_path):
    """A filter that was set for the one before hid them, so that it seemed to be empty."""
    folder, table = hands.worklist.session.path, hands.table
    table.orderBox.setCurrentIndex(1)
    QtTest.QTest.keyClicks(table.textEdit, "0001")
    table.statusBox.setCurrentIndex(table.statusBox.findData("unlabelled"))
    hands.jobs.patientEdit.text = "pat[0-9]+"
    assert hands.statuses == {}
    hands.close()
    hands.open(filled(tmp_path / "other"))
    assert list(hands.statuses) == [f"image-000{n}" for n in range(1, 7)] and table.order == "file"
    assert table.textEdit.text == "" == hands.jobs.patientEdit.text and table.statusBox.currentIndex == 0
    table.statusBox.setCurrentIndex(table.statusBox.findData("auto"))
    hands.worklist.open(hands.worklist.session.path, takeOver=True)
    assert len(hands.statuses) == 4, "a session that is taken over goes on as it is"
    hands.close()
    hands.open(folder)
    assert len(hands.statuses) == 6 and table.order == "status", "as it was sorted when it was left"


def test_an_image_is_removed_after_asking_and_the_next_one_shown(hands, monkeypatch):
    from CXRAdaINSegLib import Widgets

    asked, answers = [], [False, True, True]
    monkeypatch.setattr(Widgets, "confirm", lambda text, *_: asked.append(text) or answers.pop(0))
    hands.paint((5, 40), (5, 60))
    hands.panel.correct.widget.collapsed = True
    hands.section.removeButton.click()
    assert "image-0001" in asked[0] and len(hands.statuses) == 6
    removed = hands.worklist.key
    hands.go(hands.section.removeButton.click)
    assert hands.name == "image-0002" and "image-0001" not in hands.statuses
    session = hands.worklist.session
    assert session.newest(removed, "Reader A").status == "corrected", "what was painted is kept"
    hands.show(4)
    hands.go(hands.section.removeButton.click)
    assert hands.name == "image-0005", "of the last, the one before"
    assert not session.verify().problems


def test_a_session_that_another_program_has_can_be_read(hands):
    folder = hands.worklist.session.path
    hands.close()
    assert not hands.rows.readButton.isVisibleTo(hands.section.widget)
    with Session(folder, program="another application") as other:
        hands.open(folder)
        assert hands.worklist.session is None and hands.rows.readButton.isVisibleTo(hands.section.widget)
        hands.rows.readButton.click()
        hands.panel.until(hands.is_there, 30)
        assert hands.rows.readText.isVisibleTo(hands.section.widget) and hands.panel.lungs == (1, 2)
        hands.paint((5, 40), (5, 60))
        for key in (Qt.Key_A, Qt.Key_F, Qt.Key_D):
            hands.press(key)
        assert "opened to read" in hands.message and not hands.section.reading.buttons["A"].enabled
        answer_by("Lose them")
        hands.go(hands.press, Qt.Key_N)
        assert hands.name == "image-0002" and not hands.jobs.allButton.enabled
        assert len(other.versions()) == 4
        hands.close()
    hands.panel.correct.widget.collapsed = True
    hands.open(folder)
    assert not hands.worklist.opened.onlyReads and hands.jobs.allButton.enabled


def hold(hands, key: int, text: str) -> None:
    """Hold a key down until it has repeated itself ten times, each image having come before the next."""
    for repeats in [False] + 10 * [True]:
        QtTest.QTest.simulateEvent(hands.window.window, True, key, Qt.NoModifier, text, repeats, -1)
        hands.panel.until(hands.is_there, 30)
        hands.panel.settle()
    QtTest.QTest.simulateEvent(hands.window.window, False, key, Qt.NoModifier, text, False, -1)


def test_a_key_that_is_held_approves_one_image_and_leafs_through_all(hands):
    hold(hands, Qt.Key_D, "d")
    assert list(hands.statuses.values()).count("approved") == 1 and hands.name == "image-0002"
    hold(hands, Qt.Key_N, "n")
    assert hands.name == "image-0006"


def test_undo_that_is_held_takes_back_one_step(hands):
    hands.paint((5, 40), (5, 60))
    before = hands.panel.labels
    hands.paint((15, 40), (15, 60))
    hands.panel.correct.putToolDown()
    hold(hands, Qt.Key_Z, "z")
    assert (hands.panel.labels == before).all()
    hands.panel.correct.widget.collapsed = True


@pytest.mark.parametrize("key", [Qt.Key_A, Qt.Key_D])
def test_a_key_pressed_in_the_middle_of_a_stroke_acts_once_that_has_ended(hands, key):
    """It approved half of the stroke, and the other half took the approval back."""
    view, window = hands.panel.view, hands.window.window
    first = hands.worklist.current.image.key
    hands.paint((5, 40), (5, 60))
    rows = (20, 22, 24, 26)
    QtTest.QTest.mousePress(view.view, Qt.LeftButton, Qt.NoModifier, view.placeOf(rows[0], 40))
    QtTest.QTest.mouseMove(view.view, view.placeOf(rows[1], 40))
    QtTest.QTest.keyClick(window, key)
    hands.window.process(0.1)
    assert hands.statuses["image-0001"] == "auto", "nothing is kept yet"
    for row in rows[2:]:
        QtTest.QTest.mouseMove(view.view, view.placeOf(row, 40))
    QtTest.QTest.mouseRelease(view.view, Qt.LeftButton, Qt.NoModifier, view.placeOf(rows[-1], 40))
    hands.panel.until(lambda: hands.statuses["image-0001"] == "approved", 10)
    hands.panel.until(hands.is_there, 10)
    hands.panel.settle()
    kept = hands.worklist.session.mask(hands.worklist.session.newest(first, "Reader A"))
    assert kept[rows[-1], 40] and hands.name == ("image-0002" if key == Qt.Key_D else "image-0001")
    hands.worklist.save()
    assert hands.worklist.session.newest(first, "Reader A").status == "approved"
    hands.panel.correct.widget.collapsed = True


def test_keys_pressed_in_the_middle_of_a_stroke_act_in_their_order(hands):
    """F and N flagged the next image, which was never looked at."""
    view, window = hands.panel.view, hands.window.window
    hands.paint((5, 40), (5, 60))
    QtTest.QTest.mousePress(view.view, Qt.LeftButton, Qt.NoModifier, view.placeOf(20, 40))
    QtTest.QTest.mouseMove(view.view, view.placeOf(24, 40))
    QtTest.QTest.keyClick(window, Qt.Key_F)
    hands.window.process(0.01)
    QtTest.QTest.keyClick(window, Qt.Key_N)
    QtTest.QTest.mouseRelease(view.view, Qt.LeftButton, Qt.NoModifier, view.placeOf(24, 40))
    hands.panel.until(lambda: hands.is_there() and hands.name == "image-0002", 10)
    hands.panel.settle()
    assert hands.statuses["image-0001"] == "flagged" and hands.statuses["image-0002"] == "auto"
    hands.panel.correct.widget.collapsed = True


def test_an_outline_that_is_not_closed_is_not_approved_without_a_word(hands):
    hands.panel.view.pixels()
    hands.panel.take("Draw")
    corners = [(5, 5), (5, 30), (30, 30)]
    for corner in corners:
        hands.panel.view.clickIjk(*corner)
    for key in (Qt.Key_A, Qt.Key_D, Qt.Key_F):
        hands.section.showMessage("")
        hands.press(key)
        assert "outline is not closed" in hands.message and hands.name == "image-0001"
    assert hands.statuses["image-0001"] == "auto"
    hands.panel.view.clickIjk(10, 20, button=Qt.RightButton)
    hands.panel.settle()
    hands.press(Qt.Key_A)
    assert hands.newest().status == "approved" and hands.panel.labels[10, 20], "with what it has inside"
    hands.panel.view.clickIjk(60, 5)
    QtTest.QTest.keyClick(hands.window.window, Qt.Key_Escape)
    hands.press(Qt.Key_F)
    assert hands.newest().status == "flagged", "one that was dropped is none"
    hands.panel.correct.widget.collapsed = True


def test_the_focus_of_a_button_that_was_disabled_goes_to_no_other(hands, monkeypatch):
    """After a click on Approve, next, the next Space asked to remove the image that was just shown."""
    from CXRAdaINSegLib import Widgets

    asked = []
    monkeypatch.setattr(Widgets, "confirm", lambda text, *_: asked.append(text))
    done, allOfThem = hands.section.reading.buttons["D"], hands.jobs.allButton
    hands.go(QtTest.QTest.mouseClick, done, Qt.LeftButton)
    assert hands.name == "image-0002"
    assert QtWidgets.QApplication.focusWidget() in (None, done)
    QtTest.QTest.keyClick(QtWidgets.QApplication.focusWidget() or hands.window.window, Qt.Key_Space)
    assert not asked
    QtTest.QTest.mouseClick(allOfThem, Qt.LeftButton)
    assert hands.jobs.segmentAll.running and QtWidgets.QApplication.focusWidget() in (None, allOfThem)
    hands.jobs.cancel()
    for button in (hands.section.reading.buttons["A"], hands.panel.segment.overlay.outline):
        QtTest.QTest.mouseClick(button, Qt.LeftButton)
        assert QtWidgets.QApplication.focusWidget() is button, "one that can be pressed again keeps it"
    QtTest.QTest.mouseClick(hands.panel.segment.overlay.outline, Qt.LeftButton)

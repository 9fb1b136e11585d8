"""How long a round takes is said where it is seen at once, and goes when a round would be another one."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from PySide6 import QtCore, QtTest, QtWidgets
from test_mouse_wheel import reach
from test_nothing_moves import places

Qt = QtCore.Qt
PLAN = '{"steps": 240, "seconds": 1020, "device": "GPU", "threads": 0, "precision": "32-true"}'
ANSWER = "About 17 min for 240 steps on GPU, single precision, measured."


@pytest.fixture
def train(hands, trainer, monkeypatch):
    """The panel's section, unfolded; `train.wait` is what the trainer waits for until it answers."""
    made = hands.panel.widget.trainSection
    made.widget.collapsed = made.options.widget.collapsed = False
    module = sys.modules[type(made).__module__]
    program = f"import sys; sys.stdin.readline(); print('{PLAN}')"
    monkeypatch.setattr(
        module, "trainCommand", lambda words: (sys.executable, ["-c", program], {**os.environ})
    )
    monkeypatch.setattr(made.setup, "require", lambda then: then())
    hands.panel.until(lambda: "◇" in made.use.text, 30)
    yield made
    made.cancel()
    hands.panel.until(lambda: not made.busy, 30)
    made.options.preset.setCurrentIndex(0)
    made.options.device.setCurrentIndex(0)
    made.options.scale.value = 1.0
    made.options.data.currentPath = made.options.reference.currentPath = ""
    made.widget.collapsed = made.options.widget.collapsed = True


def click(hands, button: QtWidgets.QAbstractButton) -> None:
    reach(hands, button)
    QtTest.QTest.mouseClick(button, Qt.LeftButton)


def answer(hands, train) -> None:
    """Let the trainer answer."""
    from module_panel import child_processes

    hands.panel.until(lambda: child_processes("-c"), 30)
    child_processes("-c")[0].write(b"\n")
    hands.panel.until(lambda: not train.busy, 30)


def estimate(hands, train) -> None:
    click(hands, train.measureButton)
    answer(hands, train)
    assert train.cost.text == ANSWER


def is_read_whole(label: QtWidgets.QLabel) -> bool:
    """Whether its place shows all of it without scrolling."""
    view = label.parentWidget().parentWidget()
    shown = QtCore.QRect(label.mapTo(view, QtCore.QPoint(0, 0)), label.size)
    enough = label.heightForWidth(label.width) <= label.height
    return label.isVisible() and view.rect.contains(shown) and enough


@pytest.mark.parametrize("width", [400, 600])
def test_progress_and_answer_are_seen_at_once_and_move_no_button(hands, train, width):
    window = hands.window.window
    size = window.size
    window.resize(1400, 900)
    window.resizeDocks([window.panel], [width], Qt.Horizontal)
    hands.window.process(0.2)
    try:
        reach(hands, train.measureButton)
        before = places(hands.window)
        click(hands, train.measureButton)
        during = places(hands.window)
        assert train.busy and "few steps" in train.cost.text and is_read_whole(train.cost)
        answer(hands, train)
        after = places(hands.window)
        assert train.cost.text == ANSWER and is_read_whole(train.cost)
        train.showMessage("Something else.")
        hands.window.process(0.05)
        assert is_read_whole(train.cost) and is_read_whole(train.message)
        assert before == after == {name: during[name] for name in before}
    finally:
        train.showMessage("")
        window.resizeDocks([window.panel], [460], Qt.Horizontal)
        window.resize(size)
        hands.window.process(0.2)


def choose_next(box: QtWidgets.QComboBox) -> None:
    QtTest.QTest.keyClick(box, Qt.Key_Down)


def type_length(hands, train) -> None:
    field = train.options.scale
    QtTest.QTest.keyClick(field, Qt.Key_A, Qt.ControlModifier)
    QtTest.QTest.keyClicks(field, "0.05")


def type_folder(hands, train) -> None:
    edit = train.options.data.findChild(QtWidgets.QLineEdit)
    QtTest.QTest.keyClicks(edit, str(hands.worklist.session.path))


def another_image(hands, train) -> None:
    hands.press(Qt.Key_A)
    hands.window.process(0.6)


CHANGES = {
    "recipe": lambda hands, train: choose_next(train.options.preset),
    "length": type_length,
    "device": lambda hands, train: choose_next(train.options.device),
    "base data": type_folder,
    "images": another_image,
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_answer_goes_when_a_round_would_take_another_time(hands, train, name):
    estimate(hands, train)
    hands.window.process(0.6)
    train.refresh()
    hands.window.process(0.3)
    assert train.cost.text == ANSWER, "the images are counted again, and are the same"
    CHANGES[name](hands, train)
    hands.panel.until(lambda: not train.cost.text, 10)
    assert not train.message.text


def test_what_changes_while_the_time_is_measured_is_told_instead_of_it(hands, train):
    click(hands, train.measureButton)
    choose_next(train.options.preset)
    assert "few steps" in train.cost.text
    answer(hands, train)
    assert "Estimate again" in train.cost.text and is_read_whole(train.cost)
    estimate(hands, train)


def estimated(section) -> bool:
    """Press the button, and wait for the stand-in's answer."""
    section.made.measureButton.click()
    return section.window.process(20, until=lambda: "95 s" in section.made.cost.text)


def test_who_is_learned_from_is_part_of_a_round(section):
    from cxradain.sessions.records import CORRECTED, Origin

    session, made = section.session, section.made
    made.options.widget.collapsed = False
    key = next(i.key for i in session.images() if not session.is_held_out(i))
    session.add_mask(key, np.ones((40, 30), np.uint8), "Reader B", CORRECTED, Origin())
    made.refresh()
    assert estimated(section)
    made.options.readers.boxes["reader"].click()
    assert not made.cost.text


def test_the_model_in_use_is_part_of_a_round(section):
    models = section.made.models
    models.update()
    assert estimated(section) and models.table.rowCount > 1
    models.table.selectRow(1)
    assert section.made.cost.text
    models.useButton.click()
    section.until(lambda: section.used == 1)
    assert not section.made.cost.text


def test_another_python_is_told_nothing_of_what_the_one_before_took_or_lacked(hands, train):
    setup = hands.panel.widget.setupSection
    setup.widget.collapsed = False
    before = setup.kind.currentIndex
    estimate(hands, train)
    train.showMessage("To train, this is missing: monai.")
    try:
        reach(hands, setup.kind)
        QtTest.QTest.keyClick(setup.kind, Qt.Key_End)
        assert not train.cost.text and not train.message.text
    finally:
        QtTest.QTest.keyClick(setup.kind, Qt.Key_Home)
        assert setup.kind.currentIndex == before
        hands.panel.until(lambda: not setup.busy, 60)
        setup.widget.collapsed = True

"""How long a round takes is said where it is seen at once."""

from __future__ import annotations

import os
import sys

import pytest
from PySide6 import QtCore, QtTest, QtWidgets
from test_mouse_wheel import reach
from test_nothing_moves import places

Qt = QtCore.Qt
PLAN = '{"steps": 240, "seconds": 1020, "device": "CPU"}'
ANSWER = "About 17 min for 240 steps on CPU, measured."


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

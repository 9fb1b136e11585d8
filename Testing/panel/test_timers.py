"""Calls at a later time: in their order, each by itself, and by timers that do not pile up.

In 3D Slicer, as on the embedded desktop, qt.QTimer.singleShot leaves a timer for good at each call.
"""

from __future__ import annotations

from names_used import all_used
from PySide6 import QtCore


def timers() -> int:
    """How many timers the application and its module manager keep."""
    import slicer

    owners = (slicer.app, slicer.app.moduleManager())
    return sum(len(owner.findChildren(QtCore.QTimer)) for owner in owners)


def test_segment_all_leaves_no_timers(hands):
    before = timers()
    hands.segment_all()
    hands.window.process(0.1)
    assert timers() <= before and "unlabelled" not in hands.statuses.values()


def test_the_desktops_single_shot_keeps_its_timer_as_slicers_does(window):
    import qt

    before, called = timers(), []
    qt.QTimer.singleShot(0, lambda: called.append(1))
    window.process(5, until=lambda: called)
    window.process(0.05)
    assert timers() == before + 1
    assert "qt.QTimer.singleShot" not in all_used(), "so the module uses its Timers"


def test_later_calls_come_in_their_order_also_while_one_of_them_waits(window):
    from CXRAdaINSegLib.Timers import callLater

    order = []

    def waits():
        order.append("begun")
        loop = QtCore.QEventLoop()  # as a question does
        callLater(loop.quit)
        loop.exec()
        order.append("ended")

    for call in (lambda: order.append(1), waits, lambda: order.append(2)):
        callLater(call)
    assert order == [], "not from within"
    window.process(5, until=lambda: "ended" in order)
    assert order == [1, "begun", 2, "ended"]


def test_a_later_call_that_raises_stops_no_other(window, capsys):
    from CXRAdaINSegLib.Timers import callLater

    done = []
    callLater(lambda: 1 / 0)
    callLater(lambda: done.append(1))
    window.process(5, until=lambda: done)
    assert done and "ZeroDivisionError" in capsys.readouterr().err


def test_a_call_after_a_time_leaves_no_timer(window):
    from CXRAdaINSegLib.Timers import callAfter

    before, done = timers(), []
    callAfter(20, lambda: done.append(1))
    assert timers() == before + 1 and not done
    window.process(5, until=lambda: done)
    window.process(0.05)
    assert timers() == before

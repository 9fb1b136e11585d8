"""The engine as the application's child: nothing waits, nothing is lost, and crashes are told."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
STAND_IN = str(HERE / "stand_in_engine.py")
PATIENCE = 60  # seconds


class Told:
    """What a request's callbacks were called with."""

    def __init__(self):
        self.results, self.progress, self.errors = [], [], []
        self.callbacks = {
            "onResult": lambda header, arrays: self.results.append((header, arrays)),
            "onProgress": lambda done, text: self.progress.append((done, text)),
            "onError": lambda text, code: self.errors.append((text, code)),
        }

    @property
    def ended(self) -> bool:
        return bool(self.results or self.errors)


class Bench:
    """An engine process and Qt's event loop, whose longest pause is kept."""

    def __init__(self, arguments: list[str]):
        import qt
        from CXRAdaINSegLib.EngineProcess import EngineProcess

        self.loop = qt.QEventLoop()  # its static sister loses references to None in PySide6 6.12
        self.program, self.arguments = sys.executable, arguments
        self.states: list[str] = []
        self.engine = EngineProcess(self.command)
        self.engine.onStateChanged.append(lambda state, text: self.states.append(state))

    def command(self) -> tuple[str, list[str], dict[str, str]]:
        return self.program, self.arguments, {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "trainer")}

    def ask(self, do: str, arrays=None, **fields) -> tuple[int, Told]:
        told = Told()
        return self.engine.request(do, arrays, **told.callbacks, **fields), told

    def wait(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"in vain; states {self.states}, {self.engine.text}"
            self.loop.processEvents()
            time.sleep(0.001)

    def result(self, do: str, arrays=None, **fields):
        told = self.ask(do, arrays, **fields)[1]
        self.wait(lambda: told.ended)
        assert not told.errors
        return told.results[0]


@pytest.fixture
def bench(window) -> Iterator[Bench]:
    made = Bench([STAND_IN])
    yield made
    made.engine.stop()
    from CXRAdaINSegLib.EngineRun import EngineRun

    made.wait(lambda: not EngineRun.retiring)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


def test_it_starts_when_it_is_first_needed(bench):
    assert bench.engine.state == "off"
    header, _ = bench.result("echo", value="Lunge ü 肺")
    assert header["value"] == "Lunge ü 肺"
    assert bench.states[0] == "starting"
    assert bench.engine.state == "ready"
    assert bench.engine.info["torch"] == "none"
    again, _ = bench.result("echo")
    assert again["pid"] == header["pid"]


def test_large_arrays_go_both_ways_with_all_their_zeros(bench):
    pixels = np.random.default_rng(0).integers(0, 4096, (2500, 2000)).astype(np.uint16)
    labels = np.zeros((2500, 2000), np.uint8)
    labels[500:900, 300:800] = 2
    _, arrays = bench.result("echo", {"pixels": pixels, "labels": labels})
    np.testing.assert_array_equal(arrays["pixels"], pixels)
    np.testing.assert_array_equal(arrays["labels"], labels)


def test_callbacks_never_come_from_within_the_request(bench):
    bench.result("echo")
    _, told = bench.ask("echo")
    assert not told.ended


def test_requests_are_answered_in_their_order_with_progress(bench):
    order = []
    told = []
    for value, seconds in ((1, 0.1), (2, 0.0)):
        bench.engine.request(
            "sleep",
            onResult=lambda header, arrays: order.append((header["value"], bench.engine.state)),
            onProgress=lambda done, text, value=value: told.append((value, done, text)),
            seconds=seconds,
            value=value,
        )
    bench.wait(lambda: len(order) == 2)
    assert order == [(1, "busy"), (2, "ready")]
    assert set(told) == {(1, 0.5, "sleeping")}


def test_an_error_is_told_and_the_engine_goes_on(bench):
    _, told = bench.ask("fail")
    bench.wait(lambda: told.ended)
    assert told.errors == [("This image has no contrast.", "radiograph")]
    assert bench.engine.state == "ready"


def test_a_running_request_can_be_cancelled(bench):
    identity, told = bench.ask("sleep", seconds=60)
    bench.wait(lambda: told.progress)
    bench.engine.cancel(identity)
    bench.wait(lambda: told.ended)
    assert told.errors[0][1] == "cancelled"
    bench.wait(lambda: bench.engine.state == "ready")
    assert len(told.errors) == 1


def test_a_request_can_be_cancelled_before_the_engine_is_there(bench):
    identity, told = bench.ask("echo")
    bench.engine.cancel(identity)
    bench.engine.cancel(identity)
    bench.wait(lambda: told.ended)
    bench.wait(lambda: bench.engine.state == "ready")
    assert [code for _, code in told.errors] == ["cancelled"]
    assert not told.results


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_engine_is_told_and_the_next_request_starts_another(bench):
    first, _ = bench.result("echo")
    _, told = bench.ask("sleep", seconds=60)
    _, waiting = bench.ask("echo")
    bench.wait(lambda: told.progress)
    os.kill(first["pid"], signal.SIGKILL)
    bench.wait(lambda: told.ended and waiting.ended)
    assert [code for _, code in told.errors + waiting.errors] == ["gone", "gone"]
    assert "killed" in told.errors[0][0]
    assert bench.engine.state == "failed"
    assert bench.result("echo")[0]["pid"] != first["pid"]
    assert bench.engine.state == "ready"


def test_the_last_words_of_an_engine_are_shown(bench):
    _, told = bench.ask("exit")
    bench.wait(lambda: told.ended)
    assert "no room left" in told.errors[0][0]
    assert "code 3" in told.errors[0][0]


def test_an_engine_that_cannot_start_says_why(bench):
    bench.arguments = [STAND_IN, "--broken"]
    _, told = bench.ask("echo")
    bench.wait(lambda: told.ended)
    assert "half installed" in told.errors[0][0]
    assert (bench.engine.state, bench.engine.info) == ("failed", {})
    bench.arguments = [STAND_IN]
    bench.result("echo")


def test_a_program_that_is_not_there_is_told(bench):
    bench.program = "/no/such python"
    _, told = bench.ask("echo")
    bench.wait(lambda: told.ended)
    assert "cannot be started" in told.errors[0][0]
    assert bench.engine.state == "failed"


def test_a_program_that_is_no_engine_is_told(bench):
    bench.arguments = ["-c", "print('Welcome to this host', flush=True); import time; time.sleep(60)"]
    _, told = bench.ask("echo")
    bench.wait(lambda: told.ended)
    assert "Welcome" in told.errors[0][0]


def test_settings_that_lead_nowhere_are_told(bench):
    def command():
        raise ValueError("no interpreter is chosen")

    bench.engine.command = command
    _, told = bench.ask("echo")
    bench.wait(lambda: told.ended)
    assert told.errors == [("no interpreter is chosen", "gone")]


def test_stopping_ends_the_process_and_tells_nobody(bench):
    header, _ = bench.result("echo")
    _, told = bench.ask("sleep", seconds=60)
    bench.wait(lambda: told.progress)
    bench.engine.stop()
    assert bench.engine.state == "off"
    bench.wait(lambda: not alive(header["pid"]))
    assert not told.ended


def test_an_application_that_goes_takes_a_stopped_engine_along_without_a_word(bench, capfd):
    """Its children are deleted while it goes, and the process ends in being deleted."""
    import shiboken6
    from CXRAdaINSegLib.EngineRun import EngineRun

    header, _ = bench.result("echo")
    process = bench.engine._run._process
    bench.engine.stop()
    shiboken6.delete(process)
    assert not EngineRun.retiring
    bench.wait(lambda: not alive(header["pid"]))
    assert "Error" not in capfd.readouterr().err


def test_restarting_fails_what_waits(bench):
    header, _ = bench.result("echo")
    _, told = bench.ask("sleep", seconds=60)
    bench.engine.restart()
    bench.wait(lambda: told.ended and bench.engine.state == "ready")
    assert told.errors[0][1] == "gone"
    assert bench.result("echo")[0]["pid"] != header["pid"]


def test_prints_of_libraries_do_not_break_the_stream(bench):
    bench.result("say")
    assert bench.result("echo", value=1)[0]["value"] == 1


def test_a_callback_may_stop_the_engine_and_one_that_fails_hides_no_other(bench, capsys):
    seen = []

    def fail(header, arrays):
        raise RuntimeError("a fault in the panel")

    bench.result("echo")
    bench.engine.request("echo", onResult=fail)
    bench.engine.request("echo", onResult=lambda header, arrays: (seen.append(1), bench.engine.stop()))
    bench.wait(lambda: seen)
    assert bench.engine.state == "off"


def test_the_event_loop_is_not_held_up(bench):
    pixels = np.random.default_rng(0).integers(0, 4096, (2500, 2000)).astype(np.uint16)
    bench.result("echo")
    _, told = bench.ask("echo", {"pixels": pixels})
    longest = 0.0
    while not told.ended:
        started = time.thread_time()  # of this thread alone: what others compute is not our doing
        bench.loop.processEvents()
        longest = max(longest, time.thread_time() - started)
        time.sleep(0.001)
    assert longest < 0.05

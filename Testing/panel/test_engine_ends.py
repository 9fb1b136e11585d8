"""How an engine ends: stopped, crashed, with the application, or before it starts. No request is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engine_bench import HERE, PATIENCE, STAND_IN, alive
from places import ROOT


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_engine_is_reported_and_the_next_request_starts_another(bench):
    first, _ = bench.result("echo")
    _, told = bench.ask("sleep", seconds=60)
    _, waiting = bench.ask("echo")
    bench.wait(lambda: told.progress)
    os.kill(first["pid"], signal.SIGKILL)
    bench.wait(lambda: told.ended and waiting.ended)
    assert [code for _, code in told.errors + waiting.errors] == ["gone", "gone"]
    assert "ended by the system" in told.errors[0][0]
    assert bench.engine.state == "failed"
    assert bench.result("echo")[0]["pid"] != first["pid"]
    assert bench.engine.state == "ready"


def test_the_last_output_of_an_engine_is_shown(bench):
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


def test_a_missing_program_is_reported(bench):
    bench.program = "/no/such python"
    _, told = bench.ask("echo")
    bench.wait(lambda: told.ended)
    assert "cannot be started" in told.errors[0][0]
    assert bench.engine.state == "failed"


def test_a_program_that_is_no_engine_is_reported(bench):
    bench.arguments = ["-c", "print('Welcome to this host', flush=True); import time; time.sleep(60)"]
    _, told = bench.ask("echo")
    bench.wait(lambda: told.ended)
    assert "Welcome" in told.errors[0][0]


def test_invalid_settings_are_reported(bench):
    def command():
        raise ValueError("no interpreter is chosen")

    bench.engine.command = command
    _, told = bench.ask("echo")
    bench.wait(lambda: told.ended)
    assert told.errors == [("no interpreter is chosen", "gone")]


def test_stopping_ends_the_process_without_a_message(bench):
    header, _ = bench.result("echo")
    _, told = bench.ask("sleep", seconds=60)
    bench.wait(lambda: told.progress)
    bench.engine.stop()
    assert bench.engine.state == "off"
    bench.wait(lambda: not alive(header["pid"]))
    assert not told.ended


@pytest.mark.parametrize("stopped", [False, True])
def test_an_application_that_ends_in_an_error_ends_its_children_without_a_word(tmp_path, stopped):
    code = (
        "import sys; from pathlib import Path; import embedded_slicer\n"
        "desktop = embedded_slicer.boot([], headless=True, settings=Path(sys.argv[1]))\n"
        "sys.path.append(sys.argv[2])\n"
        "from CXRAdaINSegLib.processes.EngineProcess import EngineProcess\n"
        "engine = EngineProcess(lambda: (sys.executable, [sys.argv[3]], dict(__import__('os').environ)))\n"
        "told = []\n"
        "engine.request('echo', onResult=lambda header, arrays: told.append(header['pid']))\n"
        "assert desktop.process(60, until=lambda: told)\n"
        "from CXRAdaINSegLib.processes.BackgroundJob import BackgroundJob\n"
        "sleep = (sys.executable, ['-c', 'import time; time.sleep(60)'], {})\n"
        "job = BackgroundJob(sleep, print, print)\n"
        "desktop.process(0.2)\n"
        "print(told[0], flush=True)\n"
        "if sys.argv[4] == 'True': engine.stop()\n"
        "raise SystemExit('a fault')\n"
    )
    root = HERE.parents[1]
    words = [sys.executable, "-c", code, str(tmp_path), str(root / "CXRAdaINSeg"), STAND_IN, str(stopped)]
    places = os.pathsep.join(str(root / name) for name in ("trainer", "desktop"))
    done = subprocess.run(
        words, env={**os.environ, "PYTHONPATH": places}, capture_output=True, text=True, timeout=120
    )
    assert "a fault" in done.stderr and "Traceback" not in done.stderr
    end = time.monotonic() + PATIENCE
    while alive(int(done.stdout)):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_restarting_fails_waiting_requests(bench):
    header, _ = bench.result("echo")
    _, told = bench.ask("sleep", seconds=60)
    bench.engine.restart()
    bench.wait(lambda: told.ended and bench.engine.state == "ready")
    assert told.errors[0][1] == "gone"
    assert bench.result("echo")[0]["pid"] != header["pid"]


def test_a_callback_may_stop_the_engine_and_one_that_fails_hides_no_other(bench, capsys):
    seen = []

    def fail(header, arrays):
        raise RuntimeError("a fault in the panel")

    bench.result("echo")
    bench.engine.request("echo", onResult=fail)
    bench.engine.request("echo", onResult=lambda header, arrays: (seen.append(1), bench.engine.stop()))
    bench.wait(lambda: seen)
    assert bench.engine.state == "off"


CLOSES_AT_ONCE = """
import sys
from pathlib import Path

root = Path(sys.argv[1])
sys.path[:0] = [str(root / "desktop"), str(root / "CXRAdaINSeg"), str(root / "trainer")]
import embedded_slicer
from PySide6 import QtCore

desktop = embedded_slicer.boot(
    [root / "CXRAdaINSeg" / "CXRAdaINSeg.py"], headless=True, testing=True, settings=Path(sys.argv[2])
)
QtCore.QTimer.singleShot(int(sys.argv[3]), desktop.window.close)
desktop.run()
desktop.close()
print("closed", flush=True)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
@pytest.mark.parametrize("after", [0, 400])  # ms
def test_a_window_closed_at_once_leaves_no_process_behind(tmp_path, after):
    mark = f"CXRADAIN_TEST_MARK={tmp_path.name}-{after}".encode()
    environment = {**os.environ, "CXRADAIN_TEST_MARK": f"{tmp_path.name}-{after}"}
    words = [sys.executable, "-c", CLOSES_AT_ONCE, str(ROOT), str(tmp_path), str(after)]
    ended = subprocess.run(words, env=environment, capture_output=True, timeout=120)
    assert b"closed" in ended.stdout, ended.stderr.decode()

    def left() -> list[str]:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue  # ended meanwhile, or another's
        return found

    end = time.monotonic() + 3
    while left() and time.monotonic() < end:
        time.sleep(0.1)
    assert left() == []

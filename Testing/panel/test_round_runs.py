"""A round at work: paused, cancelled, crashed, hung, and longer than the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from places import ROOT
from PySide6 import QtCore, QtTest, QtWidgets
from train_driver import STAND_IN, Section


def test_pause_and_resume(section, trainer):
    trainer("steps=100000 pause=0.05")
    section.made.startButton.click()
    section.until(lambda: section.watch.curves.values("validation", "score"))
    section.until(lambda: "left" in section.state)
    section.watch.pauseButton.click()
    assert "after the step at hand" in section.state and not section.watch.pauseButton.enabled
    section.until_standing("stopped")
    assert "paused" in section.state and not section.made.message.text
    assert not section.made.startButton.enabled, "first this one is resumed or given up"
    done = section.watch.curves.values("loss", "translation")[-1][0]
    assert section.watch.progress.value == done
    trainer(f"steps={done + 5}")
    section.watch.resumeButton.click()
    assert section.watch.standing in ("starting", "running")
    section.until_standing("finished")
    steps = [step for step, _value in section.watch.curves.values("loss", "translation")]
    assert steps == list(range(1, done + 6))


def test_a_round_that_cannot_be_resumed_stays_paused(section, trainer, monkeypatch):
    from CXRAdaINSegLib.processes import RoundProcess

    trainer("steps=100000 pause=0.05")
    section.made.startButton.click()
    section.until(lambda: section.watch.curves.values("loss", "translation"))
    section.watch.pauseButton.click()
    section.until_standing("stopped")
    monkeypatch.setattr(RoundProcess, "trainCommand", lambda words: ("/no/such/python", words, {}))
    section.watch.resumeButton.click()
    assert "/no/such/python" in section.made.message.text
    section.watch.look()
    assert section.watch.standing == "stopped" and "paused" in section.state
    assert section.seen(section.watch.resumeButton)


def test_a_crash_is_reported_and_can_be_resumed(section, trainer):
    trainer("die=5")
    section.made.startButton.click()
    section.until_standing("gone")
    assert "ended unexpectedly" in section.state and "no room left" not in section.state, "no line of a log"
    assert "no room left" in "\n".join(section.folder.last_log_lines())
    assert section.seen(section.watch.resumeButton) and section.seen(section.watch.cancelButton)


def test_cancel_asks_then_stops_and_deletes(section, trainer, answers):
    trainer("steps=100000 pause=0.05")
    section.made.startButton.click()
    section.until(lambda: section.watch.curves.values("loss", "translation"))
    path = section.folder.path
    answers["answer"] = False
    section.watch.cancelButton.click()
    assert path.exists() and section.watch.standing == "running"
    answers["answer"] = True
    section.watch.cancelButton.click()
    section.until(lambda: section.folder is None)
    assert not path.exists()
    assert "MB" in answers["questions"][0]
    assert section.made.startButton.enabled and not section.seen(section.watch.widget)


def test_a_cancelled_round_is_deleted_although_the_window_is_closed_meanwhile(section, trainer, answers):
    from CXRAdaINSegLib.processes import RoundProcess

    trainer("steps=100000 pause=0.05 hang")
    section.made.startButton.click()
    section.until(lambda: section.watch.curves.values("loss", "translation"))
    path = section.folder.path
    section.watch.cancelButton.click()
    child, _began = RoundProcess.processes.pop(path)  # as in an application that did not start it
    section.made.close()
    assert path.exists()
    child.kill()
    child.wait()
    again = Section(section.window, section.session)
    again.until(lambda: again.folder is None)
    assert not path.exists() and again.made.startButton.enabled


def test_cancelling_a_second_round_leaves_the_first_ones_verdict_in_view(section, trainer, answers):
    made, watch = section.made, section.watch
    made.startButton.click()
    section.until(lambda: watch.standing in ("running", "starting"))
    made.refresh()
    assert "since the last round" not in made.use.text, "no round has finished yet"
    section.until_standing("finished")
    first, verdict, use = section.folder.path, made.verdict.verdict.text, made.use.text
    assert verdict and "last round: 0" in use
    trainer("steps=100000 pause=0.05")
    made.startButton.click()
    section.until_standing("running")
    watch.cancelButton.click()
    section.until(lambda: watch.standing == "finished")
    assert section.folder.path == first and list(first.parent.iterdir()) == [first]
    assert made.verdict.verdict.text == verdict and made.use.text == use
    for button in (made.verdict.reportButton, made.verdict.promoteButton):
        assert section.seen(button)
    assert watch.progress.maximum == 30 and made.message.text == "The round was cancelled."


@pytest.mark.parametrize("finishes", ["while the question is open", "while it is being cancelled"])
def test_a_round_that_finishes_while_it_is_cancelled_keeps_its_model(section, trainer, finishes, monkeypatch):
    from CXRAdaINSegLib.processes import RoundProcess

    monkeypatch.setattr(RoundProcess, "end", lambda folder, atOnce=False: True)  # as one that is at its end
    trainer("steps=8 pause=0.1")
    section.made.startButton.click()
    section.until_standing("running")
    path = section.folder.path

    def answer() -> None:
        box = QtWidgets.QApplication.activeModalWidget()
        ended = section.folder.read_status().state == "finished"
        if box is None or not (ended or finishes == "while it is being cancelled"):
            QtCore.QTimer.singleShot(50, answer)
            return
        monkeypatch.setattr(type(section.folder), "request_stop", lambda self: None)
        button = next(each for each in box.buttons() if each.text == "Give up and delete")
        QtTest.QTest.mouseClick(button, QtCore.Qt.LeftButton)

    QtCore.QTimer.singleShot(50, answer)
    QtTest.QTest.mouseClick(section.watch.cancelButton, QtCore.Qt.LeftButton)
    section.until_standing("finished")
    section.window.process(0.3)
    assert (path / "model" / "card.json").is_file() and section.folder is not None
    assert "Nothing was deleted" in section.made.message.text
    assert "Too few to tell" in section.made.verdict.verdict.text
    assert section.seen(section.made.verdict.promoteButton)


def test_a_round_that_has_just_finished_is_neither_paused_nor_resumed(section, trainer):
    trainer("steps=3")
    section.made.startButton.click()
    section.until_standing("running")
    folder = section.folder
    assert section.window.process(30, until=lambda: folder.read_status().state == "finished")
    for act in (section.watch.pause, section.watch.resume):  # by buttons that are about to go
        section.watch.standing = "running" if act == section.watch.pause else "stopped"
        act()
        assert section.watch.standing == "finished" and folder.read_status().state == "finished"
        assert not (folder.path / "stop").exists() and "after the step" not in section.made.message.text


def test_a_trainer_that_hangs_is_ended_by_force(section, trainer, answers, monkeypatch):
    from CXRAdaINSegLib.sections import RoundWatch

    monkeypatch.setattr(RoundWatch, "PATIENCE", 2)
    trainer("steps=100000 pause=0.05 hang")
    section.made.startButton.click()
    section.until(lambda: section.watch.curves.values("loss", "translation"))
    pid = section.folder.read_status().pid
    section.watch.cancelButton.click()
    section.until(lambda: section.folder is None)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.skipif(os.name == "nt", reason="launchers are ended by the system's own tool there")
def test_a_trainer_under_a_launcher_is_waited_for_and_ended(section, trainer, answers, monkeypatch):
    """3D Slicer's Python is a launcher: what it has started is the trainer."""
    from CXRAdaINSegLib.processes import RoundProcess

    plain = RoundProcess.trainCommand

    def launched(words):
        program, arguments, environment = plain(words)
        launch = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"
        return sys.executable, ["-c", launch, program, *arguments], environment

    monkeypatch.setattr(RoundProcess, "trainCommand", launched)
    trainer("steps=100000 pause=0.05")
    section.made.startButton.click()
    section.until(lambda: section.watch.curves.values("loss", "translation"))
    launcher, _began = RoundProcess.processes[section.folder.path]
    pid = section.folder.read_status().pid
    assert launcher.pid != pid
    launcher.kill()
    launcher.wait()
    section.watch.look()
    assert section.watch.standing == "running"
    section.watch.cancelButton.click()
    section.until(lambda: section.folder is None)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_silent_round_is_reported(section, trainer, monkeypatch):
    from cxradain.rounds import folder

    monkeypatch.setattr(folder, "SILENT_AFTER", 1.0)
    trainer("steps=100000 pause=0.05")
    section.made.startButton.click()
    section.until_standing("running")
    pid = section.folder.read_status().pid
    os.kill(pid, signal.SIGSTOP)
    section.until_standing("silent")
    assert section.state.startswith("No sign of life from the round for 0 min.")
    assert not section.made.startButton.enabled
    os.kill(pid, signal.SIGCONT)
    section.until_standing("running")


def test_a_round_outlives_the_section_and_is_found_again(section, trainer):
    from CXRAdaINSegLib.processes import RoundProcess

    trainer("steps=100000 pause=0.05")
    section.made.startButton.click()
    section.until(lambda: section.watch.curves.values("loss", "translation"))
    child, _began = RoundProcess.processes.pop(
        section.folder.path
    )  # as in an application that did not start it
    section.made.close()
    assert child.poll() is None
    again = Section(section.window, section.session)
    assert again.watch.standing == "running"
    assert again.watch.curves.values("loss", "translation")[0][0] == 1
    again.watch.pauseButton.click()
    again.until_standing("stopped")
    assert child.wait(timeout=30) == 143
    trainer("steps=1")
    again.watch.resumeButton.click()
    again.until_standing("finished")
    assert again.seen(again.made.verdict.widget)
    again.made.close()


KILLED = """
import os, signal, sys
from pathlib import Path
import embedded_slicer
embedded_slicer.boot([], headless=True, settings=Path(sys.argv[2]))
from CXRAdaINSegLib.processes import RoundProcess
from cxradain.rounds.folder import RoundFolder
words = ["round", "--session", sys.argv[1], "--base", sys.argv[3]]
RoundProcess.trainCommand = lambda words: (sys.executable, [sys.argv[4], *words], dict(os.environ))
folder = RoundFolder.new(Path(sys.argv[1]))
RoundProcess.start(folder, [*words, "--out", str(folder.path)])
os.killpg(os.getpgid(0), signal.SIGKILL)  # the application, and all that is of its group
"""


def test_a_round_outlives_an_application_that_is_killed(section, tmp_path):
    from cxradain.models.registry import Registry

    model = str(Registry().current().folder)
    paths = [str(ROOT / name) for name in ("trainer", "desktop", "CXRAdaINSeg")]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, section.session.path, tmp_path / "settings", model, STAND_IN],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "STAND_IN_TRAINER": "steps=100000 pause=0.05",
        },
        start_new_session=True,
    )
    assert done.returncode == -signal.SIGKILL
    section.open(section.session)  # as when the application is started again
    assert section.watch.standing in ("starting", "running")
    done = len(section.watch.curves.values("loss", "translation"))
    section.until(lambda: len(section.watch.curves.values("loss", "translation")) > done + 3)
    section.watch.pauseButton.click()
    section.until_standing("stopped")

"""The Train section with a stand-in trainer: start, watch, pause, resume, cancel, verdict, promotion."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from places import ROOT
from PySide6 import QtCore, QtTest, QtWidgets

STAND_IN = Path(__file__).with_name("stand_in_trainer.py")


def make_session(path: Path, images: int = 14):
    """A new session, writable, of drawn radiographs; the first is corrected, the second approved."""
    from cxradain.sessions.records import APPROVED, CORRECTED, Origin, SessionImage, pixel_key
    from cxradain.sessions.store import Session

    session = Session.create(path)
    apart = []
    for seed in range(images):
        pixels = np.random.default_rng(seed).integers(0, 4096, (40, 30), dtype=np.uint16)
        image = SessionImage(pixel_key(pixels), f"{seed}.png", pixels.shape, pixels.dtype.str, "", 0)
        session.add_image(image, pixels)
        if not session.is_held_out(image):
            apart.append(image)
    labels = np.zeros((40, 30), np.uint8)
    labels[5:30, 3:12], labels[5:30, 17:27] = 1, 2
    for image, status in zip(apart, (CORRECTED, APPROVED), strict=False):
        session.add_mask(image.key, labels, "reader", status, Origin(tools=("Paint",)))
    return session


class Section:
    """The section with hands; `worklist` stands in for the panel's, `used` counts changes of the model."""

    def __init__(self, window, session):
        from CXRAdaINSegLib.sections.TrainSection import TrainSection
        from CXRAdaINSegLib.Signal import Signal

        self.window, self.used = window, 0
        predictions = SimpleNamespace(modelChanged=self._onModel)
        self.tried, self.refusal = [], ""  # what the engine was asked to try, and what it says against it
        engine = SimpleNamespace(state="off", request=self._try, cancel=self._cancelTrial)
        segmenting = SimpleNamespace(predictions=predictions, engine=engine)
        self.worklist = SimpleNamespace(
            session=session,
            save=lambda: True,
            opened=SimpleNamespace(changed=Signal(), worker=SimpleNamespace(request=self._work)),
            versionSaved=Signal(),
            segmenting=segmenting,
        )
        self.made = TrainSection(self.worklist)
        self.made.widget.collapsed = self.made.models.widget.collapsed = False
        self.watch = self.made.watch

    def _onModel(self) -> None:
        self.used += 1

    def _try(self, do, onResult, onError, model) -> int:
        """The engine, answering at the next turn of the event loop, or never where `refusal` is None."""
        from CXRAdaINSegLib.processes.ChildProcess import callLater

        assert do == "try"
        self.tried.append(model)
        self._onTrialError = onError
        if self.refusal is not None:
            refusal = self.refusal
            callLater(lambda: onError(refusal, "model") if refusal else onResult({}, {}))
        return 7

    def _cancelTrial(self, identity) -> None:
        assert identity == 7
        self._onTrialError("Cancelled.", "cancelled")

    def _work(self, do, onResult, onError) -> None:
        """The session's worker, answering at once."""
        from cxradain.rounds.readiness import readiness
        from cxradain.rounds.selection import select_images

        assert do == "gathered"
        counts, ready = select_images(self.session).counts(), vars(readiness(self.session))
        onResult({"counts": counts, "readiness": ready}, {})

    @property
    def session(self):
        return self.worklist.session

    def open(self, session) -> None:
        self.worklist.session = session
        self.worklist.opened.changed.emit()

    @property
    def folder(self):
        return self.watch.folder

    @property
    def state(self) -> str:
        return self.watch.state.text

    def seen(self, widget) -> bool:
        return widget.isVisibleTo(self.made.widget)

    def until(self, condition, seconds: float = 30.0) -> None:
        def looked():
            self.watch.look()
            return condition()

        assert self.window.process(seconds, until=looked), f"{self.state} {self.made.message.text}"

    def until_standing(self, standing: str) -> None:
        self.until(lambda: self.watch.standing == standing)


@pytest.fixture
def trainer(window, monkeypatch, tmp_path):
    """The stand-in takes the trainer's place; called with words of how it is to be."""
    from cxradain.rounds.folder import RoundFolder
    from CXRAdaINSegLib.processes import RoundProcess
    from CXRAdaINSegLib.sections import TrainSection

    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(TrainSection.TrainingSetup, "require", lambda self, then: then())
    paths = os.pathsep.join(str(ROOT / name) for name in ("trainer",))
    how = [""]

    def command(words, choice=None):
        environment = {**os.environ, "PYTHONPATH": paths, "STAND_IN_TRAINER": how[0]}
        return sys.executable, [str(STAND_IN), *words], environment

    for module in (RoundProcess, TrainSection):
        monkeypatch.setattr(module, "trainCommand", command)

    def be(text: str) -> None:
        how[0] = text

    yield be
    for folder, process in RoundProcess.processes.items():
        if tmp_path in folder.parents:
            RoundProcess.end(RoundFolder(folder), atOnce=True)
            process.wait()


@pytest.fixture
def section(window, trainer, tmp_path):
    session = make_session(tmp_path / "session")
    made = Section(window, session)
    yield made
    made.made.close()
    made.made.widget.deleteLater()
    window.process()
    session.close()


@pytest.fixture
def answers(window, monkeypatch):
    """The questions asked, and the answer to them."""
    from CXRAdaINSegLib import Widgets

    asked = {"questions": [], "answer": True}

    def confirm(text, *rest, **more):
        asked["questions"].append(text)
        return asked["answer"]

    monkeypatch.setattr(Widgets, "confirm", confirm)
    return asked


def test_without_a_session_nothing_can_be_started(window, trainer):
    section = Section(window, None)
    assert not section.made.startButton.enabled and not section.made.measureButton.enabled
    assert "session" in section.made.use.text
    assert not section.seen(section.watch.widget) and not section.seen(section.made.verdict.widget)


def test_section_shows_what_a_round_would_use(section):
    text = section.made.use.text
    assert "1 corrected, 1 approved" in text
    assert "since the last round" not in text, "there was no round before"
    assert section.made.startButton.enabled


def test_whose_masks_a_round_learns_from_is_chosen(section):
    from cxradain.sessions.records import CORRECTED, Origin

    readers, session = section.made.options.readers, section.session
    section.made.options.widget.collapsed = False
    assert list(readers.boxes) == ["reader"] and not section.seen(readers.widget)
    assert readers.arguments() == []
    key = next(i.key for i in session.images() if not session.is_held_out(i))
    session.add_mask(key, np.ones((40, 30), np.uint8), "R & D", CORRECTED, Origin())
    section.made.refresh()
    assert section.seen(readers.widget) and readers.arguments() == [], "by default all"
    assert readers.boxes["R & D"].text == "Masks of R && D"
    readers.boxes["reader"].click()
    assert "--reader=R & D" in section.made.options.arguments()
    session.add_mask(key, np.ones((40, 30), np.uint8), "third", CORRECTED, Origin())
    section.made.refresh()
    assert readers.arguments() == ["--reader=R & D", "--reader=third"], "who was left out still is"
    for name in ("R & D", "third"):
        readers.boxes[name].click()
    assert readers.arguments() == ["--reader="]
    section.made.startButton.click()
    section.until_standing("finished")
    assert "--reader=" in section.folder.read_notes()["words"]


def test_a_finished_round_makes_the_section_no_wider_than_the_panel(section):
    section.made.startButton.click()
    section.until_standing("finished")
    parts = [section.watch.widget, section.made.verdict.widget]
    assert max(each.minimumSizeHint.width() for each in parts) < 400, "what is wider is cut off on the right"


def test_the_cost_is_measured_by_the_trainer(section):
    section.made.measureButton.click()
    assert not section.made.measureButton.enabled
    section.window.process(20, until=lambda: "95 s" in section.made.cost.text)
    assert section.made.cost.text == "About 95 s for 30 steps on no device, measured."
    assert section.made.measureButton.enabled
    assert not (section.session.path / "rounds").exists()


def test_a_cost_that_cannot_be_measured_is_reported(section, monkeypatch):
    from CXRAdaINSegLib.sections import TrainSection

    fails = (
        "import sys; print('Using bfloat16 precision', file=sys.stderr); "
        "print('cxradain: there is no torch', file=sys.stderr); sys.exit(2)"
    )
    monkeypatch.setattr(
        TrainSection, "trainCommand", lambda words: (sys.executable, ["-c", fails], {**os.environ})
    )
    section.made.measureButton.click()
    assert section.window.process(20, until=lambda: section.made.message.text)
    assert section.made.message.text.splitlines() == ["It ended with exit code 2.", "there is no torch"]
    assert section.made.cost.text == "" and not section.seen(section.made.stopButton)


def test_measuring_shows_that_it_works_and_can_be_cancelled(section, monkeypatch):
    from CXRAdaINSegLib.sections import TrainSection

    waits = "import sys; sys.stdin.read()"
    monkeypatch.setattr(
        TrainSection, "trainCommand", lambda words: (sys.executable, ["-c", waits], {**os.environ})
    )
    section.made.measureButton.click()
    assert section.seen(section.made.measuring) and section.made.cost.text
    section.made.stopButton.click()
    assert section.made.cost.text == "Cancelling...", "the trainer may take seconds to end"
    assert section.window.process(20, until=lambda: not section.made.busy)
    assert not section.seen(section.made.measuring) and section.made.measureButton.enabled
    assert section.made.cost.text == "" and section.made.message.text == ""


def test_options_become_command_line_arguments(section, tmp_path):
    options = section.made.options
    assert options.arguments() == ["--preset", "round", "--validate-every", "60", "--accelerator", "auto"]
    options.preset.setCurrentIndex(2)
    assert options.rate.value == pytest.approx(1e-4)
    options.scale.value = 0.5
    options.rate.value = 0.003
    options.data.currentPath, options.reference.currentPath = str(tmp_path), "/there is/none"
    options.device.setCurrentIndex(1)
    assert options.arguments() == [
        *("--preset", "paper", "--validate-every", "200", "--scale", "0.5", "--learning-rate", "0.003"),
        *("--data", str(tmp_path), "--reference", "/there is/none", "--accelerator", "cpu"),
    ]


def test_a_round_from_start_to_promotion(section, answers):
    from cxradain.models.registry import Registry

    before = Registry().current()
    section.made.startButton.click()
    assert not section.made.startButton.enabled
    assert section.seen(section.watch.pauseButton) and not section.seen(section.watch.resumeButton)
    section.watch.curvesButton.click()
    section.watch.logButton.click()
    section.until_standing("finished")
    assert section.watch.curves.values("loss", "segmentation")[-1][0] == 30
    assert len(section.watch.curves.values("validation", "score")) == 3
    assert "the stand-in begins" in section.watch.log.plainText
    words = section.folder.read_notes()["words"]
    assert words[:5] == ["round", "--session", str(section.session.path), "--base", str(before.folder)]
    lines = section.made.verdict.verdict.text.splitlines()
    assert lines == [
        "Too few to tell. Images compared: 2; at least 15 images of 10 patients are needed. Correct "
        "radiographs that are set aside too, or name a reference set.",
        "Dice of the new model 0.9512, of the one it was trained from 0.9401; difference +0.0111 (no "
        "interval, of so few patients). Images: 2; patients: 2.",
        "You can still promote the new model.",
    ]
    assert "last round: 0" in section.made.use.text
    assert section.made.startButton.enabled
    section.made.verdict.promoteButton.click()
    assert Registry().current() == before and section.tried == [str(section.folder.model)], (
        "first it is tried"
    )
    assert not section.made.verdict.promoteButton.enabled and section.seen(section.made.stopButton)
    section.until(lambda: section.used == 1)
    current = Registry().current()
    assert current.id != before.id
    assert not section.seen(section.made.verdict.promoteButton)
    assert section.made.verdict.verdict.text.endswith("The new model is in use.")
    assert not section.watch.timer.isActive()


def test_what_the_verdict_says_of_the_models_follows_rolling_back(section, answers):
    from cxradain.models.registry import Registry

    before = Registry().current()
    section.made.startButton.click()
    section.until_standing("finished")
    verdict = section.made.verdict
    QtTest.QTest.mouseClick(verdict.promoteButton, QtCore.Qt.LeftButton)
    section.until(lambda: section.used == 1)
    new = Registry().current()
    assert "You can still promote" not in verdict.verdict.text and not section.seen(verdict.keepButton)
    QtTest.QTest.mouseClick(section.made.models.rollBackButton, QtCore.Qt.LeftButton)
    assert Registry().current().id == before.id
    state = verdict.verdict.text.splitlines()[-1]
    assert state == (
        f"You put the new model in use; now it is {before.name} {before.version}. You can still promote the "
        "new model."
    )
    assert section.seen(verdict.promoteButton) and "in use" not in verdict.verdict.text.replace(state, "")
    QtTest.QTest.mouseClick(verdict.promoteButton, QtCore.Qt.LeftButton)
    section.until(lambda: section.used == 3)
    assert Registry().current() == new and verdict.verdict.text.endswith("The new model is in use.")


MEAN = {"mean": 0.01, "ci95": [0.002, 0.018], "patients": 12}
LOSS = {"mean": -0.02, "ci95": [-0.03, -0.01], "patients": 12}
FEW = {"n": 3, "verdict": "too few to tell", "difference": LOSS}
GATES = [
    ({"verdict": "better", "difference": MEAN}, "Better than compact 1."),
    ({"verdict": "worse", "difference": LOSS}, "Worse than compact 1."),
    (
        {
            "verdict": "worse",
            "difference": MEAN,
            "sets": {"session": {"n": 9, "difference": MEAN}, "x": {**FEW, "verdict": "worse"}},
        },
        "Worse than compact 1 on x.",
    ),
    (
        {"verdict": "no better", "difference": {"mean": 0.0, "ci95": [-0.1, 0.1]}},
        "No better than compact 1: the interval includes no change.",
    ),
    (
        {"verdict": "no better", "difference": MEAN, "sets": {"session": FEW}},
        "No better than compact 1 for certain: it loses on the session, too few to tell.",
    ),
    (
        {"verdict": "no better", "difference": MEAN, "unedited": {"n": 4, "agreement": 0.9}},
        "No better than compact 1 for certain: it differs from masks that were approved unchanged.",
    ),
    ({"text": "In the words of a later version."}, "In the words of a later version."),
    ({}, "The new model was not compared."),
]


@pytest.mark.parametrize(("gate", "first"), GATES)
def test_every_verdict_has_its_words_in_both_languages(window, gate, first):
    from CXRAdaINSegLib.sections.VerdictTexts import verdictText
    from embedded_slicer.modules import i18n

    gate = {"n": 20, "incumbent": "compact 1", **gate} if gate.get("verdict") else gate
    english = verdictText(gate, "", "compact 1").splitlines()
    assert english[0] == first
    i18n.choose("de")
    try:
        german = verdictText(gate, "", "compact 1").splitlines()
    finally:
        i18n.choose("en")
    assert len(german) == len(english)
    assert not {line for line in english if line != gate.get("text")} & set(german)


def test_the_model_in_use_may_be_kept_and_the_new_one_promoted_later(section, answers):
    from cxradain.models.registry import Registry

    before = Registry().current().id
    section.made.startButton.click()
    section.until_standing("finished")
    section.made.verdict.keepButton.click()
    assert Registry().current().id == before and section.used == 0
    assert not section.seen(section.made.verdict.keepButton)
    assert section.seen(section.made.verdict.promoteButton)
    section.made.verdict.promoteButton.click()
    section.until(lambda: Registry().current().id != before)


def test_a_model_that_fails_its_trial_is_not_promoted_and_the_panel_says_why(section, answers):
    from cxradain.models.registry import Registry

    before, models = Registry().current().id, Registry().models()
    section.made.startButton.click()
    section.until_standing("finished")
    section.refusal = "weights.safetensors: holds weights that are no numbers."
    section.made.verdict.promoteButton.click()
    section.until(lambda: "no numbers" in section.made.message.text)
    assert section.made.message.text == f"The model was not put in use. {section.refusal}"
    assert Registry().current().id == before and Registry().models() == models and section.used == 0
    assert section.seen(section.made.verdict.promoteButton) and section.made.verdict.promoteButton.enabled
    section.refusal = None  # no answer comes
    section.made.verdict.promoteButton.click()
    assert section.made.message.text == "Trying the model..."
    section.made.stopButton.click()
    assert "Cancelled" in section.made.message.text and Registry().current().id == before
    section.refusal = ""
    section.made.verdict.promoteButton.click()
    section.until(lambda: Registry().current().id != before)


def test_the_report_is_opened_by_the_system(section, monkeypatch):
    import qt

    opened, works = [], True
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or works)
    section.made.startButton.click()
    section.until_standing("finished")
    section.made.verdict.reportButton.click()
    assert opened == [str(section.folder.path / "gate.html")] and section.made.message.text == ""
    works = False
    section.made.verdict.reportButton.click()
    assert opened[0] in section.made.message.text


def test_a_model_that_was_compared_on_too_little_is_promoted_after_asking(section, answers):
    from cxradain.models.registry import Registry

    before = Registry().current().id
    section.made.startButton.click()
    section.until_standing("finished")
    answers["answer"] = False
    section.made.verdict.promoteButton.click()
    assert "Too few" in answers["questions"][-1] and Registry().current().id == before
    answers["answer"] = True
    section.made.verdict.promoteButton.click()
    section.until(lambda: Registry().current().id != before)


def test_section_shows_how_far_a_verdict_is(section):
    text = section.made.use.text
    assert "set aside to compare the models on" in text
    assert "for a verdict" in text.splitlines()[0], "the advice is in sight in a small window too"


def test_pause_and_resume(section, trainer):
    trainer("steps=100000 pause=0.05")
    section.made.startButton.click()
    section.until(lambda: section.watch.curves.values("validation", "score"))
    section.until(lambda: "left" in section.state)
    section.watch.pauseButton.click()
    section.until_standing("stopped")
    assert "paused" in section.state
    assert not section.made.startButton.enabled, "first this one is resumed or given up"
    done = section.watch.curves.values("loss", "translation")[-1][0]
    assert section.watch.progress.value == done
    trainer(f"steps={done + 5}")
    section.watch.resumeButton.click()
    assert section.watch.standing in ("starting", "running")
    section.until_standing("finished")
    steps = [step for step, _value in section.watch.curves.values("loss", "translation")]
    assert steps == list(range(1, done + 6))


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
    launcher, pid = RoundProcess.processes[section.folder.path], section.folder.read_status().pid
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
    child = RoundProcess.processes.pop(section.folder.path)  # as in an application that did not start it
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


def test_a_round_that_cannot_start_leaves_no_folder(section, monkeypatch):
    from CXRAdaINSegLib.processes import RoundProcess

    def refuse(words, choice=None):
        raise ValueError("Choose a Python in Setup.")

    monkeypatch.setattr(RoundProcess, "trainCommand", refuse)
    section.made.startButton.click()
    assert section.made.message.text == "Choose a Python in Setup."
    assert list((section.session.path / "rounds").iterdir()) == []
    assert section.made.startButton.enabled


def test_models_are_used_rolled_back_and_deleted_after_asking(section, answers):
    from cxradain.models.registry import Registry

    section.made.startButton.click()
    section.until_standing("finished")
    section.made.verdict.promoteButton.click()
    section.until(lambda: section.used == 1)
    models = section.made.models
    *bundled, second = (entry.id for entry in Registry().models())
    first, last = bundled[0], len(bundled)
    assert models.table.rowCount == last + 1
    assert "(in use)" in models.table.item(last, 0).text()
    models.rollBackButton.click()
    assert Registry().current().id == first and section.used == 2
    models.table.selectRow(0)
    assert not models.useButton.enabled and not models.deleteButton.enabled
    models.table.selectRow(last)
    models.useButton.click()
    section.until(lambda: Registry().current().id == second)
    assert section.tried[-1] == str(Registry().current().folder)
    models.rollBackButton.click()
    models.table.selectRow(last)
    answers["answer"] = False
    models.deleteButton.click()
    assert len(Registry().models()) == last + 1 and "frees" in answers["questions"][-1]
    answers["answer"] = True
    models.deleteButton.click()
    assert [entry.id for entry in Registry().models()] == bundled
    assert models.table.rowCount == last and "freed" in section.made.message.text


def test_a_registry_error_is_reported(section):
    section.made.models.rollBackButton.click()
    assert section.made.message.text


def test_another_session_brings_its_own_round(section, tmp_path):
    section.made.startButton.click()
    section.until_standing("finished")
    other, first = make_session(tmp_path / "other"), section.session
    section.open(other)
    assert section.folder is None and "since the last round" not in section.made.use.text
    section.open(first)
    assert section.watch.standing == "finished" and section.seen(section.made.verdict.widget)
    other.close()


def test_a_mask_that_cannot_be_kept_starts_no_round(section):
    section.worklist.save = lambda: False
    section.made.startButton.click()
    assert section.folder is None and not (section.session.path / "rounds").exists()


def test_a_new_version_is_counted(section):
    from cxradain.sessions.records import CORRECTED, Origin

    session = section.session
    key = next(i.key for i in session.images() if not session.is_held_out(i) and not session.versions(i.key))
    version = session.add_mask(key, np.ones((40, 30), np.uint8), "reader", CORRECTED, Origin())
    section.worklist.versionSaved.emit(version)
    assert section.window.process(5, until=lambda: "2 corrected" in section.made.use.text)


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

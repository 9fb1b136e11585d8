"""The Train section: trains a better model on the session, and shows a round's data, time and progress."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cxradain.models.registry import Registry
from cxradain.rounds.folder import RoundFolder, latest_finished
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Worklist import Worklist
from ..processes import RoundProcess
from ..processes.BackgroundJob import cancelledText, cancellingText, lastJson, lastMessage
from ..processes.EngineProcess import BUSY, OFF, READY, EngineProcess
from ..processes.Environments import trainCommand
from ..Settings import remember
from ..Texts import adviceText, readinessText, roundCostText, roundImagesText
from ..Timers import singleShotTimer
from .ModelsBox import ModelsBox
from .OneJob import OneJob
from .RoundOptions import RoundOptions
from .RoundWatch import RoundWatch
from .TrainingSetup import TrainingSetup
from .VerdictBox import VerdictBox

REFRESH_DELAY = 400  # ms from a saved version, or a change of the options, to what a round would use


class TrainSection(OneJob):
    """worklist: holds the session, and the predictions, which a promoted model outdates. The job of OneJob
    estimates a round's time."""

    def __init__(self, worklist: Worklist):
        self._worklist = worklist
        self.options = RoundOptions()
        self._trial: int | None = None  # the engine request that tries a model
        self._counts: dict[str, int] = {}  # of the images; none before they were counted
        self._costHolds = False  # whether the time measured, or being measured, is of a round as it would be
        self.models = ModelsBox(self._onModel, self.showMessage, self._tryModel)
        self.verdict = VerdictBox(self.models, self.showMessage)
        self.setup = TrainingSetup(self._engine, self.showMessage)
        self.watch = RoundWatch(self.showMessage, self.refresh)
        self._build()
        self.widget.connect("contentsCollapsed(bool)", self._onCollapsed)
        self._soon = singleShotTimer(REFRESH_DELAY, self.refresh)
        self.options.changed.connect(self.roundChanged)
        self.options.reference.connect("currentPathChanged(QString)", lambda path: self._soon.start())
        self._engine.stateChanged.connect(self._onEngineState)
        worklist.opened.changed.connect(self.sessionChanged)
        worklist.versionSaved.connect(lambda version: self._soon.start())  # once for several versions
        self.sessionChanged()

    def _build(self) -> None:
        self.measuring = ui.progressBar("MeasureProgress", maximum=0)
        self.stopButton = ui.pushButton("StopMeasuringButton", _("Cancel"), self.cancel)
        self.stopButton.toolTip = _("Stop measuring, or trying a model; nothing has been changed.")
        self.use, self.cost, self.message = (
            ui.textLabel(name) for name in ("RoundUse", "RoundCost", "TrainMessage")
        )
        self.measureButton = ui.pushButton(
            "MeasureButton", _("Es&timate time"), lambda: self.setup.require(self.measure)
        )
        self.measureButton.toolTip = _("Find out how long a round takes here, by doing a few of its steps.")
        self.startButton = ui.pushButton(
            "StartRoundButton", _("Start a &round"), lambda: self.setup.require(self.start)
        )
        self.startButton.toolTip = _("Trains beside the application, and goes on when that is closed.")
        ui.keepPlace(self.measuring, self.stopButton)
        # A single child, so that folding the section does not change the visibility of the widgets in it.
        body = ui.holder(
            ui.column(
                ui.messagePlace(6, self.use),
                self.options.widget,
                ui.row(self.measureButton, self.startButton),
                ui.row(self.measuring, self.stopButton, stretch=(1, 0)),
                ui.messagePlace(2, self.cost),
                ui.messagePlace(2, self.message),
                self.setup.widget,
                self.watch.widget,
                self.verdict.widget,
                self.models.widget,
            )
        )
        self.widget = ui.section("TrainSection", _("Train"), ui.column(body))

    # --- the session --------------------------------------------------------------------------------------

    def sessionChanged(self) -> None:
        """Show the newest round of the session that was opened, running or not; none without a session."""
        self.cancel()
        self.showMessage("")
        self._showCost("")
        self._counts = {}
        session = self._worklist.session
        self.watch.setRound(RoundFolder.newest(session.path) if session is not None else None)
        self.refresh()

    def refresh(self) -> None:
        """Update what a round would train on, unless the section is folded."""
        self._update()
        if self.widget.collapsed:
            return
        session = self._worklist.session
        self.options.readers.show(session.readers() if session is not None else [])
        if session is None:
            ui.setText(self.use, _("Open a session in the worklist to train on it."))
        else:
            self._worklist.opened.worker.request(
                "round_counts", onResult=self._onRoundCounts, onError=self._onProblem
            )

    def roundChanged(self) -> None:
        """A round would be another one than before: its time is no longer as measured, or being measured."""
        self._costHolds = False
        if not self.busy:
            self._showCost("")

    def pythonChanged(self) -> None:
        """Called when another Python was chosen: what was found out about the one before goes."""
        self.setup.forget()
        self.showMessage("")
        self.roundChanged()

    def close(self) -> None:
        """Called when the panel is closed; a round goes on."""
        self._soon.stop()
        self.setup.cancel()
        self.cancel()
        self.watch.close()

    def cancel(self) -> None:
        """Cancel the time estimate, and trying a model."""
        if self.busy:
            self._showCost(cancellingText())
        super().cancel()
        if self._trial is not None:
            self.showMessage(cancellingText())
            self._engine.cancel(self._trial)

    def showMessage(self, text: str) -> None:
        """Show a message in the section; "" clears it."""
        ui.setMessage(self.message, text)

    # --- actions ------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Have the trainer estimate a round's time on this computer."""
        self.showMessage("")
        arguments = self._arguments()
        if arguments is None or self.busy:
            return
        arguments += ["--plan", "--progress", "json"]
        command = ui.attempt(lambda: trainCommand(arguments), self.showMessage)
        if command is None:
            return
        lines: list[str] = []

        def done(succeeded: bool, reason: str, output: str) -> None:
            self._showCost("")
            plan = lastJson(output)
            if succeeded and plan is not None:
                changed = _("Meanwhile something has changed that the time depends on. Estimate again.")
                self._showCost(roundCostText(plan) if self._costHolds else changed)
            elif reason != cancelledText():
                self.showMessage("\n".join(filter(None, (reason, lastMessage(lines)))))
            self._update()

        self._costHolds = True
        self.run(command, done, lines.append)
        self._showCost(_("Trying a few steps, to see how long they take..."))
        self._update()

    def start(self) -> None:
        """Start a round, which goes on when the application is closed."""
        self.showMessage("")
        arguments, session = self._arguments(), self._worklist.session
        if arguments is None or not self._worklist.save():  # the trainer sees only what is saved
            return
        self.cancel()
        folder = None
        try:
            folder = RoundFolder.new(session.path)
            RoundProcess.start(folder, [*arguments, "--out", str(folder.path), "--progress", "quiet"])
        except (OSError, ValueError) as problem:
            if folder is not None:
                folder.delete()
            self.showMessage(str(problem))
            return
        self.options.remember()
        self.watch.setRound(folder)

    def _arguments(self) -> list[str] | None:
        """The arguments for a round with the present options; None, with a message, if it cannot start."""
        session = self._worklist.session
        if session is None:
            return None
        base = ui.attempt(lambda: Registry().current(), self.showMessage)
        if base is None:
            return None
        folders = ["--session", str(session.path), "--base", str(base.folder)]
        return ["round", *folders, *self.options.arguments()]

    # --- events -------------------------------------------------------------------------------------------

    def _onModel(self, folder: Path) -> None:
        """Another model is in use: load it now if the engine is running, otherwise when it is needed."""
        remember("model", "")
        self.roundChanged()
        self._update()  # the verdict says which one that is
        segmenting = self._worklist.segmenting
        segmenting.predictions.modelChanged()
        if segmenting.engine.state in (READY, BUSY):
            segmenting.predictions.identify(self._onIdentified, self._onProblem)

    @property
    def _engine(self) -> EngineProcess:
        return self._worklist.segmenting.engine

    def _tryModel(self, folder: Path, then: Callable[[], None]) -> None:
        """Have the engine load and run a model once, then call `then`, or show why it failed."""
        if self._trial is not None:
            return
        self.showMessage(_("Trying the model..."))

        def ended(text: str, goOn: bool) -> None:
            self._trial = None
            self.showMessage(text)
            self._update()
            if goOn:
                then()

        notUsed = _("The model was not put in use. {reason}")
        self._trial = self._engine.request(
            "try",
            onResult=lambda header, arrays: ended("", True),
            onError=lambda text, code: ended(notUsed.format(reason=text), False),
            model=str(folder),
        )
        self._update()

    def _onEngineState(self, state: str, text: str) -> None:
        if state == OFF and self._trial is not None:  # stopped: requests get no callback
            self._trial = None
            self.showMessage("")
            self._update()

    def _onRoundCounts(self, header: dict, arrays: dict) -> None:
        session = self._worklist.session
        hadRound = session is not None and latest_finished(session.path) is not None
        ready = header["readiness"]
        advice = "" if self.options.hasReference else adviceText(ready)
        lines = [advice, roundImagesText(header["counts"], hadRound), readinessText(ready)]
        ui.setText(self.use, "\n".join(filter(None, lines)))  # the advice is seen without scrolling
        before, self._counts = self._counts, header["counts"] | {"new": 0}  # they are trained on like others
        if before and before != self._counts:
            self.roundChanged()

    def _onIdentified(self, modelId: str, modelHash: str) -> None:
        self.showMessage(_("The engine has loaded {model}.").format(model=modelId))

    def _onProblem(self, text: str, code: str) -> None:
        self.showMessage(text)

    # --- showing ------------------------------------------------------------------------------------------

    def _onCollapsed(self, collapsed: bool) -> None:
        if not collapsed:
            self.models.update()
            self.refresh()

    def _showCost(self, text: str) -> None:
        ui.setMessage(self.cost, text)

    def _update(self) -> None:
        free = self._worklist.session is not None and self.watch.standing in ("", "finished")
        self.startButton.enabled = free
        self.measureButton.enabled = free and not self.busy
        self.measuring.visible = self.stopButton.visible = self.busy or self._trial is not None
        self.verdict.promoteButton.enabled = self._trial is None
        self.verdict.show(self.watch.folder if self.watch.standing == "finished" else None)

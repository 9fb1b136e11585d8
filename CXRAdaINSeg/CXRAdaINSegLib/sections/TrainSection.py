"""The section that makes a better model of a session: what a round would use and cost, and how it goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import ctk
import qt
from cxradain.models.registry import Registry, RegistryError
from cxradain.rounds.folder import RoundFolder
from slicer.i18n import tr as _

from ..processes import RoundProcess
from ..processes.BackgroundJob import BackgroundJob
from ..processes.EngineProcess import BUSY, READY
from ..processes.Environments import trainCommand
from ..Settings import remember
from ..Widgets import pushButton, textLabel
from .ModelsBox import ModelsBox
from .RoundOptions import RoundOptions
from .RoundWatch import RoundWatch
from .Texts import costWords, useWords
from .TrainingSetup import TrainingSetup
from .VerdictBox import VerdictBox

if TYPE_CHECKING:
    from ..logic.Cases import Cases

LATER = 400  # ms from a version to what a round would use now


class TrainSection:
    """cases: has the session, and the predictions that a promoted model changes."""

    def __init__(self, cases: Cases):
        self._cases = cases
        self._measuring: BackgroundJob | None = None
        self.options = RoundOptions()
        self.models = ModelsBox(self._onModel, self.say)
        self.verdict = VerdictBox(self.models, self.say)
        self.setup = TrainingSetup(self.say)
        self.watch = RoundWatch(self.say, self._onRound)
        self._build()
        self.widget.collapsed = True  # once it has its contents
        self.widget.connect("contentsCollapsed(bool)", self._onCollapsed)
        self._soon = qt.QTimer()
        self._soon.setSingleShot(True)
        self._soon.setInterval(LATER)
        self._soon.connect("timeout()", self.refresh)
        self._heard: tuple[tuple[list, Callable], ...] = (
            (cases.opened.onChanged, self.sessionChanged),
            (cases.onVersion, self._onVersion),
        )
        for callbacks, own in self._heard:
            callbacks.append(own)
        self.sessionChanged()

    def _build(self) -> None:
        self.widget = ctk.ctkCollapsibleButton()
        self.widget.text = _("Train")
        self.widget.objectName = "TrainSection"
        body = qt.QWidget()  # one child to hide and show, whatever becomes of those in it meanwhile
        qt.QVBoxLayout(self.widget).addWidget(body)
        layout = qt.QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        self.use, self.cost, self.message = (
            textLabel(name) for name in ("RoundUse", "RoundCost", "TrainMessage")
        )
        self.measureButton = pushButton(
            "MeasureButton", _("Measure the cos&t"), lambda: self.setup.require(self.measure)
        )
        self.measureButton.toolTip = _("Find out how long a round takes here, by doing a few of its steps.")
        self.startButton = pushButton(
            "StartRoundButton", _("Start a &round"), lambda: self.setup.require(self.start)
        )
        self.startButton.toolTip = _("Trains beside the application, and goes on when that is closed.")
        row = qt.QHBoxLayout()
        row.addWidget(self.measureButton)
        row.addWidget(self.startButton)
        layout.addWidget(self.use)
        layout.addWidget(self.cost)
        layout.addWidget(self.options.widget)
        layout.addLayout(row)
        layout.addWidget(self.setup.widget)
        layout.addWidget(self.watch.widget)
        layout.addWidget(self.verdict.widget)
        layout.addWidget(self.message)
        layout.addWidget(self.models.widget)

    # --- the session --------------------------------------------------------------------------------------

    def sessionChanged(self) -> None:
        """Another session was opened, or closed: take up its latest round, running or not."""
        self._stopMeasuring()
        self.say("")
        self._sayCost("")
        session = self._cases.session
        self.watch.take(RoundFolder.newest(session.path) if session is not None else None)
        self.refresh()

    def refresh(self) -> None:
        """Say what a round would use now; while the section is folded, nobody wants to know."""
        if self.widget.collapsed:
            return
        session = self._cases.session
        self.options.readers.show(session.readers() if session is not None else [])
        if session is None:
            self.use.text = _("Open a session in the worklist to train on it.")
        else:
            self._cases.opened.worker.request("gathered", onResult=self._onGathered, onError=self._onProblem)
        self._update()

    def close(self) -> None:
        """The panel goes; a round goes on."""
        for callbacks, own in self._heard:
            if own in callbacks:
                callbacks.remove(own)
        self._soon.stop()
        self.setup.cancel()
        self._stopMeasuring()
        self.watch.close()

    def say(self, text: str) -> None:
        """Show a message in the section, "" for none."""
        self.message.text = text
        self.message.visible = bool(text)

    # --- what users do ------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Ask the trainer what a round would cost here."""
        self.say("")
        words = self._words()
        if words is None or self._measuring is not None:
            return
        try:
            command = trainCommand([*words, "--plan", "--progress", "json"])
        except ValueError as problem:
            self.say(str(problem))
            return
        lines: list[str] = []

        def done(succeeded: bool, reason: str, output: str) -> None:
            self._measuring = None
            self._sayCost("")
            found = [line for line in output.splitlines() if line.startswith("{")]
            if succeeded and found:
                self._sayCost(costWords(json.loads(found[-1])))
            else:
                self.say("\n".join([reason, *lines[-3:]]))
            self._update()

        self._measuring = BackgroundJob(command, lines.append, done)
        self._sayCost(_("Measuring a few steps..."))
        self._update()

    def start(self) -> None:
        """Start a round; it goes on when the application is closed."""
        self.say("")
        words, session = self._words(), self._cases.session
        if words is None or not self._cases.save():  # what is not kept, the trainer cannot see
            return
        self._stopMeasuring()
        folder = None
        try:
            folder = RoundFolder.new(session.path)
            RoundProcess.start(folder, [*words, "--out", str(folder.path), "--progress", "quiet"])
        except (OSError, ValueError) as problem:
            if folder is not None:
                folder.delete()
            self.say(str(problem))
            return
        self.options.remember()
        self.watch.take(folder)

    def _words(self) -> list[str] | None:
        """The arguments of a round as it is set; None without a session or model, which is told."""
        session = self._cases.session
        if session is None:
            return None
        try:
            base = Registry().current()
        except (RegistryError, OSError) as problem:
            self.say(str(problem))
            return None
        return ["round", "--session", str(session.path), "--base", str(base.folder), *self.options.words()]

    def _stopMeasuring(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()

    # --- what happens -------------------------------------------------------------------------------------

    def _onVersion(self, version) -> None:
        self._soon.start()  # of several at once, the last

    def _onModel(self, folder: Path) -> None:
        """Another model is in use: the engine loads it now if it runs, else when it is needed."""
        remember("model", "")
        segmenting = self._cases.segmenting
        segmenting.predictions.modelChanged()
        if segmenting.engine.state in (READY, BUSY):
            segmenting.predictions.identify(self._onIdentified, self._onProblem)

    def _onGathered(self, header: dict, arrays: dict) -> None:
        self.use.text = useWords(header["counts"])

    def _onIdentified(self, modelId: str, modelHash: str) -> None:
        self.say(_("The engine has loaded {model}.").format(model=modelId))

    def _onProblem(self, text: str, code: str) -> None:
        self.say(text)

    # --- showing ------------------------------------------------------------------------------------------

    def _onCollapsed(self, collapsed: bool) -> None:
        if not collapsed:
            self.models.update()
            self.refresh()

    def _onRound(self) -> None:
        self.refresh()
        self._update()

    def _sayCost(self, text: str) -> None:
        self.cost.text = text
        self.cost.visible = bool(text)

    def _update(self) -> None:
        free = self._cases.session is not None and self.watch.standing in ("", "finished")
        self.startButton.enabled = free
        self.measureButton.enabled = free and self._measuring is None
        self.verdict.show(self.watch.folder if self.watch.standing == "finished" else None)

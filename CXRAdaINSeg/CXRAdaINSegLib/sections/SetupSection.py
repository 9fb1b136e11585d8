"""The Setup section: checks the engine's Python, and installs what is missing after asking."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import qt
import slicer
from cxradain.sessions.original_names import names_folder
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..processes import Environments
from ..processes.BackgroundJob import cancellingText
from ..processes.EngineProcess import FAILED, EngineProcess
from ..processes.Environments import APPLICATION, COMMAND, INTERPRETER, KINDS, OWN, Choice, Remedy
from ..Signal import Signal
from ..Texts import diagnostics, statusLines
from .DiskBox import DiskBox, storedPlaces
from .OneJob import OneJob


class SetupSection(OneJob):
    """The choice of the Python that runs the engine, its check and installation; what is stored on disk.

    sessionFolder(): the open session's folder, or None. removeModels(): deletes stored models after asking.
    isIdle(): whether the user has no radiograph or session open, so that the section may unfold by itself.

    Signal: chosen(), another Python was.
    """

    def __init__(
        self,
        engine: EngineProcess,
        sessionFolder: Callable[[], Path | None],
        removeModels: Callable[[], None],
        isIdle: Callable[[], bool],
    ):
        self._engine, self.chosen = engine, Signal()
        self._sessionFolder, self._removeModels, self._isIdle = sessionFolder, removeModels, isIdle
        self.report: dict | None = None
        self.problem = ""
        self._inspected = False  # whether the chosen Python has been inspected
        self._build()
        self._showChoice(Environments.chosen())
        engine.stateChanged.connect(self._onEngineState)
        self._update()

    # --- widgets ------------------------------------------------------------------------------------------

    def _build(self) -> None:
        names = {
            APPLICATION: _("The application's Python"),
            OWN: _("An environment of its own"),
            INTERPRETER: _("Another Python"),
            COMMAND: _("A command"),
        }
        self.kind = ui.comboBox("EngineKind", [(names[kind], kind) for kind in KINDS])
        self.kind.toolTip = _("Which Python runs the engine, the process with the model.")
        self.kind.connect("activated(int)", self._onKind)
        self.value = ui.lineEdit("EngineValue")
        self.value.toolTip = _("A Python with ONNX Runtime or PyTorch, or a command that starts the engine.")
        self.value.connect("editingFinished()", self._onValue)
        self.browse = ui.pushButton("BrowseButton", "...", self._onBrowse)
        self.browse.toolTip = _("Choose the Python's file.")
        self.valueRow = ui.holder(ui.row(self.value, self.browse))
        self.status = ui.textLabel("SetupStatus")
        self.checkButton = ui.pushButton("CheckButton", _("Chec&k"), self.check)
        self.checkButton.toolTip = _("Look at what that Python has, and start the engine in it.")
        self.mendButton = ui.pushButton("MendButton", "", self.mend)
        self.mendButton.toolTip = _("Says what it would fetch and where to, and asks first.")
        self.cancelButton = ui.pushButton("CancelSetupButton", _("Cancel"), self._onCancel)
        self.cancelButton.toolTip = _("Stop looking or installing.")
        self.progress = ui.progressBar()
        self.log = ui.logView("SetupLog", 150)
        self.log.toolTip = _("Messages of the installation.")
        self.log.setMaximumBlockCount(1000)
        self.copyButton = ui.pushButton("CopyButton", _("Copy &diagnostics"), self.copyDiagnostics)
        self.copyButton.toolTip = _("Copy what a report of a problem needs: versions, devices, messages.")
        places = storedPlaces(self.remove, self._onRemoveModels, self._sessionFolder, self._onRemoveNames)
        self.disk = DiskBox(places)
        ui.keepPlace(self.mendButton, self.cancelButton, self.progress)
        form = ui.form(
            (_("Engine runs in:"), self.kind),
            self.valueRow,
            ui.row(self.checkButton, self.mendButton, self.cancelButton),
            self.progress,
            ui.messagePlace(6, self.status),
            self.copyButton,
            self.disk.widget,
            self.log,
        )
        # A single child, so that folding the section does not change the visibility of the widgets in it.
        body = qt.QWidget()
        body.setLayout(form)
        self.widget = ui.section("SetupSection", _("Setup"), ui.column(body))
        self.log.visible = False

    # --- actions ------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Inspect the chosen Python, once, when the panel is opened; installs nothing and starts nothing."""
        if not self._inspected and not self.busy:
            self._inspect(startEngine=False)

    def check(self) -> None:
        """Inspect the chosen Python, then restart the engine in it."""
        if not self.busy:
            self._inspect(startEngine=True)

    def mend(self) -> None:
        """Install what is missing, after asking."""
        remedy = self._remedy()
        if remedy is None or self.busy or not mayInstall(remedy, self._engine):
            return

        def done(succeeded: bool, reason: str, output: str) -> None:
            self.disk.update()
            if succeeded:
                self.choose(remedy.choice)
                self._inspect(startEngine=True)
            else:
                self.problem = reason
                self._update()

        self._runLogged(remedy.command(), done)

    def remove(self) -> None:
        """Delete the extension's own environment, after asking."""
        question = _("Delete the environment in\n{folder}?").format(folder=Environments.ownFolder())
        if self.busy or not ui.confirm(question, _("Delete the environment?"), _("Delete"), _("Keep")):
            return
        self._engine.stop()

        def done(succeeded: bool, reason: str, output: str) -> None:
            self.problem = reason
            self.report = None
            self._update()
            self.disk.update()

        self._runLogged(Environments.removeCommand(), done)

    def _onRemoveNames(self) -> None:
        question = _("Forget the files' names? The lists of sessions then show only numbers.")
        if ui.confirm(question, _("Forget the names?"), _("Forget"), _("Keep")):
            shutil.rmtree(names_folder(), ignore_errors=True)
            self.disk.update()

    def _onRemoveModels(self) -> None:
        self._removeModels()
        self.disk.update()

    def _onCancel(self) -> None:
        self.cancel()
        if self.busy:
            ui.setText(self.status, cancellingText())

    def close(self) -> None:
        """Called when the panel is closed."""
        self.cancel()
        self.disk.cancel()

    def copyDiagnostics(self) -> None:
        """Copy the diagnostics for a bug report to the clipboard."""
        text = diagnostics(Environments.chosen(), self.report, self._engine, self.problem, self.log.plainText)
        qt.QApplication.clipboard().setText(text)

    # --- choosing -----------------------------------------------------------------------------------------

    def choose(self, choice: Choice) -> None:
        """Run the engine with this choice from now on."""
        isAnother = choice != Environments.chosen()
        if isAnother:
            self._engine.stop()
        Environments.choose(choice)
        self.report, self.problem, self._inspected = None, "", False
        self._showChoice(choice)
        self._update()
        if isAnother:
            self.chosen.emit()

    def _showChoice(self, choice: Choice) -> None:
        self.kind.setCurrentIndex(KINDS.index(choice.kind))
        self.value.text = choice.value
        self.valueRow.visible = choice.kind in (INTERPRETER, COMMAND)
        self.browse.visible = choice.kind == INTERPRETER
        hints = {INTERPRETER: _("path of a Python"), COMMAND: "ssh host python -m cxradain.engine"}
        self.value.placeholderText = hints.get(choice.kind, "")

    def _onKind(self, index: int) -> None:
        kind = KINDS[index]
        self.choose(Choice(kind, Environments.rememberedValue(kind)))
        if kind in (APPLICATION, OWN) or self.value.text:
            self.enter()

    def _onValue(self) -> None:
        choice = Choice(KINDS[self.kind.currentIndex], self.value.text.strip())
        if choice != Environments.chosen():
            self.choose(choice)

    def _onBrowse(self) -> None:
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("Choose a Python"))
        if path:
            self.value.text = path
            self._onValue()

    # --- inspection ---------------------------------------------------------------------------------------

    def _inspect(self, startEngine: bool) -> None:
        self._inspected, self.report, self.problem = True, None, ""
        command = ui.attempt(lambda: Environments.inspectCommand(Environments.chosen()), self._setProblem)
        if command is None:  # no Python is chosen, or a command, which cannot be inspected
            self._startEngine(startEngine and not self.problem)
            return

        def done(*ended) -> None:
            self.report = ui.attempt(lambda: Environments.reportOf(*ended), self._setProblem)
            isIncomplete = self._remedy() is not None or bool(self.problem)
            self.widget.text = _("Setup: something is missing") if isIncomplete else _("Setup")
            if isIncomplete and self._isIdle():
                self.widget.collapsed = False
            self._startEngine(startEngine and self.report is not None and not self.report["missing"])

        self.run(command, done)
        self._update()

    def _setProblem(self, text: str) -> None:
        self.problem = text

    def _startEngine(self, wanted: bool) -> None:
        if wanted:
            self._engine.restart()
        self._update()

    def _runLogged(self, command, done) -> None:
        self.problem = ""
        self.log.clear()
        self.log.visible = True
        self.run(command, done, self.log.appendPlainText)
        self._update()

    # --- showing ------------------------------------------------------------------------------------------

    def _remedy(self):
        """What can be installed; None if nothing is missing, or before the inspection."""
        if not self._inspected:
            return None
        return Environments.remedyFor(Environments.chosen(), self.report)

    def _onEngineState(self, state: str, text: str) -> None:
        if state == FAILED and self._isIdle():  # otherwise the Segment section shows it
            self.widget.collapsed = False
        self._update()

    def _update(self) -> None:
        busy, remedy = self.busy, None if self.busy else self._remedy()
        lines = statusLines(self.report, self._engine.info, self.problem)
        ui.setText(self.status, "\n".join([*lines, _("Working...") if busy else self._engine.text]))
        self.mendButton.text = remedy.label if remedy is not None else ""
        self.mendButton.visible = remedy is not None
        self.checkButton.enabled = self.kind.enabled = self.value.enabled = not busy
        self.cancelButton.visible = self.progress.visible = busy
        self.disk.widget.enabled = not busy


def mayInstall(remedy: Remedy, engine: EngineProcess) -> bool:
    """Ask whether to install; a yes stops the engine if the extension's own environment will change."""
    agreed = ui.confirm(remedy.question, _("Install?"), _("Install"))
    if agreed and remedy.choice.kind == OWN:
        engine.stop()  # it may have files open that will be replaced
    return agreed

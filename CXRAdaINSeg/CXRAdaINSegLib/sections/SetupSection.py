"""The section that says what the engine has and lacks, and mends it after asking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ctk
import qt
import slicer
from slicer.i18n import tr as _

from ..processes import Environments
from ..processes.BackgroundJob import BackgroundJob
from ..processes.EngineProcess import FAILED, READY, STARTING, EngineProcess
from ..processes.Environments import APPLICATION, COMMAND, INTERPRETER, KINDS, OWN, Choice
from ..Widgets import pushButton, textLabel
from .DiskBox import DiskBox, keptHere
from .Texts import diagnostics, statusLines


class SetupSection:
    """Which Python runs the engine, whether it will do, and a button that mends it; what is kept on the disk.

    sessionFolder(): of the session that is open, or None. removeModels(): asks, and deletes the kept ones.
    """

    def __init__(
        self,
        engine: EngineProcess,
        sessionFolder: Callable[[], Path | None] = lambda: None,
        removeModels: Callable[[], None] = lambda: None,
    ):
        self._engine = engine
        self._sessionFolder, self._removeModels = sessionFolder, removeModels
        self._job: BackgroundJob | None = None
        self._report: dict | None = None
        self._problem = ""
        self._lastState = engine.state
        self._asked = False  # whether the interpreter was asked since it was chosen
        self._build()
        self._showChoice(Environments.chosen())
        engine.onStateChanged.append(self._onEngineState)
        self._update()

    # --- widgets ------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.widget = ctk.ctkCollapsibleButton()
        self.widget.text = _("Setup")
        self.widget.objectName = "SetupSection"
        body = qt.QWidget()  # one child to hide and show, whatever becomes of those in it meanwhile
        qt.QVBoxLayout(self.widget).addWidget(body)
        form = qt.QFormLayout(body)
        self.kind = qt.QComboBox()
        self.kind.objectName = "EngineKind"
        names = {
            APPLICATION: _("The application's Python"),
            OWN: _("An environment of its own"),
            INTERPRETER: _("Another Python"),
            COMMAND: _("A command"),
        }
        for kind in KINDS:
            self.kind.addItem(names[kind])
        self.kind.toolTip = _("Which Python runs the engine, the process with the model.")
        self.kind.connect("activated(int)", self._onKind)
        form.addRow(_("Engine runs in:"), self.kind)
        self.value = qt.QLineEdit()
        self.value.objectName = "EngineValue"
        self.value.toolTip = _("A Python with PyTorch, or a command that starts the engine.")
        self.value.connect("editingFinished()", self._onValue)
        self.browse = qt.QPushButton("...")
        self.browse.objectName = "BrowseButton"
        self.browse.toolTip = _("Choose the Python's file.")
        self.browse.connect("clicked(bool)", self._onBrowse)
        self.valueRow = _row(self.value, self.browse)
        form.addRow(self.valueRow)
        self.status = textLabel("SetupStatus")
        form.addRow(self.status)
        self.checkButton = pushButton("CheckButton", _("Chec&k"), self.check)
        self.mendButton = pushButton("MendButton", "", self.mend)
        self.cancelButton = pushButton("CancelSetupButton", _("Cancel"), self.cancel)
        self.checkButton.toolTip = _("Look at what that Python has, and start the engine in it.")
        self.mendButton.toolTip = _("Says what it would fetch and where to, and asks first.")
        self.cancelButton.toolTip = _("Stop looking or installing.")
        form.addRow(_row(self.checkButton, self.mendButton, self.cancelButton))
        self.progress = qt.QProgressBar()
        self.progress.setRange(0, 0)
        form.addRow(self.progress)
        self.log = qt.QPlainTextEdit()
        self.log.objectName = "SetupLog"
        self.log.toolTip = _("What was said while installing.")
        self.log.readOnly = True
        self.log.setMaximumBlockCount(1000)
        self.log.setMaximumHeight(150)
        form.addRow(self.log)
        self.copyButton = pushButton("CopyButton", _("Copy &diagnostics"), self.copyDiagnostics)
        self.copyButton.toolTip = _("Copy what a report of a problem needs: versions, devices, messages.")
        form.addRow(self.copyButton)
        self.disk = DiskBox(keptHere(self.remove, self._onRemoveModels, self._sessionFolder))
        form.addRow(self.disk.widget)
        self.log.visible = False

    # --- what users do ------------------------------------------------------------------------------------

    def enter(self) -> None:
        """The panel was opened: look what is there, once. Nothing is installed, nor the engine started."""
        if not self._asked and self._job is None:
            self._inspect(startEngine=False)

    def check(self) -> None:
        """Ask the interpreter what it has, then start the engine anew in it."""
        if self._job is None:
            self._inspect(startEngine=True)

    def mend(self) -> None:
        """Install what is missing, after asking."""
        remedy = self._remedy()
        if remedy is None or self._job is not None or not _confirmed(remedy.question):
            return

        def done(succeeded: bool, reason: str, output: str) -> None:
            self._job = None
            self.disk.update()
            if succeeded:
                self._choose(remedy.choice)
                self._inspect(startEngine=True)
            else:
                self._problem = reason
                self._update()

        if remedy.choice.kind == OWN:
            self._engine.stop()  # it may hold what is replaced
        if remedy.here is not None:
            self.status.text = _("Working...")
            self.status.repaint()  # nothing is drawn until that is done
            done(*remedy.here())
        else:
            self._run(remedy.command(), done)

    def remove(self) -> None:
        """Delete the extension's own environment, after asking."""
        question = _("The environment in\n{folder}\nis deleted. Go on?").format(
            folder=Environments.ownFolder()
        )
        if self._job is not None or not _confirmed(question):
            return
        self._engine.stop()

        def done(succeeded: bool, reason: str, output: str) -> None:
            self._job = None
            self._problem = "" if succeeded else reason
            self._report = None
            self._update()
            self.disk.update()

        self._run(Environments.removeCommand(), done)

    def _onRemoveModels(self) -> None:
        self._removeModels()
        self.disk.update()

    def cancel(self) -> None:
        """Stop what is being installed or looked for."""
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """The panel goes."""
        self.cancel()
        self.disk.close()
        if self._onEngineState in self._engine.onStateChanged:
            self._engine.onStateChanged.remove(self._onEngineState)

    def copyDiagnostics(self) -> None:
        """Put on the clipboard what a report of a problem should hold."""
        text = diagnostics(
            Environments.chosen(), self._report, self._engine, self._problem, self.log.plainText
        )
        qt.QApplication.clipboard().setText(text)

    # --- choosing -----------------------------------------------------------------------------------------

    def _choose(self, choice: Choice) -> None:
        if choice != Environments.chosen():
            self._engine.stop()
        Environments.choose(choice)
        self._report, self._problem, self._asked = None, "", False
        self._showChoice(choice)
        self._update()

    def _showChoice(self, choice: Choice) -> None:
        self.kind.setCurrentIndex(KINDS.index(choice.kind))
        self.value.text = choice.value
        self.valueRow.visible = choice.kind in (INTERPRETER, COMMAND)
        self.browse.visible = choice.kind == INTERPRETER
        hints = {INTERPRETER: _("path of a Python"), COMMAND: "ssh host python -m cxradain.engine"}
        self.value.placeholderText = hints.get(choice.kind, "")

    def _onKind(self, index: int) -> None:
        kind = KINDS[index]
        self._choose(Choice(kind, Environments.rememberedValue(kind)))
        if kind in (APPLICATION, OWN) or self.value.text:
            self.enter()

    def _onValue(self) -> None:
        choice = Choice(KINDS[self.kind.currentIndex], self.value.text.strip())
        if choice != Environments.chosen():
            self._choose(choice)

    def _onBrowse(self) -> None:
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("Choose a Python"))
        if path:
            self.value.text = path
            self._onValue()

    # --- looking ------------------------------------------------------------------------------------------

    def _inspect(self, startEngine: bool) -> None:
        self._asked, self._report, self._problem = True, None, ""
        try:
            command = Environments.inspectCommand(Environments.chosen())
        except ValueError as error:
            self._problem = str(error)
            self._update()
            return
        if command is None:
            self._startEngine(startEngine)
            return

        def done(succeeded: bool, reason: str, output: str) -> None:
            self._job = None
            try:
                if not succeeded:
                    raise ValueError(reason)
                self._report = Environments.reportOf(output)
            except ValueError as error:
                self._problem = str(error)
            # Whoever presses Check wants to read; who opens the panel, only of what is amiss.
            self.widget.collapsed = not startEngine and self._remedy() is None and not self._problem
            self._startEngine(startEngine and self._report is not None and not self._report["missing"])

        self._run(command, done, quiet=True)

    def _startEngine(self, wanted: bool) -> None:
        if wanted:
            self._engine.restart()
        self._update()

    def _run(self, command, done, quiet: bool = False) -> None:
        self._problem = ""
        if not quiet:
            self.log.clear()
            self.log.visible = True
        self._job = BackgroundJob(command, (lambda line: None) if quiet else self._say, done)
        self._update()

    def _say(self, line: str) -> None:
        self.log.appendPlainText(line)

    # --- showing ------------------------------------------------------------------------------------------

    def _remedy(self):
        """None before anything was found out."""
        if not self._asked:
            return None
        return Environments.remedyFor(Environments.chosen(), self._report)

    def _onEngineState(self, state: str, text: str) -> None:
        if state == FAILED:
            self.widget.collapsed = False
        elif state == READY and self._lastState == STARTING:
            self.widget.collapsed = True
        self._lastState = state
        self._update()

    def _update(self) -> None:
        busy = self._job is not None
        remedy = None if busy else self._remedy()
        lines = statusLines(self._report, self._engine.info, self._problem)
        self.status.text = "\n".join([*lines, _("Working...") if busy else self._engine.text])
        self.mendButton.text = remedy.label if remedy is not None else ""
        self.mendButton.visible = remedy is not None
        self.checkButton.enabled = self.kind.enabled = self.value.enabled = not busy
        self.cancelButton.visible = self.progress.visible = busy
        self.disk.widget.enabled = not busy


def _confirmed(question: str) -> bool:
    return slicer.util.confirmOkCancelDisplay(question, _("CXRAdaINSeg setup"))


def _row(*widgets) -> qt.QWidget:
    row = qt.QWidget()
    layout = qt.QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    return row

"""Checks whether the chosen Python can train, and installs what is missing after asking."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from slicer.i18n import tr as _

from .. import Widgets as ui
from ..processes import Environments
from ..processes.BackgroundJob import cancellingText
from ..processes.EngineProcess import EngineProcess
from .OneJob import OneJob
from .SetupSection import mayInstall


class TrainingSetup(OneJob):
    """showMessage(text): shows a message.

    choose(choice): called if the packages were installed for a Python other than the chosen one.
    """

    def __init__(self, engine: EngineProcess, showMessage: Callable[[str], None]):
        self._engine, self._showMessage = engine, showMessage
        self.choose: Callable[[Environments.Choice], None] = Environments.choose
        self._complete: Environments.Choice | None = None  # the choice known to lack nothing
        self._remedy: Environments.Remedy | None = None
        self._then: Callable[[], None] = lambda: None
        self.button = ui.pushButton("TrainingMendButton", _("Install what training needs..."), self.install)
        self.button.toolTip = _("Says what it would fetch and where to, and asks first.")
        self.cancelButton = ui.pushButton("TrainingCancelButton", _("Cancel"), self.cancel)
        self.cancelButton.toolTip = _("Stop looking or installing.")
        self.progress = ui.progressBar()
        self.widget = ui.holder(ui.column(self.button, self.progress, self.cancelButton))
        self._update()

    def require(self, then: Callable[[], None]) -> None:
        """Call `then` if the chosen Python has all that a training needs; otherwise show what it lacks."""
        choice = Environments.chosen()
        if self.busy:
            return
        if choice == self._complete:
            then()
            return
        self._then, self._remedy = then, None

        def inspect() -> None:
            Environments.trainCommand([], choice)  # raises if the choice cannot train
            command = Environments.inspectCommand(choice, training=True)
            self.run(command, partial(self._onReport, choice))

        ui.attempt(inspect, self._showMessage)
        self._update()

    def forget(self) -> None:
        """Called when another Python was chosen: what the one before lacked is not offered any more."""
        self._remedy = None
        self._update()

    def cancel(self) -> None:
        """Cancel the program, if one is running."""
        if self.busy:
            self._showMessage(cancellingText())
        super().cancel()

    def install(self) -> None:
        """Install what is missing, after asking."""
        remedy = self._remedy
        if remedy is None or not mayInstall(remedy, self._engine):
            return
        self._remedy = None
        done = partial(self._onInstalled, remedy.choice)
        if remedy.here is not None:
            done(*remedy.here())
        else:
            self.run(remedy.command(), done, self._showMessage)
        self._update()

    def _onReport(self, choice: Environments.Choice, *ended) -> None:
        report = ui.attempt(lambda: Environments.reportOf(*ended), self._showMessage)
        missing = report["missing"] if report is not None else None
        if missing == []:
            self._complete = choice
            self._then()
        elif missing:
            self._remedy = Environments.remedyFor(choice, report, training=True)
            self._showMessage(_("To train, this is missing: {packages}.").format(packages=", ".join(missing)))
        self._update()

    def _onInstalled(self, choice: Environments.Choice, succeeded: bool, reason: str, output: str) -> None:
        if succeeded:
            self._showMessage("")
            if choice != Environments.chosen():
                self.choose(choice)
            self.require(self._then)
        else:
            self._showMessage("\n".join([reason, *output.splitlines()[-3:]]))
        self._update()

    def _update(self) -> None:
        self.button.visible = self._remedy is not None and not self.busy
        self.progress.visible = self.cancelButton.visible = self.busy
        self.widget.visible = self.busy or self._remedy is not None

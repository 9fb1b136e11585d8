"""The current round in the Train section: its state, curves and log; pause, resume and cancel."""

from __future__ import annotations

from collections.abc import Callable

from cxradain.rounds.folder import ACTIVE, GONE, UNREADABLE, RoundFolder
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..processes import RoundProcess
from ..Texts import roundStateText, sizeText
from ..Timers import singleShotTimer
from .RoundCurves import RoundCurves

INTERVAL = 1000  # ms between two checks of a round
PATIENCE = 15  # checks before a cancelled trainer is killed
CANCELLED = "cancelled"  # a decision in a round's notes, for windows that are opened before it is deleted
RESUMABLE = (GONE, "stopped", "failed")


class RoundWatch:
    """onChanged(): the round's state has changed, or there is another round, or none.

    `folder` is the round's, or None; `standing` its state, as in RoundFolder.observed_state, "" without a
    round.
    """

    def __init__(self, showMessage: Callable[[str], None], onChanged: Callable[[], None]):
        self._showMessage, self._onChanged = showMessage, onChanged
        self.folder: RoundFolder | None = None
        self.standing = ""
        self.curves = RoundCurves()
        self._event: dict = {}  # its newest progress event
        self._pausing = False  # whether the trainer was asked to end with a checkpoint
        self._cancelling = 0  # checks since the round was cancelled
        self._build()
        self.timer = singleShotTimer(INTERVAL, self.look)
        self._update()

    def _build(self) -> None:
        self.state = ui.textLabel("RoundState")
        self.progress = ui.progressBar()
        self.pauseButton = ui.pushButton("PauseRoundButton", _("Pause"), self.pause)
        self.pauseButton.toolTip = _("End after the step at hand and keep a checkpoint.")
        self.resumeButton = ui.pushButton("ResumeRoundButton", _("Resume"), self.resume)
        self.resumeButton.toolTip = _("Go on from the last checkpoint.")
        self.cancelButton = ui.pushButton("CancelRoundButton", _("Cancel..."), self.cancel)
        self.cancelButton.toolTip = _("Give the round up and delete what it has made; asks first.")
        self.curvesButton = ui.pushButton("CurvesButton", _("Curves"), self._onCurves)
        self.curvesButton.toolTip = _("Show loss and validation below the radiograph.")
        self.logButton = ui.pushButton("RoundLogButton", _("Log"), self._showLog)
        self.logButton.toolTip = _("Show what the trainer has written.")
        self.curvesButton.checkable = self.logButton.checkable = True
        self.log = ui.logView("RoundLog", 120)
        self.log.toolTip = _("The trainer's last messages.")
        buttons = ui.row(self.pauseButton, self.resumeButton, self.cancelButton)
        looks = ui.row(self.curvesButton, self.logButton)
        ui.keepPlace(self.progress, self.pauseButton, self.resumeButton, self.cancelButton)
        state = ui.messagePlace(3, self.state)
        self.widget = ui.holder(ui.column(state, self.progress, buttons, looks, self.log))

    # --- actions ------------------------------------------------------------------------------------------

    def setRound(self, folder: RoundFolder | None) -> None:
        """Show a round, running or not, or none (None)."""
        self._exchange(folder)
        self.look()

    def pause(self) -> None:
        """Ask the trainer to write a checkpoint and end."""
        self.look()
        if self.standing in ACTIVE and self._succeeds(self.folder.request_stop):
            self._pausing = True
            self._update()

    def resume(self) -> None:
        """Resume the round from its checkpoint."""
        self.look()
        if self.standing in RESUMABLE and self._succeeds(lambda: RoundProcess.resume(self.folder)):
            self._showMessage("")
            self.look()

    def cancel(self) -> None:
        """Cancel the round and delete its files, after asking; a round that finishes meanwhile is kept."""
        question = _("Give up the round, and delete what it has made ({size})?").format(
            size=sizeText(self.folder.size())
        )
        if ui.confirm(question, _("Give up the round?"), _("Give up and delete"), _("Go on training")):
            self.look()  # it went on while the question was open
            if self.standing == "finished":
                self._showMessage(finishedText())
                return
            self._cancelling = 1
            self._succeeds(lambda: self.folder.add_notes(decision=CANCELLED))
            self._succeeds(self.folder.request_stop)
            RoundProcess.end(self.folder)
            self.look()

    def close(self) -> None:
        """Called when the panel is closed; the round goes on."""
        self.timer.stop()
        self.curves.show(False)
        self.curves.clear()

    # --- polling ------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read the round's new events and state; called by a timer while the round is active."""
        before = self.standing, self.folder
        self._read()
        self._pausing = self._pausing and self.standing in ACTIVE
        if self._cancelling:
            self._continueCancelling()
        self.timer.stop()
        if self._cancelling or self.standing in ACTIVE:
            self.timer.start()
        self._update()
        if (self.standing, self.folder) != before:
            self._onChanged()

    def _exchange(self, folder: RoundFolder | None) -> None:
        self.folder, self._event = folder, {}
        isCancelled = folder is not None and folder.read_notes().get("decision") == CANCELLED
        self._pausing, self._cancelling = False, int(isCancelled)
        wasShown = self.curves.shown
        self.curves.clear()
        if wasShown:
            self.curves.show(folder is not None)

    def _read(self) -> None:
        self.standing = ""
        if self.folder is not None:
            events = self.folder.new_events()
            self.curves.add(events)
            for event in events:
                self._event |= event  # merged: not every event has the remaining time
            self.standing = RoundProcess.standing(self.folder)

    def _continueCancelling(self) -> None:
        self._cancelling += 1
        if self.standing == "finished":
            self._cancelling = 0
            self._succeeds(lambda: self.folder.add_notes(decision=""))
            self._showMessage(finishedText())
        elif self.standing not in ACTIVE:
            self._cancelling = 0
            session = self.folder.path.parents[1]
            if self._succeeds(self.folder.delete):
                self._exchange(RoundFolder.newest(session))  # the one before, with its verdict
                self._read()
                self._showMessage(_("The round was cancelled."))
        elif self._cancelling > PATIENCE and not RoundProcess.end(self.folder, atOnce=True):
            text = _("Another application started the round. It ends after the step at hand (process {pid}).")
            self._showMessage(text.format(pid=self.folder.read_status().pid))

    def _succeeds(self, action: Callable[[], object]) -> bool:
        def act() -> bool:
            action()
            return True

        return bool(ui.attempt(act, self._showMessage))

    # --- showing ------------------------------------------------------------------------------------------

    def _onCurves(self) -> None:
        self.curves.show(self.curvesButton.checked)

    def _update(self) -> None:
        active, waits = self.standing in ACTIVE, self.standing in RESUMABLE
        self.widget.visible = self.folder is not None
        if self.folder is None:
            return
        if self._cancelling:
            ui.setText(self.state, _("The round is being cancelled."))
        elif self._pausing:
            ui.setText(self.state, _("The round ends after the step at hand and keeps a checkpoint."))
        else:
            ui.setText(self.state, roundStateText(self.folder, self.standing, self._event))
        self.progress.visible = active
        self.progress.setRange(0, int(self._event.get("steps") or 0))  # a maximum of 0 shows a busy indicator
        self.progress.setValue(int(self._event.get("step") or 0))
        self.pauseButton.visible, self.resumeButton.visible = active, waits
        self.cancelButton.visible = active or waits or self.standing == UNREADABLE
        self.cancelButton.enabled = not self._cancelling
        self.pauseButton.enabled = not (self._cancelling or self._pausing)
        self.curvesButton.checked = self.curves.shown
        self._showLog()

    def _showLog(self) -> None:
        self.log.visible = self.logButton.checked
        if not self.logButton.checked:
            return
        text = "\n".join(self.folder.last_log_lines())
        if text != self.log.plainText:
            self.log.setPlainText(text)
            bar = self.log.verticalScrollBar()
            bar.setValue(bar.maximum)


def finishedText() -> str:
    """The message for a round that finished before it could be cancelled."""
    return _("The round finished before it was cancelled. Nothing was deleted.")

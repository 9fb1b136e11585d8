"""How a round's model compares with the one it began as, and what the user makes of it."""

from __future__ import annotations

from collections.abc import Callable

import qt
from cxradain.rounds.folder import RoundFolder
from slicer.i18n import tr as _

from ..Widgets import pushButton, textLabel
from .ModelsBox import ModelsBox
from .Texts import verdictWords


class VerdictBox:
    """models: promotes. say(text): shows a message."""

    def __init__(self, models: ModelsBox, say: Callable[[str], None]):
        self._models, self._say = models, say
        self._round: RoundFolder | None = None
        self.widget = qt.QWidget()
        layout = qt.QVBoxLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        self.verdict = textLabel("RoundVerdict")
        layout.addWidget(self.verdict)
        self.reportButton = pushButton("RoundReportButton", _("Report"), self.openReport)
        self.reportButton.toolTip = _("Figures, and the worst cases side by side, as a web page.")
        self.promoteButton = pushButton("PromoteButton", _("&Promote"), self.promote)
        self.promoteButton.toolTip = _("Use the new model from now on.")
        self.keepButton = pushButton("KeepCurrentButton", _("Keep curre&nt"), self.keepCurrent)
        self.keepButton.toolTip = _("Stay with the model in use. The new one can be promoted later.")
        row = qt.QHBoxLayout()
        for button in (self.reportButton, self.promoteButton, self.keepButton):
            row.addWidget(button)
        layout.addLayout(row)

    def show(self, finished: RoundFolder | None) -> None:
        """Show a finished round's verdict; None for nothing."""
        self._round = finished
        self.widget.visible = finished is not None
        if finished is None:
            return
        decision = str(finished.read_notes().get("decision") or "")
        self.verdict.text = verdictWords(finished.read_gate(), decision)
        self.reportButton.visible = finished.report.is_file()
        self.promoteButton.visible = decision != "promoted"
        self.keepButton.visible = not decision

    def openReport(self) -> None:
        """Show the report, in what the system shows web pages with."""
        qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(self._round.report)))

    def promote(self) -> None:
        """Use the new model from now on."""
        self._say("")
        entry = self._models.promote(self._round.model)
        if entry is not None:
            self._say(_("{name} {version} is in use.").format(name=entry.name, version=entry.version))
            self._decide("promoted")

    def keepCurrent(self) -> None:
        """Stay with the model in use."""
        self._decide("kept")

    def _decide(self, decision: str) -> None:
        try:
            self._round.add_notes(decision=decision)
        except OSError as problem:
            self._say(str(problem))
        self.show(self._round)

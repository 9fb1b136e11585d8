"""How a round's model compares with the one in use, and the user's decision about it."""

from __future__ import annotations

from collections.abc import Callable

import qt
from cxradain.models.registry import Entry
from cxradain.rounds.folder import TOO_FEW, WORSE, RoundFolder
from slicer.i18n import tr as _

from .. import Widgets as ui
from .ModelsBox import ModelsBox
from .VerdictTexts import verdictText


class VerdictBox:
    """models: the box that promotes models. showMessage(text): shows a message."""

    def __init__(self, models: ModelsBox, showMessage: Callable[[str], None]):
        self._models, self._showMessage = models, showMessage
        self._round: RoundFolder | None = None
        self.verdict = ui.textLabel("RoundVerdict")
        self.reportButton = ui.pushButton("RoundReportButton", _("Report"), self.openReport)
        self.reportButton.toolTip = _("Figures, and the worst cases side by side, as a web page.")
        self.promoteButton = ui.pushButton("PromoteButton", _("&Promote"), self.promote)
        self.promoteButton.toolTip = _("Use the new model from now on.")
        self.keepButton = ui.pushButton("KeepCurrentButton", _("Keep curre&nt"), self.keepCurrent)
        self.keepButton.toolTip = _("Stay with the model in use. The new one can be promoted later.")
        buttons = ui.row(self.reportButton, self.promoteButton, self.keepButton)
        ui.keepPlace(self.reportButton, self.promoteButton, self.keepButton)
        self.widget = ui.holder(ui.column(ui.messagePlace(6, self.verdict), buttons))

    def show(self, finished: RoundFolder | None) -> None:
        """Show a finished round's verdict; None hides it."""
        self._round = finished
        self.widget.visible = finished is not None
        if finished is None:
            return
        decision = str(finished.read_notes().get("decision") or "")
        used = self._models.usedBeside(finished.model)
        ui.setText(
            self.verdict, verdictText(finished.read_gate(), decision, used, finished.read_status().left_out)
        )
        self.reportButton.visible = finished.report.is_file()
        self.promoteButton.visible = used != ""
        self.keepButton.visible = used != "" and not decision

    def openReport(self) -> None:
        """Open the report in the web browser; if that fails, say where it is."""
        self._showMessage("")
        if not qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(self._round.report))):
            text = _("No program here shows web pages. The report is {file}")
            self._showMessage(text.format(file=self._round.report))

    def promote(self) -> None:
        """Try the new model and put it in use; asks first if it is worse, or too few were compared."""
        self._showMessage("")
        questions = {
            WORSE: _("The new model is worse. Promote it all the same?"),
            TOO_FEW: _("Too few radiographs were compared to tell which is better. Promote the new model?"),
        }
        finished = self._round
        question = questions.get(str(finished.read_gate().get("verdict")))
        if question and not ui.confirm(question, _("Promote?"), _("Promote"), _("Keep current")):
            return

        def used(entry: Entry) -> None:
            self._showMessage(_("{name} {version} is in use.").format(name=entry.name, version=entry.version))
            self._decide(finished, "promoted")

        self._models.promote(finished.model, used)

    def keepCurrent(self) -> None:
        """Keep the model in use."""
        used = self._models.usedBeside(self._round.model)
        self._showMessage(_("{name} stays in use.").format(name=used))
        self._decide(self._round, "kept")

    def _decide(self, finished: RoundFolder, decision: str) -> None:
        ui.attempt(lambda: finished.add_notes(decision=decision), self._showMessage)
        self.show(self._round)

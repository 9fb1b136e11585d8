"""Export of the session: choice of format, masks and destination, progress and Cancel."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from cxradain.sessions.records import APPROVED, AUTO, CORRECTED
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.ExportingSession import ExportingSession
from ..logic.OpenSession import OpenSession

CSV = "csv"  # the only format that is a single file
MASKS = {"": [], AUTO: [APPROVED, CORRECTED, AUTO]}  # statuses, by the data of the box's items


class ExportBox:
    """`widget` is a group box in the Worklist section. save(): saves the current mask, and returns whether it
    is saved. showMessage(text): shows the result."""

    def __init__(self, opened: OpenSession, save: Callable[[], bool], showMessage: Callable[[str], None]):
        self._opened, self._save, self._showMessage = opened, save, showMessage
        self.exporting = ExportingSession(opened, self._onProgress, self._onEnd)
        self.formatBox = ui.comboBox(
            "ExportFormat",
            [
                (_("One CSV of the whole session"), CSV),
                (_("PNG images and masks"), "png"),
                (_("NIfTI"), "nifti"),
                (_("nnU-Net data set"), "nnunet"),
                (_("COCO"), "coco"),
                (_("DICOM Segmentation"), "dicom-seg"),
            ],
            lambda _index: self.update(),
        )
        self.formatBox.toolTip = _(
            "The CSV has status, sizes, model, reading time and agreement of readers; the others hold "
            "radiographs and masks."
        )
        self.masksBox = ui.comboBox(
            "ExportMasks", [(_("Corrected and approved masks"), ""), (_("The model's masks, too"), AUTO)]
        )
        self.masksBox.toolTip = _("Which radiographs are exported, by the status of their masks.")
        self.namesBox = ui.checkBox("ExportNames", _("With names, which may identify patients"), False)
        self.namesBox.toolTip = _(
            "The names of images and readers and, for DICOM, the original files. Numbers stand for them "
            "otherwise."
        )
        self.exportButton = ui.pushButton("ExportButton", _("Export..."), self._onExport)
        self.exportButton.toolTip = _("Choose where to, and export in the background.")
        self.cancelButton = ui.pushButton("CancelExportButton", _("Cancel"), self.exporting.cancel)
        self.cancelButton.toolTip = _("Stop; nothing of the export is kept.")
        self.progressBar = ui.progressBar("ExportProgress", maximum=1000)
        form = ui.form(
            (_("Format:"), self.formatBox),
            (_("Masks:"), self.masksBox),
            self.namesBox,
            ui.row(self.exportButton, self.progressBar, self.cancelButton, stretch=(1, 2, 0)),
        )
        self.widget = ui.groupBox("ExportBox", _("Export"), ui.column(ui.holder(form)))
        self.update()

    def update(self) -> None:
        """Enable the controls that can be used now."""
        busy = self.exporting.running
        self.exportButton.enabled = self._opened.session is not None and not busy
        self.formatBox.enabled = self.namesBox.enabled = not busy
        self.masksBox.enabled = not busy and ui.chosenData(self.formatBox) != CSV
        self.progressBar.enabled = self.cancelButton.enabled = busy
        if not busy:
            self.progressBar.value = 0
            self.progressBar.setFormat("")

    def start(self, output: str) -> None:
        """Start exporting to a new folder or, for CSV, a file."""
        if not self._save():  # the worker sees only what is saved
            return
        self._showMessage("")
        format = ui.chosenData(self.formatBox)
        statuses = [] if format == CSV else MASKS[ui.chosenData(self.masksBox)]
        self.exporting.start(format, output, statuses, self.namesBox.checked)
        self.update()

    def stop(self) -> None:
        """Called when the session or the panel is closed."""
        self.exporting.stop()
        self.update()

    def _onExport(self) -> None:
        window = slicer.util.mainWindow()
        if ui.chosenData(self.formatBox) == CSV:
            output = qt.QFileDialog.getSaveFileName(
                window, _("Export the session"), "session.csv", "CSV (*.csv)"
            )
            if output and not output.lower().endswith(".csv"):
                output += ".csv"
        else:
            output = qt.QFileDialog.getExistingDirectory(window, _("Choose an empty folder, or make one"))
        if output:
            self.start(output)

    def _onProgress(self, done: float, text: str) -> None:
        self.progressBar.value = round(1000 * done)
        self.progressBar.setFormat(text)

    def _onEnd(self, text: str) -> None:
        self.update()
        self._showMessage(text)

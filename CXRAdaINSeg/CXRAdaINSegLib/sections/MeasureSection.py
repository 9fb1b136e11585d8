"""The section that shows the lungs' sizes, keeps them in a table node and saves them as CSV."""

from __future__ import annotations

from pathlib import Path

import ctk
import qt
import slicer
from cxradain.files import replace_atomically
from slicer.i18n import tr as _

from ..scene.LungSegments import flagsOf, lungsOf
from ..scene.MeasurementTable import csvText, fillTable, measureLungs, rowsOf, tableOf
from ..scene.VolumeImages import UnfitVolume
from ..Widgets import textLabel


class MeasureSection:
    """volume(): the chosen radiograph, or None."""

    def __init__(self, volume):
        self._volume = volume
        self._rows: list[tuple[str, str, str]] = []
        self.widget = ctk.ctkCollapsibleButton()
        self.widget.text = _("Measurements (research use only)")
        self.widget.objectName = "MeasureSection"
        layout = qt.QVBoxLayout(self.widget)
        self.table = qt.QTableWidget()
        self.table.objectName = "MeasureTable"
        self.table.toolTip = _("Sizes by the masks as they are; also kept as a table in the scene.")
        self.table.setColumnCount(3)
        self.table.setHorizontalHeaderLabels([_("Measurement"), _("Value"), _("Unit")])
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.verticalHeader().setVisible(False)
        self.table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.table.setMinimumHeight(230)
        layout.addWidget(self.table)
        self.note = textLabel("MeasureNote")
        layout.addWidget(self.note)
        self.saveButton = qt.QPushButton(_("Save as CSV..."))
        self.saveButton.objectName = "SaveCsvButton"
        self.saveButton.toolTip = _("Write the measurements to a file for spreadsheets. Research use only.")
        self.saveButton.connect("clicked(bool)", self._onSave)
        layout.addWidget(self.saveButton)
        self.widget.collapsed = True  # once it has its contents, which are hidden one by one
        self.update()

    def update(self) -> None:
        """Measure the chosen radiograph's masks as they are, and show and keep the result."""
        volume = self._volume()
        segmentation = lungsOf(volume) if volume is not None else None
        found = None
        if segmentation is not None:
            try:
                found = measureLungs(volume, segmentation)
            except UnfitVolume:
                found = None  # the Segment section says why
        flags = flagsOf(segmentation)
        self._rows = rowsOf(found, flags) if found is not None else []
        self._show(found)
        table = tableOf(volume, create=found is not None) if volume is not None else None
        if table is not None and found is not None:
            fillTable(table, found, flags)

    def saveTo(self, path: str | Path) -> None:
        """Write the rows as CSV. Raises OSError."""
        text = csvText(self._volume().GetName() or "", self._rows)
        replace_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))

    def _show(self, found) -> None:
        self.saveButton.enabled = found is not None
        self.table.setRowCount(len(self._rows))
        for index, row in enumerate(self._rows):
            for column, text in enumerate(row):
                item = qt.QTableWidgetItem(text)
                if column == 1 and text[:1].isdigit():
                    item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
                self.table.setItem(index, column, item)
        self.table.resizeColumnsToContents()
        if found is None:
            self.note.text = _("Segment a radiograph to measure its lungs.")
        elif not found.calibrated:
            self.note.text = _("Uncalibrated: the file says nothing of the pixels' size, so no centimeters.")
        else:
            self.note.text = _(
                "Sizes at the detector, where the header gives no other: magnification included."
            )

    def _onSave(self) -> None:
        path = qt.QFileDialog.getSaveFileName(
            slicer.util.mainWindow(), _("Save measurements"), "lungs.csv", "CSV (*.csv)"
        )
        if not path:
            return
        try:
            self.saveTo(path)
        except OSError as error:
            self.note.text = _("{file} cannot be written ({reason}). Choose another folder.").format(
                file=path, reason=error.strerror or error
            )

"""The section that shows the lungs' sizes, keeps them in a table node, and saves them as CSV and the masks as
DICOM SEG."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import qt
import slicer
from cxradain.files import replace_atomically
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..scene.LungSegments import lungsOf, qualityOf, suspicionsOf
from ..scene.MeasurementTable import csvText, fillTableNode, measureLungs, rowsOf, tableOf
from ..scene.VolumeImages import UnfitVolume
from .DicomBox import DicomBox
from .SegmentSection import SegmentSection


class MeasureSection:
    """`rows` are (name, value, unit) of what is shown."""

    def __init__(self, segmentSection: SegmentSection):
        self._segmentSection = segmentSection
        self.rows: list[tuple[str, str, str]] = []
        self._measured = None  # the volume whose rows these are
        self.table = ui.readOnlyTable("MeasureTable", [_("Measurement"), _("Value"), _("Unit")])
        self.table.toolTip = _("Sizes by the masks as they are; also kept as a table in the scene.")
        self.table.setMinimumHeight(230)
        self.note = ui.textLabel("MeasureNote")
        self.saveButton = ui.pushButton("SaveCsvButton", _("Save as CSV..."), self._onSave)
        self.saveButton.toolTip = _("Write the measurements to a file for spreadsheets. Research use only.")
        self.dicom = DicomBox()
        contents = ui.column(self.table, self.note, self.saveButton, self.dicom.widget)
        self.widget = ui.section("MeasureSection", _("Measurements (research use only)"), contents)
        self.update()

    def update(self, later: bool = False) -> None:
        """Measure the chosen radiograph's masks as they are, and show and keep the result.

        later: only leave another radiograph's sizes, for this one's masks are still changing.
        """
        volume = self._segmentSection.volume
        self.dicom.update(volume)
        if later and volume is self._measured:
            return
        self._measured = volume
        segmentation, measurements = (None if later else lungsOf(volume)), None
        self.rows = []
        self.note.text = _("Segment a radiograph to measure its lungs.")
        with suppress(UnfitVolume):  # the Segment section says why
            measurements = measureLungs(volume, segmentation)
        if measurements is not None:
            self.rows = rowsOf(measurements, suspicionsOf(segmentation), qualityOf(segmentation))
            fillTableNode(tableOf(volume, create=True), self.rows)
            self.note.text = (
                _("No pixel spacing in the file; sizes are in pixels.")
                if measurements.spacing is None
                else _("Sizes at the detector, where the header gives no other: magnification included.")
            )
        elif not later and volume is not None and (node := tableOf(volume)) is not None:
            fillTableNode(node, [])
        self.saveButton.enabled = bool(self.rows)
        ui.fillTable(self.table, self.rows)
        for index, (_name, value, _unit) in enumerate(self.rows):
            if value[:1].isdigit():
                self.table.item(index, 1).setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)

    def close(self) -> None:
        """The panel goes."""
        self.dicom.close()

    def saveTo(self, path: str | Path) -> None:
        """Write the rows as CSV. Raises OSError."""
        text = csvText(self._segmentSection.volume.GetName() or "", self.rows)
        replace_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))

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

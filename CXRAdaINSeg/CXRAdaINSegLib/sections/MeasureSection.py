"""The Measurements section: measures lungs and heart, draws the lines, keeps the results in a table node,
saves them as CSV, and the masks as DICOM SEG."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import qt
import slicer
from cxradain.files import replace_atomically
from cxradain.sessions.hearts import Points
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..Events import Shortcuts
from ..logic.Hearts import HeartHistory
from ..logic.Segmenting import isThere
from ..scene.ChestLines import (
    HeartWatch,
    heartPoints,
    heartWidth,
    hideLines,
    isPlacing,
    placeHeart,
    setHeartPoints,
    settleHeart,
    showLines,
    stopPlacing,
)
from ..scene.LungSegments import lungsOf, presentLungs
from ..scene.MaskProvenance import qualityOf, suspicionsOf
from ..scene.MeasurementTable import csvText, fillTableNode, measureLungs, rowsOf, tableOf
from ..scene.MouseMode import MouseModeWatch
from ..scene.SliceViews import isShown
from ..scene.VolumeImages import UnfitVolume, radiographOf
from ..Settings import remember, setting
from ..Signal import Signal
from ..Timers import singleShotTimer
from .DicomBox import DicomBox
from .SegmentSection import SegmentSection

DRAW = "M"  # key
WIDEST = 130  # pixels: the limit of the name column's width
HEIGHT = 360  # pixels: all rows in German, most of them wrapped


class MeasureSection:
    """`rows` are the (name, value, unit) as in files, in English; `shownRows` are those in the table.

    Signal: heartPlaced(), the user has placed, moved or removed the heart's points.
    """

    def __init__(self, segmentSection: SegmentSection):
        self._segmentSection = segmentSection
        self._entered = False
        self.heartPlaced = Signal()
        self._history = HeartHistory()
        self._removed: Any = None  # a volume, and the points last removed from it
        self._heart = HeartWatch(lambda: self._settle.start())  # restarted while the user drags
        self._settle = singleShotTimer(100, self._onHeartSettled)
        self._mode = MouseModeWatch(self._onMouseMode)
        self.rows: list[tuple[str, str, str]] = []
        self.shownRows: list[tuple[str, str, str]] = []
        self._measured = None  # the volume whose rows these are
        self.table = ui.readOnlyTable("MeasureTable", [_("Measurement"), _("Value"), _("Unit")])
        self.table.toolTip = _("Sizes by the masks as they are; also kept as a table in the scene.")
        self.table.setMinimumHeight(HEIGHT)
        # Values and remarks get the remaining width; units are never cut off.
        columns = self.table.horizontalHeader()
        columns.setStretchLastSection(False)
        columns.setSectionResizeMode(1, qt.QHeaderView.Stretch)
        columns.setSectionResizeMode(2, qt.QHeaderView.ResizeToContents)
        columns.connect("sectionResized(int,int,int)", lambda: self.table.resizeRowsToContents())
        self.note = ui.textLabel("MeasureNote")
        self.saveButton = ui.pushButton("SaveCsvButton", _("Save as CSV..."), self._onSave)
        self.saveButton.toolTip = _("Write the measurements to a file for spreadsheets. Research use only.")
        self.copyButton = ui.pushButton("CopyMeasurementsButton", _("Copy"), self.copy)
        self.copyButton.toolTip = _("Copy the measurements as text, for a spreadsheet or a report.")
        self.heartButton = ui.toggleButton("HeartButton", _("Place heart width"), self._onPlace)
        self.heartButton.toolTip = _(
            "Click at the heart's right and left border; drag the points later. Their distance across is the "
            "heart's width, and over the inner thoracic width the cardiothoracic ratio. By hand, because no "
            "openly licensed masks of hearts exist to train a model on."
        )
        self.removeButton = ui.pushButton("RemoveHeartButton", "", self._onRemove)
        self.removeButton.toolTip = _(
            "Remove the heart's points, and so its width and the ratio; press again to bring them back."
        )
        self.drawButton = ui.toggleButton("DrawButton", _("Draw ({key})").format(key=DRAW), self._onDraw)
        self.drawButton.toolTip = _("Draw in the view where each is measured. Key: {key}").format(key=DRAW)
        self.drawButton.checked = setting("drawMeasurements")
        self._keys = Shortcuts({DRAW: self._onDrawKey})
        self.dicom = DicomBox()
        contents = ui.column(
            self.table,
            ui.messagePlace(2, self.note),
            ui.row(self.drawButton, self.heartButton, self.removeButton, stretch=(1, 2, 1)),
            ui.row(self.copyButton, self.saveButton, stretch=(1, 2)),
            self.dicom.widget,
        )
        self.widget = ui.section("MeasureSection", _("Measurements (research use only)"), contents)
        self.update()

    def enter(self) -> None:
        """Called when the module is opened."""
        self._entered = True
        self._keys.activate(True)
        self.draw()

    def exit(self) -> None:
        """Release keys, mouse and views: another module is opened."""
        self._entered = False
        self._keys.activate(False)
        stopPlacing()
        self.draw()

    def close(self) -> None:
        """Called when the panel is closed."""
        self.dicom.close()
        self._settle.stop()
        self.settle()
        self._heart.removeObservers()
        self._mode.removeObservers()

    def draw(self) -> None:
        """Draw the measurement lines, if the user wants them."""
        volume = self._segmentSection.volume
        if self._entered and self.drawButton.checked and volume is not None and isShown(volume):
            with suppress(UnfitVolume):
                showLines(volume, lungsOf(volume))
        else:
            hideLines()

    def update(self, later: bool = False) -> None:
        """Measure the chosen radiograph's present masks, show the results and keep them in its table node.

        later: only clear another radiograph's results: this one's masks are still changing.
        """
        volume = self._segmentSection.volume
        self.dicom.update(volume)
        if later and volume is self._measured:
            return
        if volume is not self._measured:
            self.settle()
            self._history.forget()
        self._measured = volume
        segmentation, measurements = (None if later else lungsOf(volume)), None
        self.rows, self.shownRows = [], []
        note = _("Segment a radiograph to measure its lungs.")
        with suppress(UnfitVolume):  # the Segment section says why
            measurements = measureLungs(volume, segmentation)
        if measurements is not None:
            view = radiographOf(volume).facts.view
            checks = suspicionsOf(segmentation), qualityOf(segmentation)
            of = measurements, *checks, heartWidth(volume), view
            self.rows, self.shownRows = rowsOf(*of), rowsOf(*of, translated=True)
            fillTableNode(tableOf(volume, create=True), self.rows)
            note = (
                _("No pixel spacing in the file; sizes are in pixels.")
                if measurements.spacing is None
                else _("Sizes at the detector, where the header gives no other: magnification included.")
            )
        elif not later and volume is not None and (node := tableOf(volume)) is not None:
            fillTableNode(node, [])
        ui.setText(self.note, note)
        self._heart.watch(volume)
        self.saveButton.enabled = self.copyButton.enabled = bool(self.rows)
        self.heartButton.enabled = volume is not None
        self._updateRemove()
        self.fillTable()
        if not later:
            self.draw()

    def fillTable(self) -> None:
        """Show `shownRows` in the table."""
        self.table.clearSpans()
        ui.fillTable(self.table, self.shownRows)
        self.table.setColumnWidth(0, min(self.table.columnWidth(0), WIDEST))  # longer ones are wrapped
        for index, (_name, value, unit) in enumerate(self.shownRows):
            if value[:1].isdigit():
                self.table.item(index, 1).setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
            elif not unit:
                self.table.setSpan(index, 1, 1, 2)
        self.table.resizeRowsToContents()

    def copy(self) -> None:
        """Copy the rows to the clipboard, in English as in files, separated by tabs."""
        qt.QApplication.clipboard().setText("\n".join("\t".join(row) for row in self.rows))

    def saveTo(self, path: str | Path) -> None:
        """Write the rows as CSV. Raises OSError."""
        text = csvText(self._segmentSection.volume.GetName() or "", self.rows)
        replace_atomically(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))

    def _onDrawKey(self) -> None:
        if self._segmentSection.isShown():
            if presentLungs(lungsOf(self._segmentSection.volume)):
                self.drawButton.toggle()
            else:
                self._segmentSection.answer(_("There is no mask to measure. Segment the radiograph first."))

    def _onDraw(self, on: bool) -> None:
        remember("drawMeasurements", on)
        self.draw()

    def _onPlace(self, on: bool) -> None:
        volume = self._segmentSection.volume
        if not on:
            stopPlacing()
            self._settle.start()
        elif volume is None or not self._segmentSection.isShown():
            self.heartButton.checked = False
        else:
            self._segmentSection.setClickMode(False)
            self.settle()
            placeHeart(volume)
            self._heart.watch(volume)
            self._segmentSection.showMessage(placingText())

    def _onRemove(self) -> None:
        self.settle()
        volume = self._segmentSection.volume
        points = heartPoints(volume)
        setHeartPoints(volume, () if points else self._removed[1])
        self._removed = (volume, points) if points else None
        self._noteHeart(points)  # at once, whatever comes next
        self.update()

    def _updateRemove(self) -> None:
        volume = self._segmentSection.volume
        here = volume is not None and bool(heartPoints(volume))
        isBack = not here and self._removed is not None and self._removed[0] is volume
        self.removeButton.text = _("Bring back") if isBack else _("Remove")
        self.removeButton.enabled = here or isBack

    def _onMouseMode(self) -> None:
        placing = isPlacing()
        if self.heartButton.checked and not placing:
            self._settle.start()
        ui.silently(self.heartButton, "checked", placing)
        if not placing and self._segmentSection.message.text == placingText():
            self._segmentSection.showResult()

    def _onHeartSettled(self) -> None:
        if qt.QApplication.mouseButtons():
            self._settle.start()
        elif not isPlacing():
            self.settle()
            self.update()

    def settle(self) -> None:
        """End placing and report points that have moved. Call this also before another radiograph or reader
        is chosen. If placing was not completed, the former points are restored."""
        stopPlacing(self.heartButton.checked)
        volume = self._heart.volume
        before = settleHeart(volume) if volume is not None and isThere(volume) else None
        if before is not None:
            self._noteHeart(before)

    def _noteHeart(self, before: Points) -> None:
        self._history.add(self._heart.volume, before)
        self.heartPlaced.emit()

    def leavePlacing(self) -> bool:
        """Give up placing; returns whether it was under way."""
        placing = isPlacing()
        self.settle()
        return placing

    def undoHeart(self) -> bool:
        """Give up placing, or else restore the heart's points if these were changed last; returns whether
        either was done."""
        return self.leavePlacing() or self._step(self._history.undo)

    def redoHeart(self) -> bool:
        """Change the heart's points again if that was undone last; returns whether it was."""
        return self._step(self._history.redo)

    def _step(self, step: Callable[[Any], bool]) -> bool:
        volume = self._segmentSection.volume
        stepped = volume is not None and step(volume)
        if stepped:
            self.heartPlaced.emit()
            self.update()
        return stepped

    def leave(self) -> None:
        """Drop pending changes of the points: the reader has changed."""
        self.settle()
        self._history.forget()
        self._removed = None
        self._updateRemove()

    def _onSave(self) -> None:
        path = qt.QFileDialog.getSaveFileName(
            slicer.util.mainWindow(), _("Save measurements"), "lungs.csv", "CSV (*.csv)"
        )
        if not path:
            return
        try:
            self.saveTo(path)
        except OSError as error:
            text = _("{file} cannot be written ({reason}). Choose another folder.")
            ui.setText(self.note, text.format(file=path, reason=error.strerror or error))


def placingText() -> str:
    """How the heart's points are placed."""
    return _("Click at the heart's right and left border; drag the points later. Escape gives up.")

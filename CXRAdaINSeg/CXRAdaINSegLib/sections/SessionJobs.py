"""Background work on the session: adding images, segmenting all images, and preparing the next one."""

from __future__ import annotations

import time
from collections.abc import Callable

import qt
import slicer
from cxradain.sessions.records import UNLABELLED
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.AddingImages import AddingImages
from ..logic.SegmentAll import ModelMasks, SegmentAll
from ..logic.Worklist import Worklist
from ..processes.EngineProcess import BUSY, OFF, READY
from ..scene.ImageFiles import chooseFiles
from .SegmentSection import SegmentSection

REFRESH = 3.0  # seconds between two refreshes of the list while images are being added


class SessionJobs:
    """The buttons are in `layout`, progress and Cancel in `progressRow`.

    onMade(key): a model's mask was saved. refresh(): images were added. showPresent(key): shows the
    image of the only file that was added, which the session had already.
    """

    def __init__(
        self,
        worklist: Worklist,
        segmentSection: SegmentSection,
        onMade: Callable[[str], None],
        refresh: Callable[[], None],
        showMessage: Callable[[str], None],
        showPresent: Callable[[str], None],
    ):
        self._worklist, self._segmentSection, self._onMade = worklist, segmentSection, onMade
        self._refresh, self._showMessage, self._showPresent = refresh, showMessage, showPresent
        self._from = ""  # the chosen image when adding began
        self._refreshed = 0.0
        self._onKey: Callable[[str], None] | None = None
        self._ahead: ModelMasks | None = None
        self.adding = AddingImages(worklist.opened, self._onAdding, self._onAdded)
        self.segmentAll = SegmentAll(worklist, onMade, self._onProgress, self._onSegmented)
        self._build()
        worklist.segmenting.engine.stateChanged.connect(self._onEngineState)

    def _build(self) -> None:
        self.addButton = ui.pushButton("AddFilesButton", _("Add f&iles..."), self._onAddFiles)
        self.addButton.toolTip = _("Bring radiographs into the session. They can also be dropped here.")
        self.folderButton = ui.pushButton("AddFolderButton", _("Add f&older..."), self._onAddFolder)
        self.folderButton.toolTip = _(
            "All radiographs in a folder and its subfolders. A DICOM series is such a folder."
        )
        self.allButton = ui.pushButton("SegmentAllButton", _("Segment a&ll"), self._onSegmentAll)
        self.allButton.toolTip = _("Have the model make masks, in the background, where there are none yet.")
        self.progressBar = ui.progressBar("WorklistProgress", maximum=1000)
        self.cancelButton = ui.pushButton("WorklistCancelButton", _("Cancel"), self.cancel)
        self.cancelButton.toolTip = _("Stop adding or segmenting; what was done stays.")
        self.patientEdit = ui.lineEdit("PatientPattern", placeholder=_("each image is one patient"))
        self.patientEdit.toolTip = _(
            "What in a file's name tells patients apart, a regular expression such as pat[0-9]+, for files "
            "that do not say it, such as PNG. Then all images of a patient are in training or all in "
            "validation. To say it later, add the files again."
        )
        self.progressRow = ui.holder(ui.row(self.progressBar, self.cancelButton, stretch=(1, 0)))
        patient = ui.row(qt.QLabel(_("Patient from file name:")), self.patientEdit, stretch=(0, 1))
        self.layout = ui.column(
            ui.row(self.addButton, self.folderButton, self.allButton, stretch=(1, 1, 1)),
            patient,
        )
        self.update()

    def update(self) -> None:
        """Enable the controls that can be used now."""
        busy = self.adding.running or self.segmentAll.running
        free = not busy and not self._worklist.opened.onlyReads
        self.addButton.enabled = self.folderButton.enabled = self.allButton.enabled = free
        self.progressRow.visible = busy

    def add(self, paths, onKey: Callable[[str], None] | None = None) -> None:
        """Add files, and all images in folders. onKey(key): done; the key of the last image, or ""."""
        if not self.adding.running:
            self._onKey, self._from = onKey, self._worklist.key
        self.adding.start(paths, self.patientEdit.text)
        self.update()

    def cancel(self) -> None:
        """Cancel adding or segmenting; what was done so far stays."""
        self.adding.cancel()
        self.segmentAll.cancel()

    def stop(self) -> None:
        """Called when the session or the panel is closed."""
        self.segmentAll.cancel()
        self.adding.stop()
        self.patientEdit.text = ""  # it would group another session's files
        self._stopAhead()
        self.update()

    def prepare(self, row) -> None:
        """Read the image likely to be next; if it has no mask and the engine is running, segment it."""
        self._worklist.readAhead.read(row.key)
        engine = self._worklist.segmenting.engine
        if row.status != UNLABELLED or engine.state not in (READY, BUSY) or self._worklist.opened.onlyReads:
            return
        if self._ahead is None and not self.segmentAll.running:
            self._ahead = ModelMasks(
                self._worklist,
                self._worklist.readAhead,
                [row.key],
                self._segmentSection.mode,
                onMade=self._onMade,
                onEnd=self._onAheadEnd,
            )

    def _stopAhead(self) -> None:
        if self._ahead is not None:
            self._ahead.cancel()

    def _onAheadEnd(self, failed: int, text: str) -> None:
        self._ahead = None  # problems are shown when the image is opened or segmented

    def _onAddFiles(self) -> None:
        if paths := chooseFiles():
            self.add(paths)

    def _onAddFolder(self) -> None:
        path = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Add a folder of radiographs"))
        if path:
            self.add([path])

    def _onSegmentAll(self) -> None:
        self._showMessage("")
        self._stopAhead()
        self.segmentAll.start(self._segmentSection.mode, self._worklist.reader)
        self.update()

    def _onAdding(self, done: float, text: str) -> None:
        self._onProgress(done, text)
        if time.monotonic() - self._refreshed > REFRESH:
            self._refreshed = time.monotonic()
            self._refresh()

    def _onAdded(self, text: str) -> None:
        self._worklist.readAhead.drop(self.adding.updated)
        self.update()
        self._refresh()
        isAwaited = self._onKey is None and self._worklist.key == self._from
        if self.adding.present and isAwaited:  # otherwise the reader has moved on
            self._showPresent(self.adding.present)
        elif self._worklist.isUnreadable and self._worklist.key in self.adding.updated:
            self._showPresent(self._worklist.key)
        self._showMessage(text)
        if self._onKey is not None:
            self._onKey(self.adding.key)

    def _onProgress(self, done: float, text: str) -> None:
        self.progressBar.value = round(1000 * done)
        self.progressBar.setFormat(text)

    def _onSegmented(self, text: str) -> None:
        self.update()
        self._showMessage(text)

    def _onEngineState(self, state: str, text: str) -> None:
        if state == OFF:  # stopped: requests get no callback
            self.segmentAll.cancel()
            self._stopAhead()

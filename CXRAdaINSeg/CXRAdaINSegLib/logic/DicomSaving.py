"""Saves the masks of a radiograph from 3D Slicer's DICOM database as DICOM SEG in that database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from cxradain.sessions.records import APPROVED, AUTO, CORRECTED
from slicer.i18n import tr as _

from ..processes.EngineProcess import EngineProcess
from ..processes.SessionWorker import workerCommand
from ..scene.LungSegments import labelsOf, lungsOf, presentLungs
from ..scene.MaskProvenance import isApproved, isCorrected, modelMaskOf, updateAlgorithmType
from ..scene.VolumeImages import databaseFile, dicomDatabase


class DicomSaving:
    """Writes the file in a separate process. onEnd(text): done; the text says whether it was saved."""

    def __init__(self, onEnd: Callable[[str], None]):
        self._onEnd = onEnd
        self._worker = EngineProcess(workerCommand)
        self._folder: str | None = None
        self._request: int | None = None

    @property
    def running(self) -> bool:
        """Whether a file is being written."""
        return self._folder is not None

    def canSave(self, volume) -> bool:
        """Whether a volume has masks and is an image of the open database."""
        return bool(presentLungs(lungsOf(volume))) and bool(databaseFile(volume))

    def start(self, volume) -> None:
        """Start saving a volume's present masks. `canSave` must hold."""
        segmentation = lungsOf(volume)
        labels = labelsOf(segmentation, volume)
        updateAlgorithmType(segmentation, labels)
        lungs = presentLungs(segmentation)
        edited = [lung for lung in lungs if isCorrected(segmentation, lung)]
        approved = all(isApproved(segmentation, lung) for lung in lungs)
        self._folder = tempfile.mkdtemp(prefix="cxradain-")
        output = Path(self._folder) / "lungs.dcm"
        self._request = self._worker.request(
            "segmentation",
            {"labels": labels},
            lambda header, arrays: self._insert(output, header["uid"]),
            onError=lambda text, code: self._end(text),
            image=databaseFile(volume),
            output=str(output),
            origins={str(lung): _origin(segmentation, lung, volume) for lung in lungs},
            edited=edited,
            status=APPROVED if approved else CORRECTED if edited else AUTO,
        )

    def cancel(self) -> None:
        """Cancel before anything is added to the database; onEnd is called."""
        if self.running:
            self._worker.cancel(self._request)

    def stop(self) -> None:
        """Stop, without calling onEnd: the panel is closing."""
        self._worker.stop()
        self._close()

    def _insert(self, file: Path, uid: str) -> None:
        database = dicomDatabase()
        if database is not None:
            database.insert(str(file))  # copies the file
        saved = database is not None and database.fileForInstance(uid)
        self._end(
            _("Saved to the DICOM database, with the radiograph's study.")
            if saved
            else _("The DICOM database did not take the segmentation. Open the database, and save again.")
        )

    def _end(self, text: str) -> None:
        self._worker.stop()
        self._close()
        self._onEnd(text)

    def _close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = None


def _origin(segmentation, lung: int, volume) -> dict[str, str | None]:
    mask = modelMaskOf(segmentation, lung, volume)
    if mask is None:
        return {}
    return {
        "model_id": mask.modelId or None,
        "model_hash": mask.modelHash or None,
        "mode": mask.mode or None,
    }

"""Saves masks as DICOM SEG to 3D Slicer's DICOM database."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.DicomSaving import DicomSaving


class DicomBox:
    """A button, progress and Cancel in `widget`, which `update` shows if the application has a database."""

    def __init__(self):
        self._volume = None
        self.saving = DicomSaving(self._onEnd)
        self.saveButton = ui.pushButton("SaveDicomButton", _("Save to DICOM database"), self._onSave)
        self.saveButton.toolTip = _(
            "Add the masks as a DICOM segmentation (SEG) to the radiograph's study, patient's name included. "
            "For radiographs that were loaded from the DICOM database. Research use only."
        )
        self.progressBar = ui.progressBar("SaveDicomProgress")
        self.cancelButton = ui.pushButton("SaveDicomCancelButton", _("Cancel"), self.saving.cancel)
        self.cancelButton.toolTip = _("Stop; nothing is added to the database.")
        self.message = ui.textLabel("SaveDicomMessage")
        progress = ui.holder(ui.row(self.progressBar, self.cancelButton, stretch=(1, 0)))
        self.widget = ui.holder(
            ui.column(
                self.saveButton,
                ui.messagePlace(2, progress, self.message),
            )
        )

    def update(self, volume) -> None:
        """Follow the chosen volume, or None."""
        if volume is not self._volume:
            ui.setMessage(self.message, "")
        self._volume = volume
        # Not in the constructor: a visible widget outside a layout becomes a window.
        self.widget.visible = hasattr(slicer, "dicomDatabase")
        self.saveButton.enabled = not self.saving.running and self.saving.canSave(volume)
        self.progressBar.visible = self.cancelButton.visible = self.saving.running

    def close(self) -> None:
        """Called when the panel is closed."""
        self.saving.stop()

    def _onSave(self) -> None:
        if self.saving.canSave(self._volume):  # the database may have been closed since
            ui.setMessage(self.message, "")
            self.saving.start(self._volume)
        self.update(self._volume)

    def _onEnd(self, text: str) -> None:
        ui.setMessage(self.message, text)
        self.update(self._volume)

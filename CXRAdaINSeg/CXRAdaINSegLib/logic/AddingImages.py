"""Adds files and folders to the session in a separate process."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..scene.ImageFiles import noImageText
from ..Texts import passedOverText
from .SessionTask import SessionTask

SHOWN = 5  # problems listed; the others are only counted


class AddingImages(SessionTask):
    """After a run, `updated` holds the keys of images that adding has changed, `key` the key of the last
    file's image, or "", and `present` that key if the session had the only file already."""

    updated: tuple[str, ...] = ()
    key = present = ""

    def start(self, paths, patient: str) -> None:
        """Start adding files, and all images in folders.

        patient: a regular expression that matches the patient in the names of files without a patient ID.
        """
        if not self.running:
            self.updated, self.key, self.present = (), "", ""
        self._begin("add", self._onResult, paths=[str(path) for path in paths], patient=patient)

    def cancelledText(self) -> str:
        """The message when adding is cancelled: images added so far stay."""
        return _("Cancelled; what was added stays.")

    def _onResult(self, header, arrays) -> None:
        self.updated, self.key = tuple(header["updated"]), header["key"]
        self.present = self.key if header["files"] == header["present"] == 1 else ""
        counts = {name: header[name] for name in ("added", "files", "patients")}
        lines = [_("Files added: {added} of {files}. Patients: {patients}.").format(**counts)]
        if header["files"] == 0:
            lines = [noImageText()]
        if self.present:
            lines = [_("In the session already, with its masks as they were.")]
        elif header["present"]:
            text = _("In the session already, with their masks as they were: {count}.")
            lines.append(text.format(count=header["present"]))
        if header["moved"]:
            lines.append(_("Originals found in another place: {count}.").format(count=header["moved"]))
        if header["failed"]:
            lines[0] += " " + _("{count} cannot be read:").format(count=header["failed"])
            lines += header["problems"][:SHOWN]
        if header["failed"] > SHOWN:
            lines.append(_("and {count} more.").format(count=header["failed"] - SHOWN))
        if text := passedOverText(header["passed_over"]):
            lines.append(text)
        if header["without_patient"]:
            text = _(
                "Files without a patient ID: {count}. Each counts as a separate patient. To group them, "
                "enter a pattern above and add them again."
            )
            lines.append(text.format(count=header["without_patient"]))
        self._end("\n".join(lines))

"""Files and folders added to the session by a process of their own, so that reading goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from slicer.i18n import tr as _

from ..processes.SessionWorker import SessionWorker
from ..scene.ImageFiles import noImageText
from ..Texts import passedOverText
from .OpenSession import OpenSession

SHOWN = 5  # problems in words


class AddingImages:
    """onProgress(done 0..1, text) while it runs, onEnd(text) when it has ended."""

    def __init__(self, opened: OpenSession, onProgress: Callable, onEnd: Callable[[str], None]):
        self._opened, self._onProgress, self._onEnd = opened, onProgress, onEnd
        self._worker = SessionWorker(lambda: opened.session)
        self._request: int | None = None
        self.updated: list[str] = []  # keys of images whose headers were mended by what was added last

    @property
    def running(self) -> bool:
        """Whether images are being added."""
        return self._request is not None

    def start(self, paths, patient: str) -> None:
        """Add files, and all images in folders.

        patient: a regular expression for what in a file's name is the patient, where the file does not say.
        """
        if self.running or self._opened.session is None:
            return
        self._request = self._worker.request(
            "add",
            onResult=self._onResult,
            onProgress=self._onProgress,
            onError=self._onError,
            paths=[str(path) for path in paths],
            patient=patient,
        )

    def cancel(self) -> None:
        """Add no more; what has been added stays."""
        if self._request is not None:
            self._worker.cancel(self._request)

    def stop(self) -> None:
        """The session is closed."""
        self._request = None
        self._worker.stop()

    def _onResult(self, header, arrays) -> None:
        self.updated = header["updated"]
        lines = [
            _("{added} of {files} files added.").format(added=header["added"], files=header["files"]),
            *header["problems"][:SHOWN],
        ]
        if header["files"] == 0:
            lines = [noImageText()]
        elif header["failed"] > SHOWN:
            lines.append(_("{count} more cannot be used.").format(count=header["failed"] - SHOWN))
        if text := passedOverText(header["passed_over"]):
            lines.append(text)
        if header["without_patient"]:
            text = _(
                "{count} files have no patient ID; each counts as a separate patient. To group them, enter a "
                "pattern above and add them again."
            )
            lines.append(text.format(count=header["without_patient"]))
        self._end("\n".join(lines))

    def _onError(self, text: str, code: str) -> None:
        self._end(_("Cancelled; what was added stays.") if code == "cancelled" else text)

    def _end(self, text: str) -> None:
        self.stop()
        self._onEnd(text)

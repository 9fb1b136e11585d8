"""The heart points of a session's images: saved in the session for each reader, and shown again."""

from __future__ import annotations

from cxradain.sessions.records import SessionError

from ..scene.ChestLines import heartOf, heartPoints, setHeartPoints
from .LoadedImage import LoadedImage
from .Worklist import Worklist


class Hearts:
    """Of the image at hand of the worklist's session; what the disk refuses stays in the scene, and is
    reported."""

    def __init__(self, worklist: Worklist):
        self._worklist = worklist
        self._shown: LoadedImage | None = None  # whose points may change: a copy has the image's key, too
        worklist.opened.changed.connect(self._forget)

    def _forget(self) -> None:
        self._shown = None

    def show(self, current) -> None:
        """Bring the reader's points of the image at hand into the scene."""
        session, self._shown = self._worklist.session, current
        if session is None or (self._worklist.opened.onlyReads and heartOf(current.volume) is not None):
            return
        try:
            setHeartPoints(current.volume, session.heart(current.image.key, self._worklist.reader))
        except SessionError as error:
            self._worklist.problemChanged.emit(str(error))

    def keep(self, volume) -> None:
        """Keep the points of a volume as they are, if it is the one of the image at hand."""
        shown = self._shown
        if shown is None or volume is not shown.volume or self._worklist.opened.onlyReads:
            return
        try:
            self._worklist.session.set_heart(shown.image.key, self._worklist.reader, heartPoints(volume))
        except SessionError as error:
            self._worklist.problemChanged.emit(str(error))

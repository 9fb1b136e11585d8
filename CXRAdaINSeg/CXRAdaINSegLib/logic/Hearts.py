"""The heart points of a session's images: saved in the session for each reader, and shown again."""

from __future__ import annotations

from cxradain.sessions.records import SessionError

from ..scene.ChestLines import heartOf, heartPoints, setHeartPoints
from .LoadedImage import LoadedImage
from .Worklist import Worklist


class Hearts:
    """Loads and saves the heart points of the worklist's current image. Points that cannot be saved stay in
    the scene, and the problem is reported."""

    def __init__(self, worklist: Worklist):
        self._worklist = worklist
        self._shown: LoadedImage | None = None  # the image whose points are saved; a copy has the same key
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
        """Save a volume's heart points, if it is the current image's."""
        shown = self._shown
        if shown is None or volume is not shown.volume or self._worklist.opened.onlyReads:
            return
        try:
            self._worklist.session.set_heart(shown.image.key, self._worklist.reader, heartPoints(volume))
        except SessionError as error:
            self._worklist.problemChanged.emit(str(error))

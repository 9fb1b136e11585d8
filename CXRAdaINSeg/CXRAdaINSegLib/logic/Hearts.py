"""The heart's two points of a session's images: kept in the session for their reader, and shown again."""

from __future__ import annotations

from cxradain.sessions.records import SessionError

from ..scene.ChestLines import heartOf, heartPoints, setHeartPoints
from .ImageNodes import IMAGE_KEY
from .Worklist import Worklist


class Hearts:
    """Of the images of the worklist's session; what the disk refuses stays in the scene, and is reported."""

    def __init__(self, worklist: Worklist):
        self._worklist = worklist

    def show(self, current) -> None:
        """Bring the reader's points of the image at hand into the scene."""
        session = self._worklist.session
        if session is None or (self._worklist.opened.onlyReads and heartOf(current.volume) is not None):
            return
        try:
            setHeartPoints(current.volume, session.heart(current.image.key, self._worklist.reader))
        except SessionError as error:
            self._worklist.problemChanged.emit(str(error))

    def keep(self, volume) -> None:
        """Keep the points of a volume as they are, if it is of the session."""
        session, key = self._worklist.session, volume.GetAttribute(IMAGE_KEY)
        if session is None or not key or self._worklist.opened.onlyReads:
            return
        try:
            session.set_heart(key, self._worklist.reader, heartPoints(volume))
        except SessionError as error:
            self._worklist.problemChanged.emit(str(error))

"""The heart points of a session's images: saved in the session for each reader, and shown again."""

from __future__ import annotations

from cxradain.sessions.records import SessionError

from ..scene.ChestLines import heartOf, heartPoints, setHeartPoints
from .ImageNodes import IMAGE_KEY
from .Worklist import Worklist


class Hearts:
    """Loads and saves the heart points of the worklist's session. Points that cannot be saved stay in the
    scene, and the problem is reported."""

    def __init__(self, worklist: Worklist):
        self._worklist = worklist

    def show(self, current) -> None:
        """Show the reader's heart points on the current image."""
        session = self._worklist.session
        if session is None or (self._worklist.opened.onlyReads and heartOf(current.volume) is not None):
            return
        try:
            setHeartPoints(current.volume, session.heart(current.image.key, self._worklist.reader))
        except SessionError as error:
            self._worklist.problemChanged.emit(str(error))

    def keep(self, volume) -> None:
        """Save a volume's heart points, if it is an image of the session."""
        session, key = self._worklist.session, volume.GetAttribute(IMAGE_KEY)
        if session is None or not key or self._worklist.opened.onlyReads:
            return
        try:
            session.set_heart(key, self._worklist.reader, heartPoints(volume))
        except SessionError as error:
            self._worklist.problemChanged.emit(str(error))

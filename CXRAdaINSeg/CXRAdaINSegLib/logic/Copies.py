"""Volumes of the scene that are copies of a session's radiographs, from a saved scene or a file opened by
itself: nothing that is done to them reaches the session."""

from __future__ import annotations

from cxradain.sessions.records import SessionImage, pixel_key

from ..scene.VolumeImages import FILE_PIXELS, imageKey, isImage, pixelsOf
from .ImageNodes import IMAGE_KEY
from .Worklist import Worklist


class Copies:
    """Of the radiographs of the worklist's session."""

    def __init__(self, worklist: Worklist):
        self._worklist = worklist
        self._known = "", ""  # the image that was looked at last, and the hash of its pixels

    def isAtHand(self, volume) -> bool:
        """Whether a volume is that of the session's radiograph at hand."""
        current = self._worklist.current
        return current is not None and current.volume is volume

    def imageOf(self, volume) -> SessionImage | None:
        """The session's radiograph that a volume, other than the one at hand, is a copy of: by its pixels, or
        by those in its file where the application has read them otherwise. None for no copy, or no volume."""
        session = self._worklist.session
        if session is None or self.isAtHand(volume) or not isImage(volume):
            return None
        for pixels in (self._hashOf(volume), volume.GetAttribute(FILE_PIXELS)):
            images = session.images_of(pixels) if pixels else []
            if images:  # of several patients where there are several
                key = volume.GetAttribute(IMAGE_KEY)
                return next((image for image in images if image.key == key), images[0])
        return None

    def _hashOf(self, volume) -> str:
        key = imageKey(volume)
        if self._known[0] != key:
            self._known = key, pixel_key(pixelsOf(volume))
        return self._known[1]

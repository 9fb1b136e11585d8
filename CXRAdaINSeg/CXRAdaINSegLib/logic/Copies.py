"""Finds volumes in the scene that are copies of the session's radiographs, from a saved scene or from a file
opened directly. Edits on a copy are not saved in the session."""

from __future__ import annotations

from cxradain.sessions.records import RecordError, SessionImage, pixel_key

from ..scene.ChestLines import heartPoints
from ..scene.LungSegments import labelsOf, lungsOf
from ..scene.VolumeImages import FILE_PIXELS, imageKey, isImage, pixelsOf
from .ImageNodes import IMAGE_KEY
from .Worklist import Worklist


class Copies:
    """Compares volumes with the radiographs of the worklist's session."""

    def __init__(self, worklist: Worklist):
        self._worklist = worklist
        self._known = "", ""  # key and pixel hash of the last image hashed

    def isAtHand(self, volume) -> bool:
        """Whether a volume is that of the session's current image."""
        current = self._worklist.current
        return current is not None and current.volume is volume

    def imageOf(self, volume) -> SessionImage | None:
        """The session's image that a volume, other than the current image's, is a copy of. Compares its
        pixels, and those in its file, which the application may have converted. None if it is not a copy, or
        if the session has the pixels for several patients and the volume does not say whose they are."""
        session = self._worklist.session
        if session is None or self.isAtHand(volume) or not isImage(volume):
            return None
        for pixels in (self._hashOf(volume), volume.GetAttribute(FILE_PIXELS)):
            images = session.images_of(pixels) if pixels else []
            if len(images) == 1:
                return images[0]
            if images:  # of several patients: only the key tells whose this is
                key = volume.GetAttribute(IMAGE_KEY)
                return next((image for image in images if image.key == key), None)
        return None

    def has(self, key: str, volume) -> bool:
        """Whether the session has a volume's masks, if any, and its heart points, for its image `key`."""
        session = self._worklist.session
        labels, points = labelsOf(lungsOf(volume), volume), heartPoints(volume)
        try:
            isHeartKept = not points or points == session.heart(key, self._worklist.reader)
        except RecordError:
            isHeartKept = False
        return isHeartKept and (not labels.any() or session.has_mask(key, labels))

    def _hashOf(self, volume) -> str:
        key = imageKey(volume)
        if self._known[0] != key:
            self._known = key, pixel_key(pixelsOf(volume))
        return self._known[1]

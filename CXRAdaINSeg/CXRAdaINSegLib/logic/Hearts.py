"""The heart points of a radiograph: whether the session has them, and undo and redo for them."""

from __future__ import annotations

from cxradain.sessions.contents import digest_of
from cxradain.sessions.hearts import Points

from ..scene.ChestLines import heartOf, heartPoints, setHeartPoints
from ..scene.LungSegments import labelsOf, lungsOf
from .LoadedImage import LoadedImage

Step = tuple[bytes, Points]  # a digest of the masks at a change of the points, and the points to restore


def isHeartMoved(current: LoadedImage) -> bool:
    """Whether an image's heart points in the scene differ from the reader's in the session."""
    # Removing the node is no change by the reader, as with the masks.
    return heartOf(current.volume) is not None and heartPoints(current.volume) != current.heart


class HeartHistory:
    """Undo and redo for the heart points of one radiograph at a time.

    The segment editor has the history of the masks, and does not tell its steps. A change of the heart's
    points is the last one, and so the one to undo, if the masks are as they were when it was made.
    """

    def __init__(self):
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def add(self, volume, before: Points) -> None:
        """Note that the points were changed by the user."""
        self._done.append((_masks(volume), before))
        self._undone.clear()

    def undo(self, volume) -> bool:
        """Restore the points from before the last change; False if that was one of the masks."""
        return _step(volume, self._done, self._undone)

    def redo(self, volume) -> bool:
        """Make the change again that was undone last; False if that was one of the masks."""
        return _step(volume, self._undone, self._done)

    def forget(self) -> None:
        """Drop all steps: for another radiograph or reader."""
        self._done.clear()
        self._undone.clear()


def _step(volume, steps: list[Step], others: list[Step]) -> bool:
    masks = _masks(volume) if steps else b""
    if not steps or steps[-1][0] != masks:
        return False
    others.append((masks, heartPoints(volume)))
    setHeartPoints(volume, steps.pop()[1])
    return True


def _masks(volume) -> bytes:
    return digest_of(labelsOf(lungsOf(volume), volume))

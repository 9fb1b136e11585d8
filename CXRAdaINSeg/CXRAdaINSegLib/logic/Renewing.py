"""Shows a mask that the model has made in the background, without interrupting the reader."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import qt

from ..scene.ChestLines import isPlacing
from ..scene.LungSegments import lungsOf
from ..scene.ToolAtWork import toolAtWork
from ..Timers import callWhen
from .Worklist import Worklist


class Renewing:
    """Replaces the current image's mask by a newer one of the model once that ends nothing which the reader
    has begun: no mouse button is down, no click waits for the model, no point is being placed, and no tool is
    in hand for the mask. A mask that the reader has changed is not replaced.

    onRenewed(image): the mask of this session's image was replaced.
    """

    def __init__(self, worklist: Worklist, onRenewed: Callable[[object], None]):
        self._worklist, self._onRenewed = worklist, onRenewed

    def renew(self, key: str) -> None:
        """A model's mask of the image `key` was saved."""
        callWhen(partial(self._canAct, key), partial(self._act, key))

    def _canAct(self, key: str) -> bool:
        """Whether the reader is at rest, or has gone on to another image."""
        worklist = self._worklist
        if worklist.current is None or worklist.current.image.key != key:
            return True
        masks = lungsOf(worklist.current.volume)
        return not (
            qt.QApplication.mouseButtons()
            or worklist.segmenting.writing
            or worklist.isReading
            or isPlacing()
            or (masks is not None and toolAtWork(masks))
        )

    def _act(self, key: str) -> None:
        if self._worklist.renew(key):
            current = self._worklist.current
            self._worklist.segmenting.masksChanged.emit(current.volume)
            self._onRenewed(current.image)

"""Masks that come by themselves, of the image that the reader is looking at: made by the model in the
background, or for a turn of the image."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import qt

from ..scene.ChestLines import isPlacing
from ..scene.LungSegments import labelsOf, lungsOf
from ..scene.ToolAtWork import toolAtWork
from ..Timers import callWhen
from .Approval import isEmpty
from .Worklist import Worklist

SEEN = 1.0  # seconds until a reader can have looked at a mask that has appeared by itself


class Renewing:
    """What the reader approves is what has been in view: a mask in view stays, and the newer one is offered.
    Where there is none, the model's appears at once, unless that ends something which the reader has begun: a
    mouse button is down, a click waits for the model, a point is being placed, or a tool is in hand for the
    mask.

    onOffered(image): there is a newer mask of this session's image. onRenewed(image): its mask was replaced.
    """

    def __init__(
        self,
        worklist: Worklist,
        onOffered: Callable[[object], None],
        onRenewed: Callable[[object], None],
    ):
        self._worklist, self._onOffered, self._onRenewed = worklist, onOffered, onRenewed
        self._appeared: tuple[object, float] = None, 0.0  # the volume whose mask did, and when
        self._left: np.ndarray | None = None  # the mask in view of the reader who leaves
        worklist.readerLeaves.connect(self._onReaderLeaves)
        worklist.readerChanged.connect(self._onReaderChanged)

    def note(self, key: str) -> None:
        """A model's mask of the image `key` was saved."""
        callWhen(partial(self._canAct, key), partial(self._act, key))

    def show(self, key: str) -> None:
        """Show the newer mask of the current image, if that is `key`: the reader has asked for it."""
        if self._canAct(key):
            self._renew(key)

    def noteExchange(self, volume) -> None:
        """The masks of a volume were exchanged for others."""
        self._appeared = volume, time.monotonic()

    def isUnseen(self) -> bool:
        """Whether the mask in view appeared by itself, with a turn or another reader, just now: a key or a
        press of a button may have been on its way."""
        volume, when = self._appeared
        current = self._worklist.current
        return current is not None and current.volume is volume and time.monotonic() - when < SEEN

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
        if not self._worklist.hasNewer(key):
            return
        current = self._worklist.current
        if not isEmpty(current.volume):
            self._onOffered(current.image)
        elif self._renew(key):
            self.noteExchange(current.volume)

    def _renew(self, key: str) -> bool:
        renewed = self._worklist.renew(key)
        if renewed:
            current = self._worklist.current
            self._worklist.segmenting.masksChanged.emit(current.volume)
            self._onRenewed(current.image)
        return renewed

    def _onReaderLeaves(self) -> None:
        self._left = self._labels()

    def _onReaderChanged(self) -> None:
        if self._left is not None and not np.array_equal(self._left, self._labels()):
            self.noteExchange(self._worklist.current.volume)
        self._left = None

    def _labels(self) -> np.ndarray | None:
        current = self._worklist.current
        return None if current is None else labelsOf(lungsOf(current.volume), current.volume)

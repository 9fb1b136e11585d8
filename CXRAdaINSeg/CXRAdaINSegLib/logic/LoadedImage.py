"""An image of the session in the scene, and the time that is spent on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from cxradain.sessions import records
from cxradain.sessions.records import SessionImage, Version

PAUSE = 60.0  # seconds: a longer gap between two edits counts as this much, for nobody was there


class EditingTime:
    """Seconds of work on an image, without long pauses. Begins at once; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._last, self._spent = clock(), 0.0

    def touch(self) -> None:
        """Something was edited."""
        now = self._clock()
        self._spent += min(now - self._last, PAUSE)
        self._last = now

    def restart(self) -> float:
        """The seconds since it began, or since this was last called."""
        self.touch()
        spent, self._spent = self._spent, 0.0
        return spent


@dataclass
class LoadedImage:
    """An image of the session in the scene; `version` is the newest one that the reader sees, `labels` its
    (H, W) mask, `source` the version with the model's mask that it came from, where that is known."""

    image: SessionImage
    volume: object
    version: Version | None = None
    labels: np.ndarray | None = None
    source: Version | None = None
    time: EditingTime = field(default_factory=EditingTime)


def statusOf(version: Version, reader: str) -> str:
    """A version's status to a reader: of what is another's or a model's, auto."""
    return version.status if version.reader == reader else records.AUTO

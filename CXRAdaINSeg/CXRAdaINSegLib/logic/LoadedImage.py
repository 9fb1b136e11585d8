"""An image of the session in the scene, and the time spent on editing it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from cxradain.sessions import records
from cxradain.sessions.hearts import Points
from cxradain.sessions.records import SessionImage, Version

PAUSE = 60.0  # seconds; a longer gap between two edits counts as this much


class EditingTime:
    """Measures the seconds of work on an image; a longer pause counts as PAUSE. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._last, self._spent = clock(), 0.0

    def touch(self) -> None:
        """Record an edit."""
        now = self._clock()
        self._spent += min(now - self._last, PAUSE)
        self._last = now

    def restart(self) -> float:
        """Return the seconds of work since the start or the last restart, and begin again at 0."""
        self.touch()
        spent, self._spent = self._spent, 0.0
        return spent


@dataclass
class LoadedImage:
    """An image of the session in the scene: `version` is the version that the reader sees, `labels` its (H,
    W) mask, `source` the version with the model's mask it was derived from, if known; `heart` the reader's
    heart points in the session; `isChanged`: the mask in the scene differs from `labels`, as it was last at
    rest; `isBegun`: it has been changed since it was shown, though it may have been changed back; `isGiven`:
    its mask comes from outside the session."""

    image: SessionImage
    volume: object
    version: Version | None = None
    labels: np.ndarray | None = None
    source: Version | None = None
    heart: Points = ()
    isChanged: bool = False
    isBegun: bool = False
    isGiven: bool = False
    time: EditingTime = field(default_factory=EditingTime)


def statusOf(version: Version, reader: str) -> str:
    """A version's status as a reader sees it: auto for versions by other readers and models."""
    return version.status if version.reader == reader else records.AUTO

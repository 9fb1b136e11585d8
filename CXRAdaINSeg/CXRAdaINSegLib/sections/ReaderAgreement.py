"""The agreement of readers on the worklist's radiographs."""

from __future__ import annotations

from collections.abc import Callable

from cxradain.engine.session_service import MOST_AGREEMENTS

from ..processes.SessionWorker import SessionWorker
from .PaintedRows import PaintedRows

Dice = tuple[float | None, float | None, int]
"""Dice of the right and of the left lung, None if nobody drew it, and the number of readers."""


class ReaderAgreement(PaintedRows):
    """Mean Dice over pairs of readers, for each lung; None for images with fewer than two readers."""

    def __init__(self, worker: SessionWorker, onArrived: Callable[[], None]):
        super().__init__(worker, "agreement", MOST_AGREEMENTS, None, onArrived)

    def _dataIn(self, key: str, header, arrays) -> Dice | None:
        between = header["agreement"].get(key)
        return tuple(between) if between is not None else None

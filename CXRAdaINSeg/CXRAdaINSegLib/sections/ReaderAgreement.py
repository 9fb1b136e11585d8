"""How far the readers of the worklist's radiographs agree."""

from __future__ import annotations

from collections.abc import Callable

from cxradain.engine.session_service import MOST_AGREEMENTS

from ..processes.SessionWorker import SessionWorker
from .PaintedRows import PaintedRows

Dice = tuple[float | None, float | None, int]
"""Of the right and of the left lung, None where nobody drew it; and of how many readers."""


class ReaderAgreement(PaintedRows):
    """Mean Dice of each two readers, lung by lung; None where fewer than two have marked the image."""

    def __init__(self, worker: SessionWorker, onArrived: Callable[[], None]):
        super().__init__(worker, "agreement", MOST_AGREEMENTS, None, onArrived)

    def _answerOf(self, key: str, header, arrays) -> Dice | None:
        between = header["agreement"].get(key)
        return tuple(between) if between is not None else None

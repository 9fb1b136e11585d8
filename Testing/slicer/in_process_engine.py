"""An engine without a model or a process of its own: two boxes for lungs, on the test's `answer()`."""

from __future__ import annotations

import numpy as np
from cxradain.imaging.quality import MaskQuality
from cxradain.imaging.turn import Turn
from cxradain.models.clicks import Click
from CXRAdaINSegLib.Signal import Signal

MODEL_ID, MODEL_HASH = "stand-in 1", "0" * 64
RADIUS = 5  # pixels that a click changes


class StandInEngine:
    """Has EngineProcess's interface; `asked` lists the requests that wait."""

    def __init__(self):
        self.state, self.info = "ready", {}
        self.stateChanged = Signal()
        self.asked: list[tuple] = []
        self.suspicions: list[dict] = []  # of images that have not been turned
        self.model_id = MODEL_ID  # of the model that it has loaded
        self.probability = 1.0  # of lung, where a click adds
        self.lower: dict[str, int] = {}  # by mode, rows that its masks lie lower
        self.quality: MaskQuality | None = None  # of predicted masks
        self._count = 0

    def request(self, do, arrays=None, onResult=None, onProgress=None, onError=None, **fields) -> int:
        """Queue the request until `answer`."""
        self._count += 1
        self.asked.append((self._count, do, fields, arrays or {}, onResult, onError))
        return self._count

    def cancel(self, identity: int) -> None:
        """Fail a request as cancelled."""
        for entry in [entry for entry in self.asked if entry[0] == identity]:
            self.asked.remove(entry)
            entry[5]("Cancelled.", "cancelled")

    def stop(self) -> None:
        """Forget all requests, and signal that it has ended."""
        self.asked.clear()
        self.stateChanged.emit("off", "The engine is not running.")

    def fail(self, text: str = "It failed.", code: str = "internal") -> None:
        """Fail all waiting requests."""
        failing, self.asked = self.asked, []
        for entry in failing:
            if entry[5] is not None:
                entry[5](text, code)

    def answer(self) -> None:
        """Answer all waiting requests, and those sent on their answers."""
        while self.asked:
            _identity, do, fields, arrays, onResult, _onError = self.asked.pop(0)
            if onResult is not None:
                onResult(*getattr(self, f"_{do}")(fields, arrays))

    def _load(self, fields, arrays):
        return {"model_id": self.model_id, "model_hash": MODEL_HASH}, {}

    def _try(self, fields, arrays):
        return {}, {}

    def _predict(self, fields, arrays):
        turn = Turn.from_json(fields["facts"].get("turn"))
        labels = np.ascontiguousarray(turn.undo(boxes(turn.pair(arrays["pixels"].shape))))
        labels = np.roll(labels, self.lower.get(fields["mode"], 0), axis=0)
        header = {
            "mode": fields["mode"],
            "model_id": self.model_id,
            "model_hash": MODEL_HASH,
            "device": "no device",
            "notes": [],
            "suspicions": [] if turn else self.suspicions,
            "quality": self.quality.to_json() if self.quality is not None else None,
            "disagreement_score": None,
            "seconds": 0.0,
        }
        return header, {"labels": labels} | {view: labels * 100 for view in fields["views"]}

    def _refine(self, fields, arrays):
        labels, click = arrays["labels"], Click.from_json(fields["click"])
        row, column = round(click.row), round(click.column)
        top, left = max(0, row - RADIUS), max(0, column - RADIUS)
        bottom, right = min(labels.shape[0], row + RADIUS + 1), min(labels.shape[1], column + RADIUS + 1)
        value = click.lung if click.action == "add" else 0
        patch = np.full((bottom - top, right - left), value, np.uint8)
        changed = int(np.count_nonzero(patch != labels[top:bottom, left:right]))
        box = [top, bottom, left, right]
        header = {"changed": changed, "box": box, "probability": self.probability}
        return header, {"patch": patch}


def boxes(shape: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8 labels: a box on the left half of the image and one on the right."""
    rows, columns = shape
    labels = np.zeros(shape, np.uint8)
    middle = slice(rows // 4, 3 * rows // 4)
    labels[middle, columns // 8 : columns * 3 // 8] = 1
    labels[middle, columns * 5 // 8 : columns * 7 // 8] = 2
    return labels

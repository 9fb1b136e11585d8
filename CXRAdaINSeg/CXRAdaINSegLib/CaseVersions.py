"""What of a mask in the scene becomes a version: whose it is, its status, and how it was made."""

from __future__ import annotations

import numpy as np
from cxradain.sessions.records import AUTO, CORRECTED, MODEL, Origin, Version
from cxradain.sessions.store import Session

from .logic.CaseNodes import clicksAsRecords, modelOf
from .logic.Segmenting import Segmenting
from .scene.LungSegments import labelsOf, lungsOf, presentLungs

CLICK = "Click"  # beside the segment editor's names of its effects


def keepMask(
    session: Session, case, segmenting: Segmenting, reader: str, status: str | None
) -> tuple[Version, np.ndarray]:
    """Write the mask of a `Cases.Case` as it is in the scene; returns the version and its labels.

    status: None for what it has become: the model's own whole mask is kept as the model's while the reader
    has none; all else is the reader's, corrected. Raises SessionError.
    """
    segmentation = lungsOf(case.volume)
    present = presentLungs(segmentation)
    labels = labelsOf(segmentation, case.volume) if present else np.zeros(case.image.shape, np.uint8)
    model = modelOf(segmentation) if present else ""
    prediction = segmenting.predictions.madeBy(case.volume, model, labels) if model else None
    models = prediction is not None and np.array_equal(prediction.labels, labels)
    own = case.version is not None and case.version.reader == reader
    fields = _modelFields(case.version, prediction, model)
    if status is None and models and not own:
        fields |= {
            "flags": tuple(flag["code"] for flag in prediction.flags),
            "disagreement": prediction.score,
        }
        return session.add_mask(case.image.key, labels, MODEL, AUTO, Origin(**fields)), labels
    clicks = clicksAsRecords(segmentation) if present else ()
    before = case.version.clicks if case.version is not None else ()
    tools = set(case.tools) | ({CLICK} if len(clicks) > len(before) else set())
    origin = Origin(
        base=case.version.id if case.version is not None else None,
        clicks=clicks,
        tools=tuple(sorted(tools)),
        seconds=round(case.time.take(), 1),
        **fields,
    )
    return session.add_mask(case.image.key, labels, reader, status or CORRECTED, origin), labels


def statusOf(version: Version, reader: str) -> str:
    """A version's status to a reader: of what is another's or a model's, auto."""
    return version.status if version.reader == reader else AUTO


def _modelFields(version: Version | None, prediction, modelId: str) -> dict:
    """Which model's mask it was at first."""
    if prediction is not None:
        return {"model_id": prediction.modelId, "model_hash": prediction.modelHash, "mode": prediction.mode}
    if version is not None and (not modelId or version.model_id == modelId):
        return {"model_id": version.model_id, "model_hash": version.model_hash, "mode": version.mode}
    return {"model_id": modelId or None}

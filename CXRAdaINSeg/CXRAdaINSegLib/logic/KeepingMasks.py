"""Saves the mask of an image in the scene as a version, and determines whether it was corrected."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import numpy as np
from cxradain.sessions import records
from cxradain.sessions.records import NotCorrected, Origin, RecordError, Version
from cxradain.sessions.store import Session

from ..scene.ClickMarkers import clicksOf
from ..scene.LungSegments import LUNGS, labelsOf, lungsOf, presentLungs
from ..scene.MaskProvenance import ModelMask, isApproved, modelMaskOf
from ..scene.ToolAtWork import toolsOf
from .LoadedImage import LoadedImage
from .Predictions import Predictions


def keepMask(
    session: Session, current: LoadedImage, reader: str, status: str | None, predictions: Predictions
) -> tuple[Version, np.ndarray]:
    """Save an image's mask as it is in the scene; returns the version and its labels.

    status: None determines it from the pixels: corrected if a lung differs from the model's mask, otherwise
    auto; or approved, if undo has brought back what the reader had approved. An unedited mask that has all of
    the model's lungs, of an image that the reader has no version of, is the model's version itself. The
    model's masks are always saved too, for comparison. An image that the reader has flagged stays flagged
    when its mask changes. A mask from elsewhere is corrected only where a tool of the reader's has changed
    it. If none has since the reader's last version, what is corrected is by the tools of that. Raises
    SessionError.
    """
    base = current.version
    own = base is not None and base.reader == reader
    if status is None and own and base.status == records.FLAGGED:
        status = records.FLAGGED
    segmentation = lungsOf(current.volume)
    labels = labelsOf(segmentation, current.volume)
    again = _approvedBefore(session, current, reader, labels) if status is None else None
    if again is not None:
        origin = again.continued(f"version {again.number} again", round(current.time.restart(), 1))
        return session.add_mask(current.image.key, labels, reader, records.APPROVED, origin), labels
    masks = {lung: modelMaskOf(segmentation, lung, current.volume) for lung in presentLungs(segmentation)}
    edited = [lung for lung, mask in masks.items() if isEdited(labels == lung, mask, lung)]
    models = [masks[lung] for lung in dict.fromkeys((*edited, *masks)) if masks[lung] is not None]
    # The version is based on the first; the other lung may be of another model, mode or turn.
    kept = [_keepModels(session, current, each, predictions) for each in reversed(models)]
    mask, made = (models[0], kept[-1]) if kept else (None, None)
    if status is None and not edited:
        if made is not None and not own and np.array_equal(labels, mask.labels):
            newest = session.newest(current.image.key, reader)
            if newest is not None and newest.id != made.id:  # the reader has gone back to an older one
                origin = session.as_turned(made)[0].continued(f"version {made.number} again")
                made = session.add_mask(current.image.key, labels, made.reader, records.AUTO, origin)
            current.source = made
            return made, labels
        status = records.AUTO
    tools = toolsOf(segmentation)
    given = current.isGiven or (own and base.status == records.AUTO)
    if status is None and given and not tools:
        status = records.AUTO  # nothing shows that the reader has changed it
    earlier = base.tools if own and not current.isGiven else ()
    if made is None and current.isGiven:
        base = None  # who made it is unknown
    before = base if made is None or (current.source and current.source.id == made.id) else made
    model = made or base or Origin()
    clicks = tuple(click.to_json() for click in clicksOf(segmentation))
    origin = Origin(
        base=before.id if before is not None else None,
        model_id=model.model_id,
        model_hash=model.model_hash,
        mode=model.mode,
        clicks=clicks,
        tools=tuple(sorted(tools or earlier)) if edited else (),
        seconds=round(current.time.restart(), 1),
    )
    add = partial(session.add_mask, current.image.key, labels, reader, origin=origin)
    try:
        version = add(status=status or records.CORRECTED)
    except NotCorrected:  # it is identical to another model's mask
        version = add(status=records.AUTO)
    current.source = made or current.source
    return version, labels


Source = tuple[Version, np.ndarray]  # a version with a model's mask, and its (H, W) labels


def sourcesOf(session: Session, version: Version, labels: np.ndarray, source: Source) -> dict[int, Source]:
    """The model's mask that each lung of a version, with these (H, W) labels, was derived from: `source`, or
    another model's in which that lung is the same."""
    found = dict.fromkeys(LUNGS, source)
    differ = [lung for lung in LUNGS if not np.array_equal(labels == lung, source[1] == lung)]
    drawn = [lung for lung in differ if (labels == lung).any()]
    others = [v for v in session.versions(version.image) if v.reader == records.MODEL] if drawn else []
    for other in reversed(others):
        with suppress(RecordError):  # the file is damaged
            shown, made = session.as_turned(other)
            same = [lung for lung in drawn if np.array_equal(labels == lung, made == lung)]
            found |= dict.fromkeys(same, (shown, made))
            drawn = [lung for lung in drawn if lung not in same]
    return found


def _approvedBefore(
    session: Session, current: LoadedImage, reader: str, labels: np.ndarray
) -> Version | None:
    """The reader's last approved version as the image is turned now, if these are its (H, W) labels and no
    model has made the mask anew since."""
    segmentation = lungsOf(current.volume)
    if not all(isApproved(segmentation, lung) for lung in presentLungs(segmentation)):
        return None
    versions = session.versions(current.image.key)
    own = [each for each in versions if (each.reader, each.status) == (reader, records.APPROVED)]
    try:
        shown, approved = session.as_turned(own[-1]) if own else (None, None)
    except RecordError:  # the file is damaged
        return None
    return shown if np.array_equal(approved, labels) else None


def _keepModels(session: Session, current: LoadedImage, mask: ModelMask, predictions: Predictions) -> Version:
    """The version with a model's mask, saved unless the session has it."""
    origin = Origin(
        model_id=mask.modelId or None,
        model_hash=mask.modelHash or None,
        mode=mask.mode or None,
        flags=mask.suspicions,
        quality=mask.quality,
        disagreement=predictions.score(current.volume, mask),
    )
    return session.add_model_mask(current.image.key, mask.labels, origin)


def isEdited(drawn: np.ndarray, mask: ModelMask | None, lung: int) -> bool:
    """Whether a lung, (H, W) bool, differs from the model's mask it was derived from; None: no mask."""
    return bool(drawn.any()) if mask is None else not np.array_equal(drawn, mask.labels == lung)

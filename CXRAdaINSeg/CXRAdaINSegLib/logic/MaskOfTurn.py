"""The mask that a reader saw when a session's image was turned as it is now again."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from cxradain.sessions.records import MODEL, RecordError

from ..scene.LungSegments import LUNGS, labelsOf, lungsOf
from .Worklist import Worklist


def restoreMask(worklist: Worklist, volume, kept: Collection[int]) -> bool:
    """Show the mask again that the reader had when the image was last turned as now, if a person has changed
    nothing since; returns whether there is one.

    kept: the lungs whose masks are corrected or approved. They must be as they were then; others were the
    model's, and if a version of another turn mixes these with kept ones, no tool was used for it.
    """
    session, current = worklist.session, worklist.current
    if session is None or current is None or current.volume is not volume:
        return False
    versions, turn = session.versions(current.image.key), current.image.facts.turn
    own, models = ([v for v in versions if v.reader == name] for name in (worklist.reader, MODEL))
    version = next((v for v in (*reversed(own), *reversed(models)) if v.turn == turn), None)
    source = version and session.source(version)
    if source is None:
        return False
    try:
        shown, labels = session.as_turned(version)
        made = session.mask(source)
    except RecordError:
        return False  # segmenting again does as well
    present = labelsOf(lungsOf(volume), volume)
    untouched = not any(v.tools for v in own if v.order > version.order)
    for lung in LUNGS:
        isSame, isModels = (np.array_equal(labels == lung, each == lung) for each in (present, made))
        if not isSame and not (isModels and (untouched or lung not in kept)):
            return False
    if not np.array_equal(present, labels):
        worklist.put(current, shown, labels, source)
    return True

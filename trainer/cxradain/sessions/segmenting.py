"""Segmenting a session's images with a model, into versions of status "auto". No torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from ..imaging.quality import MaskQuality
from ..imaging.radiograph import Radiograph, RadiographError, read_ahead
from ..imaging.suspicion import Suspicion, suspicions
from .records import AUTO, MODEL, Origin, SessionImage, Version
from .store import Session


class Prediction(Protocol):
    """The part of a `segmenter.Prediction` that is used."""

    @property
    def labels(self) -> np.ndarray: ...
    @property
    def quality(self) -> MaskQuality | None: ...
    @property
    def model_id(self) -> str: ...
    @property
    def disagreement_score(self) -> float | None: ...


def images_to_segment(
    session: Session, model_hash: str, mode: str, *, again: bool = False, reader: str = MODEL
) -> list[SessionImage]:
    """The readable images without a mask of the model with this weights hash in this mode, and without one of
    the reader; with `again`, all readable images."""
    done = {
        v.image
        for v in session.versions()
        if not again
        and (v.reader == reader != MODEL or (v.model_hash, v.mode, v.reader) == (model_hash, mode, MODEL))
    }
    return [image for image in session.images() if not image.fault and image.key not in done]


def segment(
    session: Session,
    images: list[SessionImage],
    predict: Callable[[Radiograph], Prediction],
    model_hash: str,
    mode: str,
    skip_suspects: bool = False,
) -> Iterator[tuple[SessionImage, Version | RadiographError | tuple[Suspicion, ...]]]:
    """Segment images one after the other, reading ahead; yields each image with its new version, or with the
    error if it cannot be read or has no contrast. Suspicions that it is not an upright frontal chest are
    among the version's flags or, with `skip_suspects`, yielded in its place. Raises NotSaved, and
    TurnedMeanwhile if an image is turned while it is segmented.
    """
    for image, reading in read_ahead(images, session.radiograph):
        try:
            radiograph = reading.result()
            doubts = suspicions(radiograph)
            if doubts and skip_suspects:
                yield image, doubts
                continue
            prediction = predict(radiograph)
        except RadiographError as error:
            yield image, error
            continue
        origin = Origin(
            model_id=prediction.model_id,
            model_hash=model_hash,
            mode=mode,
            flags=tuple(doubt.code for doubt in doubts),
            disagreement=prediction.disagreement_score,
            quality=prediction.quality,
        )
        turn = radiograph.facts.turn
        yield image, session.add_mask(image.key, prediction.labels, MODEL, AUTO, origin, turn)

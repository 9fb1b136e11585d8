"""Masks of status auto for a session's images, by any model; torch is not imported here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from ..imaging.radiograph import Radiograph, RadiographError, read_ahead
from ..imaging.suspicion import Suspicion, suspicions
from .records import AUTO, MODEL, Origin, SessionImage, Version
from .store import Session


class Prediction(Protocol):
    """What is used of a `segmenter.Prediction`."""

    @property
    def labels(self) -> np.ndarray: ...
    @property
    def flags(self) -> tuple[str, ...]: ...
    @property
    def model_id(self) -> str: ...
    @property
    def disagreement_score(self) -> float | None: ...


def images_to_segment(
    session: Session, model_hash: str, mode: str, *, again: bool = False, reader: str = MODEL
) -> list[SessionImage]:
    """The readable images that have no mask yet of the model with this hash of its weights, in this mode, nor
    one of the reader; or, `again`, all readable images."""
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
    """Segment one image after the other, the next one being read meanwhile; gives each with its new version,
    or with the error of one that cannot be read or has no contrast. What speaks against an upright frontal
    chest is among the version's flags; or, where suspects are to be skipped, in its place. Raises NotSaved.
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
            flags=(*(doubt.code for doubt in doubts), *prediction.flags),
            disagreement=prediction.disagreement_score,
        )
        yield image, session.add_mask(image.key, prediction.labels, MODEL, AUTO, origin)

"""Masks of status auto for a session's images, by any model that is handed in; torch is not imported here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np

from ..imaging.radiograph import Radiograph, RadiographError
from .records import AUTO, MODEL, Image, Origin, Version
from .sources import radiograph
from .store import Session


class Found(Protocol):
    """What is used of a `segmenter.Prediction`."""

    @property
    def labels(self) -> np.ndarray: ...
    @property
    def flags(self) -> tuple[str, ...]: ...
    @property
    def model_id(self) -> str: ...
    @property
    def disagreement_score(self) -> float | None: ...


def lacking(session: Session, model_hash: str, mode: str) -> list[Image]:
    """The images that have no mask of this model in this mode yet, but for those that cannot be read."""
    done = {
        v.image for v in session.versions() if (v.model_hash, v.mode, v.reader) == (model_hash, mode, MODEL)
    }
    return [image for image in session.images() if not image.fault and image.key not in done]


def segment(
    session: Session,
    images: list[Image],
    predict: Callable[[Radiograph], Found],
    model_hash: str,
    mode: str,
) -> Iterator[tuple[Image, Version | RadiographError]]:
    """Segment one image after the other, the next one being read meanwhile; gives what became of each.

    A radiograph that fails is told of and the rest go on; it may be there again next time. Raises NotSaved.
    """
    for image, reading in _read_ahead(session, images):
        try:
            found = predict(reading.result())
        except RadiographError as error:
            yield image, error
            continue
        origin = Origin(
            model_id=found.model_id,
            model_hash=model_hash,
            mode=mode,
            flags=tuple(found.flags),
            disagreement=found.disagreement_score,
        )
        yield image, session.add_mask(image.key, found.labels, MODEL, AUTO, origin)


def _read_ahead(session: Session, images: list[Image]) -> Iterator[tuple[Image, Future[Radiograph]]]:
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming: Future[Radiograph] | None = None
        for image, following in zip(images, [*images[1:], None], strict=False):
            present = coming or reader.submit(radiograph, session, image)
            coming = reader.submit(radiograph, session, following) if following else None
            yield image, present

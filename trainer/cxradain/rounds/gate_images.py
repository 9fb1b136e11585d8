"""The gate's images: radiographs with trusted masks, from a session and from reference sets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..datasets import DatasetError, DatasetImage, read_manifest, read_mask
from ..imaging.file_formats import output_names
from ..imaging.lungs import LEFT, RIGHT, are_sides_exchanged
from ..imaging.radiograph import Radiograph, RadiographError, read_radiograph
from ..sessions.records import MODEL, RecordError, SessionImage, Version
from ..sessions.store import Session
from .folder import SESSION
from .overlap import LeakageFilter
from .selection import RoundSelection, select_images

SIDES = (
    "the right lung's mask lies on the right of the upright image. Flip the radiograph, or exchange the "
    "sides of its masks, and approve them again."
)

EMPTY = "the mask is empty. Correct it and approve it again, or flag the radiograph."


@dataclass(frozen=True)
class ComparisonImage:
    """A radiograph with a trusted mask, for the gate.

    set: SESSION, or the name of a reference set. patient, source: as named in the set.
    read: returns the radiograph and its labels, (H, W) of 0, 1, 2; raises RadiographError, RecordError,
        DatasetError, or Excluded.
    unedited: a model made the mask, and it was approved unchanged.
    """

    id: str
    source: str
    patient: str
    set: str
    read: Callable[[], tuple[Radiograph, np.ndarray]]
    unedited: bool = False


def session_images(session: Session, readers: Collection[str] | None = None) -> list[ComparisonImage]:
    """The corrected and approved images of a session's held-out patients."""
    return _of_selection(session, select_images(session, readers))


def _of_selection(session: Session, selection: RoundSelection) -> list[ComparisonImage]:
    return [
        ComparisonImage(
            image.name,
            SESSION,
            image.patient or image.key,
            SESSION,
            partial(_of_session, session, image, version),
            is_unedited(version, session.versions(image.key), session.are_equal),
        )
        for image, version in selection.validation
    ]


def reference_images(
    directories: Sequence[Path], leakage: LeakageFilter | None = None
) -> list[ComparisonImage]:
    """All images with masks in data sets' folders, each a set with the folder's name; folders of the same
    name are numbered. Reading raises Excluded for images that the `leakage` filter excludes.

    Raises DatasetError for a folder without masks.
    """
    names = output_names([SESSION, *(Path(directory).resolve() for directory in directories)], ("",))[1:]
    images: list[ComparisonImage] = []
    for directory, name in zip(directories, names, strict=True):
        cases = [case for case in read_manifest(directory) if case.mask is not None]
        if not cases:
            raise DatasetError(f"{directory}: no image there has a mask to compare with.")
        images += [
            ComparisonImage(c.id, c.source, c.patient_group, name, partial(_read, c, leakage)) for c in cases
        ]
    return images


def images_to_compare(
    session: Session,
    readers: Collection[str] | None,
    references: Sequence[Path],
    replayed: Iterable[str] = (),
) -> list[ComparisonImage]:
    """A session's held-out images, and the reference images on which it cannot have been trained.

    replayed: pixel keys of the images that a round replayed. Raises DatasetError as `reference_images` does.
    """
    selection = select_images(session, readers)
    images = _of_selection(session, selection)
    if references:
        validating = [image for image, _ in selection.validation]
        images += reference_images(references, LeakageFilter(session, validating, replayed))
    return images


def is_unedited(
    version: Version, versions: Sequence[Version], are_equal: Callable[[Version, Version], bool]
) -> bool:
    """Whether a model made the mask and no reader changed it; `versions` are all versions of the image.

    Either the model's own version exists and has the same pixels (`are_equal`), or it does not exist, as the
    mask was approved at once, and no tool or click was used.
    """
    models = [other for other in versions if other.reader == MODEL]
    if any(are_equal(other, version) for other in models):
        return True
    made_by = version.model_hash, version.mode
    if version.model_hash is None or any((other.model_hash, other.mode) == made_by for other in models):
        return False
    by_id = {other.id: other for other in versions}
    step: Version | None = version
    passed: set[str] = set()  # damaged records could refer to each other
    while step is not None and step.id not in passed and (step.model_hash, step.mode) == made_by:
        if step.tools or step.clicks:
            return False
        passed.add(step.id)
        step = by_id.get(step.base or "")
    return True


def labelled(session: Session, image: SessionImage, version: Version) -> tuple[Radiograph, np.ndarray]:
    """An image, and a version of its mask that a round may use as it is.

    Raises RadiographError, and RecordError, also for masks that neither train nor judge a model: empty ones,
    and ones whose lungs lie on each other's side of the upright image.
    """
    radiograph, mask = session.radiograph(image), session.mask(version)
    if not mask.any():
        raise RecordError(EMPTY)
    upright = radiograph.facts.turn.apply(mask)
    if {RIGHT, LEFT} <= set(np.unique(mask)) and are_sides_exchanged(upright):
        raise RecordError(SIDES)
    return radiograph, mask


def _of_session(session: Session, image: SessionImage, version: Version) -> tuple[Radiograph, np.ndarray]:
    try:
        return labelled(session, image, version)
    except (RadiographError, RecordError) as error:
        raise RadiographError(without_paths(session, image, error)) from error


def without_paths(session: Session, image: SessionImage, error: Exception, name: str = "") -> str:
    """The message of an error with a session's image, naming it `name` (default: its name in the session)
    instead of its path, which may contain the patient's name: logs and reports are shared."""
    name, text = name or image.name, str(error)
    places = [image.reference, str(session.path / image.file) if image.file else None, str(session.path)]
    for place in places:
        if place:
            text = text.replace(place, name)
    if image.reference:
        text = text.replace(Path(image.reference).name, name)
    return text if text.startswith(name) else f"{name}: {text}"


def _read(case: DatasetImage, leakage: LeakageFilter | None) -> tuple[Radiograph, np.ndarray]:
    radiograph_read = read_radiograph(case.image)
    if leakage is not None:
        leakage.check(radiograph_read.pixels, case.patient_group)
    return radiograph_read, read_mask(case)

"""Reading a session: its images, the versions of their masks, and which images are held out."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np

from ..imaging.lungs import are_sides_exchanged
from ..imaging.radiograph import Radiograph
from ..imaging.turn import Turn
from . import corrections, hearts, sides
from . import folder as files
from .folder import Description
from .identity import is_drawn, keyed_hash
from .index import Index, WorklistRow
from .readers import reader_named
from .records import (
    APPROVED,
    AUTO,
    CORRECTED,
    MODEL,
    NoSuchImage,
    RecordError,
    SessionError,
    SessionImage,
    Version,
)


class SessionContents:
    """The reading half of a `store.Session`, which opens the folder and the index."""

    path: Path
    description: Description
    _index: Index
    _guard: threading.RLock
    _digests: dict[tuple[str, Turn | None], bytes]

    def worklist(self, reader: str | None = None, order: str = "file") -> list[WorklistRow]:
        """A row for every image, ordered by "file", "status" or "useful" (the lowest quality first).

        The status is that of the reader's own newest version, else the model's ("auto"), else "unlabelled" or
        "unreadable"; without a reader, that of anyone's newest version.
        """
        with self._guard:
            return self._index.worklist(reader, order)

    def worklist_row(self, key: str, reader: str | None = None) -> WorklistRow | None:
        """An image's row, as in `worklist`; None if there is no image with this key."""
        with self._guard:
            return self._index.worklist_row(key, reader)

    def image(self, key: str) -> SessionImage:
        """The image with this key. Raises NoSuchImage."""
        with self._guard:
            image = self._index.image(key)
        if image is None:
            raise NoSuchImage(f"The session has no image {key}.")
        return image

    def images(self) -> list[SessionImage]:
        with self._guard:
            return self._index.images()

    def images_of(self, pixel_hash: str) -> list[SessionImage]:
        """The images with these pixels, each of a different patient."""
        with self._guard:
            return self._index.images_of(pixel_hash)

    def images_of_patient(self, patient: str) -> list[SessionImage]:
        """The images of a patient (`SessionImage.patient`); none for "", an unknown patient."""
        with self._guard:
            return self._index.images_of_patient(patient)

    def versions(self, key: str | None = None) -> list[Version]:
        """The versions of an image, or of all images; the oldest first."""
        with self._guard:
            return self._index.versions(key)

    def versions_by_image(self) -> dict[str, list[Version]]:
        """The versions of every image that has any, by image key; the oldest first."""
        return {key: list(made) for key, made in groupby(self.versions(), lambda version: version.image)}

    def trusted_versions(self) -> dict[str, list[Version]]:
        """As `versions_by_image`, but with status "auto" for those that are called corrected without
        proof."""
        by_image = self.versions_by_image()
        for versions in by_image.values():
            for version in self._unproven(versions):
                versions[versions.index(version)] = replace(version, status=AUTO)
        return by_image

    def unproven(self) -> list[Version]:
        """The readers' newest versions that are called corrected without proof (`corrections.unproven`)."""
        return [each for versions in self.versions_by_image().values() for each in self._unproven(versions)]

    def doubtful(self) -> list[Version]:
        """The readers' newest corrected and approved versions whose lungs lie on each other's side of the
        image as it is turned now, and of which no record says how it was turned when they were made."""
        newest = {(version.image, version.reader): version for version in self.versions()}
        return [version for version in newest.values() if self._is_doubtful(version)]

    def source(self, version: Version) -> Version | None:
        """The model's mask from which a version was made (`corrections.source_of`)."""
        return corrections.source_of(version, self.versions(version.image))

    def readers(self) -> list[str]:
        with self._guard:
            return self._index.readers()

    def reader_named(self, name: str) -> str:
        """The session's reader of a name, apart from capitals and blanks, or else a new reader's name. Raises
        SessionError (`readers.reader_named`)."""
        return reader_named(name, self.readers())

    def check_readers(self, readers: Collection[str] | None) -> None:
        """Raise SessionError for a reader without a version, which is probably a typing error. `MODEL` is
        always accepted."""
        known = self.readers()
        for name in readers or ():
            if name not in (MODEL, *known):
                names = ", ".join(known) or "none yet"
                raise SessionError(f"The session has no reader {name!r}. Its readers are: {names}.")

    def newest(self, key: str, reader: str | None = None) -> Version | None:
        """A reader's newest version, or else the model's; without a reader, any reader's, or else the
        model's."""
        made = self.versions(key)
        own = [v for v in made if v.reader != MODEL and reader in (None, v.reader)]
        return next(reversed(own or [v for v in made if v.reader == MODEL]), None)

    def radiograph(self, image: SessionImage) -> Radiograph:
        """The image as it was added. Raises RadiographError if the file is missing, damaged or a different
        image."""
        return files.read_image(self.path, image)

    def mask(self, version: Version) -> np.ndarray:
        """(H, W) uint8 of 0, 1 and 2: right and left are those of the image as it is turned now. Raises
        RecordError if the file is not what was saved."""
        return self.as_turned(version)[1]

    def as_turned(self, version: Version) -> tuple[Version, np.ndarray]:
        """A version and its mask as its image is turned now (`sides.as_turned`). Raises RecordError."""
        labels, turn = files.read_mask(self.path, version), self._turn_of(version)
        return (version, labels) if turn is None else sides.as_turned(version, labels, turn)

    def are_equal(self, one: Version, other: Version) -> bool:
        """Whether two versions of an image have the same pixels, as it is turned now; an unreadable one
        equals none."""
        return self._digest(one) == self._digest(other)

    def has_mask(self, key: str, labels: np.ndarray) -> bool:
        """Whether a version of an image, of whomever, has these (H, W) labels of 0, 1 and 2."""
        digest = digest_of(labels)
        return any(self._digest(version) == digest for version in self.versions(key))

    def is_held_out(self, image: SessionImage) -> bool:
        """Whether an image is held out for validation: one patient in five, always the same, never trained
        on.

        An image without a known patient counts as a patient. If it is held out when its patient becomes
        known, all images of that patient are: no patient is on both sides, and held-out images stay held
        out. Images with the same pixels are on the same side, whoever their patients are.
        """
        with self._guard:
            patients = self._index.is_held_out(image.patient)
            return image.held_out or patients or is_drawn(self.description.secret, image)

    def keyed_hash(self, purpose: str, text: str) -> str:
        """64 hexadecimal digits that reveal nothing without the session's secret."""
        return keyed_hash(self.description.secret, purpose, text)

    def heart(self, key: str, reader: str) -> hearts.Points:
        """A reader's two points of the heart's width, or none. Raises RecordError."""
        return hearts.read_heart(self.path, key, reader)

    def _is_doubtful(self, version: Version) -> bool:
        turn = self._turn_of(version)
        if turn is None or version.turn is not None or version.status not in (CORRECTED, APPROVED):
            return False
        try:
            return are_sides_exchanged(turn.apply(self.mask(version)))
        except RecordError:
            return False  # reported by `verify`

    def _unproven(self, versions: list[Version]) -> list[Version]:
        return corrections.unproven(versions, self.are_equal)

    def _digest(self, version: Version) -> bytes:
        """A hash of a mask's pixels; for an unreadable mask, one that equals no other."""
        key = version.id, self._turn_of(version)
        if key not in self._digests:
            try:
                self._digests[key] = digest_of(self.mask(version))
            except RecordError:
                return version.sha256.encode()
        return self._digests[key]

    def _turn_of(self, version: Version) -> Turn | None:
        """How a version's image is turned now; None if it was removed."""
        with self._guard:
            image = self._index.image(version.image)
        return None if image is None else image.facts.turn


def digest_of(labels: np.ndarray) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(labels, np.uint8).data).digest()

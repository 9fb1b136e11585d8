"""A session: a folder of radiographs with every version of their masks, safe against crashes.

One application writes, any number read. What `add_mask` has returned survives a crash of the program and of
the computer; versions are never overwritten. The layout is in `folder.py` and Docs/session-format.md.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ..files import make_folder, write_durably
from ..imaging.radiograph import RadiographError
from ..imaging.turn import Turn
from . import folder as files
from . import hearts, nrrd
from .checking import VerifyReport, check, copy_problems, open_for_reading, open_for_writing, rebuild_index
from .contents import SessionContents, digest_of
from .folder import COPIES, REFERENCES, Description
from .identity import further_key, same_image, updated
from .index import Index
from .lock import OwnerLock, WriterLock
from .records import (
    AUTO,
    CORRECTED,
    MODEL,
    STATUSES,
    NotCorrected,
    NotSaved,
    Origin,
    SessionError,
    SessionImage,
    TurnedMeanwhile,
    Version,
    clean_text,
    to_bytes,
    translate_storage_errors,
)


class Session(SessionContents):
    """An open session; close it, or use it in a `with`. May be used from several threads.

    Args:
        path: the session's folder.
        write: False only reads, which also works on read-only folders and while another application writes.
        take_over: replace a living owner, which can no longer write.
        program: the name of this application for messages in others.
        token: of a living owner (`token`), to write on its behalf instead of owning the session.

    A crashed owner is replaced without asking, and its unfinished writes are undone. A folder of an older
    format is updated when it is opened for writing, and not changed when it is only read. Raises
    SessionLocked with the owner, SessionTaken if the owner of the token is none any more, and SessionError.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        write: bool = True,
        take_over: bool = False,
        program: str = "cxradain",
        token: str = "",
    ):
        self.path = Path(path).absolute()
        self.description: Description = files.describe(self.path)
        self._guard = threading.RLock()
        self._lock: WriterLock | None = None
        self._whole = True  # folder and index agree: no write was interrupted
        self._digests: dict[tuple[str, Turn | None], bytes] = {}
        if not write:
            self._index = open_for_reading(self.path)
            return
        with translate_storage_errors("The session", "opened", "open it"):
            self._lock = WriterLock(self.path, token) if token else OwnerLock(self.path, program, take_over)
        try:
            with translate_storage_errors("The session", "opened", "open it"), self._lock.owned():
                if token:
                    self._index = Index(self.path / files.INDEX)
                else:
                    self.description = files.update_format(self.path, self.description)
                    self._index = open_for_writing(self.path)
                self._identity = files.identity(self.path, self._lock.token)
                if not token:
                    self._hold_out_equal_pixels()  # a crash may have prevented it
        except BaseException:
            self._lock.release()
            raise

    @classmethod
    def create(
        cls, path: str | Path, images: str = COPIES, *, shared: bool = False, **options: Any
    ) -> Session:
        """Create an empty session of COPIES or REFERENCES and open it. Only the user can open its folder,
        unless it is `shared` with the user's group. Raises SessionError."""
        if images not in (COPIES, REFERENCES):
            raise ValueError(images)
        files.make(Path(path).absolute(), images, now(), shared)
        try:
            return cls(path, **options)
        except BaseException:
            files.unmake(Path(path).absolute())
            raise

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it and let others write; the owner of a delegated session stays the owner."""
        with self._guard:
            if isinstance(self._lock, OwnerLock) and self._whole:
                with suppress(SessionError, sqlite3.Error, OSError), self._lock.owned():
                    self._check_identity()
                    self._index.remember("closed", "1")
            self._index.close()
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def add_image(self, image: SessionImage, pixels: np.ndarray | None) -> SessionImage:
        """Add a new image, or update the one with the same pixels and patient (`identity.updated`); a missing
        or damaged copy is written again. Returns the image.

        Images of two known patients are never merged, even if their pixels are equal: the second gets a key
        of its own. `pixels` (H, W) are stored in a session of copies; None for one of references. Raises
        NotSaved.
        """
        with self._writing("The image"):
            self._restore(image)
            alike = self._index.images_of(image.pixel_hash)
            present = same_image(alike, image)
            added = self._added(image, pixels) if present is None else self._updated(present, image, pixels)
            if alike and added != present:
                self._hold_out_equal_pixels()
                added = self.image(added.key)
            return added

    def remove_image(self, key: str) -> SessionImage:
        """Remove an image from the session. Nothing is deleted: its record and copy move to `removed/`, and
        adding it again restores it with its masks. Raises SessionError if there is none, and NotSaved."""
        with self._writing("The image"):
            image = self.image(key)
            if image.held_out and image.patient:  # the patient's other images stay held out
                self._hold_out(each for each in self.images() if each.patient == image.patient)
                image = self.image(key)
            files.move_image(self.path, image, removed=True)
            with self._index.transaction():
                self._index.forget(keys=[key])
            return image

    def add_mask(
        self,
        key: str,
        labels: np.ndarray,
        reader: str,
        status: str,
        origin: Origin | None = None,
        turn: Turn | None = None,
    ) -> Version:
        """Save a new version of an image's mask, durably: once this returns, it survives a crash.

        Args:
            labels: (H, W) of 0, 1 (the patient's right lung) and 2 (the left), of the image's size.
            reader: who made it, as in `reader_named`; `MODEL` for a model's mask that nobody has reviewed.
            status: one of `STATUSES`.
            turn: how the image was turned when the mask was computed; None: as it is now.

        Raises NotSaved (disk full, folder gone), SessionTaken, TurnedMeanwhile if the image is turned
        otherwise by now, NotCorrected for a corrected mask that is identical to a model's, SessionError for
        no reader's name or an unfit one, and ValueError for labels that do not fit the image.
        """
        if status not in STATUSES:
            raise ValueError(f"no status {status!r}: one of {', '.join(STATUSES)}")
        labels = np.asarray(labels)
        if labels.size and (labels.min() < 0 or labels.max() > 2):
            raise ValueError("labels are 0, 1 and 2")
        reader = self.reader_named(reader)
        if reader == MODEL and status != AUTO:
            raise SessionError(f"What is {status} needs the name of who did it. Give a reader's name.")
        with self._writing("The mask"):
            image = self.image(key)
            if labels.shape != tuple(image.shape) or image.fault:
                raise ValueError(f"labels of {labels.shape} do not belong to an image of {image.shape}")
            if turn not in (None, image.facts.turn):
                raise TurnedMeanwhile(
                    f"{image.name} was turned while its mask was computed. Segment it again."
                )
            if status == CORRECTED and self._model_version(key, labels) is not None:
                raise NotCorrected(
                    f"The mask of {image.name} is as a model made it, so it is not corrected. Approve it, or "
                    "correct it first."
                )
            data = nrrd.encode(labels.astype(np.uint8), image.placement, areas=True)
            name, number = secrets.token_hex(8), self._index.next_number(key)
            made = Version(
                id=name,
                image=key,
                number=number,
                reader=reader,
                time=now(),
                status=status,
                file=f"{number:04d}-{name}.nrrd",
                sha256=hashlib.sha256(data).hexdigest(),
                shape=image.shape,
                turn=image.facts.turn,
                **vars(origin or Origin()),
            )
            make_folder(files.mask_folder(self.path, key))
            self._put(made, data)
            self._digests[made.id, made.turn] = digest_of(labels)
            return made

    def set_turn(self, key: str, turn: Turn) -> SessionImage:
        """Set how an image is turned for the chest to be upright; its pixels and masks do not change, but if
        right and left do, `mask` names the lungs accordingly, whoever made them.

        Raises NotSaved, SessionTaken, and SessionError if there is no image with this key.
        """
        with self._writing("The turn"):
            image = self.image(key)
            turned = replace(image, facts=replace(image.facts, turn=turn))
            if turned != image:
                files.thumbnail_path(self.path, key).unlink(missing_ok=True)
                self._put(turned, None, image)
            return turned

    def add_model_mask(self, key: str, labels: np.ndarray, origin: Origin) -> Version:
        """Save a model's mask, with which corrections are compared; returns the existing version if the same
        model has made the same mask. Raises as `add_mask`."""
        with self._guard:
            present = self._model_version(key, labels, origin)
            return present or self.add_mask(key, labels, MODEL, AUTO, origin)

    def mend_statuses(self) -> list[Version]:
        """Reset masks that are called corrected without proof to "auto", by new versions of the same mask,
        reader and model; returns these. Raises as `add_mask`."""
        mended = []
        for version in self.unproven():
            shown, mask = self.as_turned(version)
            origin = shown.continued("not corrected by a person")
            mended.append(self.add_mask(version.image, mask, version.reader, AUTO, origin))
        return mended

    def set_status(
        self, version: Version, reader: str, status: str, comment: str = "", seconds: float = 0.0
    ) -> Version:
        """Approve or flag a version, reviewed in so many seconds; saves a new version of the same mask."""
        if status == AUTO:
            raise ValueError("what a reader has looked at is not auto")
        shown, mask = self.as_turned(version)
        origin = shown.continued(comment, seconds)
        return self.add_mask(version.image, mask, reader, status, origin)

    def set_heart(self, key: str, reader: str, points: hearts.Points) -> None:
        """Save a reader's two points of the heart's width, (row, column) in stored pixels, or remove them if
        there are none. Raises NotSaved, SessionTaken, and SessionError if there is no such image, or for the
        reader's name."""
        reader = self.reader_named(reader)
        if points == self.heart(key, reader):
            return
        with self._writing("The heart's width"):
            self.image(key)
            hearts.write_heart(self.path, key, reader, points, now())

    def verify(self) -> VerifyReport:
        """Read every file and compare it with its record, and the index with the folder."""
        with self._guard:
            report = check(self.path, self._index)
        problems = [
            f"{files.mask_path(self.path, version)}: is called corrected, but nothing shows that a person "
            "has changed the model's mask. No round learns from it; `session mend` sets it back to auto."
            for version in self.unproven()
        ]
        problems += [
            f"{files.mask_path(self.path, version)}: its right lung lies on the right of the upright image, "
            "and its record, of an older program, does not say how the image was turned when it was made. No "
            f"round learns from it. Show {self.image(version.image).name} as the reader {version.reader!r}, "
            "exchange the sides if they are wrong, and approve it."
            for version in self.doubtful()
        ]
        return replace(report, problems=(*report.problems, *problems))

    def rebuild(self) -> VerifyReport:
        """Rebuild the index from the folder, delete half-written files, and move files without a record to
        `lost/`; the report lists the problems."""
        with self._writing("The index"):
            self._index.close()
            self._index, report = rebuild_index(self.path)
            self._identity = files.identity(self.path, self.token)
            return report

    def _model_version(self, key: str, labels: np.ndarray, origin: Origin | None = None) -> Version | None:
        """A model's version (of this origin, if given) with these labels, or None."""
        made = [version for version in self.versions(key) if version.reader == MODEL]
        wanted = None if origin is None else (origin.model_hash, origin.mode)
        digest = digest_of(labels)
        return next(
            (
                version
                for version in reversed(made)
                if wanted in (None, (version.model_hash, version.mode)) and self._digest(version) == digest
            ),
            None,
        )

    def _added(self, image: SessionImage, pixels: np.ndarray | None) -> SessionImage:
        key, removed = image.pixel_hash, self._removed()
        while self._index.image(key) is not None or key in removed:
            key = further_key(key, image.patient)
        numbers = [each.sequence + 1 for each in removed.values()]  # numbers are not reused
        number = max([self._index.next_sequence(), *numbers])
        name = clean_text(image.name or f"image-{number:04d}", "An image's name")
        file = None if pixels is None else f"{files.IMAGES}/{key}.nrrd"
        image = replace(image, key=key, sequence=number, added=now(), name=name, file=file)
        self._put(image, None if pixels is None else nrrd.encode(pixels, image.placement))
        return image

    def _removed(self) -> dict[str, SessionImage]:
        """The removed images, by key."""
        records = files.read_records(SessionImage, files.removed_records(self.path), [])
        return {image.key: image for image in records}

    def _restore(self, again: SessionImage) -> None:
        """Restore a removed image that is being added again."""
        alike = [image for image in self._removed().values() if image.pixel_hash == again.pixel_hash]
        if self._index.images_of(again.pixel_hash) or (image := same_image(alike, again)) is None:
            return
        files.move_image(self.path, image, removed=False)
        with self._index.transaction():
            self._index.put_image(image)

    def _updated(self, present: SessionImage, again: SessionImage, pixels: np.ndarray | None) -> SessionImage:
        is_lost = present.reference != again.reference and not self._is_readable(present)
        image = updated(present, again, self.is_held_out(present), is_lost)
        if present.held_out and image.patient != present.patient:
            self._hold_out(i for i in self.images() if i.patient == present.patient != "" and i != present)
        moved = image.placement != present.placement
        if present.file and pixels is not None and (moved or copy_problems(self.path, present)):
            write_durably(self.path / present.file, nrrd.encode(pixels, image.placement))
        if image.facts != present.facts:
            files.thumbnail_path(self.path, image.key).unlink(missing_ok=True)
        if image != present:
            self._put(image, None, present)
        return image

    def _is_readable(self, image: SessionImage) -> bool:
        try:
            self.radiograph(image)
        except RadiographError:
            return False
        return True

    def _hold_out(self, images: Iterable[SessionImage]) -> None:
        for image in images:
            if not image.held_out:
                self._put(replace(image, held_out=True), None, image)

    def _hold_out_equal_pixels(self) -> None:
        """Hold out all images with the same pixels if one of them is held out, so that no pixels are in both
        training and validation; repeat, as this holds out further images of their patients."""
        groups = [self._index.images_of(pixels) for pixels in self._index.of_several_patients()]
        spanning = [group for group in groups if len({self.is_held_out(image) for image in group}) > 1]
        for group in spanning:
            self._hold_out(group)
        if spanning:
            self._hold_out_equal_pixels()

    def _put(
        self, record: SessionImage | Version, data: bytes | None, before: SessionImage | None = None
    ) -> None:
        """Write a file, then its record (replacing `before`), then the index: all or none, even if
        interrupted."""
        path, pixels = files.record_path(self.path, record), files.file_path(self.path, record)
        paths = [path]
        try:
            if data is not None and pixels is not None:
                paths += [] if pixels.exists() else [pixels]  # existing pixels are not deleted on failure
                write_durably(pixels, data)
            write_durably(path, to_bytes(record))
            with self._index.transaction():
                if isinstance(record, SessionImage):
                    self._index.put_image(record)
                else:
                    self._index.put_version(record)
        except BaseException:
            if not self._index.holds(record):
                for path in paths:
                    with suppress(OSError):
                        write_durably(path, to_bytes(before)) if before else path.unlink(missing_ok=True)
            raise

    @contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        with self._guard:
            if self._lock is None:
                raise SessionError("The session was opened for reading only.")
            whole, self._whole = self._whole, False
            with translate_storage_errors(what), self._lock.owned():
                self._check_identity()
                yield
                self._check_identity()
            self._whole = whole

    def _check_identity(self) -> None:
        """Raise NotSaved if the opened folder is gone or replaced by a copy."""
        try:
            same = files.identity(self.path, self.token) == self._identity
        except OSError:
            same = False
        if not same:
            raise NotSaved(
                f"{self.path}: nothing was saved, for the session's folder is gone or another stands in its "
                "place, as after a backup was restored. Open the session again."
            )

    @property
    def token(self) -> str:
        """The owner's token, with which others may write on its behalf; "" if the session is read-only or
        closed."""
        return self._lock.token if self._lock is not None else ""


def now() -> str:
    """The current time, ISO 8601, UTC, with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")

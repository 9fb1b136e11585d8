"""A mask from elsewhere: its labels on the image's grid, the lung it shows, the image it belongs to."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from ..files import read_limited
from ..imaging.decoder import decode
from ..imaging.file_formats import stem
from ..imaging.image_data import ImageFault
from ..imaging.lungs import BACKGROUND, LEFT, RIGHT, side_named_in
from ..imaging.orientation import orientation_along, turn_to_display
from ..sessions.deidentify import read_header
from ..sessions.records import SessionError, SessionImage, shown_name
from ..sessions.store import Session
from .export import IMAGE_KEY, MANIFEST, case_name, stable_uid
from .mask_decoding import place_of

READER = "cxradain.exchange.mask_decoding:decoded_mask"
# Of exports, with the manifest beside them.
MASK_FOLDERS = ("masks", "labelsTr", "segmentations")
IMAGE_FOLDERS = ("images", "imagesTr")
NOT_LABELS = "holds other values than 0 (background), 1 (right lung) and 2 (left lung). Export it as labels."
NO_SIDE = (
    "has one region of value 255, and neither its name nor its folder's says which lung it is.  "
    'Put "right" or "left" into it.'
)
# A side in a file's name, such as "12_left", "right_lung_12" or "12-mask-left".
SIDE = re.compile(
    r"(^|[ _.-])((lung|mask)s?[ _.-]?)?(right|left)([ _.-]?(lung|mask)s?)?(?=$|[ _.-])", re.IGNORECASE
)


class MaskError(SessionError):
    """A file is not a mask of an image in the session; the message names it and says what to do."""


@dataclass(frozen=True)
class FileMask:
    """A mask read from a file: (H, W) uint8 labels of both lungs, or only of `lung` unless that is
    BACKGROUND."""

    image: SessionImage
    labels: np.ndarray
    lung: int
    remarks: tuple[str, ...]


class MaskReader:
    """Reads masks of a session's images, listing the images once."""

    def __init__(self, session: Session):
        self._session = session
        self._images = session.images()

    def read(self, path: Path, image: SessionImage | None = None) -> FileMask:
        """Read a file's mask, and find the image to which it belongs.

        Unless `image` is given, it is the one to which a DICOM segmentation refers, or which the manifest of
        an export names. Only without either does the file's name decide: it is the image's name, or the first
        digits (at least 8) of its key, for a single lung also with the side; its name in an export could be
        that of any session's. Raises MaskError, also if the referenced image is not in the session.
        """
        try:
            header, arrays = decode(READER, path)
        except ImageFault as fault:
            raise MaskError(f"{path}: {fault}") from fault
        image = image or self._image_of(path, set(header["references"]))
        labels = _on_grid_of(image, path, arrays["labels"], arrays.get("place"), header.get("offset"))
        if labels.shape != tuple(image.shape):
            sizes = [" x ".join(map(str, shape[::-1])) for shape in (labels.shape, image.shape)]
            raise MaskError(
                f"{path}: is {sizes[0]} pixels, but {image.name} is {sizes[1]}. Export it at full size."
            )
        lung = self._lung_of_file(path, set(np.unique(labels).tolist()))
        if lung:
            labels = (labels != 0) * np.uint8(lung)
        elif not np.isin(labels, (0, RIGHT, LEFT)).all():
            raise MaskError(f"{path}: {NOT_LABELS}")
        return FileMask(image, labels.astype(np.uint8), lung, tuple(header["remarks"]))

    def _lung_of_file(self, path: Path, values: set[float]) -> int:
        """The lung shown by a file with one region, from its name or its folder's; BACKGROUND for a file with
        both labels. Raises MaskError if the name must say and does not, or contradicts the label."""
        shapes = values - {0}
        if len(shapes) > 1 or not shapes <= {1, 2, 255}:
            return BACKGROUND
        own = _mask_stem(path)
        side = BACKGROUND if self._named(own) else side_named_in(own)
        side = side or side_named_in(path.absolute().parent.name)
        if shapes == {255} and not side:
            raise MaskError(f"{path}: {NO_SIDE}")
        if shapes == {LEFT} and side == RIGHT:
            raise MaskError(
                f"{path}: its name says right lung, but its label 2 means left lung. Correct the one that "
                "is wrong."
            )
        return side

    def _image_of(self, path: Path, references: set[str]) -> SessionImage:
        """The image to which a mask belongs; the file's name counts least."""
        images = self._referred_to(references)
        key = _key_in_manifest(path)
        if not images and key is not None:
            images = [image for image in self._images if image.key == key]
        if len(images) == 1:
            return images[0]
        if references or key is not None:
            what = f"{len(images)} images of the session" if images else "an image that is not in the session"
            source = "it" if references else MANIFEST
            raise MaskError(
                f"{path}: belongs, according to {source}, to {what}. If it belongs to another image, name "
                "that image's key."
            )
        name = _mask_stem(path)
        whole = SIDE.sub("", name).strip(" _.-")
        named = self._named(name) or self._named(whole)
        if not named and whole in map(case_name, self._images):
            raise MaskError(
                f"{path}: every session's exports have a {whole}. Put the {MANIFEST} of its export beside "
                "it, or name the image's key."
            )
        if len(named) != 1:
            raise MaskError(
                f"{path}: {len(named)} images of the session have this name. Name the image's key."
            )
        return named[0]

    def _named(self, name: str) -> Sequence[SessionImage]:
        """The images with this name, or else those whose key begins with it."""
        if named := self._by_name.get(name):
            return named
        return [i for i in self._images if i.key.startswith(name)] if len(name) >= 8 else []

    def _referred_to(self, references: set[str]) -> list[SessionImage]:
        """The images with one of these SOP Instance UIDs, in an export or in a referenced original."""
        if not references:
            return []
        found = {i.key: i for uid in references for i in self._by_exported_uid.get(uid, ())}
        found |= {i.key: i for uid in references for i in self._by_original_uid.get(uid, ())}
        return list(found.values())

    @cached_property
    def _by_name(self) -> dict[str, list[SessionImage]]:
        named: dict[str, list[SessionImage]] = {}
        for image in self._images:
            for name in {stem(image.name), image.name}:
                named.setdefault(name, []).append(image)
        return named

    @cached_property
    def _by_exported_uid(self) -> dict[str, list[SessionImage]]:
        return {stable_uid(self._session, "image", image.key): [image] for image in self._images}

    @cached_property
    def _by_original_uid(self) -> dict[str, list[SessionImage]]:
        of: dict[str, list[SessionImage]] = {}
        for image in self._images:
            if image.reference and image.header is not None and Path(image.reference).is_file():
                header = read_header(Path(image.reference))
                if header is not None and (uid := header.get("SOPInstanceUID")):
                    of.setdefault(str(uid), []).append(image)
        return of


def _on_grid_of(
    image: SessionImage,
    path: Path,
    labels: np.ndarray,
    place: np.ndarray | None,
    offset: Sequence[int] | None,
) -> np.ndarray:
    """The labels on the image's grid, with axes in the image's order and direction, and padded to its size:
    another program may have turned or cropped them.

    They are turned only if they then coincide with the image, pixel by pixel. Raises MaskError for a mask in
    another plane or beyond the image's edge, and if its header turns it but places it elsewhere, as it may or
    may not be upside down.
    """
    if place is None:
        return labels
    where = image.placement
    ours = place_of(where.origin, where.spacing, where.direction, (0, 1))
    directions = [lines[1:] / np.linalg.norm(lines[1:], axis=1, keepdims=True) for lines in (ours, place)]
    turn = np.rint(directions[0] @ directions[1].T).astype(int)
    if np.abs(turn).sum() != 2 or abs(np.linalg.det(turn)) != 1:
        # A picture has no plane in the patient, nor has a two-dimensional file without directions.
        unplaced = len(where.spacing) == 2 and not turn_to_display(orientation_along(directions[1]))
        if not unplaced and not np.array_equal(directions[1], np.eye(2, 3)):
            raise MaskError(
                f"{path}: lies in another plane than {image.name}. Export it on the image's grid."
            )
        turn = np.eye(2, dtype=int)
    exchanged = not turn[0, 0]
    first, across, down = place
    shape = tuple(image.shape[::-1] if exchanged else image.shape)
    if offset is not None and labels.shape != shape:
        (top, left), (height, width) = offset, labels.shape
        if min(top, left) < 0 or top + height > shape[0] or left + width > shape[1]:
            raise MaskError(f"{path}: reaches beyond {image.name}. Export it on the image's grid.")
        labels = np.pad(labels, ((top, shape[0] - top - height), (left, shape[1] - left - width)))
        first = first - left * across - top * down
    if (turn == np.eye(2)).all():
        return labels
    if exchanged:
        labels, turn, (across, down) = labels.T, turn[:, ::-1], (down, across)
    last = [side - 1 if step < 0 else 0 for side, step in zip(labels.shape[::-1], np.diag(turn), strict=True)]
    start = first + last[0] * across + last[1] * down
    if np.linalg.norm(start - ours[0]) > np.linalg.norm(ours[1:], axis=1).max():
        raise MaskError(
            f"{path}: its header turns it relative to {image.name} and places it elsewhere, so it may be "
            "upside down. Export it on the image's grid."
        )
    return labels[:: turn[1, 1], :: turn[0, 0]]


def _mask_stem(path: Path) -> str:
    """A mask file's name without its extension, including Slicer's ".seg"."""
    name = stem(shown_name(path)).removesuffix(".seg")
    return name[:-4] if name.lower().endswith(".bmp") else name


def _key_in_manifest(mask: Path) -> str | None:
    """The key of an exported mask's image, from the manifest beside the mask or its folder; None without a
    manifest that lists it."""
    folders = [mask.parent, *([mask.parent.parent] if mask.parent.name in MASK_FOLDERS else [])]
    for folder in folders:
        try:
            changed = (folder / MANIFEST).stat().st_mtime_ns
            return _manifest_keys(folder / MANIFEST, changed)[_mask_stem(mask)]
        except (OSError, ValueError, csv.Error, KeyError):
            continue  # another program's manifest, or none
    return None


@lru_cache(maxsize=4)
def _manifest_keys(manifest: Path, changed: int) -> dict[str, str]:
    """Image keys by mask name; `changed` is part of the cache key, as the file may be rewritten."""
    table = io.StringIO(read_limited(manifest).decode("utf-8-sig"), newline="")
    return {row["id"]: row[IMAGE_KEY] for row in csv.DictReader(table)}

"""Which image and which patient a file is of: keys, what a mended header changes, and who is held out."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..imaging.image_facts import VOLUME_SOURCES, ImageFacts
from .records import SessionImage

VALIDATION_SHARE = 5  # of so many patients one is kept for validation

CHANGES: dict[str, Callable[[SessionImage], Any]] = {
    "patient": lambda image: image.patient,
    "polarity": lambda image: image.facts.inverted,
    "window": lambda image: image.facts.window,
    "pixel spacing": lambda image: image.facts.spacing,
    "orientation": lambda image: image.facts.orientation,
}


def keyed_hash(secret: str, purpose: str, text: str) -> str:
    """64 hexadecimal digits that no one without the secret, hexadecimal too, can tell from others."""
    return hmac.new(bytes.fromhex(secret), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def is_drawn(secret: str, image: SessionImage) -> bool:
    """Whether the lot falls on the image's patient, or on itself where that is not known."""
    return int(keyed_hash(secret, "validation", image.patient or image.key)[:8], 16) % VALIDATION_SHARE == 0


def further_key(key: str, patient: str) -> str:
    """The key of a patient's image of pixels that another patient's image with such a key has already."""
    return hashlib.sha256(f"{key} {patient}".encode()).hexdigest()[:32]


def same_image(present: Sequence[SessionImage], again: SessionImage) -> SessionImage | None:
    """Which of the images of the same pixels is added again; None where it is another patient's.

    It is the one of the same patient, or whose original is the same file, or where either's patient is not
    known.
    """
    for same in (
        lambda image: image.patient == again.patient,
        lambda image: image.reference is not None and image.reference == again.reference,
        lambda image: not (image.patient and again.patient),
    ):
        for image in filter(same, present):
            return image
    return None


def updated(present: SessionImage, again: SessionImage, held_out: bool) -> SessionImage:
    """An image of the session with what the same one, added again, says of its patient, of its header where
    that can have been mended, and of the place of an original that is gone.

    held_out: whether `present` is kept for validation. It stays so, and with it all images of the patient.
    """
    image = present
    if again.patient and again.patient != present.patient:
        image = replace(image, patient=again.patient, held_out=held_out)
    if _mends(present.facts, again.facts):
        fields = ("facts", "placement", "header", "warnings")
        image = replace(image, **{name: getattr(again, name) for name in fields})
        if again.facts.orientation == present.facts.orientation:  # the reader's turn stays
            image = replace(image, facts=replace(image.facts, turn=present.facts.turn))
    # Facts are read from the original each time, so a mended file takes the place of the old one.
    replaced = image.facts != present.facts or not Path(present.reference or "").is_file()
    if present.reference and again.reference and replaced:
        image = replace(image, reference=again.reference)
    return image


def _mends(old: ImageFacts, new: ImageFacts) -> bool:
    """Whether a file's header counts more than what is known: a picture of the same pixels says less than
    their DICOM file, and that nothing of how a volume lies in space."""
    if new.source and new.source == old.source:
        return True
    if new.source == "DICOM":
        return old.source not in VOLUME_SOURCES.values()
    return not old.source and new != ImageFacts(source=new.source)


def changes(before: SessionImage, after: SessionImage) -> list[str]:
    """What adding an image again has changed of it, in words."""
    return [word for word, value in CHANGES.items() if value(before) != value(after)]

"""The identity of images and patients: keys, updates by a corrected header, and who is held out."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..imaging.image_facts import VOLUME_SOURCES, ImageFacts
from .records import SessionImage

VALIDATION_SHARE = 5  # one in so many patients is held out

PLACE = "place of the original"
CHANGES: dict[str, Callable[[SessionImage], Any]] = {
    "patient": lambda image: image.patient,
    "polarity": lambda image: image.facts.inverted,
    "window": lambda image: image.facts.window,
    "pixel spacing": lambda image: image.facts.spacing,
    "orientation": lambda image: image.facts.orientation,
    PLACE: lambda image: image.reference,
}


def keyed_hash(secret: str, purpose: str, text: str) -> str:
    """HMAC-SHA-256 as 64 hexadecimal digits, which reveal nothing without the secret (hexadecimal)."""
    return hmac.new(bytes.fromhex(secret), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def is_drawn(secret: str, image: SessionImage) -> bool:
    """Whether the image's patient, or the image itself if the patient is unknown, is drawn for validation."""
    return int(keyed_hash(secret, "validation", image.patient or image.key)[:8], 16) % VALIDATION_SHARE == 0


def further_key(key: str, patient: str) -> str:
    """The key of an image whose pixels another patient's image has under the given key."""
    return hashlib.sha256(f"{key} {patient}".encode()).hexdigest()[:32]


def same_image(present: Sequence[SessionImage], again: SessionImage) -> SessionImage | None:
    """Which of the images with the same pixels is being added again; None if all are of other patients.

    It is the one of the same patient, or with the same original file, or with either patient unknown.
    """
    for same in (
        lambda image: image.patient == again.patient,
        lambda image: image.reference is not None and image.reference == again.reference,
        lambda image: not (image.patient and again.patient),
    ):
        for image in filter(same, present):
            return image
    return None


def updated(present: SessionImage, again: SessionImage, held_out: bool, is_lost: bool) -> SessionImage:
    """An image updated by adding the same one again: its patient, its header if it may have been corrected,
    and the path of a lost original.

    held_out: whether `present` is held out; then it stays so, with all images of its patient.
    is_lost: whether its original cannot be read, or holds another image by now.
    """
    image = present
    if again.patient and again.patient != present.patient:
        image = replace(image, patient=again.patient, held_out=held_out)
    if _mends(present.facts, again.facts):
        fields = ("facts", "placement", "header", "warnings")
        image = replace(image, **{name: getattr(again, name) for name in fields})
        if again.facts.orientation == present.facts.orientation:  # keep the reader's turn
            image = replace(image, facts=replace(image.facts, turn=present.facts.turn))
    # Facts are read from the original each time, so a corrected file replaces the old one.
    if present.reference and again.reference and (is_lost or image.facts != present.facts):
        image = replace(image, reference=again.reference)
    return image


def _mends(old: ImageFacts, new: ImageFacts) -> bool:
    """Whether new facts take precedence over old ones: a picture of the same pixels says less than their
    DICOM file, which says nothing about how a volume lies in space."""
    if new.source and new.source == old.source:
        return True
    if new.source == "DICOM":
        return old.source not in VOLUME_SOURCES.values()
    return not old.source and new != ImageFacts(source=new.source)


def changes(before: SessionImage, after: SessionImage) -> list[str]:
    """What adding an image again has changed, as words for people."""
    return [word for word, value in CHANGES.items() if value(before) != value(after)]

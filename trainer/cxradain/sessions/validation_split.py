"""Which patients are set aside for validation, and what an image that is added again tells of its own."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

from .records import Image

SET_ASIDE = 5  # of so many patients one is kept for validation


def keyed_hash(secret: str, purpose: str, text: str) -> str:
    """64 hexadecimal digits that no one without the secret, hexadecimal too, can tell from others."""
    return hmac.new(bytes.fromhex(secret), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def drawn(secret: str, image: Image) -> bool:
    """Whether the lot falls on the image's patient, or on itself where that is not known."""
    return int(keyed_hash(secret, "validation", image.patient or image.key)[:8], 16) % SET_ASIDE == 0


def completed(present: Image, again: Image, set_aside: bool) -> Image:
    """An image of the session with what it lacks and the same one, added again, says: its patient, and the
    place of an original that is gone.

    set_aside: whether `present` is. It stays so, and with it all images of the patient.
    """
    found = present
    if present.reference and again.reference and not Path(present.reference).is_file():
        found = replace(found, reference=again.reference)
    if again.patient and not present.patient:
        found = replace(found, patient=again.patient, apart=set_aside)
    return found

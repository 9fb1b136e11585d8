"""A session of drawn chests with corrections, for tests of rounds; always with the same held-out patients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cxradain.sessions import folder as files
from cxradain.sessions.records import APPROVED, CORRECTED, FLAGGED, MODEL, SessionImage
from cxradain.sessions.store import Session
from session_data import image
from small_models import chest

IMAGES = 14
STAGE = "name=round,steps=4,labelled=4,adaptation=2,adaptation_every=2,restored=1,unlabelled=2"
RECIPE = (
    *("--stage", STAGE, "--accelerator", "cpu", "--precision", "32-true", "--threads", "1"),
    *("--workers", "0", "--progress", "quiet"),
)


def lungs(height: int = 150, width: int = 120, grown: float = 1.0) -> np.ndarray:
    """(height, width) uint8 labels of the chest that `chest` draws."""
    rows, columns = np.mgrid[0:height, 0:width]
    labels = np.zeros((height, width), np.uint8)
    for label, middle in ((1, 0.3), (2, 0.7)):
        inside = ((rows / height - 0.5) / 0.36) ** 2 + ((columns / width - middle) / 0.15) ** 2 < grown
        labels[inside] = label
    return labels


def make_session(
    folder: Path, monkeypatch: pytest.MonkeyPatch, images: int = IMAGES, **fields: object
) -> Session:
    """An open session of so many patients, not yet segmented."""
    with monkeypatch.context() as patch:
        patch.setattr(files.secrets, "token_hex", lambda size: "5a" * size)
        session = Session.create(folder)
    for seed in range(images):
        pixels = chest(seed=seed)
        session.add_image(image(pixels, patient=f"patient-{seed}", **fields), pixels)
    return session


def parts(session: Session) -> tuple[list[SessionImage], list[SessionImage]]:
    """The images that may be trained on, and those that are set aside."""
    aside = [image for image in session.images() if session.is_held_out(image)]
    rest = [image for image in session.images() if not session.is_held_out(image)]
    assert len(aside) >= 2 and len(rest) >= 8
    return rest, aside


def annotate(session: Session) -> None:
    """Three corrected, one approved, one flagged; one of those set aside corrected; all others by a model."""
    rest, aside = parts(session)
    for each in session.images():
        session.add_mask(each.key, lungs(grown=0.8), MODEL, "auto")
    for each in (*rest[:3], aside[0]):
        session.add_mask(each.key, lungs(), "ada", CORRECTED)
    session.add_mask(rest[3].key, lungs(grown=0.8), "ada", APPROVED)
    session.add_mask(rest[4].key, lungs(grown=0.8), "ada", FLAGGED)

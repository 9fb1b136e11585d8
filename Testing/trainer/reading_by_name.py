"""The decoder made to do what a file's name says (`decoder_readers`), and files for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from cxradain.imaging import decoder, radiograph
from PIL import Image


@contextmanager
def reading_by_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each file is read by `decoder_readers.by_name`."""
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    monkeypatch.setattr(radiograph, "READER", "decoder_readers:by_name")
    decoder.stop()
    yield
    decoder.stop()


def chest(path: Path) -> Path:
    """A file of noise, which is taken for a radiograph."""
    pixels = np.random.default_rng(len(path.name)).integers(0, 255, (64, 48)).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path

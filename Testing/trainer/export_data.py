"""A session to export, and functions that export it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from cxradain import DISCLAIMER, cli
from cxradain.sessions.records import Origin
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from dicom_files import write
from PIL import Image
from small_models import chest

ORIGIN = Origin(model_id="compact 1", model_hash="ab" * 32, mode="student", tools=("Paint",))
PATIENT = {"PatientName": "Roe^Richard", "PatientID": "ID-31337", "StudyDate": "20200102"}
HIDDEN = ("Roe", "ID-31337", "20200102", "Reader Ann")


def labels(number: int = 0) -> np.ndarray:
    """(150, 120) labels of both lungs with an uneven outline."""
    rows, columns = np.mgrid[0:150, 0:120]
    made = np.zeros((150, 120), np.uint8)
    for lung, middle in ((1, 35), (2, 84)):
        made[((rows - 75 - number) / 50) ** 2 + ((columns - middle) / 18) ** 2 < 1] = lung
    return made


def make_session(tmp_path: Path, mode: str) -> Path:
    """A session of a CR, an inverted DX and a PNG, each with a corrected mask, as copies or references."""
    source = tmp_path / "Roe"
    source.mkdir()
    dx = pydicom.uid.DigitalXRayImageStorageForPresentation
    write(
        source / "Roe_1.dcm",
        chest(),
        PixelSpacing=[0.2, 0.3],
        StudyInstanceUID=uid(1),
        SeriesInstanceUID=uid(2),
        **PATIENT,
    )
    write(
        source / "Roe_2.dcm",
        chest(seed=1),
        PhotometricInterpretation="MONOCHROME1",
        SOPClassUID=dx,
        Modality="DX",
        StudyInstanceUID=uid(1),
        SeriesInstanceUID=uid(3),
        **PATIENT,
    )
    Image.fromarray((chest(seed=2) // 16).astype(np.uint8)).save(source / "Roe_3.png")
    with Session.create(tmp_path / "s", mode) as opened:
        for number, path in enumerate(sorted(source.iterdir())):
            image, fault = add_file(opened, path)
            assert not fault
            opened.add_mask(image.key, labels(number), "Reader Ann", "corrected", ORIGIN)
    return tmp_path / "s"


def uid(number: int) -> str:
    return f"1.2.826.0.1.3680043.8.498.{number}"


def export(session: Path, format: str, *more: str) -> Path:
    if format == "dicom-seg":
        pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    out = session.parent / f"out-{format}{len(more)}"
    assert cli.main(["session", "export", str(session), "--format", format, "--output", str(out), *more]) == 0
    assert DISCLAIMER in (out / "README.txt").read_text()
    return out


def hides(folder: Path) -> bool:
    """Whether no file or file name below tells the patient or the reader."""
    every = [p for p in folder.rglob("*") if p.is_file()]
    told = [(p, text) for p in every for text in HIDDEN if text.encode() in p.read_bytes() or text in p.name]
    assert not told, told
    return bool(every)

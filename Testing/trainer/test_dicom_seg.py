"""One image's mask as DICOM SEG: readable, about that image, by whom each lung is; else a reason in words."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from cxradain.engine.protocol import RequestError
from cxradain.engine.session_service import SessionService
from cxradain.exchange.dicom_seg import SegmentationError, write_segmentation
from cxradain.frames import Message
from cxradain.sessions.records import Origin
from dicom_files import drawing, write

pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
MODEL = Origin(model_id="compact 1", model_hash="ab" * 32, mode="student")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A file of 96 x 80 pixels in a study of its own."""
    uids = {name: pydicom.uid.generate_uid() for name in ("StudyInstanceUID", "SeriesInstanceUID")}
    return write(tmp_path / "a.dcm", drawing(), PixelSpacing=[0.2, 0.2], **uids)


def lungs() -> np.ndarray:
    labels = np.zeros((96, 80), np.uint8)
    labels[20:60, 5:30], labels[30:50, 50:70] = 1, 2
    return labels


def test_each_lung_says_who_made_it_and_the_patient_is_the_images(image: Path, tmp_path: Path) -> None:
    out = tmp_path / "lungs.dcm"
    uid = write_segmentation(image, lungs(), out, {1: MODEL, 2: MODEL}, [2], "corrected")
    source, made = pydicom.dcmread(image), pydicom.dcmread(out)
    assert made.SOPInstanceUID == uid and made.Modality == "SEG"
    assert (made.PatientName, made.StudyInstanceUID) == (source.PatientName, source.StudyInstanceUID)
    assert made.SeriesInstanceUID != source.SeriesInstanceUID
    referred = made.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert referred.ReferencedSOPInstanceUID == source.SOPInstanceUID
    kinds = {each.SegmentLabel: each.SegmentAlgorithmType for each in made.SegmentSequence}
    assert kinds == {"Right lung": "AUTOMATIC", "Left lung": "SEMIAUTOMATIC"}
    assert [(frame > 0).tolist() for frame in made.pixel_array] == [
        (lungs() == lung).tolist() for lung in (1, 2)
    ]


def test_a_mask_of_another_size_no_lung_and_no_image_are_refused(image: Path, tmp_path: Path) -> None:
    out, origins = tmp_path / "lungs.dcm", {1: MODEL, 2: MODEL}
    with pytest.raises(SegmentationError, match="80 x 96 pixels"):
        write_segmentation(image, lungs()[:-1], out, origins, [], "auto")
    with pytest.raises(SegmentationError, match="no lung"):
        write_segmentation(image, lungs() * 0, out, origins, [], "auto")
    (tmp_path / "b.dcm").write_bytes(b"nothing")
    with pytest.raises(SegmentationError, match=r"b\.dcm: is not a DICOM image"):
        write_segmentation(tmp_path / "b.dcm", lungs(), out, origins, [], "auto")
    assert not out.exists()


def test_the_worker_writes_it_without_a_session(image: Path, tmp_path: Path, monkeypatch) -> None:
    fields = {
        "do": "segmentation",
        "image": str(image),
        "output": str(tmp_path / "lungs.dcm"),
        "origins": {"1": {"model_id": "compact 1"}, "2": {}},
        "edited": [],
        "status": "auto",
    }

    def ask(**changes):
        return SessionService().do(Message(fields | changes, {"labels": lungs()}), lambda done, text: None)

    reply, arrays = ask()
    made = pydicom.dcmread(tmp_path / "lungs.dcm")
    assert reply == {"uid": made.SOPInstanceUID} and arrays == {}
    assert [each.SegmentAlgorithmType for each in made.SegmentSequence] == ["AUTOMATIC", "MANUAL"]
    with pytest.raises(RequestError, match="not written"):
        ask(output=str(image / "under a file.dcm"))
    monkeypatch.setitem(sys.modules, "highdicom", None)
    with pytest.raises(RequestError, match="pip install highdicom"):
        ask()

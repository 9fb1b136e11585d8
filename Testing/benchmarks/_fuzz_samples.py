"""Small valid files of every kind that the project reads, for `fuzz` to damage."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from cxradain.imaging.itk_files import itk_image
from cxradain.models.card import configuration_of
from cxradain.models.onnx_graph import tensor_shapes
from cxradain.sessions.records import SessionImage, pixel_key
from cxradain.sessions.store import Session


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4096, (48, 40)).astype(np.uint16)


def lungs() -> np.ndarray:
    labels = np.zeros((48, 40), np.uint8)
    labels[5:40, 4:16], labels[6:40, 22:36] = 1, 2
    return labels


def saved(image: Any, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def dicom(pixels: np.ndarray, **attributes: Any) -> bytes:
    from pydicom import Dataset, dcmwrite
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = ComputedRadiographyImageStorage, "1.2.3"
    made.PatientName, made.PatientID, made.Modality = "Doe^Jane", "4711", "CR"
    made.Rows, made.Columns = pixels.shape[-2:]
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 8 * pixels.itemsize
    made.HighBit, made.PixelRepresentation = made.BitsStored - 1, 0
    made.WindowCenter, made.WindowWidth, made.PixelSpacing = 2000, 4000, [0.2, 0.2]
    made.PatientOrientation, made.BodyPartExamined, made.ViewPosition = ["L", "F"], "CHEST", "PA"
    made.PixelData = pixels.tobytes()
    for name, value in attributes.items():
        setattr(made, name, value)
    file = io.BytesIO()
    dcmwrite(file, made, enforce_file_format=True)
    return file.getvalue()


def dicom_segmentation() -> bytes:
    from pydicom import Dataset, Sequence
    from pydicom.uid import SegmentationStorage

    def item(**values: Any) -> Dataset:
        made = Dataset()
        for name, value in values.items():
            setattr(made, name, value)
        return made

    def segment(number: int, code: str, label: str) -> Dataset:
        kind = item(CodeValue=code, CodingSchemeDesignator="SCT", CodeMeaning=label)
        sequence = Sequence([kind])
        return item(SegmentNumber=number, SegmentLabel=label, SegmentedPropertyTypeCodeSequence=sequence)

    def frame(number: int) -> Dataset:
        return item(SegmentIdentificationSequence=Sequence([item(ReferencedSegmentNumber=number)]))

    bits = np.packbits(np.stack([lungs() == 1, lungs() == 2]), bitorder="little")
    return dicom(
        lungs(),
        SOPClassUID=SegmentationStorage,
        Modality="SEG",
        SegmentationType="BINARY",
        NumberOfFrames=2,
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        SegmentSequence=Sequence([segment(1, "3341006", "Right lung"), segment(2, "44029006", "Left lung")]),
        PerFrameFunctionalGroupsSequence=Sequence([frame(1), frame(2)]),
        PixelData=bits.tobytes(),
    )


def itk_files(pixels: np.ndarray, folder: Path, fields: dict[str, str]) -> dict[str, bytes]:
    import SimpleITK as sitk

    made = {}
    for name in ("a.nrrd", "a.nii", "a.nii.gz", "a.mha", "b.nrrd"):
        image = itk_image(pixels, (0.2, 0.2, 1), (0, 0, 0), (1, 0, 0, 0, 1, 0, 0, 0, 1))
        for key, value in fields.items():
            image.SetMetaData(key, value)
        sitk.WriteImage(image, str(folder / name), name == "b.nrrd")
        made[name] = (folder / name).read_bytes()
    return made


@cache
def samples() -> dict[str, dict[str, bytes]]:
    """Target -> file name -> content of valid files."""
    from PIL import Image

    eight = Image.fromarray((picture() >> 4).astype(np.uint8))
    labels = Image.fromarray(lungs())
    fields = {"Segment0_Name": "right lung", "Segment0_LabelValue": "1", "Segment0_Layer": "0"}
    fields |= {"Segment1_Name": "left lung", "Segment1_LabelValue": "2", "Segment1_Tags": "|"}
    fields["Segmentation_ReferenceImageExtentOffset"] = "0 0 0"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = itk_files(picture(), folder, {})
        masks = {f"{n[0]}.seg{n[1:]}": d for n, d in itk_files(lungs(), folder, fields).items()}
        return {
            "images": images
            | {
                "a.dcm": dicom(picture()),
                "a.png": saved(Image.fromarray(picture()), "PNG"),
                "b.png": saved(eight, "PNG"),
                "a.jpg": saved(eight, "JPEG"),
                "a.tif": saved(eight, "TIFF"),
            },
            "masks": masks
            | {
                "a.dcm": dicom_segmentation(),
                "a.png": saved(labels, "PNG"),
                "p.png": saved(labels.convert("P"), "PNG"),
                "a.tif": saved(labels, "TIFF", compression="tiff_deflate"),
                "a.bmp": saved(labels, "BMP"),
            },
            "archives": archives(),
            "models": model(folder / "model"),
            "sessions": session_files(folder / "session"),
            "rounds": ROUND_FILES,
        }


def archives() -> dict[str, bytes]:
    from PIL import Image

    png = saved(Image.fromarray(lungs()), "PNG")
    zipped, plain, packed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/1.png", png)
        archive.writestr("a/2.png", png)
    for file, mode in ((plain, "w"), (packed, "w:gz")):
        with tarfile.open(fileobj=file, mode=mode) as archive_file:
            for name in ("a/1.png", "a/" + "long" * 40 + ".png"):
                entry = tarfile.TarInfo(name)
                entry.size = len(png)
                archive_file.addfile(entry, io.BytesIO(png))
    return {"a.zip": zipped.getvalue(), "a.tar": plain.getvalue(), "a.tar.gz": packed.getvalue()}


SIZES = {"canvas": 64, "width": 2, "max_width": 4, "style_width": 2, "style_max_width": 4, "code_hidden": 4}
SIZES |= {"latent_size": 2, "code_size": 4, "classes": 3}


def model(folder: Path) -> dict[str, bytes]:
    from safetensors.numpy import save

    folder.mkdir()
    card = {
        "name": "small",
        "version": "1",
        "configuration": SIZES,
        "parent": None,
        "measured": {},
        "data": [],
    }
    (folder / "card.json").write_text(json.dumps(card))
    shapes = tensor_shapes(configuration_of(card, folder))
    weights = save({name: np.zeros(shape, np.float16) for name, shape in shapes.items()})
    return {"card.json": json.dumps(card).encode(), "weights.safetensors": weights}


def session_files(folder: Path) -> dict[str, bytes]:
    with Session.create(folder) as session:
        pixels = picture()
        record = SessionImage(pixel_key(pixels), "one", pixels.shape, pixels.dtype.str, "", 0)
        image = session.add_image(record, pixels)
        session.add_mask(image.key, lungs(), "Ann", "corrected")
        session.add_mask(image.key, lungs(), "Ann", "approved")
    paths = [path for path in folder.rglob("*") if path.is_file() and "lock" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


STATUS = {"state": "training", "text": "begins", "pid": 1, "time": 1.8e9, "started": 1.8e9, "session": "s"}
STATUS |= {"base": "b", "used": ["0a"], "data": None, "readers": ["Ann"], "references": [], "command": ["x"]}
ROUND_FILES = {
    "round.json": json.dumps(STATUS).encode(),
    "gate.json": json.dumps({"verdict": "better", "n": 20, "sets": {"session": {"n": 20}}}).encode(),
    "panel.json": json.dumps({"words": ["--scale", "1"], "decision": "promoted"}).encode(),
    "progress.jsonl": b'{"stage": "a", "step": 1, "steps": 4, "loss": {"x": 0.1}}\n' * 3,
}

"""Made-up headers of NRRD, NIfTI and MetaImage: refused before a library reads them, each naming its file."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain.imaging.radiograph import RadiographError, read_radiograph
from dicom_files import drawing

PIXELS = drawing(8, 40, 36)
META = {
    "ObjectType": "Image",
    "NDims": "2",
    "BinaryData": "True",
    "DimSize": "36 40",
    "ElementType": "MET_UCHAR",
    "ElementDataFile": "LOCAL",
}
NRRD = {"type": "uchar", "dimension": "2", "sizes": "36 40", "encoding": "raw"}


def meta_image(path: Path, **changes: str) -> Path:
    fields = META | changes
    fields["ElementDataFile"] = fields.pop("ElementDataFile")  # the last one, after which come the pixels
    text = "".join(f"{name} = {value}\n" for name, value in fields.items() if value)
    path.write_bytes(text.encode() + PIXELS.tobytes())
    return path


def nrrd(path: Path, changes: dict[str, str]) -> Path:
    text = "".join(f"{name}: {value}\n" for name, value in (NRRD | changes).items() if value)
    path.write_bytes(b"NRRD0004\n" + text.encode() + b"\n" + PIXELS.tobytes())
    return path


def nifti(path: Path, *changes: tuple[int, str, float]) -> Path:
    """A file with values changed: place in the header, format and value."""
    sitk.WriteImage(sitk.GetImageFromArray(PIXELS), str(path))
    data = bytearray(path.read_bytes())
    for place, form, value in changes:
        struct.pack_into("<" + form, data, place, value)
    path.write_bytes(data)
    return path


def refused(path: Path) -> str:
    with pytest.raises(RadiographError) as caught:
        read_radiograph(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ") and "ended the process" not in said
    return said


def test_the_sound_ones_are_read(tmp_path: Path) -> None:
    for path in (meta_image(tmp_path / "a.mha"), nrrd(tmp_path / "a.nrrd", {}), nifti(tmp_path / "a.nii")):
        assert np.array_equal(read_radiograph(path).pixels, PIXELS)


@pytest.mark.parametrize(
    "changes",
    [
        {"NDims": "-1"},
        {"NDims": "99999999"},
        {"NDims": "5", "DimSize": "36 40 1 1 1"},
        {"DimSize": "36"},
        {"DimSize": "36 -40"},
        {"DimSize": "99999999999 99999999999"},
        {"ElementType": "MET_OTHER"},
        {"ElementType": "MET_ASCII_CHAR"},
        {"TransformMatrix": "nan 0 0 1"},
        {"TransformMatrix": "1 0 0"},
        {"Offset": "1 2 3"},
        {"ElementSpacing": "inf 1"},
        {"ElementNumberOfChannels": "-7"},
        {"HeaderSize": "-99"},
        {"ObjectType": "Tube"},
        {"ElementDataFile": ""},
        {"elementdatafile": "chest.raw"},
        {"Comment": "ElementDataFile = /etc/passwd"},
    ],
    ids=str,
)
def test_a_meta_image_header_that_is_none(tmp_path: Path, changes: dict[str, str]) -> None:
    refused(meta_image(tmp_path / "chest.mha", **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"dimension": "16"},
        {"dimension": "-1"},
        {"sizes": "36 40 1"},
        {"sizes": "36 0"},
        {"type": "block"},
        {"encoding": "none"},
        {"space dimension": "2", "space directions": "n}}xxx"},
        {"space dimension": "2", "space directions": "(1,0) (0,inf)"},
        {"space dimension": "2", "space directions": "(1,0) (0,1) (1,1)"},
        {"space dimension": "3", "space directions": "(1,0) (0,1,0)"},
        {"space dimension": "2", "space directions": "(1,0) (0,1)", "space origin": "(0,0,0)"},
        {"spacings": "1 x"},
        {"byte skip": "-7"},
        {"line skip": "a"},
    ],
    ids=str,
)
def test_a_nrrd_header_that_is_none(tmp_path: Path, changes: dict[str, str]) -> None:
    refused(nrrd(tmp_path / "chest.nrrd", changes))


@pytest.mark.parametrize(
    "change",
    [
        (40, "h", 0),  # axes
        (40, "h", 9),
        (42, "h", -5),  # a size
        (70, "h", 32),  # complex numbers
        (70, "h", 1536),
        (72, "h", 64),  # bits that are not the type's
        (80, "f", float("nan")),  # a spacing
        (80, "f", 1e30),
        (108, "f", 0.0),  # where the pixels begin
        (108, "f", float("inf")),
        (112, "f", 1e30),  # the scale of the values
        (280, "f", float("nan")),  # the place in the patient
    ],
    ids=str,
)
def test_a_nifti_header_that_is_none(tmp_path: Path, change: tuple[int, str, float]) -> None:
    path = nifti(tmp_path / "chest.nii", change)
    refused(path)
    (tmp_path / "chest.nii.gz").write_bytes(gzip.compress(path.read_bytes()))
    refused(tmp_path / "chest.nii.gz")


def test_colors_with_a_scale_are_refused(tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(np.dstack([PIXELS] * 3), isVector=True)
    sitk.WriteImage(image, str(tmp_path / "sound.nii"))
    assert read_radiograph(tmp_path / "sound.nii").shape == PIXELS.shape
    data = bytearray((tmp_path / "sound.nii").read_bytes())
    struct.pack_into("<2f", data, 112, -1.7e19, 3.0)
    (tmp_path / "chest.nii").write_bytes(data)
    assert "scales the values of colors" in refused(tmp_path / "chest.nii")


ELSEWHERE = ["/etc/passwd", "../secret.raw", "sub/secret.raw", "%s%s%n 1 1 1", "%03d.raw 1 1 1", "LIST", "."]


@pytest.mark.parametrize("name", [*ELSEWHERE, "link.raw", "pipe", "missing.raw", "/dev/stdin"])
def test_a_detached_header_reads_no_file_but_a_plain_one_beside_it(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for secret in (tmp_path / "secret.raw", folder / "sub" / "secret.raw"):
        secret.write_bytes(PIXELS.tobytes())
    if os.name == "posix":
        (folder / "link.raw").symlink_to(tmp_path / "secret.raw")
        os.mkfifo(folder / "pipe")
    assert "as its pixels" in refused(meta_image(folder / "chest.mhd", ElementDataFile=name))
    assert "as its pixels" in refused(nrrd(folder / "chest.nhdr", {"data file": name}))


@pytest.mark.parametrize("hidden", ["# note\rdata file: ", "note:=text\rdata file: "])
def test_a_line_that_ends_within_another_hides_no_name_of_a_file(tmp_path: Path, hidden: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "secret.raw").write_bytes(PIXELS.tobytes())
    path = nrrd(tmp_path / "chest.nrrd", {})
    data = path.read_bytes().replace(b"NRRD0004\n", f"NRRD0004\n{hidden}sub/secret.raw\n".encode())
    path.write_bytes(data[: data.index(b"\n\n") + 2])  # no pixels of its own
    assert "header" in refused(path)


@pytest.mark.parametrize("name", ["chest.raw", "./chest.raw"])
def test_a_detached_header_reads_the_file_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "chest.raw").write_bytes(PIXELS.tobytes())
    meta_image(tmp_path / "a.mhd", ElementDataFile=name)
    nrrd(tmp_path / "a.nhdr", {"data file": name})
    for path in (tmp_path / "a.mhd", tmp_path / "a.nhdr"):
        assert np.array_equal(read_radiograph(path).pixels, PIXELS)


def test_a_slice_of_negative_thickness_is_read_and_its_mask_written(tmp_path: Path) -> None:
    from cxradain.imaging.mask_files import write_mask
    from cxradain.sessions.sources import add_file
    from cxradain.sessions.store import Session

    sitk.WriteImage(sitk.GetImageFromArray(PIXELS[None]), str(tmp_path / "chest.nii"))
    data = bytearray((tmp_path / "chest.nii").read_bytes())
    struct.pack_into("<f", data, 88, -1.0)
    (tmp_path / "chest.nii").write_bytes(data)
    radiograph = read_radiograph(tmp_path / "chest.nii")
    written = write_mask(tmp_path / "mask.nrrd", (PIXELS > 100).astype(np.uint8), radiograph)
    assert sitk.ReadImage(str(written)).GetSize() == (36, 40, 1)
    with Session.create(tmp_path / "s") as session:
        assert add_file(session, tmp_path / "chest.nii")[1] == ""

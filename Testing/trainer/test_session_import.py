"""Masks of other programs become versions; archives are unpacked into their folder and nowhere else."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain import cli
from cxradain.sessions import archives
from cxradain.sessions.archives import ArchiveError, unpack
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from session_data import lungs, picture


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A session of one image of 40 x 30 pixels, called image-0001."""
    pixels = np.random.default_rng(0).integers(0, 255, (40, 30), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    with Session.create(tmp_path / "s") as opened:
        add_file(opened, tmp_path / "x.png")
    return tmp_path / "s"


def run(session: Path, *arguments: object) -> int:
    return cli.main(["session", "import", str(session), *map(str, arguments), "--reader", "Ann"])


def imported(session: Path) -> list[np.ndarray]:
    with Session(session, write=False) as opened:
        assert {v.reader for v in opened.versions()} <= {"Ann"}
        return [opened.mask(version) for version in opened.versions()]


def save(path: Path, labels: np.ndarray) -> Path:
    if path.suffix == ".png":
        Image.fromarray(labels).save(path)
    else:
        sitk.WriteImage(sitk.GetImageFromArray(labels), str(path))
    return path


@pytest.mark.parametrize("name", ["image-0001.png", "case-00001.nrrd", "image-0001.nii.gz", "image-0001.mha"])
def test_labels_by_name(name: str, made: Path, tmp_path: Path) -> None:
    assert run(made, save(tmp_path / name, lungs(3))) == 0
    assert run(made, save(tmp_path / name, lungs(4)), "--status", "approved") == 0
    first, second = imported(made)
    assert np.array_equal(first, lungs(3)) and np.array_equal(second, lungs(4))
    with Session(made, write=False) as opened:
        versions = opened.versions()
        assert [v.status for v in versions] == ["corrected", "approved"]
        assert versions[1].base == versions[0].id and versions[0].tools == ("import",)


def test_by_key(made: Path, tmp_path: Path) -> None:
    with Session(made, write=False) as opened:
        (image,) = opened.images()
    assert run(made, save(tmp_path / f"{image.key[:10]}.png", lungs(1))) == 0
    assert run(made, save(tmp_path / "any.png", lungs(2)), "--image", image.key[:6]) == 0
    assert len(imported(made)) == 2
    assert run(made, tmp_path / "any.png", "--image", "zz") == 2


def test_slicers_segmentation_with_layers(made: Path, tmp_path: Path) -> None:
    layers = np.stack([(lungs(2) == 2) * 1, (lungs(2) == 1) * 3], -1).astype(np.uint8)[None]
    image = sitk.GetImageFromArray(layers, isVector=True)
    for number, (name, layer, value) in enumerate(
        [("left lung", 0, 1), ("Lung, right", 1, 3), ("Heart", 1, 9)]
    ):
        for key, text in (("Name", name), ("Layer", layer), ("LabelValue", value)):
            image.SetMetaData(f"Segment{number}_{key}", str(text))
    sitk.WriteImage(image, str(tmp_path / "image-0001.seg.nrrd"))
    assert run(made, tmp_path / "image-0001.seg.nrrd") == 0
    assert np.array_equal(imported(made)[0], lungs(2))


def test_what_is_exported_comes_back(made: Path, tmp_path: Path) -> None:
    pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    run(made, save(tmp_path / "image-0001.png", lungs(5)))
    for format, folder in (
        ("png", "masks"),
        ("nifti", "masks"),
        ("nnunet", "labelsTr"),
        ("dicom-seg", "segmentations"),
    ):
        out = tmp_path / format
        assert cli.main(["session", "export", str(made), "--format", format, "--output", str(out)]) == 0
        assert run(made, out / folder) == 0
    (tmp_path / "dicom-seg" / "segmentations" / "case-00001.dcm").rename(tmp_path / "no-such-name.dcm")
    assert run(made, tmp_path / "no-such-name.dcm") == 0  # found by what it refers to
    masks = imported(made)
    assert len(masks) == 6 and all(np.array_equal(mask, lungs(5)) for mask in masks)
    assert run(made, tmp_path / "dicom-seg" / "images" / "case-00001.dcm") == 1


@pytest.fixture
def slice_in_patient(tmp_path: Path) -> tuple[Path, sitk.Image]:
    """A session of a slice that lies in the patient, and a mask of it."""
    mask = sitk.GetImageFromArray(lungs(3)[None])
    mask.SetDirection((-1, 0, 0, 0, 1, 0, 0, 0, -1))
    mask.SetOrigin((20.0, -30.0, 5.0))
    pixels = sitk.GetImageFromArray(picture(1)[None])
    pixels.CopyInformation(mask)
    sitk.WriteImage(pixels, str(tmp_path / "slice.nii.gz"))
    folder = tmp_path / "placed"
    assert cli.main(["session", "create", str(folder)]) == 0
    assert cli.main(["session", "add", str(folder), str(tmp_path / "slice.nii.gz")]) == 0
    return folder, mask


@pytest.mark.parametrize("order", ["LPS", "RAS", "RPS", "PLS", "ALI"])
def test_a_mask_stored_in_another_order_is_turned_to_the_image(order: str, slice_in_patient, tmp_path: Path):
    folder, mask = slice_in_patient
    sitk.WriteImage(sitk.DICOMOrient(mask, order), str(tmp_path / "image-0001.nrrd"))
    assert run(folder, tmp_path / "image-0001.nrrd") == 0
    assert np.array_equal(imported(folder)[0], lungs(3))


def test_a_mask_in_another_plane_is_refused(slice_in_patient, tmp_path: Path, capsys) -> None:
    folder, mask = slice_in_patient
    mask.SetDirection((1, 0, 0, 0, 0, 1, 0, -1, 0))
    sitk.WriteImage(mask, str(tmp_path / "image-0001.nrrd"))
    assert run(folder, tmp_path / "image-0001.nrrd") == 1
    assert "another plane" in capsys.readouterr().err and imported(folder) == []


def test_a_picture_has_no_place_and_its_mask_is_taken_as_it_is_stored(made: Path, tmp_path: Path) -> None:
    mask = sitk.GetImageFromArray(lungs(3)[None])
    mask.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
    sitk.WriteImage(mask, str(tmp_path / "image-0001.nrrd"))
    assert run(made, tmp_path / "image-0001.nrrd") == 0
    assert np.array_equal(imported(made)[0], lungs(3))


def test_labels_stored_as_floating_point_numbers_are_labels(made: Path, tmp_path: Path, capsys) -> None:
    assert run(made, save(tmp_path / "image-0001.nii.gz", lungs(3).astype(np.float64))) == 0
    assert np.array_equal(imported(made)[-1], lungs(3))
    for number, wrong in enumerate((0.5, -1.0)):
        (tmp_path / f"{number}").mkdir()
        path = save(tmp_path / f"{number}" / "image-0001.nii.gz", np.where(lungs(3) == 1, wrong, lungs(3)))
        assert run(made, path) == 1 and "other values" in capsys.readouterr().err


def test_what_is_no_mask_is_refused_and_the_rest_go_on(made: Path, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    save(folder / "case-00001.png", lungs(1) * 100)
    save(folder / "image-0001.nrrd", np.ascontiguousarray(lungs(1).T))
    save(folder / "someone.png", lungs(1))
    Image.fromarray(np.dstack([lungs(1)] * 3)).save(folder / "image-0001.png")
    (folder / "image-0001.nii.gz").write_bytes(b"\x1f\x8b no such file")
    (folder / "image-0001.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 50)
    save(folder / "image-0001.mha", lungs(1))
    assert run(made, folder) == 1
    said = capsys.readouterr().err
    assert said.count(str(folder)) == 6
    for text in ("other values", "full size", "have this name", "color picture", "cannot be read as a mask"):
        assert text in said, text
    assert len(imported(made)) == 1
    assert run(made, tmp_path / "nothing.png") == 1
    assert run(made, folder, "--image", "0") == 2


def png(labels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(labels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_archives_of_masks(kind: str, made: Path, tmp_path: Path) -> None:
    path = pack(tmp_path / f"masks.{kind}", {"a/b/image-0001.png": png(lungs(1)), "README.txt": b"read me"})
    assert run(made, path) == 0
    assert np.array_equal(imported(made)[0], lungs(1))


def pack(path: Path, members: dict[str, bytes]) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, data in members.items():
                opened.writestr(name, data)
        return path
    with tarfile.open(path, "w:gz") as opened:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            opened.addfile(entry, io.BytesIO(data))
    return path


BAD_NAMES = [
    "../out.png",
    "a/../../out.png",
    "/tmp/out.png",
    "..\\out.png",
    "C:\\out.png",
    "\\\\host\\out.png",
]


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_paths_that_lead_elsewhere(kind: str, name: str, tmp_path: Path) -> None:
    path = pack(tmp_path / f"a.{kind}", {name: b"data"})
    (tmp_path / "in").mkdir()
    with pytest.raises(ArchiveError, match="leads elsewhere"):
        unpack(path, tmp_path / "in")
    assert sorted(p.name for p in tmp_path.rglob("*")) == sorted([path.name, "in"])


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices(kind: bytes, tmp_path: Path) -> None:
    entry = tarfile.TarInfo("link")
    entry.type, entry.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "a.tar", "w") as opened:
        opened.addfile(entry)
    with pytest.raises(ArchiveError, match="link or a device"):
        unpack(tmp_path / "a.tar", tmp_path / "in")
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveError, match="link or a device"):
        unpack(tmp_path / "a.zip", tmp_path / "in")


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_what_unpacks_to_too_much(kind: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_MEMBER", 1 << 16)
    monkeypatch.setattr(archives, "LARGEST_TOTAL", 3 << 16)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    monkeypatch.setattr(archives, "CHUNK", 1 << 10)
    bombs = (
        {"bomb.png": bytes((1 << 16) + 1)},
        {f"{number}.png": bytes(1 << 16) for number in range(4)},
        {f"{number}.png": b"" for number in range(6)},
    )
    for number, members in enumerate(bombs):
        folder = tmp_path / str(number)
        with pytest.raises(ArchiveError):
            unpack(pack(tmp_path / f"{number}.{kind}", members), folder)
        assert sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) <= 3 << 16


@settings(max_examples=40)
@given(data=st.data())
def test_damaged_archives(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    kind = data.draw(st.sampled_from(["zip", "tar.gz", "tar"]))
    path = pack(folder / f"a.{'zip' if kind == 'zip' else 'tar.gz'}", {"image-0001.png": png(lungs(1))})
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        for written in unpack(path, folder / "in"):
            assert (folder / "in") in written.parents
    except ArchiveError as error:
        assert os.fspath(path) in str(error)

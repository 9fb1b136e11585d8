"""Masks of other programs become versions of the images that they are of."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from archive_files import pack
from cxradain import cli
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
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


@pytest.mark.parametrize("name", ["image-0001.png", "image-0001.nrrd", "image-0001.nii.gz", "image-0001.mha"])
def test_masks_are_matched_to_images_by_file_name(name: str, made: Path, tmp_path: Path) -> None:
    assert run(made, save(tmp_path / name, lungs(3))) == 0
    assert run(made, save(tmp_path / name, lungs(4)), "--status", "approved") == 0
    first, second = imported(made)
    assert np.array_equal(first, lungs(3)) and np.array_equal(second, lungs(4))
    with Session(made, write=False) as opened:
        versions = opened.versions()
        assert [v.status for v in versions] == ["corrected", "approved"]
        assert versions[1].base == versions[0].id and versions[0].tools == ("import",)


@pytest.mark.parametrize("status", ["approved", "flagged"])
def test_a_verdict_is_lost_to_an_imported_mask_only_when_that_is_asked_for(
    status: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "image-0001.png"
    assert run(made, save(path, lungs(3)), "--status", status) == 0
    assert run(made, save(path, lungs(4))) == 1
    assert f"that Ann has {status} stays" in capsys.readouterr().err
    assert cli.main(["session", "import", str(made), str(path), "--reader", "Ben"]) == 0, "who has none"
    assert run(made, path, "--replace") == 0
    with Session(made, write=False) as opened:
        assert [(v.reader, v.status) for v in opened.versions()] == [
            ("Ann", status),
            ("Ben", "corrected"),
            ("Ann", "corrected"),
        ]


def test_masks_are_matched_to_images_by_key(made: Path, tmp_path: Path) -> None:
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


def test_exported_masks_are_imported_unchanged(made: Path, tmp_path: Path, capsys) -> None:
    pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    run(made, save(tmp_path / "image-0001.png", lungs(5)))
    for format in ("png", "nifti", "nnunet", "dicom-seg", "coco"):
        out = tmp_path / format
        assert cli.main(["session", "export", str(made), "--format", format, "--output", str(out)]) == 0
        assert run(made, out) == (1 if format == "coco" else 0), "its radiographs are passed over"
    assert f"{tmp_path / 'coco'}: holds no masks in files of their own." in capsys.readouterr().err
    (tmp_path / "dicom-seg" / "segmentations" / "case-00001.dcm").rename(tmp_path / "no-such-name.dcm")
    assert run(made, tmp_path / "no-such-name.dcm") == 0  # found by what it refers to
    masks = imported(made)
    assert len(masks) == 6 and all(np.array_equal(mask, lungs(5)) for mask in masks)
    assert run(made, tmp_path / "dicom-seg" / "images" / "case-00001.dcm") == 1


def other_session(tmp_path: Path, seed: int = 9) -> Path:
    """A session of another image of the same size, which is called image-0001 too."""
    pixels = np.random.default_rng(seed).integers(0, 255, (40, 30), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "y.png")
    with Session.create(tmp_path / "other") as opened:
        add_file(opened, tmp_path / "y.png")
    return tmp_path / "other"


@pytest.mark.parametrize("format", ["png", "nifti", "nnunet", "dicom-seg"])
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
def test_an_exported_mask_never_goes_to_another_sessions_image(
    format: str, packed: bool, made: Path, tmp_path: Path, capsys
) -> None:
    if format == "dicom-seg":
        pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    run(made, save(tmp_path / "image-0001.png", lungs(5)))
    out = tmp_path / "out"
    assert cli.main(["session", "export", str(made), "--format", format, "--output", str(out)]) == 0
    masks = {"nnunet": "labelsTr", "dicom-seg": "segmentations"}.get(format, "masks")
    given = out / masks
    if packed:
        members = {str(p.relative_to(out)): p.read_bytes() for p in (out / "manifest.csv", *given.iterdir())}
        given = pack(tmp_path / "out.zip", members)
    other = other_session(tmp_path)
    capsys.readouterr()
    assert run(other, given) == 1
    assert "an image that is not in the session" in capsys.readouterr().err
    assert imported(other) == []
    with Session(other) as opened:
        add_file(opened, tmp_path / "x.png")
        second = opened.images()[1].key
    assert run(other, given) == 0
    with Session(other, write=False) as opened:
        assert [v.image for v in opened.versions()] == [second], "whatever its number is there"


def test_an_image_named_by_the_user_overrides_the_manifest(made: Path, tmp_path: Path) -> None:
    pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")
    run(made, save(tmp_path / "image-0001.png", lungs(5)))
    out = tmp_path / "out"
    cli.main(["session", "export", str(made), "--format", "dicom-seg", "--output", str(out)])
    other = other_session(tmp_path)
    with Session(other, write=False) as opened:
        key = opened.images()[0].key
    assert run(other, out / "segmentations" / "case-00001.dcm", "--image", key) == 0
    assert np.array_equal(imported(other)[0], lungs(5))


def test_a_manifest_of_another_kind_says_nothing(made: Path, tmp_path: Path) -> None:
    for text in ("id,mask\nimage-0001,masks\n", "id,image_key\nimage-0002,0\n", "\xff\0"):
        (tmp_path / "manifest.csv").write_bytes(text.encode("latin-1"))
        (tmp_path / "masks").mkdir(exist_ok=True)
        assert run(made, save(tmp_path / "masks" / "image-0001.png", lungs(3))) == 0, text


@pytest.mark.parametrize("name", ["case-00001.png", "case-00001_left.nrrd"])
def test_a_name_that_every_export_gives_says_nothing_without_its_manifest(
    name: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be put on whatever image has the number, of another patient perhaps."""
    path = save(tmp_path / name, np.where(lungs(3) == 1, 0, lungs(3)) if "left" in name else lungs(3))
    assert run(made, path) == 1 and imported(made) == []
    said = capsys.readouterr().err
    assert f"{path}: every session's exports have a case-00001. Put the manifest.csv" in said
    with Session(made, write=False) as opened:
        key = opened.images()[0].key
    assert run(made, path, "--image", key) == 0 and len(imported(made)) == 1


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


def test_labels_stored_as_floating_point_numbers_are_labels(made: Path, tmp_path: Path, capsys) -> None:
    assert run(made, save(tmp_path / "image-0001.nii.gz", lungs(3).astype(np.float64))) == 0
    assert np.array_equal(imported(made)[-1], lungs(3))
    for number, wrong in enumerate((0.5, -1.0)):
        (tmp_path / f"{number}").mkdir()
        path = save(tmp_path / f"{number}" / "image-0001.nii.gz", np.where(lungs(3) == 1, wrong, lungs(3)))
        assert run(made, path) == 1 and "other values" in capsys.readouterr().err


@pytest.mark.parametrize("reader", ["", "  ", "\t"])
def test_import_needs_the_name_of_a_reader(reader: str, made: Path, tmp_path: Path, capsys) -> None:
    path = save(tmp_path / "image-0001.png", lungs(1))
    assert cli.main(["session", "import", str(made), str(path), "--reader", reader]) == 2
    assert "Give a reader's name" in capsys.readouterr().err and imported(made) == []


def test_files_that_are_no_masks_are_refused_and_the_rest_go_on(made: Path, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    save(folder / "image-0001.tif", lungs(1) * 100)
    save(folder / "image-0001.nrrd", np.ascontiguousarray(lungs(1).T))
    save(folder / "someone.png", lungs(1))
    Image.fromarray(np.dstack([lungs(n) * 90 for n in (1, 2, 3)])).save(folder / "image-0001.png")
    (folder / "image-0001.nii.gz").write_bytes(b"\x1f\x8b no such file")
    (folder / "image-0001.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 50)
    save(folder / "image-0001.mha", lungs(1))
    assert run(made, folder) == 1
    said = capsys.readouterr().err
    assert said.count(str(folder)) == 6
    for text in ("other values", "full size", "have this name", "has colors", "is damaged or incomplete"):
        assert text in said, text
    assert len(imported(made)) == 1
    assert run(made, tmp_path / "nothing.png") == 1
    assert run(made, folder, "--image", "0") == 2


@pytest.mark.parametrize("status", ["corrected", "approved"])
def test_an_empty_mask_replaces_none(status: str, made: Path, tmp_path: Path, capsys) -> None:
    assert run(made, save(tmp_path / "image-0001.png", lungs(1)), "--status", status) == 0
    empty = save(tmp_path / "image-0001.png", np.zeros_like(lungs(1)))
    assert run(made, empty, "--status", status) == 1
    assert f"{empty}: shows no lung" in capsys.readouterr().err and len(imported(made)) == 1


def png(labels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(labels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_masks_are_imported_from_archives(kind: str, made: Path, tmp_path: Path) -> None:
    path = pack(tmp_path / f"masks.{kind}", {"a/b/image-0001.png": png(lungs(1)), "README.txt": b"read me"})
    assert run(made, path) == 0
    assert np.array_equal(imported(made)[0], lungs(1))

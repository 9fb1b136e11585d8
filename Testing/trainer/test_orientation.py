"""How an image lies in the patient: the model sees radiological display, masks are in the file's frame."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain import cli
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.orientation import turn_to_display
from cxradain.imaging.radiograph import Radiograph, read_radiograph
from cxradain.imaging.turn import TURNS, Turn
from cxradain.sessions.store import Session
from dicom_files import Make, drawing
from PIL import Image
from session_data import lungs, picture
from small_models import chest

# Directions of columns, rows and slices, LPS, and what was done to a picture for them to be true.
DIRECTIONS = {
    "rows downward": ((1, 0, 0), (0, 1, 0), Turn()),
    "rows upward": ((1, 0, 0), (0, -1, 0), Turn(180, True)),
    "RAS": ((-1, 0, 0), (0, -1, 0), Turn(180)),
    "mirrored": ((-1, 0, 0), (0, 1, 0), Turn(0, True)),
    "columns first": ((0, 1, 0), (1, 0, 0), Turn(90, True)),
    "oblique": ((-0.8, 0.6, 0), (-0.6, -0.8, 0), Turn(180)),
}


def placed(path: Path, pixels: np.ndarray, columns: Any, rows: Any, axis: int = 2) -> sitk.Image:
    """Write (H, W) pixels as a volume of one slice along an axis, with the directions of columns and rows."""
    volume = sitk.GetImageFromArray(np.expand_dims(pixels, 2 - axis))
    directions = [columns, rows]
    directions.insert(axis, np.cross(columns, rows))
    volume.SetDirection(np.array(directions, float).T.ravel().tolist())
    volume.SetOrigin((10.0, -20.0, 30.0))
    sitk.WriteImage(volume, str(path))
    return volume


@pytest.mark.parametrize("ending", ["nii.gz", "nii", "nrrd", "mha"])
@pytest.mark.parametrize("directions", DIRECTIONS)
def test_a_volume_is_seen_in_radiological_display(directions: str, ending: str, tmp_path: Path) -> None:
    columns, rows, undone = DIRECTIONS[directions]
    stored = np.ascontiguousarray(undone.undo(drawing(12)))
    placed(tmp_path / f"chest.{ending}", stored, columns, rows)
    read = read_radiograph(tmp_path / f"chest.{ending}")
    assert np.array_equal(read.pixels, stored), "the pixels stay as the file has them"
    assert read.facts.turn == undone and np.array_equal(read.upright().pixels, drawing(12))


@pytest.mark.parametrize(("rows", "turn"), [((0, 0, -1), Turn()), ((0, 0, 1), Turn(180, True))])
def test_a_coronal_slice_has_the_head_on_top(rows: Any, turn: Turn, tmp_path: Path) -> None:
    placed(tmp_path / "drr.nii.gz", np.ascontiguousarray(turn.undo(drawing(12))), (1, 0, 0), rows, axis=1)
    read = read_radiograph(tmp_path / "drr.nii.gz")
    assert read.facts.turn == turn and np.array_equal(read.upright().pixels, drawing(12))


def test_a_volume_that_says_nothing_of_its_directions_stays_as_it_is(tmp_path: Path) -> None:
    """Neither of NIfTI's two forms, and directions of two axes as ITK writes them for pictures."""
    path = tmp_path / "chest.nii"
    placed(path, drawing(12), (-1, 0, 0), (0, -1, 0))
    data = bytearray(path.read_bytes())
    struct.pack_into("<2h", data, 252, 0, 0)
    path.write_bytes(data)
    sitk.WriteImage(sitk.GetImageFromArray(drawing(12)), str(tmp_path / "flat.nii.gz"))
    for name in ("chest.nii", "flat.nii.gz"):
        facts = read_radiograph(tmp_path / name).facts
        assert (facts.orientation, facts.turn) == (None, Turn()), name


@pytest.mark.parametrize("stated", [("R", "F"), ("L", "H"), ("R", "H"), ("F", "R"), ("H", "L"), ("LF", "FR")])
def test_dicom_is_turned_by_the_patients_orientation(make: Make, stated: tuple[str, str]) -> None:
    facts = make(PatientOrientation=list(stated)).facts
    assert facts.turn == turn_to_display(stated)
    assert bool(facts.turn) == (stated != ("LF", "FR"))


@pytest.mark.parametrize("stated", [("P", "F"), ("A", "F"), ("L", "L"), ("L", "R"), ("F", "P")])
def test_what_has_no_right_and_left_side_is_not_turned(make: Make, stated: tuple[str, str]) -> None:
    assert not make(PatientOrientation=list(stated)).facts.turn


def test_every_orientation_of_a_frontal_image_is_turned_to_the_one_of_displays() -> None:
    """By a corner that is told from the others: (the patient's right, the head) is the first pixel's."""
    for across, up in itertools.product("LR", "FH"):
        for orientation in ((across, up), (up, across)):
            corner = np.zeros((2, 3) if orientation[0] in "LR" else (3, 2), int)
            towards = [end for end, letter in zip((1, 0), orientation, strict=True) if letter in "RH"]
            corner[tuple(-1 if axis in towards else 0 for axis in (0, 1))] = 1
            turned = turn_to_display(orientation).apply(corner)
            assert turned.shape == (2, 3) and turned[0, 0] == 1, orientation


@pytest.mark.parametrize("tag", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "tif"])
def test_a_picture_is_turned_as_its_tag_has_it_shown(tag: int, ending: str, tmp_path: Path) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = tag
    Image.fromarray(drawing(8)).save(tmp_path / f"chest.{ending}", exif=exif)
    read = read_radiograph(tmp_path / f"chest.{ending}")
    assert np.array_equal(read.pixels, drawing(8)) and read.warnings == ()
    tagged = Image.fromarray(drawing(8))
    tagged.getexif()[0x0112] = tag
    assert np.array_equal(read.upright().pixels, np.asarray(ImageOps.exif_transpose(tagged)))


@pytest.mark.parametrize("directions", DIRECTIONS)
def test_masks_come_back_in_the_files_own_frame(directions: str, models: Path, tmp_path: Path) -> None:
    columns, rows, undone = DIRECTIONS[directions]
    Image.fromarray(chest()).save(tmp_path / "picture.png")
    stored = np.ascontiguousarray(undone.undo(chest()))
    volume = placed(tmp_path / "volume.nii.gz", stored, columns, rows)
    arguments = ["segment", str(tmp_path / "picture.png"), str(tmp_path / "volume.nii.gz"), "--overlay"]
    assert cli.main([*arguments, "--output", str(tmp_path / "out"), "--device", "cpu"]) == 0
    expected = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "out" / "picture.nrrd")))
    written = sitk.ReadImage(str(tmp_path / "out" / "volume.nrrd"))
    assert expected.any() and np.array_equal(undone.apply(sitk.GetArrayFromImage(written)[0]), expected)
    assert written.GetDirection() == pytest.approx(volume.GetDirection(), abs=1e-5)
    overlays = [np.asarray(Image.open(tmp_path / "out" / f"{n}-overlay.png")) for n in ("picture", "volume")]
    assert np.array_equal(*overlays), "people see what the model saw"


def add(session: Path, path: Path) -> int:
    return cli.main(["session", "add", str(session), str(path)])


def image_of(session: Path) -> Any:
    with Session(session, write=False) as opened:
        (image,) = opened.images()
        return image, opened.radiograph(image)


@pytest.mark.parametrize("kind", [(), ("--references",)])
def test_a_session_keeps_the_turn_and_where_the_slice_lies(
    kind: tuple[str, ...], tmp_path: Path, capsys
) -> None:
    session, path = tmp_path / "s", tmp_path / "a.nrrd"
    placed(path, picture(), (1, 0, 0), (0, 0, 1), axis=1)
    cli.main(["session", "create", str(session), *kind])
    assert add(session, path) == 0
    image, read = image_of(session)
    assert image.facts.turn == read.facts.turn == Turn(180, True)
    assert np.reshape(image.placement.direction, (3, 3)).T[:2].tolist() == [[1, 0, 0], [0, 0, 1]]
    with Session(session) as opened:
        opened.set_turn(image.key, Turn(90))
    assert image_of(session)[1].facts.turn == Turn(90), "a reader knows better than the file"
    assert add(session, path) == 0 and image_of(session)[0].facts.turn == Turn(90)
    placed(path, picture(), (-1, 0, 0), (0, 0, -1), axis=1)
    capsys.readouterr()
    assert add(session, path) == 0
    assert "orientation" in capsys.readouterr().out
    assert image_of(session)[0].facts.turn == Turn(0, True), "of a mended header"


def test_facts_of_a_file_name_its_turn() -> None:
    for turn in TURNS:
        facts = ImageFacts(turn=turn)
        assert ImageFacts.from_json(facts.to_json()) == facts and not facts.stated_turn
    assert Radiograph(drawing(8), "a", ImageFacts(turn=Turn(90))).upright().shape == drawing(8).shape[::-1]


# Masks


def import_mask(session: Path, path: Path) -> int:
    return cli.main(["session", "import", str(session), str(path), "--reader", "Ann"])


@pytest.fixture
def of_picture(tmp_path: Path) -> Path:
    """A session of a picture, which has no place in the patient."""
    Image.fromarray((picture() >> 4).astype(np.uint8)).save(tmp_path / "x.png")
    cli.main(["session", "create", str(tmp_path / "s")])
    add(tmp_path / "s", tmp_path / "x.png")
    return tmp_path / "s"


def masks_in(session: Path) -> list[np.ndarray]:
    with Session(session, write=False) as opened:
        return [opened.mask(version) for version in opened.versions()]


@pytest.mark.parametrize("axes", [2, 3])
def test_a_mask_turned_by_its_header_is_turned_back_where_it_then_lies_on_the_picture(
    axes: int, of_picture: Path, tmp_path: Path
) -> None:
    stored = np.ascontiguousarray(lungs(3)[::-1])
    mask = sitk.GetImageFromArray(stored if axes == 2 else stored[None])
    mask.SetDirection((1, 0, 0, -1) if axes == 2 else (1, 0, 0, 0, -1, 0, 0, 0, 1))
    mask.SetOrigin((0.0, 39.0, 0.0)[:axes])
    sitk.WriteImage(mask, str(tmp_path / "image-0001.nii.gz"))
    assert import_mask(of_picture, tmp_path / "image-0001.nii.gz") == 0
    assert np.array_equal(masks_in(of_picture)[0], lungs(3))


def test_a_mask_whose_header_turns_it_and_has_it_elsewhere_is_refused(
    of_picture: Path, tmp_path: Path, capsys
) -> None:
    """As one written with an identity matrix, which means right, anterior, superior in NIfTI."""
    placed(tmp_path / "image-0001.nii.gz", lungs(3), (-1, 0, 0), (0, -1, 0))
    assert import_mask(of_picture, tmp_path / "image-0001.nii.gz") == 1
    assert "may be upside down" in capsys.readouterr().err and masks_in(of_picture) == []


def test_a_coronal_mask_of_a_picture_is_taken_as_it_is_shown(
    of_picture: Path, tmp_path: Path, capsys
) -> None:
    placed(tmp_path / "image-0001.nrrd", lungs(3), (1, 0, 0), (0, 0, -1), axis=1)
    assert import_mask(of_picture, tmp_path / "image-0001.nrrd") == 0
    assert np.array_equal(masks_in(of_picture)[0], lungs(3))
    placed(tmp_path / "image-0001.nrrd", lungs(3), (1, 0, 0), (0, 0, 1), axis=1)
    assert import_mask(of_picture, tmp_path / "image-0001.nrrd") == 1
    assert "another plane" in capsys.readouterr().err


def test_a_mask_of_a_coronal_slice_is_turned_to_it(tmp_path: Path) -> None:
    image = placed(tmp_path / "a.nii.gz", picture(), (1, 0, 0), (0, 0, 1), axis=1)
    cli.main(["session", "create", str(tmp_path / "s")])
    add(tmp_path / "s", tmp_path / "a.nii.gz")
    mask = sitk.GetImageFromArray(np.expand_dims(lungs(3), 1))
    mask.CopyInformation(image)
    sitk.WriteImage(sitk.DICOMOrient(mask, "RPI"), str(tmp_path / "image-0001.nrrd"))
    assert import_mask(tmp_path / "s", tmp_path / "image-0001.nrrd") == 0
    sitk.WriteImage(mask, str(tmp_path / "image-0001.nrrd"))
    assert import_mask(tmp_path / "s", tmp_path / "image-0001.nrrd") == 0
    assert all(np.array_equal(labels, lungs(3)) for labels in masks_in(tmp_path / "s"))

"""Turned, mirrored and foreign images: suspected, segmented upright, exported as their files have them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
import skimage
from cxradain import cli
from cxradain.engine.inference_service import InferenceService
from cxradain.frames import Message
from cxradain.imaging.image_data import COLOR, color_warnings
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.radiograph import Radiograph, read_radiograph
from cxradain.imaging.suspicion import BY_CODE, OF_WARNING, suspicions
from cxradain.imaging.turn import TURNS, Turn
from cxradain.imaging.upright import coefficients, describe_turns, judge, look, small
from cxradain.models.segmenter import Segmenter
from cxradain.sessions import folder as files
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from cxradain.sessions.thumbnails import thumbnail
from cxradain.training.data import at_canvas
from dicom_files import write
from export_data import export
from PIL import Image
from small_models import drawn, small_model

SAMPLES = Path(__file__).resolve().parents[2] / "Resources" / "SampleData"
FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix in (".dcm", ".jpeg", ".jpg", ".png"))
QUARTER = Turn(90)


def sample(name: str = "kermany_normal__IM-0459-0001.jpeg") -> Radiograph:
    return read_radiograph(SAMPLES / name)


def turned(radiograph: Radiograph, turn: Turn) -> Radiograph:
    """The same as a file would hold it that had been turned."""
    return replace(radiograph, pixels=np.ascontiguousarray(turn.apply(radiograph.pixels)))


def upside_down(folder: Path, **fields: object) -> Path:
    """A DICOM file of a sample, turned by a quarter to the left."""
    pixels = QUARTER.undo(sample().pixels).astype(np.uint16) * 16
    return write(folder / "turned.dcm", np.ascontiguousarray(pixels), PixelSpacing=[0.2, 0.3], **fields)


# --- turns ---


@pytest.mark.parametrize("first", TURNS)
def test_two_turns_are_one_and_each_can_be_undone(first: Turn) -> None:
    image = np.arange(12).reshape(3, 4)
    assert np.array_equal(first.undo(first.apply(image)), image)
    there = {first.to_stored(row, column, (3, 4)) for row in range(3) for column in range(4)}
    assert first.degrees % 180 or there == {(row, column) for row in range(3) for column in range(4)}
    assert image[first.to_stored(0, 1, (3, 4))] == first.apply(image)[0, 1]
    assert Turn.from_json(json.loads(json.dumps(first.to_json()))) == first
    for second in TURNS:
        assert np.array_equal(first.then(second).apply(image), second.apply(first.apply(image)))


def test_a_quarter_turn_is_clockwise() -> None:
    assert Turn(90).apply(np.array([[1, 2], [3, 4]])).tolist() == [[3, 1], [4, 2]]
    assert Turn(0, True).apply(np.array([[1, 2], [3, 4]])).tolist() == [[2, 1], [4, 3]]


@pytest.mark.parametrize("fields", [7, {"degrees": 45}, {"degrees": True}, {"flipped": "yes"}])
def test_facts_with_another_turn_are_none(fields: object) -> None:
    with pytest.raises(ValueError):
        ImageFacts.from_json({"turn": fields})


def test_facts_of_an_older_program_have_no_turn() -> None:
    facts = ImageFacts(spacing=(0.2, 0.3), turn=Turn(270, True))
    assert ImageFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
    older = {name: value for name, value in facts.to_json().items() if name != "turn"}
    assert ImageFacts.from_json(older) == replace(facts, turn=Turn())


# --- suspicion ---


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_is_suspected_once_it_is_turned_and_not_before(path: Path) -> None:
    radiograph = read_radiograph(path)
    assert suspicions(radiograph) == ()
    for turn in TURNS:
        if turn.degrees:
            (doubt,) = suspicions(turned(radiograph, turn))
            assert doubt.turn.degrees == (turn.degrees if turn.flipped else -turn.degrees % 360)
            accepted = ImageFacts(radiograph.inverted, turn=doubt.turn)
            assert not look(replace(turned(radiograph, turn), facts=accepted)).turn.degrees


def test_a_mirrored_child_is_suspected_and_may_be_flipped() -> None:
    (doubt,) = suspicions(turned(sample(), Turn(0, True)))
    assert doubt == BY_CODE["mirrored"] and doubt.turn == Turn(0, True)


def test_a_turn_that_is_accepted_leaves_no_doubt() -> None:
    accepted = replace(turned(sample(), Turn(180)), facts=ImageFacts(turn=Turn(180)))
    assert suspicions(accepted) == ()


def test_monochrome1_is_not_suspected(real_dicom) -> None:
    assert suspicions(read_radiograph(real_dicom("RG1_UNCR.dcm"))) == ()
    image = sample()
    assert suspicions(replace(image, pixels=255 - image.pixels, facts=ImageFacts(inverted=True))) == ()


def test_no_chest_is_told_by_its_looks(real_dicom) -> None:
    leg = replace(read_radiograph(real_dicom("RG3_UNCR.dcm")), warnings=())
    noise = Radiograph(np.random.default_rng(0).integers(0, 255, (300, 200), np.uint8), "noise")
    photograph = read_radiograph(Path(skimage.__file__).parent / "data" / "camera.png")
    for image in (leg, noise, photograph):
        assert [doubt.code for doubt in suspicions(image)] == ["not_chest"]


@pytest.mark.parametrize("attributes", [{"PixelPaddingValue": 4095}, {}])
def test_a_wide_border_is_no_reason_for_doubt(attributes: dict[str, int], tmp_path: Path) -> None:
    pixels = np.minimum(sample().pixels.astype(np.uint16) * 16, 4000)
    rows, columns = (side // 4 for side in pixels.shape)
    framed = np.pad(pixels, ((rows, rows), (columns, columns)), constant_values=4095)
    path = write(tmp_path / "a.dcm", framed, BitsStored=12, **attributes)
    assert suspicions(read_radiograph(path)) == ()


def test_a_color_photograph_is_told_by_its_channels_and_tinted_film_is_none(tmp_path: Path) -> None:
    photograph = read_radiograph(Path(skimage.__file__).parent / "data" / "coffee.png")
    assert COLOR in photograph.warnings and OF_WARNING[COLOR] in suspicions(photograph)
    gray = sample().pixels
    blue_film = np.stack([gray * 0.7, gray * 0.8, gray * 0.9 + 25], -1).astype(np.uint8)
    assert color_warnings(blue_film) == color_warnings(np.stack([gray] * 3, -1)) == ()
    Image.fromarray(blue_film).save(tmp_path / "film.png")
    assert read_radiograph(tmp_path / "film.png").warnings == ()


def test_a_lateral_header_is_a_doubt_and_a_mirrored_one_is_set_right(tmp_path: Path) -> None:
    pixels = np.ascontiguousarray(sample().pixels.astype(np.uint16)[:, ::-1])
    path = write(tmp_path / "a.dcm", pixels, ViewPosition="LL", PatientOrientation=["R", "F"])
    assert [doubt.code for doubt in suspicions(read_radiograph(path))] == ["header_lateral"]


def test_a_header_that_turns_an_upright_image_is_doubted_by_its_looks(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", sample().pixels.astype(np.uint16), PatientOrientation=["R", "H"])
    assert [doubt.code for doubt in suspicions(read_radiograph(path))] == ["turned_180"]


def test_the_detector_needs_no_model_and_is_small() -> None:
    from cxradain.imaging import upright

    assert upright.FILE.stat().st_size < 300_000
    looks = judge(describe_turns(small(sample())), coefficients())
    assert looks.chest and looks.turn_odds < -5 and looks == look(sample())


def test_the_engine_tells_what_is_suspected_and_what_would_set_it_right(models: Path) -> None:
    service = InferenceService()
    load = {"do": "load", "model": str(models / "compact"), "device": "cpu"}
    service.do(Message(load), lambda done, text: None)
    image = turned(sample(), Turn(180))
    fields = {"do": "predict", "key": "a"} | image.to_json()
    header, arrays = service.do(Message(fields, {"pixels": image.pixels}), lambda done, text: None)
    (doubt,) = header["suspicions"]
    assert doubt["code"] == "turned_180" and doubt["text"] == BY_CODE["turned_180"].text
    assert arrays["labels"].shape == image.shape
    fields |= replace(image, facts=ImageFacts(turn=Turn.from_json(doubt["turn"]))).to_json()
    header, arrays = service.do(Message(fields, {"pixels": image.pixels}), lambda done, text: None)
    assert header["suspicions"] == []
    click = {"row": 30.0, "column": 40.0, "action": "add", "lung": 1}
    refined, _ = service.do(
        Message({"do": "refine", "key": "a", "click": click}, arrays), lambda done, text: None
    )
    assert refined["box"][1] <= image.shape[0] and refined["box"][3] <= image.shape[1]


# --- segmenting ---


@pytest.mark.parametrize("turn", TURNS[1:])
def test_a_turned_image_gets_the_upright_ones_masks_turned_back(turn: Turn) -> None:
    segmenter = Segmenter(small_model(), device="cpu")
    upright = drawn(height=151, width=118)
    pixels = np.ascontiguousarray(turn.undo(upright.pixels))
    stored = replace(upright, pixels=pixels, facts=replace(upright.facts, turn=turn))
    expected, found = (segmenter.predict(each, explain=True) for each in (upright, stored))
    assert found.radiograph is stored and found.quality == expected.quality.turned_back(turn, stored.shape)
    for name in ("labels", "probability", "as_normal", "disagreement"):
        there = getattr(found, name)
        assert there.shape == stored.shape and np.array_equal(turn.apply(there), getattr(expected, name))
    assert np.allclose(found.canvas_probability.sum(0), 1, atol=1e-5)
    image, labels = at_canvas(stored, found.labels, 64)
    image_upright, labels_upright = at_canvas(upright, expected.labels, 64)
    assert np.array_equal(image, image_upright) and np.array_equal(labels, labels_upright)


def test_the_command_line_warns_of_a_turned_image_or_skips_it(models, tmp_path: Path, capsys) -> None:
    Image.fromarray(sample().pixels).save(tmp_path / "good.png")
    Image.fromarray(Turn(180).apply(sample().pixels)).save(tmp_path / "turned.png")
    words = ["segment", str(tmp_path / "good.png"), str(tmp_path / "turned.png"), "--device", "cpu"]
    assert cli.main([*words, "--output", str(tmp_path / "warned")]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "turned.png: warning: " in line and BY_CODE["turned_180"].text in line
    assert sorted(path.name for path in (tmp_path / "warned").iterdir()) == ["good.nrrd", "turned.nrrd"]
    assert cli.main([*words, "--output", str(tmp_path / "out"), "--on-suspect", "skip"]) == 0
    assert "turned.png: skipped" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.nrrd"]


# --- sessions and exports ---


@pytest.mark.parametrize("kind", [files.COPIES, files.REFERENCES])
def test_a_session_keeps_the_turn_and_the_pixels_as_they_are(kind: str, tmp_path: Path) -> None:
    path = upside_down(tmp_path)
    with Session.create(tmp_path / "s", kind) as opened:
        image, _ = add_file(opened, path)
        assert not image.facts.turn
        opened.set_turn(image.key, QUARTER)
        again, _ = add_file(opened, path)
        assert again.facts.turn == QUARTER, "adding it again says nothing of the turn"
    with Session(tmp_path / "s", write=False) as opened:
        (image,) = opened.images()
        read = opened.radiograph(image)
        assert read.facts.turn == QUARTER and np.array_equal(read.pixels, read_radiograph(path).pixels)
        assert read.upright().spacing == (0.3, 0.2) and not suspicions(read)
        rows, columns = thumbnail(read).shape
        assert (rows > columns) == (read.upright().shape[0] > read.upright().shape[1])
        assert not opened.verify().problems


def test_an_older_program_refuses_a_session_with_turns(tmp_path: Path) -> None:
    with Session.create(tmp_path / "s", files.COPIES) as opened:
        image, _ = add_file(opened, upside_down(tmp_path))
        opened.set_turn(image.key, QUARTER)
    assert json.loads((tmp_path / "s" / files.SESSION).read_text())["version"] == 4


def test_segmenting_a_session_flags_what_is_suspected_or_skips_it(models, tmp_path: Path, capsys) -> None:
    with Session.create(tmp_path / "s", files.COPIES) as opened:
        image, _ = add_file(opened, upside_down(tmp_path))
    words = ["session", "segment", str(tmp_path / "s"), "--device", "cpu", "--fast"]
    assert cli.main([*words, "--on-suspect", "skip"]) == 0
    said = capsys.readouterr()
    assert "0 segmented." in said.out and BY_CODE["turned_90"].text in said.err
    assert cli.main(words) == 0
    assert BY_CODE["turned_90"].text in capsys.readouterr().out
    with Session(tmp_path / "s") as opened:
        (version,) = opened.versions()
        assert "turned_90" in version.flags
        opened.set_turn(image.key, QUARTER)
    assert cli.main([*words, "--again"]) == 0
    with Session(tmp_path / "s") as opened:
        assert "turned_90" not in opened.versions()[-1].flags


def test_exports_of_a_turned_image_are_as_its_file_has_it(tmp_path: Path) -> None:
    path = upside_down(tmp_path)
    stored = pydicom.dcmread(path).pixel_array
    labels = np.zeros(stored.shape, np.uint8)
    labels[40:90, 30:200], labels[120:160, 30:170] = 1, 2
    with Session.create(tmp_path / "s", files.COPIES) as opened:
        image, _ = add_file(opened, path)
        opened.set_turn(image.key, QUARTER)
        opened.add_mask(image.key, labels, "ada", "corrected")
    png = export(tmp_path / "s", "png")
    assert np.array_equal(np.asarray(Image.open(png / "masks" / "case-00001.png")), labels)
    assert np.array_equal(np.asarray(Image.open(png / "images" / "case-00001.png")), stored)
    nifti = sitk.ReadImage(str(export(tmp_path / "s", "nifti") / "masks" / "case-00001.nii.gz"))
    assert np.array_equal(np.squeeze(sitk.GetArrayFromImage(nifti)), labels)
    assert nifti.GetSpacing()[:2] == pytest.approx((0.3, 0.2))
    seg = export(tmp_path / "s", "dicom-seg")
    assert np.array_equal(pydicom.dcmread(seg / "images" / "case-00001.dcm").pixel_array, stored)
    frames = pydicom.dcmread(seg / "segmentations" / "case-00001.dcm").pixel_array
    assert np.array_equal(frames[0] > 0, labels == 1) and np.array_equal(frames[1] > 0, labels == 2)
    (mask,) = (tmp_path / "s" / "masks").rglob("*.nrrd")
    assert np.array_equal(np.squeeze(sitk.GetArrayFromImage(sitk.ReadImage(str(mask)))), labels)

"""`cxradain session`: from files to masks of status auto, and the reports on both."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain import cli
from cxradain.imaging.radiograph import read_radiograph
from cxradain.rounds.selection import select_images
from cxradain.sessions import segmenting, store
from dicom_files import PATIENT, drawing, write
from PIL import Image
from small_models import chest


def run(*arguments: object) -> int:
    return cli.main(["session", *(str(argument) for argument in arguments)])


def test_commands_lead_from_a_folder_to_masks(inbox: Path, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "s"
    assert run("create", folder) == 0
    assert run("add", folder, inbox) == 0
    assert run("segment", folder, "--device", "cpu") == 0
    capsys.readouterr()
    assert run("segment", folder, "--device", "cpu") == 0
    assert capsys.readouterr().out == "0 segmented.\n"
    assert run("status", folder, "--list", "--order", "useful") == 0
    told = capsys.readouterr().out
    assert "2 images (copies)" in told and "auto: 2" in told and "image-0001\tauto" in told
    assert run("verify", folder) == 0 and run("rebuild", folder) == 0
    with store.Session(folder, write=False) as opened:
        from cxradain.models.segmenter import Segmenter

        found = Segmenter(device="cpu").predict(read_radiograph(inbox / "a.png"))
        version = opened.newest(opened.images()[0].key)
        assert np.array_equal(opened.mask(version), found.labels)
        assert version.model_id == "small 1" and len(version.model_hash) == 64
        assert version.quality.score == pytest.approx(found.quality.score)
        assert version.quality == found.quality and version.flags == ()


def test_unreadable_files_are_reported_and_the_rest_go_on(inbox: Path, tmp_path: Path, capsys) -> None:
    (inbox / "cut.png").write_bytes((inbox / "a.png").read_bytes()[:300])
    (inbox / "notes.txt").write_text("no image")
    run("create", tmp_path / "s")
    assert run("add", tmp_path / "s", inbox, inbox / "notes.txt", tmp_path / "missing.png") == 1
    said = capsys.readouterr()
    assert "2 added." in said.out and "cut.png: listed as unreadable as" in said.out
    assert sorted(Path(line.split(":")[0]).name for line in said.err.splitlines()) == [
        "cut.png",
        "in",  # of which notes.txt is passed over
        "missing.png",
        "notes.txt",
    ]
    assert run("add", tmp_path / "s", inbox) == 1
    assert "0 added." in capsys.readouterr().out
    assert run("segment", tmp_path / "s", "--device", "cpu", "--fast") == 0
    run("status", tmp_path / "s")
    said = capsys.readouterr().out
    assert "2 images" in said and "unreadable: 1" in said


def test_masks_beside_radiographs_are_reported_and_not_added(inbox: Path, tmp_path: Path, capsys) -> None:
    labels = np.zeros((150, 120), np.uint8)
    labels[30:120, 20:50], labels[30:120, 70:100] = 1, 2
    (inbox / "masks").mkdir()
    Image.fromarray(labels).save(inbox / "masks" / "a.png")
    run("create", tmp_path / "s")
    assert run("add", tmp_path / "s", inbox) == 0
    said = capsys.readouterr()
    assert "2 added." in said.out and said.err == f"{inbox}: passed over 1: masks (1).\n"
    mask = inbox / "masks" / "a.png"
    assert run("add", tmp_path / "s", mask) == 1, "named"
    said = capsys.readouterr().err
    assert said == f"{mask}: looks like a mask, not a radiograph: it holds only 3 values.\n"
    run("status", tmp_path / "s")
    assert "unreadable" not in capsys.readouterr().out


def test_a_missing_folder_a_session_in_use_and_a_bad_pattern_are_refused(
    inbox: Path, tmp_path: Path, capsys
) -> None:
    assert run("status", tmp_path / "none") == 2
    assert run("create", inbox) == 2
    run("create", tmp_path / "s")
    with store.Session(tmp_path / "s"):
        assert run("add", tmp_path / "s", inbox) == 2
        assert "Close it there, or take it over" in capsys.readouterr().err
        assert run("status", tmp_path / "s") == 0
        assert run("add", tmp_path / "s", inbox, "--take-over") == 0
    with pytest.raises(SystemExit):
        run("add", tmp_path / "s", inbox, "--patient", "(")


def test_copies_hold_nothing_of_the_patient(tmp_path: Path) -> None:
    secret = {
        "PatientName": "Roe^Richard",
        "PatientID": "ID-31337",
        "AccessionNumber": "ACC-31337",
        "InstitutionName": "St. Elsewhere",
        "StudyDescription": "Chest of Roe",
        "StudyDate": "20200102",
        "ImageComments": "Roe",
    }
    path = write(tmp_path / "Roe_Richard.dcm", drawing(), PixelSpacing=[0.2, 0.3], **secret)
    uid = read_uid(path)
    run("create", tmp_path / "s")
    assert run("add", tmp_path / "s", path) == 0
    for file in (p for p in (tmp_path / "s").rglob("*") if p.is_file()):
        data = file.read_bytes()
        for text in (*secret.values(), "Roe", uid, str(tmp_path)):
            assert text.encode() not in data, (file, text)
    with store.Session(tmp_path / "s") as opened:
        (image,) = opened.images()
        assert image.name == "image-0001" and len(image.patient) == 64
        assert image.facts.spacing == (0.2, 0.3) and image.header["00080060"]["Value"] == ["CR"]
        assert np.array_equal(opened.radiograph(image).pixels, drawing())


def read_uid(path: Path) -> str:
    import pydicom

    return str(pydicom.dcmread(path).SOPInstanceUID)


def test_references_keep_the_originals_where_they_are(inbox: Path, tmp_path: Path, capsys) -> None:
    run("create", tmp_path / "s", "--references")
    assert run("add", tmp_path / "s", inbox) == 0
    assert not list((tmp_path / "s" / "images").glob("*.nrrd"))
    with store.Session(tmp_path / "s") as opened:
        first = opened.images()[0]
        assert (first.name, first.reference) == ("a.png", str(inbox / "a.png"))
        assert np.array_equal(opened.radiograph(first).pixels, np.asarray(Image.open(inbox / "a.png")))
    Image.fromarray((chest(seed=9) // 16).astype(np.uint8)).save(inbox / "a.png")
    os.unlink(inbox / "b.png")
    capsys.readouterr()
    for command in (("verify",), ("segment", "--device", "cpu", "--fast")):
        assert run(command[0], tmp_path / "s", *command[1:]) == 1
        captured = capsys.readouterr()
        said = captured.out + captured.err
        assert "another image than when it was added" in said and "b.png" in said


def test_originals_out_of_reach_for_a_while_keep_their_images(inbox: Path, tmp_path: Path, capsys) -> None:
    run("create", tmp_path / "s", "--references")
    run("add", tmp_path / "s", inbox)
    with store.Session(tmp_path / "s") as opened:
        for image in opened.images():
            opened.add_mask(image.key, np.zeros(image.shape, np.uint8), "A", "approved")
    inbox.rename(tmp_path / "away")
    assert run("segment", tmp_path / "s", "--device", "cpu", "--fast", "--again") == 1
    assert run("add", tmp_path / "s", tmp_path / "away") == 0
    assert "is already in the session, updated (place of the original), as a.png" in capsys.readouterr().out
    assert run("verify", tmp_path / "s") == 0
    with store.Session(tmp_path / "s", write=False) as opened:
        assert sum(select_images(opened).counts()[name] for name in ("approved", "validation")) == 2
    assert run("export", tmp_path / "s", "--format", "png", "--output", tmp_path / "out") == 0


def test_one_odd_file_does_not_keep_the_rest_out(tmp_path: Path, capsys) -> None:
    names = ("Screenshot 3.45.12\u202fPM.png", "a" * 240 + ".png", "plain.png")
    for number, name in enumerate(names):
        Image.fromarray((chest(seed=number) // 16).astype(np.uint8)).save(tmp_path / name)
    volume = sitk.GetImageFromArray(chest(seed=9)[None, None], isVector=False)
    sitk.WriteImage(volume, str(tmp_path / "four.nrrd"))
    run("create", tmp_path / "s", "--references")
    capsys.readouterr()
    assert run("add", tmp_path / "s", *sorted(tmp_path.glob("*.*"))) == 0
    with store.Session(tmp_path / "s", write=False) as opened:
        shown = {image.name for image in opened.images()}
    assert {"Screenshot 3.45.12 PM.png", "plain.png", "four.nrrd", "a" * 196 + ".png"} == shown


def test_dicom_without_a_preamble_has_its_patient_and_its_warning(tmp_path: Path) -> None:
    for number in range(2):
        path = write(tmp_path / f"{number}.dcm", drawing() + number, PatientID="P", BurnedInAnnotation="YES")
        if number:
            path.write_bytes(path.read_bytes()[132:])
    run("create", tmp_path / "s")
    assert run("add", tmp_path / "s", tmp_path / "0.dcm", tmp_path / "1.dcm") == 0
    with store.Session(tmp_path / "s", write=False) as opened:
        whole, bare = opened.images()
    assert whole.patient == bare.patient != "" and whole.header == bare.header


def test_patients_are_recognized_by_id_or_pattern(tmp_path: Path) -> None:
    for number, (name, patient) in enumerate([("x1.dcm", "1"), ("x2.dcm", "1"), ("x3.dcm", "2")]):
        write(tmp_path / name, drawing() + number, PatientID=patient)
    Image.fromarray((chest() // 16).astype(np.uint8)).save(tmp_path / "person7_a.png")
    Image.fromarray((chest(seed=1) // 16).astype(np.uint8)).save(tmp_path / "person7_b.png")
    run("create", tmp_path / "s")
    files = sorted(p for p in tmp_path.iterdir() if p.is_file())
    assert run("add", tmp_path / "s", *files, "--patient", r"person(\d+)") == 0
    with store.Session(tmp_path / "s") as opened:
        patients = [image.patient for image in opened.images()]
    assert patients[0] == patients[1] and patients[2] == patients[3] and len(set(patients)) == 3
    assert PATIENT not in json.dumps(patients)


@pytest.mark.parametrize("ending", ["nrrd", "nii.gz", "mha"])
def test_geometry_of_volumes_goes_with_the_masks(ending: str, tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(chest()[None])
    image.SetSpacing((0.2, 0.3, 1.5))
    image.SetOrigin((-12.0, 34.0, 5.0))
    sitk.WriteImage(image, str(tmp_path / f"placed.{ending}"))
    run("create", tmp_path / "s")
    assert run("add", tmp_path / "s", tmp_path / f"placed.{ending}") == 0
    with store.Session(tmp_path / "s") as opened:
        (added,) = opened.images()
        version = opened.add_mask(added.key, np.zeros(added.shape, np.uint8), "A", "corrected")
    mask = sitk.ReadImage(str(tmp_path / "s" / "masks" / added.key / version.file))
    assert mask.GetSize() == image.GetSize() and mask.GetOrigin() == pytest.approx(image.GetOrigin())
    assert mask.GetSpacing() == pytest.approx(image.GetSpacing())


def test_segment_skips_images_that_the_model_has_segmented(inbox: Path, tmp_path: Path) -> None:
    run("create", tmp_path / "s")
    run("add", tmp_path / "s", inbox)
    run("segment", tmp_path / "s", "--device", "cpu", "--fast")
    with store.Session(tmp_path / "s") as opened:
        made = opened.versions()
        assert segmenting.images_to_segment(opened, made[0].model_hash, "student") == []
        assert len(segmenting.images_to_segment(opened, made[0].model_hash, "teacher")) == 2
        assert len(segmenting.images_to_segment(opened, "0" * 64, "student")) == 2
    assert run("segment", tmp_path / "s", "--device", "cpu", "--fast", "--again") == 0
    with store.Session(tmp_path / "s") as opened:
        assert len(opened.versions()) == 4 and set(made) < set(opened.versions())

"""Which files of a folder are taken for radiographs: what can be read, and nothing that the program made."""

from __future__ import annotations

import io
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pydicom
import pytest
from cxradain import cli
from cxradain.imaging.folders import CLOSED, MASKS, NO_ENDING, OURS, SESSIONS, find_files, passed_over_text
from cxradain.imaging.radiograph import RadiographError, read_radiograph
from cxradain.sessions.store import Session
from dicom_files import dataset, drawing, write
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from small_models import chest

GRAY = Image.fromarray(drawing(8))


def names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in find_files([folder]).files]


@pytest.mark.parametrize(
    ("name", "format"),
    [
        *(("scan.bmp", "BMP"), ("scan.webp", "WEBP"), ("scan.jfif", "JPEG"), ("scan", "PNG")),
        *(("bmp_scan", "BMP"), ("webp_scan", "WEBP"), ("scan.orig", "TIFF")),
    ],
)
def test_pictures_of_all_kinds_are_found_and_read(name: str, format: str, tmp_path: Path) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    GRAY.save(tmp_path / name, format, **options)
    assert names(tmp_path) == [name]
    read = read_radiograph(tmp_path / name)
    assert np.abs(read.pixels.astype(int) - drawing(8)).max() <= (9 if format == "JPEG" else 0)
    assert read.facts.source.upper() == format


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("name", ["IM0001", "scan.ima", "scan.dcm"])
def test_dicom_without_a_preamble_is_found_and_read(name: str, syntax: str, tmp_path: Path) -> None:
    made = dataset(drawing(12).astype("u2" if syntax != ExplicitVRBigEndian else ">u2"))
    del made.file_meta
    file = io.BytesIO()
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(file, made, implicit_vr=implicit, little_endian=little, enforce_file_format=False)
    (tmp_path / name).write_bytes(file.getvalue())
    assert names(tmp_path) == [name]
    assert np.array_equal(read_radiograph(tmp_path / name).pixels, drawing(12))


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators alone")
def test_linked_folders_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    inbox, elsewhere = tmp_path / "inbox", tmp_path / "elsewhere"
    inbox.mkdir()
    elsewhere.mkdir()
    GRAY.save(elsewhere / "a.png")
    (inbox / "linked").symlink_to(elsewhere)
    (inbox / "again").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(inbox)
    assert names(inbox) == [str(Path("again/a.png"))]


def test_what_is_passed_over_is_counted_by_kind(models: Path, tmp_path: Path, capsys) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    Image.fromarray(chest()).save(inbox / "a.png")
    Image.fromarray(np.repeat([[0, 1, 2]], 30, axis=0).repeat(20, axis=1).astype(np.uint8)).save(
        inbox / "mask.png"
    )
    for name in ("one.txt", "two.TXT", "study.zip", "notes", ".hidden"):
        (inbox / name).write_bytes(b"words")
    found = find_files([inbox])
    assert found.passed_over == {".txt": 2, ".zip": 1, NO_ENDING: 1}
    assert cli.main(["segment", str(inbox), "--output", str(tmp_path / "out"), "--device", "cpu"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"{inbox}: passed over 4: .txt (2), without ending (1), .zip (1).",
        "passed over 1: masks (1).",
    ]
    assert cli.main(["session", "create", str(tmp_path / "s")]) == 0
    assert cli.main(["session", "add", str(tmp_path / "s"), str(inbox)]) == 0
    assert "passed over 5: .txt (2)" in capsys.readouterr().err
    assert cli.main(["session", "add", str(tmp_path / "s"), str(inbox / "mask.png")]) == 1, "named"


def test_many_kinds_are_summed_up() -> None:
    text = passed_over_text(Counter({f".{kind}": 9 - kind for kind in range(9)}))
    assert text.startswith("passed over 45: .0 (9), .1 (8)") and text.endswith(".5 (4), others (6).")
    assert passed_over_text(Counter({MASKS: 0})) == ""


@pytest.mark.parametrize("format", ["nrrd", "nifti", "png"])
def test_a_second_run_takes_no_overlay_mask_or_translation_for_a_radiograph(
    format: str, models: Path, tmp_path: Path, capsys
) -> None:
    Image.fromarray(chest()).save(tmp_path / "a.png")
    before = [str(tmp_path / "a.png")]
    options = ["--device", "cpu", "--output"]
    segment = ["segment", str(tmp_path), "--overlay", "--format", format, *options]
    assert cli.main([*segment, str(tmp_path / "masks")]) == 0
    assert cli.main(["translate", str(tmp_path / "a.png"), *options, str(tmp_path / "normal")]) == 0
    (tmp_path / "masks" / "a-overlay.png").rename(tmp_path / "masks" / "renamed.png")
    capsys.readouterr()
    assert cli.main([*segment, str(tmp_path / "again")]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1 and "passed over" in said.err
    assert cli.main(["session", "create", str(tmp_path / "s")]) == 0
    assert cli.main(["session", "add", str(tmp_path / "s"), str(tmp_path)]) == 0
    with Session(tmp_path / "s", write=False) as session:
        assert [image.shape for image in session.images()] == [chest().shape]
    found = find_files([tmp_path])
    assert found.passed_over[SESSIONS] == 1 and found.passed_over[OURS] >= 2
    assert before[0] in map(str, found.files)


def test_a_dicomdir_stands_for_the_images_that_it_lists(tmp_path: Path) -> None:
    directory = Path(get_testdata_file("DICOMDIR"))
    found = find_files([directory]).files
    assert len(found) > 5 and all(path.is_file() and directory.parent in path.parents for path in found)
    (tmp_path / "DICOMDIR").write_bytes(directory.read_bytes())
    with pytest.raises(RadiographError, match=r"DICOMDIR: lists \d+ images, none of which is there"):
        find_files([tmp_path / "DICOMDIR"])
    (tmp_path / "DICOMDIR").write_bytes(b"words, and no list")
    with pytest.raises(RadiographError, match="no list of a medium's files"):
        find_files([tmp_path / "DICOMDIR"])


def test_a_dicomdir_leads_to_no_file_outside_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "disc"
    inside.mkdir()
    write(tmp_path / "OUT", drawing())
    write(inside / "IN", drawing())
    listed = pydicom.dcmread(get_testdata_file("DICOMDIR"))
    records = [r for r in listed.DirectoryRecordSequence if r.DirectoryRecordType == "IMAGE"][:3]
    for record, parts in zip(records, (["..", "OUT"], [str(tmp_path / "OUT")], ["IN"]), strict=True):
        record["ReferencedFileID"] = pydicom.DataElement(
            "ReferencedFileID", "CS", parts, validation_mode=pydicom.config.IGNORE
        )
    listed.DirectoryRecordSequence = records
    listed.save_as(inside / "DICOMDIR")
    assert find_files([inside / "DICOMDIR"]).files == [inside / "IN"]


def test_a_dicom_segmentation_in_a_folder_is_a_mask(tmp_path: Path) -> None:
    write(tmp_path / "seg.dcm", drawing(), Modality="SEG")
    with pytest.raises(RadiographError, match="segmentation, not a radiograph"):
        read_radiograph(tmp_path / "seg.dcm")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root opens any folder")
def test_a_closed_folder_is_counted(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert find_files([tmp_path]).passed_over == {CLOSED: 1}

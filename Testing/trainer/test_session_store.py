"""The session store: versions by reader, keys, the index, and that no file is written over."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain.sessions import folder as files
from cxradain.sessions.folder import REFERENCES
from cxradain.sessions.index import Index
from cxradain.sessions.records import (
    MODEL,
    Origin,
    Placement,
    RecordError,
    SessionError,
    Version,
    from_bytes,
    pixel_key,
    to_bytes,
)
from cxradain.sessions.store import Session
from session_data import image, lungs, picture, quality, session


def test_versions_are_saved_and_read_back(tmp_path: Path) -> None:
    origin = Origin(
        model_id="compact 1",
        model_hash="ab" * 32,
        mode="student",
        clicks=({"point": [3, 4], "action": "add"},),
        tools=("Paint",),
        seconds=12.5,
        flags=("turned_90",),
        disagreement=0.25,
        quality=quality(0.5),
    )
    with session(tmp_path / "s") as opened:
        key = opened.images()[0].key
        first = opened.add_mask(key, lungs(0), MODEL, "auto", origin)
        second = opened.add_mask(key, lungs(1), "Reader A", "corrected", replace(origin, base=first.id))
        third = opened.set_status(second, "Reader A", "approved")
    with Session(tmp_path / "s") as opened:
        assert [v.number for v in opened.versions(key)] == [1, 2, 3]
        assert opened.versions(key) == [first, second, third]
        assert first.clicks == origin.clicks and third.base == second.id and third.seconds == 0
        for version, labels in ((first, lungs(0)), (second, lungs(1)), (third, lungs(1))):
            assert np.array_equal(opened.mask(version), labels)
        report = opened.verify()
        assert (report.images, report.versions, report.problems) == (2, 3, ())


def test_no_file_is_written_twice(tmp_path: Path) -> None:
    with session(tmp_path / "s") as opened:
        key = opened.images()[0].key
        for seed in range(4):
            before = {p: p.read_bytes() for p in (tmp_path / "s" / "masks").rglob("*.*")}
            opened.add_mask(key, lungs(seed), "A", "corrected")
            assert all(path.read_bytes() == data for path, data in before.items())


def test_readers_have_separate_versions(tmp_path: Path) -> None:
    with session(tmp_path / "s") as opened:
        key, other = (one.key for one in opened.images())

        def seen(reader: str | None) -> list[str]:
            return [row.status for row in opened.worklist(reader)]

        assert seen("A") == ["unlabelled", "unlabelled"]
        opened.add_mask(key, lungs(0), MODEL, "auto", Origin(quality=quality(0.9)))
        opened.add_mask(other, lungs(1), MODEL, "auto", Origin(quality=quality(0.3)))
        opened.add_mask(key, lungs(2), "A", "corrected")
        assert (seen("A"), seen("B"), seen(None)) == (
            ["corrected", "auto"],
            ["auto"] * 2,
            ["corrected", "auto"],
        )
        opened.add_mask(key, lungs(3), "B", "flagged")
        opened.add_mask(key, lungs(4), MODEL, "auto")  # a later model takes nothing from a reader
        assert (seen("A"), seen("B"), seen(None)) == (
            ["corrected", "auto"],
            ["flagged", "auto"],
            ["flagged", "auto"],
        )
        assert opened.readers() == ["A", "B"]
        assert opened.newest(key, "A").number == 2 and opened.newest(key, "C").number == 4
        assert [row.key for row in opened.worklist(order="useful")] == [other, key]
        assert [row.status for row in opened.worklist("A", "status")] == ["auto", "corrected"]


def test_masks_of_older_programs_are_ordered_by_disagreement_after_those_with_a_score(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=4) as opened:
        none, alike, different, scored = (one.key for one in opened.images())
        opened.add_mask(alike, lungs(0), MODEL, "auto", Origin(disagreement=0.1))
        opened.add_mask(different, lungs(1), MODEL, "auto", Origin(disagreement=0.7))
        opened.add_mask(scored, lungs(2), MODEL, "auto", Origin(quality=quality(0.99)))
        rows = opened.worklist(order="useful")
        assert [row.key for row in rows] == [scored, different, alike, none]
        assert [row.quality for row in rows] == [0.95, None, None, None]
        opened.add_mask(alike, lungs(3), MODEL, "auto", Origin(quality=quality(0.2)))
        assert [row.key for row in opened.worklist(order="useful")] == [alike, scored, different, none]


def test_a_damaged_quality_is_a_damaged_record(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=1) as opened:
        version = opened.add_mask(
            opened.images()[0].key, lungs(0), MODEL, "auto", Origin(quality=quality(0.5))
        )
    data = json.loads(to_bytes(version))
    assert from_bytes(Version, json.dumps(data).encode()) == version
    for damage in ({"score": 2}, {"right": None}, 3):
        broken = {**data, "quality": {**data["quality"], **damage} if isinstance(damage, dict) else damage}
        with pytest.raises(RecordError, match="damaged"):
            from_bytes(Version, json.dumps(broken).encode())


def test_the_key_is_of_pixels_shape_and_type() -> None:
    pixels = picture()
    same = (pixels.copy(), np.asfortranarray(pixels), pixels.astype(">u2"))
    others = (pixels.T, pixels.astype(np.int16), pixels.reshape(30, 40), pixels + 1)
    assert {pixel_key(p) for p in same} == {pixel_key(pixels)}
    assert len({pixel_key(p) for p in (*others, pixels)}) == 5


def test_an_image_is_added_once(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=1) as opened:
        again = opened.add_image(image(picture(0), "another name"), picture(0))
        assert again.name == "image-0001" and len(opened.images()) == 1


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4", "f8"])
def test_copies_are_lossless_and_read_by_itk(dtype: str, tmp_path: Path) -> None:
    pixels = (picture() - 1000.0).astype(dtype)
    placement = Placement((0.2, 0.3, 1.0), (-5.0, 7.0, 2.0), (1, 0, 0, 0, 0, -1, 0, 1, 0))
    with Session.create(tmp_path / "s") as opened:
        added = opened.add_image(image(pixels, placement=placement), pixels)
        version = opened.add_mask(added.key, lungs(), "A", "corrected")
        assert not opened.verify().problems
    for record, wanted in ((added, pixels), (version, lungs())):
        read = sitk.ReadImage(str(files.file_path(tmp_path / "s", record)))
        assert np.array_equal(sitk.GetArrayFromImage(read)[0], wanted)
        assert read.GetSpacing() == pytest.approx(placement.spacing)
        assert read.GetOrigin() == placement.origin
        assert read.GetDirection() == pytest.approx(placement.direction)


def test_masks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with session(tmp_path / "s") as opened:
        key = opened.images()[0].key
        for labels in (lungs()[:-1], lungs() + 1, lungs().astype(int) - 1):
            with pytest.raises(ValueError, match="labels"):
                opened.add_mask(key, labels, "A", "corrected")
        with pytest.raises(ValueError, match="status"):
            opened.add_mask(key, lungs(), "A", "unlabelled")
        with pytest.raises(SessionError, match="no image"):
            opened.add_mask("0" * 32, lungs(), "A", "corrected")
        with pytest.raises(SessionError, match="name"):
            opened.add_mask(key, lungs(), "A\x07B", "corrected")
        assert opened.versions() == []


def test_a_moved_original_is_found_again_when_added(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=0, kind=REFERENCES) as opened:
        first = opened.add_image(image(picture(), "a", reference=str(tmp_path / "gone.png")), None)
        again = opened.add_image(image(picture(), "b", reference=str(tmp_path / "there.png")), None)
        assert again == replace(first, reference=str(tmp_path / "there.png")) == opened.image(first.key)
    with Session(tmp_path / "s") as opened:
        assert opened.images() == [again]


def test_one_patient_in_five_is_held_out_with_all_images(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=0, kind=REFERENCES) as opened:
        chosen = {}
        for number in range(400):
            one = image(picture(number), patient=opened.keyed_hash("patient", str(number // 2)))
            chosen.setdefault(one.patient, set()).add(opened.is_held_out(one))
        assert all(len(both) == 1 for both in chosen.values())
        assert 20 <= sum(both == {True} for both in chosen.values()) <= 60


def test_a_missing_or_damaged_index_is_rebuilt(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=3) as opened:
        for row in opened.worklist():
            opened.add_mask(row.key, lungs(row.sequence), "A", "corrected")
        images, versions, rows = opened.images(), opened.versions(), opened.worklist("A")
        report = opened.rebuild()
        assert (report.images, report.versions, report.problems) == (3, 3, ())
        assert (opened.images(), opened.versions(), opened.worklist("A")) == (images, versions, rows)
    index = tmp_path / "s" / files.INDEX
    for damage in (
        index.unlink,
        lambda: index.write_bytes(b"no database" * 500),
        lambda: index.write_bytes(b""),
    ):
        damage()
        for write in (False, True):
            with Session(tmp_path / "s", write=write) as opened:
                assert (opened.images(), opened.versions()) == (images, versions)


def test_a_folder_copied_without_its_index_is_a_session(tmp_path: Path) -> None:
    import shutil

    with session(tmp_path / "s") as opened:
        key = opened.images()[0].key
        made = opened.add_mask(key, lungs(), "A", "approved")
        shutil.copytree(tmp_path / "s", tmp_path / "t", ignore=shutil.ignore_patterns("index*", "lock"))
    with Session(tmp_path / "t") as opened:
        assert opened.versions() == [made]


def test_the_index_of_another_version_is_made_anew_and_a_newer_session_refused(tmp_path: Path) -> None:
    import sqlite3

    with session(tmp_path / "s") as opened:
        images = opened.images()
    index = tmp_path / "s" / files.INDEX
    old = sqlite3.connect(index)
    old.executescript("DROP TABLE images; PRAGMA user_version = 1;")
    old.close()
    assert not Index.is_current(index)
    with Session(tmp_path / "s") as opened:
        assert opened.images() == images and Index.is_current(index)
    new = sqlite3.connect(index)
    new.execute("PRAGMA user_version = 99")
    new.close()
    with Session(tmp_path / "s", write=False) as opened:
        assert opened.images() == images
    with Session(tmp_path / "s") as opened:
        assert opened.images() == images and Index.is_current(index)
    description = tmp_path / "s" / files.SESSION
    description.write_text(json.dumps(json.loads(description.read_text()) | {"version": 99}))
    with pytest.raises(SessionError, match="newer"):
        Session(tmp_path / "s", write=False)


def test_verify_finds_deleted_and_damaged_files(tmp_path: Path) -> None:
    with session(tmp_path / "s") as opened:
        key, other = (one.key for one in opened.images())
        made = [opened.add_mask(key, lungs(seed), "A", "corrected") for seed in range(3)]
        files.record_path(tmp_path / "s", made[0]).unlink()
        files.file_path(tmp_path / "s", made[1]).write_bytes(b"short")
        (tmp_path / "s" / opened.image(other).file).unlink()
        told = "\n".join(opened.verify().problems)
        assert "only in the index" in told and "is not what was saved" in told and "cannot be read" in told
        with pytest.raises(SessionError, match="is not what was saved"):
            opened.mask(made[1])
        opened.rebuild()
        assert opened.versions(key) == made[1:]


def test_a_folder_with_other_files_becomes_no_session(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "thesis.doc").write_text("mine")
    with pytest.raises(SessionError, match="not empty"):
        Session.create(tmp_path / "s")
    with pytest.raises(SessionError, match="no session"):
        Session(tmp_path / "s")
    assert [p.name for p in (tmp_path / "s").iterdir()] == ["thesis.doc"]


def test_a_read_only_folder_can_be_read_and_stays_unchanged(tmp_path: Path) -> None:
    session(tmp_path / "s").close()
    before = sorted(p.name for p in (tmp_path / "s").rglob("*"))
    with Session(tmp_path / "s", write=False) as opened:
        assert len(opened.worklist()) == 2
        with pytest.raises(SessionError, match="reading only"):
            opened.rebuild()
    assert sorted(p.name for p in (tmp_path / "s").rglob("*")) == before


def test_the_store_needs_neither_torch_nor_qt() -> None:
    code = (
        "import sys; import cxradain.sessions.store; "
        "print({'torch', 'SimpleITK', 'pydicom', 'PySide6', 'qt', 'slicer'} & set(sys.modules))"
    )
    trainer = str(Path(__file__).resolve().parents[2] / "trainer")
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=trainer)
    assert told.stdout.strip() == "set()", told


def test_the_images_of_a_patient_are_found_and_of_nobody_none(tmp_path: Path) -> None:
    with Session.create(tmp_path / "s") as opened:
        for seed, patient in enumerate(["a" * 32, "", "b" * 32, "a" * 32]):
            pixels = picture(seed)
            opened.add_image(image(pixels, patient=patient), pixels)
        names = [each.name for each in opened.images_of_patient("a" * 32)]
        assert names == ["image-0001", "image-0004"]
        assert opened.images_of_patient("") == [] and opened.images_of_patient("a" * 31) == []

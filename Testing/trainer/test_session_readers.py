"""What a session says of its readers' work; older versions taken back; and files' names kept elsewhere."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from cxradain.commands.batch import remarks_on
from cxradain.engine.protocol import RequestError
from cxradain.exchange.session_table import write_session_table
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.sessions.folder import REFERENCES
from cxradain.sessions.original_names import names_folder, original_names
from cxradain.sessions.records import MODEL, Origin
from cxradain.sessions.store import Session
from cxradain.sessions.taking_back import has_other_mask, mask_before, take_back
from PIL import Image as Picture
from session_data import lungs, quality, session
from test_session_service import asks, write_pictures


def test_an_image_is_as_bad_as_its_worse_lung_wherever_that_is_said(tmp_path: Path) -> None:
    bad = MaskQuality(0.67, LungQuality(0.95), LungQuality(0.41, ("unequal",)))
    with session(tmp_path / "s", 2) as opened:
        for image, found in zip(opened.images(), (quality(0.6), bad), strict=True):
            opened.add_mask(image.key, lungs(0), MODEL, "auto", Origin(model_id="m", quality=found))
        assert [row.quality for row in opened.worklist(order="useful")] == [0.41, 0.6]
        write_session_table(opened, tmp_path / "table.csv")
    with (tmp_path / "table.csv").open() as file:
        assert [row["quality"] for row in csv.DictReader(file)] == ["0.6", "0.41"]
    assert remarks_on(bad)[0] == "likely bad (0.41)."


def test_rows_say_what_to_check_how_long_it_took_and_how_many_have_read_it(tmp_path: Path) -> None:
    with session(tmp_path / "s", 1) as opened:
        key = opened.images()[0].key
        models = opened.add_mask(
            key, lungs(0), MODEL, "auto", Origin(flags=("header_lateral",), quality=quality(0.4))
        )
        opened.add_mask(key, lungs(1), "A", "corrected", Origin(base=models.id, seconds=20))
        changed = opened.add_mask(key, lungs(2), "A", "corrected", Origin(seconds=5))
        opened.set_status(changed, "A", "approved", seconds=2)
        opened.add_mask(key, lungs(3), "B", "corrected", Origin(seconds=100))
        (row,), (others,), (everyone,) = (opened.worklist(name) for name in ("A", "C", None))
        assert (row.flags, row.seconds, row.readers) == ("header_lateral unequal", 27.0, 2)
        assert (others.seconds, others.readers, everyone.seconds) == (0.0, 2, 127.0)
        opened.rebuild()
        assert opened.worklist("A") == [row]


def test_rows_name_the_other_readers_who_have_flagged_an_image_and_not_taken_it_back(tmp_path: Path) -> None:
    with session(tmp_path / "s", 2) as opened:
        first, second = (image.key for image in opened.images())
        for key in (first, second):
            models = opened.add_mask(key, lungs(0), MODEL, "auto")
            for reader in ("A", "B"):
                opened.set_status(models, reader, "flagged")
        flagged = opened.newest(first, "A")
        assert flagged is not None
        opened.set_status(flagged, "A", "approved")

        def of(reader: str | None) -> list[set[str]]:
            return [set(filter(None, row.flagged_by.split(", "))) for row in opened.worklist(reader)]

        assert of("A") == [{"B"}, {"B"}] and of("B") == [set(), {"A"}] and of("C") == [{"B"}, {"A", "B"}]
        assert of(None) == [set(), set()]


def test_agreement_is_asked_for_some_images_at_a_time(tmp_path: Path) -> None:
    with session(tmp_path / "s", 3) as opened:
        first, second, third = (image.key for image in opened.images())
        opened.add_mask(first, lungs(0), "A", "corrected")
        opened.add_mask(first, lungs(0), "B", "approved")
        half = lungs(0)
        half[half == 2] = 0
        opened.add_mask(second, lungs(0), "A", "corrected")
        opened.add_mask(second, half, "B", "approved")
        opened.add_mask(third, lungs(0), "A", "corrected")
        opened.add_mask(third, lungs(0), "B", "flagged")
        said, _ = asks(opened)("agreement", keys=[first, second, third])
        assert said["agreement"] == {first: [1.0, 1.0, 2], second: [1.0, 0.0, 2]}
        opened.add_mask(second, np.zeros_like(half), "A", "corrected")
        opened.add_mask(second, np.zeros_like(half), "B", "corrected")
        assert asks(opened)("agreement", keys=[second])[0]["agreement"] == {second: [None, None, 2]}


def test_a_version_is_shown_as_a_picture(tmp_path: Path) -> None:
    with session(tmp_path / "s", 1) as opened:
        key = opened.images()[0].key
        made = opened.add_mask(key, lungs(0), "A", "corrected")
        _, arrays = asks(opened)("picture", key=key, version=made.id)
        drawn = np.asarray(Picture.open(io.BytesIO(bytes(arrays["picture"]))))
        assert drawn.shape == (40, 30, 3) and (drawn[..., 0] != drawn[..., 2]).any(), "with colored outlines"
        with pytest.raises(RequestError, match="not in the session"):
            asks(opened)("picture", key=key, version="0" * 16)


def test_an_older_version_is_taken_back_and_nothing_is_lost(tmp_path: Path) -> None:
    with session(tmp_path / "s", 1) as opened:
        key = opened.images()[0].key
        model = {"model_id": "m", "model_hash": "ab", "mode": "student"}
        models = opened.add_mask(key, lungs(0), MODEL, "auto", Origin(**model))
        work = Origin(**model, base=models.id, tools=("Paint",), seconds=9)
        first = opened.add_mask(key, lungs(1), "A", "approved", work)
        opened.add_mask(key, lungs(2), "A", "corrected", work)
        taken = take_back(opened, first, "A")
        assert (taken.status, taken.base, taken.seconds, taken.model_id) == ("approved", first.id, 0.0, "m")
        assert np.array_equal(opened.mask(opened.newest(key, "A")), lungs(1))
        assert take_back(opened, first, "B").status == "auto", "B has not corrected it"
        assert take_back(opened, models, "A").status == "auto"
        approved = opened.set_status(models, "C", "approved")
        assert take_back(opened, approved, "A").status == "auto", "no person has changed these pixels"
        assert len(opened.versions(key)) == 8 and not opened.verify().problems


MODELS = {"model_id": "m", "model_hash": "ab", "mode": "student"}


@pytest.fixture
def history(tmp_path: Path):
    """A session of one image, its key, and the model's mask of it."""
    with session(tmp_path / "s", 1) as opened:
        key = opened.images()[0].key
        yield opened, key, opened.add_mask(key, lungs(0), MODEL, "auto", Origin(**MODELS))


def test_the_masks_before_lead_back_to_the_first_one(history) -> None:
    opened, key, first = history
    second = opened.add_mask(key, lungs(1), "A", "corrected", Origin(**MODELS, base=first.id))
    approved = opened.set_status(second, "A", "approved")
    third = opened.add_mask(key, lungs(2), "A", "corrected", Origin(**MODELS, base=second.id))
    assert mask_before(opened, third).id == approved.id, "with its status"
    again = take_back(opened, second, "A")
    assert mask_before(opened, again).id == first.id, "and not what it was taken from"
    again = take_back(opened, first, "A")
    assert mask_before(opened, again) is None and mask_before(opened, first) is None


def test_what_was_taken_back_has_before_it_what_it_replaced(history) -> None:
    opened, key, first = history
    second = opened.add_mask(key, lungs(1), "A", "corrected", Origin(**MODELS, base=first.id))
    third = opened.add_mask(key, lungs(2), "A", "corrected", Origin(**MODELS, base=second.id))
    jumped = take_back(opened, first, "A")
    assert mask_before(opened, jumped).id == third.id
    steps = []
    now = jumped
    while (before := mask_before(opened, now)) is not None:
        now = take_back(opened, before, "A")
        steps.append(before.id)
    assert steps == [third.id, second.id, first.id], "to the first one, and not to and fro"
    assert has_other_mask(opened, key, now)
    approved = opened.set_status(take_back(opened, third, "A"), "A", "approved")
    assert np.array_equal(opened.mask(mask_before(opened, approved)), lungs(0))


def test_a_mask_of_another_model_or_reader_is_no_dead_end(tmp_path: Path) -> None:
    with session(tmp_path / "s", 1) as opened:
        key = opened.images()[0].key
        models = [{"model_id": "m", "model_hash": text, "mode": "student"} for text in ("ab", "cd", "ef")]
        first = opened.add_mask(key, lungs(0), MODEL, "auto", Origin(**models[0]))
        mine = opened.add_mask(key, lungs(1), "A", "corrected", Origin(**models[0], base=first.id))
        again = opened.add_mask(key, lungs(2), MODEL, "auto", Origin(**models[1]))
        unseen = opened.add_mask(key, lungs(3), MODEL, "auto", Origin(**models[2]))
        changed = opened.add_mask(key, lungs(4), "A", "corrected", Origin(**models[1], base=again.id))
        assert mask_before(opened, changed).id == again.id
        assert mask_before(opened, take_back(opened, again, "A")).id == mine.id
        others = opened.add_mask(key, lungs(5), "B", "corrected", Origin(**models[2], base=unseen.id))
        taken = take_back(opened, others, "A")
        assert np.array_equal(opened.mask(mask_before(opened, taken)), lungs(2)), "what it replaced"
        assert mask_before(opened, others).id == unseen.id


def test_a_mask_set_back_to_the_models_has_what_was_painted_before_it(history) -> None:
    opened, key, first = history
    painted = opened.add_mask(key, lungs(1), "A", "corrected", Origin(**MODELS, base=first.id))
    reset = opened.add_mask(key, lungs(0), "A", "auto", Origin(**MODELS, base=painted.id))
    assert mask_before(opened, reset).id == painted.id
    approved = opened.set_status(first, "C", "approved")
    assert mask_before(opened, approved) is None
    assert not has_other_mask(opened, "0" * 32, None)


def test_files_names_stay_on_this_computer_and_outside_the_session(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    pictures = write_pictures(tmp_path / "pictures", 2)
    (pictures / "0.png").rename(pictures / "Roe_Richard.png")
    with Session.create(tmp_path / "s") as opened:
        said, _ = asks(opened)("add", paths=[str(pictures)])
        names = original_names(opened)
        assert sorted(names.values()) == ["1.png", "Roe_Richard.png"]
        assert names[said["key"]] == "Roe_Richard.png", "the last one"
    (file,) = names_folder().iterdir()
    assert os.name != "posix" or stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    assert not [p for p in (tmp_path / "s").rglob("*") if p.is_file() and b"Roe" in p.read_bytes()]
    (tmp_path / "s").rename(tmp_path / "moved")
    with Session(tmp_path / "moved", write=False) as moved:
        assert original_names(moved) == names
    file.write_text(json.dumps({key: names[key] for key in names}))
    with Session(tmp_path / "moved", write=False) as moved:
        assert original_names(moved) == names, "as older versions wrote them"
    file.write_text("[")
    with Session(tmp_path / "moved", write=False) as moved:
        assert original_names(moved) == {}


def test_identical_files_are_known_by_all_their_names(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    pictures = write_pictures(tmp_path / "pictures", 1)
    for name in ("p00_1.png", "a/chest.png"):
        (pictures / name).parent.mkdir(exist_ok=True)
        (pictures / name).write_bytes((pictures / "0.png").read_bytes())
    (pictures / "0.png").unlink()
    with Session.create(tmp_path / "s") as opened:
        said, _ = asks(opened)("add", paths=[str(pictures / "p00_1.png"), str(pictures / "a")])
        assert (said["added"], said["present"]) == (1, 1)
        assert original_names(opened) == {said["key"]: "p00_1.png, chest.png"}
        asks(opened)("add", paths=[str(pictures / "a")])
        assert original_names(opened) == {said["key"]: "p00_1.png, chest.png"}


def test_a_session_of_references_needs_no_names(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    pictures = write_pictures(tmp_path / "pictures", 1)
    with Session.create(tmp_path / "s", REFERENCES) as opened:
        asks(opened)("add", paths=[str(pictures)])
        assert original_names(opened) == {} and not names_folder().exists()

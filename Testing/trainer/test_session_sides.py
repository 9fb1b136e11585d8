"""Right and left of a mask follow how its image is turned, whoever made it and whoever turned it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from cxradain import cli
from cxradain.imaging.lungs import LEFT, RIGHT, exchange_sides
from cxradain.imaging.quality import LungQuality, MaskQuality
from cxradain.imaging.turn import TURNS, Turn
from cxradain.rounds.gate_images import is_unedited, labelled
from cxradain.sessions.agreement import agreement
from cxradain.sessions.records import APPROVED, AUTO, CORRECTED, MODEL, Origin, RecordError, Version
from cxradain.sessions.sides import are_exchanged_by_turn
from cxradain.sessions.store import Session
from cxradain.sessions.taking_back import take_back
from session_data import lungs, session

FLIP = Turn(0, True)
MADE = Origin(model_id="m", model_hash="ab", mode="student")
SCORES = MaskQuality(0.5, LungQuality(0.4, ("ragged",), (1, 9, 2, 8)), LungQuality(0.9))


@pytest.fixture
def opened(tmp_path: Path):
    with session(tmp_path / "s", 1) as made:
        yield made


@pytest.fixture
def key(opened: Session) -> str:
    return opened.images()[0].key


def forget_turns(opened: Session) -> None:
    """Records as older programs wrote them."""
    for path in opened.path.glob("masks/*/*.json"):
        record = json.loads(path.read_text())
        del record["turn"]
        path.write_text(json.dumps(record))
    opened.rebuild()


@pytest.mark.parametrize("turn", [FLIP, Turn(180)])
def test_a_flip_exchanges_the_sides_of_all_readers_masks_and_taking_it_back_restores_them(opened, key, turn):
    made = [opened.add_mask(key, lungs(), reader, APPROVED) for reader in ("A", "B")]
    before = {path: path.read_bytes() for path in opened.path.glob("masks/*/*")}
    opened.set_turn(key, turn)
    assert all(np.array_equal(opened.mask(each), exchange_sides(lungs())) for each in made)
    later = opened.add_mask(key, exchange_sides(lungs()), "C", CORRECTED)
    assert later.turn == turn and opened.are_equal(later, made[0])
    found = agreement(opened, opened.versions(key))
    assert (found.readers, found.right, found.left) == (3, 1.0, 1.0)
    labelled(opened, opened.image(key), made[1])
    opened.set_turn(key, Turn())
    assert all(np.array_equal(opened.mask(each), lungs()) for each in (*made, later))
    assert before.items() <= {path: path.read_bytes() for path in opened.path.glob("masks/*/*")}.items()
    assert not opened.verify().problems


@pytest.mark.parametrize("turn", TURNS)
def test_a_turn_and_back_leaves_sides_that_a_reader_meant_otherwise(opened, key, turn):
    meant = exchange_sides(lungs())
    version = opened.add_mask(key, meant, "A", APPROVED)
    opened.set_turn(key, turn)
    if turn.degrees % 180 == 0:
        assert np.array_equal(opened.mask(version), meant), (
            "upright by the flip, or not turned sideways at all"
        )
    opened.set_turn(key, Turn())
    assert np.array_equal(opened.mask(version), meant)
    assert opened.newest(key, "A").status == APPROVED and not opened.verify().problems


def test_what_is_made_from_a_version_has_its_clicks_and_quality_on_the_lungs_of_its_mask(opened, key):
    clicks = ({"row": 3.0, "column": 4.0, "action": "add", "lung": 1}, {"row": 1.0, "lung": None})
    origin = Origin(model_id="m", model_hash="ab", mode="student", clicks=clicks, quality=SCORES)
    version = opened.add_mask(key, lungs(), "A", CORRECTED, origin)
    opened.set_turn(key, FLIP)
    approved = opened.set_status(version, "A", APPROVED)
    restored = take_back(opened, version, "A")
    for each in (approved, restored):
        assert each.turn == FLIP and np.array_equal(opened.mask(each), exchange_sides(lungs()))
        assert [click["lung"] for click in each.clicks] == [2, None]
        assert each.quality.left == SCORES.right and each.quality.right == SCORES.left


def test_a_models_mask_approved_after_a_flip_is_no_correction_and_is_not_kept_twice(opened, key):
    version = opened.add_model_mask(key, lungs(), MADE)
    opened.set_turn(key, FLIP)
    assert opened.add_model_mask(key, exchange_sides(lungs()), MADE) == version
    approved = opened.set_status(version, "A", APPROVED)
    assert is_unedited(approved, opened.versions(key), opened.are_equal)
    corrected = opened.add_mask(key, exchange_sides(lungs(3)), "B", CORRECTED, MADE)
    assert not is_unedited(corrected, opened.versions(key), opened.are_equal)


def test_the_turn_of_a_version_survives_its_record(opened, key, tmp_path):
    opened.set_turn(key, Turn(90, True))
    version = opened.add_mask(key, lungs(), MODEL, AUTO, MADE)
    opened.rebuild()
    assert opened.versions(key) == [version] and version.turn == Turn(90, True)


def test_a_mask_whose_turn_no_record_says_is_listed_left_out_and_settled_by_approving_it(opened, key, capsys):
    opened.set_turn(key, FLIP)
    for reader, labels in (("A", lungs()), ("B", exchange_sides(lungs()))):
        opened.add_mask(key, labels, reader, APPROVED)
    opened.add_mask(key, lungs(), MODEL, AUTO, MADE)
    forget_turns(opened)
    (doubtful,) = opened.doubtful()
    assert doubtful.reader == "A" and np.array_equal(opened.mask(doubtful), lungs()), "read as it is"
    (problem,) = opened.verify().problems
    assert doubtful.file in problem and "'A'" in problem and "approve it" in problem
    with pytest.raises(RecordError, match="on the right of the upright image"):
        labelled(opened, opened.image(key), doubtful)
    opened.set_status(doubtful, "A", APPROVED)
    assert opened.doubtful() == [] and not opened.verify().problems


def test_the_table_of_a_session_has_each_lungs_size_on_its_side(opened, key, tmp_path):
    small = np.array(lungs())
    small[20:][small[20:] == 2] = 0  # the left lung is half as large
    opened.add_mask(key, small, "A", APPROVED)

    def sizes() -> tuple[float, float]:
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        command = ["session", "export", str(opened.path), "--format", "csv", "--output", str(out)]
        assert cli.main(command) == 0
        (row,) = csv.DictReader(line for line in out.read_text().splitlines() if not line.startswith("#"))
        return tuple(float(row[name]) for name in ("right_area_px", "left_area_px"))

    right, left = sizes()
    assert right > left
    opened.set_turn(key, FLIP)
    assert sizes() == (left, right)


def test_versions_of_a_removed_image_are_read_as_they_are(opened, key):
    version: Version = opened.add_mask(key, lungs(), "A", APPROVED)
    opened.set_turn(key, FLIP)
    opened.remove_image(key)
    assert np.array_equal(opened.mask(version), lungs()) and opened.doubtful() == []


def test_that_an_image_should_be_turned_is_said_for_the_turn_that_it_was_said_of(opened, key, tmp_path):
    doubts = Origin(**vars(MADE) | {"flags": ("mirrored", "color"), "quality": SCORES})
    made = opened.add_mask(key, lungs(), MODEL, AUTO, doubts)

    def flags() -> str:
        (row,) = opened.worklist()
        assert opened.worklist_row(key) == row
        export = ["session", "export", str(opened.path), "--format", "csv", "--output"]
        assert cli.main([*export, str(tmp_path / "out.csv")]) == 0
        with (tmp_path / "out.csv").open() as file:
            assert next(csv.DictReader(file))["checks"] == row.flags
        return row.flags

    assert flags() == "mirrored color ragged"
    opened.set_turn(key, FLIP)
    assert flags() == "color ragged"
    opened.set_turn(key, Turn())
    assert flags() == "mirrored color ragged"
    approved = opened.set_status(made, "A", APPROVED)
    opened.set_turn(key, FLIP)
    assert flags() == "color ragged"
    assert opened.set_status(approved, "A", APPROVED).flags == ("color",)
    opened.rebuild()
    assert flags() == "color ragged"
    opened.set_turn(key, Turn())
    assert flags() == "mirrored color ragged", "of the mask that was made for this turn"


@pytest.mark.parametrize("turn", [Turn(90), Turn(270), Turn(90, True), Turn(270, True)])
@pytest.mark.parametrize("lower", [RIGHT, LEFT])
def test_a_quarter_turn_of_an_upright_image_exchanges_no_sides_by_chance(turn: Turn, lower: int) -> None:
    """One lung lies above the other then, a little to the left or to the right of it."""
    labels = np.zeros((60, 50), np.uint8)
    labels[10:50, 5:20], labels[10:50, 30:45] = RIGHT, LEFT
    labels[50:55][labels[45:50] == lower] = lower
    assert not are_exchanged_by_turn(labels, Turn(), turn)
    assert are_exchanged_by_turn(labels, Turn(), Turn(0, True)) and are_exchanged_by_turn(
        labels, Turn(), Turn(180)
    )
    assert are_exchanged_by_turn(turn.undo(exchange_sides(labels)), Turn(), turn), "upright only now"

"""One CSV of a whole session: what its rows say is so, and nobody's name is in it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from cxradain import cli
from cxradain.engine.protocol import Cancelled
from cxradain.exchange.formats import ExportRequest, export_session
from cxradain.exchange.session_table import COLUMNS
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.turn import Turn
from cxradain.sessions.folder import REFERENCES
from cxradain.sessions.records import MODEL, Origin
from cxradain.sessions.store import Session
from session_data import image, picture, quality, session

RIGHT_BOX, LEFT_BOX = (slice(5, 25), slice(2, 12)), (slice(10, 30), slice(16, 28))


def boxes(left: tuple[slice, slice] = LEFT_BOX) -> np.ndarray:
    """(40, 30) labels of two boxes: the right lung of 20 x 10 pixels, the left of 20 x 12."""
    labels = np.zeros((40, 30), np.uint8)
    labels[RIGHT_BOX], labels[left] = 1, 2
    return labels


def table(opened: Path, *more: str) -> list[dict[str, str]]:
    out = opened.parent / "table.csv"
    assert cli.main(["session", "export", str(opened), "--format", "csv", "--output", str(out), *more]) == 0
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Three images: two readers and a model; a model alone; none."""
    with session(tmp_path / "s", 0) as opened:
        facts = ImageFacts(spacing=(2.0, 1.0))
        first = opened.add_image(image(picture(0), facts=facts, patient="ab"), picture(0))
        second = opened.add_image(image(picture(1), patient="ab"), picture(1))
        opened.add_image(image(picture(2)), picture(2))
        model = {"model_id": "m 1", "model_hash": "ab", "mode": "student"}
        origin = Origin(**model, flags=("lateral",), quality=quality(0.4))
        models = opened.add_mask(first.key, boxes((slice(10, 20), slice(16, 28))), MODEL, "auto", origin)
        opened.add_mask(second.key, boxes(), MODEL, "auto")
        work = {**model, "base": models.id, "tools": ("Paint",)}
        opened.add_mask(first.key, boxes(), "=cmd()", "corrected", Origin(**work, seconds=20.04))
        half = boxes((slice(10, 30), slice(16, 22)))
        changed = opened.add_mask(first.key, half, "Ann", "corrected", Origin(**work, seconds=9))
        opened.set_status(changed, "Ann", "approved", seconds=2.5)
    return tmp_path / "s"


def test_a_row_for_every_reader_with_sizes_model_and_time(made: Path) -> None:
    rows = table(made)
    assert tuple(rows[0]) == COLUMNS
    assert [(row["id"], row["status"], row["reader"]) for row in rows] == [
        ("case-00001", "corrected", "reader-0001"),
        ("case-00001", "approved", "reader-0002"),
        ("case-00002", "auto", "model"),
        ("case-00003", "unlabelled", ""),
    ]
    first = rows[0]
    assert (first["right_area_px"], first["left_area_px"], first["right_left_ratio"]) == (
        "200",
        "240",
        "0.833",
    )
    assert (first["right_area_cm2"], first["left_area_cm2"]) == ("4.0", "4.8")  # of 2 x 1 mm pixels
    assert (first["thoracic_width_px"], first["thoracic_width_cm"]) == ("26", "2.6")
    assert (first["right_height_px"], first["right_height_cm"]) == ("20", "4.0")
    assert (first["quality"], first["checks"], first["model_id"]) == ("0.4", "lateral unequal", "m 1")
    assert [row["seconds"] for row in rows] == ["20.0", "11.5", "0.0", ""]
    assert rows[0]["patient"] == rows[2]["patient"] != rows[3]["patient"]
    assert rows[2]["right_area_px"] == "200" and rows[2]["right_area_cm2"] == "", "no spacing is known"


def test_the_hearts_width_is_its_readers(made: Path) -> None:
    with Session(made) as session:
        key = session.images()[0].key
        reader = next(v.reader for v in session.versions() if v.image == key and v.status == "corrected")
        session.set_heart(key, reader, ((3.0, 10.0), (9.0, 23.0)))
    first, second, *_others = table(made)
    assert (first["heart_width_px"], first["heart_width_cm"]) == ("13.0", "1.3")
    assert first["cardiothoracic_ratio"] == "0.5" and second["cardiothoracic_ratio"] == ""


def test_agreement_of_readers_is_their_dice_lung_by_lung(made: Path) -> None:
    first, second, models, _none = table(made)
    assert (first["readers"], first["dice_right"]) == ("2", "1.0")
    assert float(first["dice_left"]) == pytest.approx(2 * 120 / (240 + 120), abs=1e-4)
    assert (second["dice_left"], models["dice_left"], models["readers"]) == (first["dice_left"], "", "")
    # Also where one of them alone is asked for.
    (ann,) = table(made, "--reader", "Ann")
    assert ann["dice_left"] == first["dice_left"] and ann["status"] == "approved"
    assert [row["id"] for row in table(made, "--status", "corrected")] == ["case-00001"]


def test_names_are_left_out_unless_asked_for_and_then_no_formula_is_computed(made: Path) -> None:
    assert "cmd" not in str(table(made)) and "Ann" not in str(table(made))
    named = table(made, "--identifiers")
    assert [row["reader"] for row in named[:2]] == ["'=cmd()", "Ann"]
    assert named[0]["id"] == "image-0001"


def test_a_number_stands_for_the_same_patient_and_reader_in_every_export(tmp_path: Path) -> None:
    """Whichever images are exported: tables are joined by these numbers."""
    with session(tmp_path / "s", 4) as opened:
        first, second, third, fourth = opened.images()
        opened.add_mask(first.key, boxes(), "Zoe", "flagged")
        opened.add_mask(second.key, boxes(), "Ada", "approved")
        opened.add_mask(third.key, boxes(), MODEL, "auto")
        opened.add_mask(fourth.key, boxes(), "Ada", "approved")
    rows = table(tmp_path / "s")
    whole = {row["image_key"]: (row["patient"], row["reader"]) for row in rows if row["reader"] != "model"}
    assert len(set(whole.values())) == 3
    for more in (["--reader", "Ada"], ["--status", "approved"]):
        part = {row["image_key"]: (row["patient"], row["reader"]) for row in table(tmp_path / "s", *more)}
        assert part.items() < whole.items(), more
    with Session(tmp_path / "s", write=False) as opened:
        export_session(opened, ExportRequest("png", tmp_path / "png", ("approved",)))
    with (tmp_path / "png" / "manifest.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            assert (row["patient_group"], row["reader"]) == whole[row["image_key"]]


def test_sizes_are_of_the_upright_image(tmp_path: Path) -> None:
    with session(tmp_path / "s", 1) as opened:
        (only,) = opened.images()
        opened.set_turn(only.key, Turn(90))
        opened.add_mask(only.key, boxes(), "Ann", "approved")
    (row,) = table(tmp_path / "s")
    assert (row["right_height_px"], row["left_height_px"]) == ("10", "12")


def test_an_image_without_its_file_still_has_its_masks_sizes(tmp_path: Path) -> None:
    with session(tmp_path / "s", 1, REFERENCES) as opened:
        (only,) = opened.images()
        opened.add_mask(only.key, boxes(), "Ann", "approved")
    assert table(tmp_path / "s")[0]["right_area_px"] == "200"


@pytest.mark.parametrize("format", ["csv", "png", "nifti"])
def test_a_cancelled_export_leaves_nothing(made: Path, tmp_path: Path, format: str) -> None:
    def report(done: float, text: str) -> None:
        if done >= 0.5:
            raise Cancelled

    request = ExportRequest(format, tmp_path / "out", ("approved", "auto"))
    with Session(made, write=False) as opened, pytest.raises(Cancelled):
        export_session(opened, request, report=report)
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".*"))

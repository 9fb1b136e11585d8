"""Exports of a session are read back by other libraries, and hold nothing of the patient."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain import DISCLAIMER, cli
from cxradain.datasets import images_of_split, read_manifest, read_mask
from cxradain.exchange.export import select_items
from cxradain.exchange.formats import CSV
from cxradain.sessions.records import MODEL, preferred_version
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from export_data import export, hides, labels
from PIL import Image
from small_models import chest


def test_png_export_has_the_format_of_the_shared_data_set(made: Path) -> None:
    out = export(made, "png")
    assert hides(out)
    cases = read_manifest(out)
    assert [case.id for case in cases] == ["case-00001", "case-00002", "case-00003"]
    assert cases[0].patient_group == cases[1].patient_group != cases[2].patient_group
    assert {case.split for case in cases} <= {"train", "validation"}
    assert cases[0].split == cases[1].split
    assert images_of_split(out, cases[0].split)
    for number, case in enumerate(cases):
        assert np.array_equal(read_mask(case), labels(number))
    images = [np.asarray(Image.open(case.image)) for case in cases]
    assert np.array_equal(images[0], chest())
    second = chest(seed=1)
    assert np.array_equal(images[1], second.max() - second + second.min())
    assert np.array_equal(images[2], chest(seed=2) // 16)


def test_nifti_keeps_values_and_geometry(made: Path) -> None:
    out = export(made, "nifti")
    assert hides(out)
    image = sitk.ReadImage(str(out / "images" / "case-00001.nii.gz"))
    mask = sitk.ReadImage(str(out / "masks" / "case-00001.nii.gz"))
    assert np.array_equal(sitk.GetArrayFromImage(image), chest())
    assert np.array_equal(sitk.GetArrayFromImage(mask), labels(0))
    assert image.GetSpacing() == mask.GetSpacing() == pytest.approx((0.3, 0.2))


def test_nnunet_export_has_the_layout_of_nnunet(made: Path) -> None:
    out = export(made, "nnunet")
    assert hides(out)
    told = json.loads((out / "dataset.json").read_text())
    assert told["numTraining"] == 3 and DISCLAIMER in told["description"]
    assert told["labels"] == {"background": 0, "right_lung": 1, "left_lung": 2}
    ending = told["file_ending"]
    images = sorted(p.name.removesuffix("_0000" + ending) for p in (out / "imagesTr").iterdir())
    masks = sorted(p.name.removesuffix(ending) for p in (out / "labelsTr").iterdir())
    assert images == masks == ["case-00001", "case-00002", "case-00003"]
    split = json.loads((out / "splits_final.json").read_text())[0]
    assert sorted(split["train"] + split["val"]) == images
    assert np.array_equal(np.asarray(Image.open(out / "labelsTr" / f"case-00003{ending}")), labels(2))


def test_coco_draws_the_same_masks(made: Path) -> None:
    from skimage.draw import polygon2mask

    out = export(made, "coco")
    assert hides(out)
    exact, outlined = (
        json.loads((out / f"instances_{kind}.json").read_text()) for kind in ("rle", "polygons")
    )
    assert DISCLAIMER in exact["info"]["description"] and len(exact["annotations"]) == 6
    for run, outline in zip(exact["annotations"], outlined["annotations"], strict=True):
        wanted = labels(run["image_id"] - 1) == run["category_id"]
        size, counts = run["segmentation"]["size"], run["segmentation"]["counts"]
        values = np.repeat(np.arange(len(counts)) % 2, counts)
        assert np.array_equal(values.reshape(size[::-1]).T == 1, wanted)
        assert run["area"] == wanted.sum()
        x, y, width, height = run["bbox"]
        assert wanted[y : y + height, x : x + width].sum() == wanted.sum()
        (points,) = outline["segmentation"]
        corners = np.flip(np.reshape(points, (-1, 2)), 1) - 0.5
        drawn = polygon2mask(wanted.shape, corners)
        assert 2 * (drawn & wanted).sum() / (drawn.sum() + wanted.sum()) > 0.99


def test_preferred_version_follows_status_and_reader(tmp_path: Path) -> None:
    Image.fromarray((chest() // 16).astype(np.uint8)).save(tmp_path / "a.png")
    with Session.create(tmp_path / "s") as opened:
        image, _ = add_file(opened, tmp_path / "a.png")

        def chosen(statuses=("approved", "corrected"), readers=None) -> int | None:
            found = preferred_version(opened.versions(), statuses, readers)
            return found and found.number

        add = lambda reader, status: opened.add_mask(image.key, labels(), reader, status)  # noqa: E731
        opened.add_mask(image.key, labels(1), MODEL, "auto")
        assert (chosen(), chosen(("auto",))) == (None, 1)
        add("A", "approved")
        add("B", "corrected")
        assert (chosen(), chosen(readers=("B",))) == (2, 3)
        add("B", "approved")
        assert chosen() == 4
        add("B", "flagged")  # B takes it back
        assert (chosen(), chosen(readers=("B",))) == (2, None)
        assert [case.version.number for case in select_items(opened)] == [2]


def test_manifest_records_how_each_mask_was_made(made: Path) -> None:
    with (export(made, "coco") / "manifest.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["values"] for row in rows] == ["as stored", "inverted", "as stored"]
    assert {(row["status"], row["reader"], row["model_id"]) for row in rows} == {
        ("corrected", "reader-0001", "compact 1")
    }


@pytest.mark.parametrize("format", [CSV, "png", "dicom-seg"])
@pytest.mark.parametrize("place", ["", "new/out"])
def test_an_export_into_the_sessions_own_folder_is_refused(
    made: Path, capsys: pytest.CaptureFixture[str], format: str, place: str
) -> None:
    before = sorted(made.rglob("*"))
    output = made / place / "table.csv" if format == CSV else made / place
    assert cli.main(["session", "export", str(made), "--output", str(output), "--format", format]) != 0
    assert "session's own folder" in capsys.readouterr().err
    assert sorted(made.rglob("*")) == before


def test_it_is_said_what_was_written(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Session(made) as opened:
        image = opened.images()[0]
        opened.add_mask(image.key, labels(9), "Reader Bob", "approved")
    for output, format, told in (
        ("table.csv", CSV, "3 radiographs, 4 rows."),
        ("png", "png", "3 radiographs with masks."),
    ):
        words = ["session", "export", str(made), "--output", str(tmp_path / output), "--format", format]
        assert cli.main(words) == 0
        assert told in capsys.readouterr().out

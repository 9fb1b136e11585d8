"""The ablation: every row trained on as many labelled images, measured, and gone on with after a stop."""

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from cxradain import cli
from cxradain.models import model as models
from cxradain.models.model import AdaINModel, save_model
from cxradain.training import ablation, preparation
from cxradain.training.plain_unet import PlainUNet
from cxradain.training.recipes import recipes
from train_in_processes import TINY
from training_data import make_training_folder

SELF_TRAINED = ("self-training", "two-step", "hard", "all-labels")
ROWS = [
    "continued",
    "view",
    *(
        f"{name}-{mode}"
        for name in ("self-training", "two-step", "hard", "all-labels")
        for mode in ("direct", "student")
    ),
    "view-256",
    "unet",
    "supervised",
    "unet-plain",
    "supervised-plain",
    "unet-view",
    "supervised-view",
    *(f"{name}-{mode}" for name in ("paper", "light") for mode in ("direct", "teacher", "student")),
    ablation.BASE,
]
MEASURED = ablation.SPLITS[:2]  # a folder need not have dev_view
FEW = 0.001  # of the steps


@pytest.fixture
def folder(tmp_path):
    """Training images, and two of the labelled ones to be measured on."""
    made = make_training_folder(tmp_path / "cxr", None)
    with (made / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["split"].startswith("dev")]
    for row, split in zip(rows[:2], MEASURED, strict=True):
        new = row | {"id": f"of_{split}", "split": split}
        for name in ("images", "masks"):
            shutil.copy(made / name / f"{row['id']}.png", made / name / f"{new['id']}.png")
        rows.append(new)
    with (made / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return made


def test_rows_see_as_many_labelled_images():
    for scale in (1.0, 0.5):
        seen = {
            recipe.name: sum(stage.steps * stage.labelled for stage in recipe.options.stages)
            for recipe in recipes(scale)
        }
        continued = {recipe.name for recipe in recipes(scale) if recipe.continues}
        assert len({seen[name] for name in continued}) == 1
        assert len({seen[name] for name in seen.keys() - continued - {"paper"}}) == 1
        # The paper's second stage has no segmentation loss.
        assert seen["paper"] == pytest.approx(0.79 * seen["light"], rel=0.01)


def test_plain_rows_lack_the_simulated_opacities_alone():
    options = {recipe.name: recipe.options for recipe in recipes()}
    for name in ("unet", "supervised"):
        assert options[name].opacity_probability > 0
        assert options[f"{name}-plain"] == replace(options[name], opacity_probability=0.0)


def test_view_rows_add_the_field_of_view_alone():
    options = {recipe.name: recipe.options for recipe in recipes()}
    for name in ("unet", "supervised"):
        assert options[f"{name}-view"] == replace(
            options[name], crop_probability=0.3, abdomen_probability=0.5
        )


def test_an_unreadable_image_ends_the_ablation_with_a_message(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(models.PRESETS, "compact", TINY)
    for path in (folder / "images").iterdir():
        path.write_bytes(path.read_bytes()[:60])
    words = ["ablation", "--data", str(folder), "--out", str(tmp_path / "out"), "--only", "unet"]
    assert cli.main([*words, "--scale", str(FEW), "--precision", "32-true"]) == 2
    assert str(folder / "images") in capsys.readouterr().err


def halves_as_lungs(teachers, cases, canvas):
    labels = np.repeat([[1] * (canvas // 2) + [2] * (canvas // 2)], canvas, axis=0).astype(np.uint8)
    return {case.id: labels for case in cases}


def test_ablation_trains_measures_compares_and_resumes(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(models.PRESETS, "compact", TINY)
    out, asked, reported = tmp_path / "out", [], []

    def stop_in_the_second_training() -> bool:
        asked.append(None)
        return len(asked) > 8

    monkeypatch.setattr(preparation, "find_pseudo_labels", halves_as_lungs)  # a base so small finds no lungs
    base = save_model(AdaINModel(TINY), tmp_path / "base", {"name": "tiny", "version": "1"})
    request = ablation.AblationRequest(folder, out, scale=FEW, precision="32-true", base=base)
    assert ablation.run_ablation(request, stop_in_the_second_training, reported.append) is None
    assert not (out / "ablation.json").exists()
    assert (out / "continued-0" / "model" / "card.json").is_file(), "what was finished is kept"
    results = ablation.run_ablation(request, report=reported.append)
    assert sum("continued-0: training" in line for line in reported) == 1
    assert list(results) == ROWS
    for row, by_split in results.items():
        for split in MEASURED:
            assert 0 <= by_split[split]["overall"]["union"]["dice"]["mean"] <= 1
            assert ("against" in by_split[split]) == (row not in (ablation.BASE, "supervised"))
    text = (out / "ablation.md").read_text()
    assert len(text.splitlines()) == 2 + len(MEASURED) * len(ROWS)
    assert json.loads((out / "ablation.json").read_text()).keys() == results.keys()


def test_several_seeds_are_averaged_case_by_case(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(models.PRESETS, "compact", TINY)
    request = ablation.AblationRequest(folder, tmp_path, ["supervised"], (0, 1), FEW, "32-true")
    row = ablation.run_ablation(request, report=lambda line: None)["supervised"][MEASURED[0]]
    assert len(row["seeds"]) == 2
    assert row["overall"]["union"]["dice"]["mean"] == pytest.approx(sum(row["seeds"]) / 2)
    assert {"supervised-0", "supervised-1"} <= {path.name for path in tmp_path.iterdir()}


def test_the_quality_of_a_unets_masks_is_measured_with_those_of_models(folder, tmp_path, capsys):
    """It is torch's alone, and has one mode, whatever modes of the models are asked for."""
    unet = save_model(PlainUNet(TINY), tmp_path / "unet", {"name": "unet", "version": "1"})
    base = save_model(AdaINModel(TINY), tmp_path / "base", {"name": "tiny", "version": "1"})
    words = [
        "quality",
        "measure",
        "--data",
        str(folder),
        "--cases",
        str(tmp_path / "cases"),
        "--device",
        "cpu",
    ]
    words += ["--models", str(base), "--modes", "student", "teacher", "--unets", str(unet)]
    assert cli.main(words) == 0
    said = capsys.readouterr().out
    names = [line.split(":")[0].strip() for line in said.splitlines()]
    ways = ["all", "tiny 1, student", "tiny 1, teacher", "unet 1, direct"]
    assert [name for name in names if " lung" not in name] == 3 * ways, (
        "both lungs', and the worse one's twice"
    )
    assert f"; {3 * len(MEASURED)} masks: " in said
    shutil.rmtree(folder / "images")
    assert cli.main(words) == 0 and capsys.readouterr().out == said, "what was measured is kept"

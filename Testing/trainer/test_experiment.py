"""The experiment on rounds, at its smallest: corrections, training, metrics, and resuming."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from cxradain import cli
from cxradain.datasets import images_of_split
from cxradain.rounds import experiment
from cxradain.rounds.experiment import NONE, ORACLE, PLANS, RANDOM, USEFUL, Plan
from cxradain.rounds.selection import select_images
from cxradain.sessions.store import Session
from round_data import RECIPE
from small_models import save_small_model
from training_data import make_training_folder


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """The tiny folder; copies of its labelled radiographs are what is corrected and what is measured on."""
    folder = make_training_folder(tmp_path_factory.mktemp("cxr"), None)
    known = images_of_split(folder, "train_normal_labelled")
    roles = [("dev_abnormal", "masks"), ("dev_normal", "masks")]
    roles += [("train_abnormal_unlabelled", "oracle_masks")] * (len(known) - len(roles))
    with (folder / "manifest.csv").open("a", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        for case, (split, mask) in zip(known, roles, strict=True):
            name = f"copy-of-{case.id}"
            shutil.copy(case.image, folder / "images" / f"{name}.png")
            shutil.copy(case.mask, folder / mask / f"{name}.png")
            rows.writerow([name, split, "kermany_normal", name, mask if split.startswith("dev") else ""])
    return folder


def test_experiment_corrects_trains_measures_and_resumes(data, tmp_path, monkeypatch, capsys):
    base, out = save_small_model(tmp_path / "base"), tmp_path / "out"
    recipe = [word for word in RECIPE if word not in ("--progress", "quiet")]
    words = ["experiment", "--data", str(data), "--out", str(out), "--base", str(base), "--rounds", "2"]
    assert cli.main([*words, "--recipe", *recipe]) == 0
    table = (out / "experiment.md").read_text(encoding="utf-8")
    assert table in capsys.readouterr().out
    rows = json.loads((out / "experiment.json").read_text(encoding="utf-8"))["rounds"]
    assert [(row["order"], row["corrections"]) for row in rows] == [(RANDOM, 20), (USEFUL, 20)]
    for row in rows:
        assert row["dev_normal"]["gain"]["n"] == 1
        assert row["dev_normal"]["after"] - row["dev_normal"]["before"] == pytest.approx(
            row["dev_normal"]["gain"]["mean"], abs=1e-9
        )
    with Session(out / "session", write=False) as session:
        for plan in PLANS[:2]:
            labelled = select_images(session, [plan.name]).labelled
            known = {path.stem for path in (data / ORACLE).iterdir()}
            assert labelled and {Path(image.reference).stem for image, _ in labelled} <= known

    def trained_again(*words):
        raise AssertionError("what is there was to be kept")

    monkeypatch.setattr(experiment, "run_round", trained_again)
    assert cli.main(words) == 0


def test_rounds_have_names_of_their_own_and_the_sizes_asked_for():
    assert len({plan.name for plan in PLANS}) == len(PLANS)
    for order in (RANDOM, USEFUL):
        assert {plan.corrections for plan in PLANS if plan.order == order} == {5, 10, 20, 40}
        assert {plan.seed for plan in PLANS if plan.order == order and plan.corrections == 20} == {0, 1, 2}
    assert Plan(NONE, 0) in PLANS

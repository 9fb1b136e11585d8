"""A model's card: its contents, and how metrics are entered."""

import hashlib
import json
import math
from dataclasses import asdict

import pytest
from cxradain import cli
from cxradain.datasets import describe_data
from cxradain.models.card import (
    DISCLAIMER,
    add_measured,
    make_card,
    read_card,
    render,
    write_card,
    write_card_json,
)
from small_models import CONFIG, save_small_model


def summary(mean: float) -> dict:
    return {"mean": mean, "ci95": [mean - 0.01, mean + 0.01], "p10": mean - 0.05, "n": 7}


def evaluation(mean: float) -> dict:
    part = {region: {"dice": summary(mean)} for region in ("union", "right", "left")}
    return {"split": "dev", "mode": "student", "overall": part, "sources": {"kermany_normal": part}}


@pytest.fixture
def data(tmp_path):
    (tmp_path / "manifest.csv").write_text(
        "id,split,source,patient_group,mask,image_licence\n"
        "a,train_normal_labelled,kermany_normal,g1,masks,CC BY 4.0\n"
        "b,train_normal_labelled,kermany_normal,g2,masks,CC BY 4.0\n"
        "c,train_abnormal_unlabelled,nih_pneumonia,g3,,none needed\n"
        "d,dev_normal,kermany_normal,g4,masks,CC BY 4.0\n"
    )
    return tmp_path


@pytest.fixture
def card(data):
    made = make_card("m", "1", describe_data(data), {"command": "cxradain train base", "seed": 0})
    return made | {"configuration": asdict(CONFIG)}


def test_card_lists_the_training_data_and_no_other(card):
    rows = {(row["split"], row["source"]): row for row in card["data"]}
    assert rows["train_normal_labelled", "kermany_normal"]["images"] == 2
    assert rows["train_abnormal_unlabelled", "nih_pneumonia"]["licences"] == ["none needed"]
    assert "NIH" in rows["train_abnormal_unlabelled", "nih_pneumonia"]["attribution"]
    assert not [split for split, _ in rows if split.startswith("dev")]


def test_data_have_a_hash_of_their_files(data):
    def hashes() -> dict[str, str]:
        return {row["split"]: row["sha256"] for row in describe_data(data)}

    for folder, name in (("images", "a"), ("images", "c"), ("masks", "a")):
        (data / folder).mkdir(exist_ok=True)
        (data / folder / f"{name}.png").write_bytes(name.encode())
    before = hashes()
    assert hashes() == before and all(len(value) == 64 for value in before.values())
    (data / "masks" / "a.png").write_bytes(b"another")
    after = hashes()
    assert after["train_normal_labelled"] != before["train_normal_labelled"], "masks were trained on"
    assert after["train_abnormal_unlabelled"] == before["train_abnormal_unlabelled"]


def test_card_states_intended_use_and_limits(card):
    text = render(card)
    assert DISCLAIMER in text and "children" in text and "behind the heart" in text


def test_figures_are_entered_and_replaced(card):
    add_measured(card, evaluation(0.90))
    add_measured(card, evaluation(0.95))
    assert card["measured"]["dev"]["student"]["overall"]["union"]["mean"] == 0.95
    text = render(card)
    assert "0.950 (0.940 to 0.960)" in text and "0.900" in text  # the mean, and its 10th percentile
    assert text.count("| dev | student |") == 2


def test_the_command_enters_figures(card, tmp_path, capsys):
    folder = tmp_path / "m"
    folder.mkdir()
    write_card(folder, card)
    (tmp_path / "e.json").write_text(json.dumps(evaluation(0.93)))
    assert cli.main(["card", str(folder), "--evaluation", str(tmp_path / "e.json"), "--version", "2"]) == 0
    saved = json.loads((folder / "card.json").read_text())
    assert saved["version"] == "2" and saved["measured"]["dev"]["student"]["overall"]["union"]["n"] == 7
    assert (folder / "CARD.md").read_text() == render(saved)


def test_figures_from_a_file_of_another_kind_are_refused_with_its_name(card, tmp_path, capsys):
    write_card(tmp_path, card)
    (tmp_path / "e.json").write_text("{}")
    before = (tmp_path / "card.json").read_bytes()
    assert cli.main(["card", str(tmp_path), "--evaluation", str(tmp_path / "e.json")]) == 2
    assert "e.json" in capsys.readouterr().err
    assert (tmp_path / "card.json").read_bytes() == before


def test_licences_are_of_the_images_trained_on(tmp_path):
    """Another split of the same source may have images under other licences."""
    (tmp_path / "manifest.csv").write_text(
        "id,split,source,patient_group,mask,image_licence,mask_licence\n"
        "a,train_normal_labelled,kermany_normal,g1,masks,CC BY 4.0,CC BY 3.0\n"
        "b,train_abnormal_unlabelled,v7cohen,g2,masks,CC BY 4.0,CC BY 3.0\n"
        "c,dev_abnormal,v7cohen,g3,masks,CC BY-NC-SA,CC BY 3.0\n"
    )
    unlabelled, labelled = describe_data(tmp_path)
    assert unlabelled["licences"] == ["CC BY 4.0"] and unlabelled["masks"] == "none used"
    assert labelled["mask_licences"] == ["CC BY 3.0"] and "V7 Labs" in labelled["mask_attribution"]


def test_every_source_of_the_shared_training_splits_is_credited(shared_data):
    for row in describe_data(shared_data):
        assert row["attribution"], row["source"]
        assert not [licence for licence in row["licences"] if "NC" in licence]


def test_figures_without_references_are_shown(card):
    share = {"mean": 0.125, "ci95": None, "p10": 0.0, "n": 8}
    add_measured(card, evaluation(0.9))
    add_measured(
        card,
        {
            "split": "train_normal_unlabelled",
            "mode": "student",
            "flags": {"any": share},
            "area_ratio": {**share, "mean": 1.1},
            "disagreement": {**share, "mean": None},
        },
    )
    assert "| train_normal_unlabelled | student | 0.125 | 1.100 | - | 8 |" in render(card)


def test_the_checksum_is_of_the_weights_beside_it(card, tmp_path):
    folder = save_small_model(tmp_path / "model")
    write_card(folder, card)
    saved = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    weights = (folder / "weights.safetensors").read_bytes()
    assert saved["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    assert saved["weights_sha256"] in (folder / "CARD.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["CARD.md", "card.json", "weights.safetensors"]


@pytest.mark.parametrize("content", ["[]", "{}", "{"])
def test_a_card_of_another_kind_is_refused_with_its_name(tmp_path, content, capsys):
    (tmp_path / "card.json").write_text(content)
    assert cli.main(["card", str(tmp_path)]) == 2
    assert "card.json" in capsys.readouterr().err


def test_a_card_of_before_with_intervals_that_are_no_numbers_is_read(tmp_path):
    """Promoted models have them where the comparison had too few patients."""
    card = {"name": "old", "version": "round 1", "configuration": {}, "compared": {"difference": math.nan}}
    (tmp_path / "card.json").write_text(json.dumps(card), encoding="utf-8")
    assert read_card(tmp_path)["compared"] == {"difference": None}
    write_card_json(tmp_path, card)
    assert "NaN" not in (tmp_path / "card.json").read_text(encoding="utf-8")

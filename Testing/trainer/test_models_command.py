"""`cxradain models`: what each command prints, does and refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from cxradain import cli
from cxradain.files import size_text
from cxradain.models.card import read_card, write_card
from cxradain.models.registry import Registry, default_model
from cxradain.sessions.records import CORRECTED
from round_data import annotate, lungs, make_session, parts
from small_models import save_small_model
from training_data import make_training_folder


@pytest.fixture
def trained(models, tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    (tmp_path / "round").mkdir()
    (tmp_path / "round" / "gate.json").write_text('{"verdict": "no better"}', encoding="utf-8")
    return save_small_model(tmp_path / "round" / "model", "small", "candidate")


def said(capsys, *words: str, code: int = 0) -> str:
    assert cli.main(["models", *words]) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


def test_a_model_is_promoted_listed_rolled_back_and_deleted(trained, capsys, monkeypatch):
    assert "small-round-1: small round 1 is in use." in said(capsys, "promote", str(trained))
    assert default_model().name == "small-round-1"
    first, second = said(capsys, "list").splitlines()
    assert first.startswith("compact: small 1 (bundled)")
    assert second.startswith("small-round-1: small round 1 (in use, no better), ")
    entries = json.loads(said(capsys, "list", "--json"))
    assert [entry["current"] for entry in entries] == [False, True]
    assert "in use" in said(capsys, "delete", "small-round-1", "--yes", code=2)
    assert "compact: small 1 is in use." in said(capsys, "rollback")
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert "nothing was deleted" in said(capsys, "delete", "small-round-1", code=2)
    monkeypatch.setattr("builtins.input", lambda question: "y")
    assert "MB are free again" in said(capsys, "delete", "small-round-1")
    assert len(said(capsys, "list").splitlines()) == 1
    assert "No other model" in said(capsys, "rollback", code=2)
    assert "no model 'small-round-1'" in said(capsys, "promote", "small-round-1", code=2)


def test_two_models_are_compared(trained, tmp_path, monkeypatch, capsys):
    data = make_training_folder(tmp_path / "cxr", None)
    manifest = data / "manifest.csv"  # of the normal ones, for the others' masks are empty
    lines = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "pneumonia" not in line and "v7cohen" not in line]
    manifest.write_text("".join(kept), encoding="utf-8")
    with make_session(tmp_path / "session", monkeypatch) as session:
        annotate(session)
    words = ("--device", "cpu", "--reference", str(data))
    assert "Too few to tell" in said(capsys, "compare", str(trained), *words)
    out = tmp_path / "out"
    more = (*words, "--session", str(tmp_path / "session"), "--output", str(out), "--json")
    told = json.loads(said(capsys, "compare", str(trained), "compact", *more))
    assert told["failed"] == []
    assert set(told["sets"]) == {"cxr", "session"} and told["candidate"] == "small candidate"
    assert json.loads((out / "gate.json").read_text(encoding="utf-8")) == told
    assert (out / "gate.html").is_file()


def test_two_models_are_compared_by_chosen_readers_masks(trained, tmp_path, monkeypatch, capsys):
    with make_session(tmp_path / "session", monkeypatch) as session:
        annotate(session)
        aside = parts(session)[1]
        session.add_mask(aside[1].key, lungs(grown=0.9), "bea", CORRECTED)
    words = ("compare", str(trained), "compact", "--device", "cpu", "--json")
    words += ("--session", str(tmp_path / "session"))
    assert json.loads(said(capsys, *words))["n"] == 2
    assert json.loads(said(capsys, *words, "--reader", "bea"))["n"] == 1
    assert "no reader 'Dr Geheim'" in said(capsys, *words, "--reader", "Dr Geheim", code=2)


def test_comparison_without_images_is_refused(trained, tmp_path, capsys):
    assert "--reference" in said(capsys, "compare", str(trained), code=2)
    gone = ("compare", str(trained), "--session", str(tmp_path / "none"))
    assert "session.json" in said(capsys, *gone, code=2)
    assert "no model 'other'" in said(capsys, "compare", "other", "--reference", str(tmp_path), code=2)


def test_deleting_without_asking_prints_the_space_freed(trained, capsys):
    kept = Registry().add(trained)
    assert "no model 'small'" in said(capsys, "delete", "small", "--yes", code=2)
    told = said(capsys, "delete", kept.id, "--yes")
    assert told == f"{kept.id}: deleted; {size_text(kept.bytes)} are free again.\n"
    assert "bundled" in said(capsys, "delete", "compact", "--yes", code=2)


def test_without_an_answer_nothing_is_deleted(trained, capsys, monkeypatch):
    kept = Registry().add(trained)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert "nothing was deleted" in said(capsys, "delete", kept.id, code=2)
    assert Registry().get(kept.id) == kept


def test_damaged_cards_and_registries_are_named(trained, capsys):
    kept = Registry().add(trained)
    (kept.folder / "card.json").write_text("{", encoding="utf-8")
    assert f"{kept.folder}: its card cannot be read" in said(capsys, "list", code=1)
    (Registry().folder / "registry.json").write_text("{", encoding="utf-8")
    for words in (("list",), ("rollback",), ("promote", "compact")):
        assert "registry.json: cannot be read" in said(capsys, *words, code=2)


def test_an_unreadable_image_is_reported_beside_the_figures(trained, tmp_path, capsys):
    data = make_training_folder(tmp_path / "cxr", None)
    broken = sorted((data / "images").glob("kermany_normal*"))[0]
    broken.write_bytes(broken.read_bytes()[:200])
    words = ("--device", "cpu", "--reference", str(data), "--json")
    assert cli.main(["models", "compare", str(trained), *words]) == 1
    captured = capsys.readouterr()
    assert broken.name in captured.err
    assert broken.stem in [one["id"] for one in json.loads(captured.out)["failed"]]


@pytest.mark.parametrize("words", [("average", "MODEL", "MODEL"), ("resize", "MODEL", "--canvas", "128")])
def test_a_model_of_changed_weights_has_no_figures_of_the_former_ones(trained, tmp_path, words, capsys):
    dice = {region: {"mean": 0.98765, "p10": 0.9, "n": 3} for region in ("union", "right", "left")}
    measured = {"dev": {"student": {"overall": dice}}}
    compared = {"incumbent": "compact", "verdict": "better", "text": "Better than compact."}
    write_card(trained, read_card(trained) | {"measured": measured, "compared": compared})
    assert "0.988" in (trained / "CARD.md").read_text(encoding="utf-8")
    out = tmp_path / "changed"
    said(capsys, *(str(trained) if word == "MODEL" else word for word in words), "--out", str(out))
    text = (out / "CARD.md").read_text(encoding="utf-8")
    assert "0.988" not in text and "Better" not in text

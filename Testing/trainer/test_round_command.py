"""The command `train round` from one end to the other, on a session of drawn chests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from cxradain import cli
from cxradain.model import load_model
from cxradain.sessions.gathering import ROUND, gather
from cxradain.sessions.store import Session
from cxradain.training import progress
from cxradain.training.loop import CHECKPOINT
from cxradain.training.round_status import STOP, read_status
from process_life import soon
from round_data import RECIPE, annotate, make_session
from small_models import save_small_model

TRAINER = Path(cli.__file__).parents[1]


@pytest.fixture
def session(tmp_path, monkeypatch) -> Path:
    with make_session(tmp_path / "session", monkeypatch) as made:
        annotate(made)
    return tmp_path / "session"


@pytest.fixture
def base(tmp_path) -> Path:
    return save_small_model(tmp_path / "base", "small", "7")


@pytest.fixture
def words(session, base, tmp_path):
    return ["train", "round", "--session", str(session), "--base", str(base), *RECIPE]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_model(folder).state_dict()


def test_from_a_session_to_a_model_and_a_verdict(words, session, base, tmp_path, capsys):
    out = tmp_path / "out"
    assert cli.main([*words, "--out", str(out)]) == 0
    told = json.loads((out / ROUND).read_text(encoding="utf-8"))
    gate = json.loads((out / "gate.json").read_text(encoding="utf-8"))
    with Session(session, write=False) as opened:
        used = [version.id for _, version in gather(opened).labelled]
        assert not (session / "rounds").exists() and gather(opened).counts()["new"] == 4
    assert (told["state"], told["used"], told["pid"]) == ("finished", used, os.getpid())
    assert gate["verdict"] == "too few to tell" and gate["n"] == 1
    assert told["text"] == gate["text"] and gate["text"] in capsys.readouterr().out
    card = load_model(out / "model").card
    assert card["name"] == "small" and card["parent"]["version"] == "7"
    assert card["data"][0]["images"] == 4
    assert str(tmp_path) not in json.dumps(card)
    before, after = weights(base), weights(out / "model")
    assert any(not torch.equal(before[key], after[key]) for key in before)
    assert not list(out.glob("canvases/*")) and not (out / CHECKPOINT).exists(), "no pixels are left behind"
    assert (out / "gate.html").is_file()

    assert cli.main([*words, "--out", str(out)]) == 2
    assert "--resume" in capsys.readouterr().err


def test_a_plan_counts_and_measures(words, capsys):
    assert cli.main([*words, "--plan"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["corrected"], told["approved"], told["validation"], told["new"]) == (3, 1, 1, 4)
    assert told["steps"] == 4 and told["seconds"] >= 0 and told["device"].startswith("cpu")


def test_the_stop_file_pauses_and_resume_ends_the_same(words, tmp_path, monkeypatch):
    whole, halved = tmp_path / "whole", tmp_path / "halved"
    assert cli.main([*words, "--out", str(whole)]) == 0
    note = progress.Progress.step

    def stop_in_the_second_step(self, stage, step, *more):
        if step == 2:
            (halved / STOP).touch()
        note(self, stage, step, *more)

    with monkeypatch.context() as patch:
        patch.setattr(progress.Progress, "step", stop_in_the_second_step)
        assert cli.main([*words, "--out", str(halved)]) == 143
    assert read_status(halved)["state"] == "stopped"
    assert (halved / CHECKPOINT).is_file() and not (halved / "model").exists()
    began = read_status(halved)["started"]
    assert cli.main([*words, "--out", str(halved), "--resume"]) == 0
    assert read_status(halved)["state"] == "finished" and read_status(halved)["started"] == began
    expected, found = weights(whole / "model"), weights(halved / "model")
    assert all(torch.equal(value, found[key]) for key, value in expected.items())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_round_is_resumed(words, tmp_path):
    out = tmp_path / "out"
    endless = [*words, "--out", str(out), "--scale", "100000", "--checkpoint-minutes", "0"]
    environment = {**os.environ, "PYTHONPATH": str(TRAINER)}
    training = subprocess.Popen([sys.executable, "-m", "cxradain", *endless], env=environment)
    try:
        assert soon((out / CHECKPOINT).is_file, 120)
    finally:
        training.send_signal(signal.SIGKILL)
        training.wait()
    told = read_status(out)
    assert told["state"] == "training" and told["pid"] == training.pid and told["time"] <= time.time()
    (out / STOP).touch()  # what an earlier pause left does not stop what is asked to go on
    again = subprocess.Popen([sys.executable, "-m", "cxradain", *endless, "--resume"], env=environment)
    try:
        assert soon(lambda: read_status(out).get("pid") == again.pid and not (out / STOP).exists(), 60)
        assert soon(lambda: read_status(out)["state"] == "training", 60)
        (out / STOP).touch()
        assert again.wait(60) == 143
    finally:
        again.kill()
    assert read_status(out)["state"] == "stopped"


def test_unlabelled_images_alone_make_a_round(words, session, tmp_path):
    out = tmp_path / "out"
    assert cli.main([*words, "--out", str(out), "--reader", ""]) == 0, "nobody's labels"
    assert read_status(out)["used"] == []
    splits = [row["split"] for row in load_model(out / "model").card["data"]]
    assert splits == ["session, unlabelled", "session, imagined"]


def test_what_cannot_be_done_is_said_and_stands_in_the_folder(words, base, tmp_path, monkeypatch, capsys):
    make_session(tmp_path / "empty", monkeypatch, images=0).close()
    empty = [*words, "--session", str(tmp_path / "empty"), "--out", str(tmp_path / "out")]
    assert cli.main(empty) == 2
    assert "Add radiographs" in capsys.readouterr().err
    assert read_status(tmp_path / "out")["state"] == "failed"
    assert "Add radiographs" in read_status(tmp_path / "out")["text"]
    assert cli.main([*words, "--session", str(base), "--out", str(tmp_path / "other")]) == 2
    told = capsys.readouterr().err
    assert "session.json" in told and len(told.splitlines()) == 1, "nothing of devices before it"
    assert cli.main(words) == 2
    assert "--out" in capsys.readouterr().err
    assert cli.main([*words, "--out", str(tmp_path / "other"), "--reader", "Dr Geheim"]) == 2
    assert "no reader 'Dr Geheim'. Its readers are: ada" in capsys.readouterr().err

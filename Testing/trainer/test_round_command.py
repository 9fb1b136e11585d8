"""The command `train round` from one end to the other, on a session of drawn chests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from cxradain import CxradainError, cli
from cxradain.models import model
from cxradain.models.model import load_model
from cxradain.rounds import folder as round_folder
from cxradain.rounds.folder import ROUND, STOP, RoundError, read_status
from cxradain.rounds.run import RoundEvent, RoundRequest, plan_round, run_round
from cxradain.rounds.selection import select_images
from cxradain.sessions.folder import REFERENCES
from cxradain.sessions.records import CORRECTED
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from cxradain.training import progress
from cxradain.training.finish import redact_command
from cxradain.training.loop import CHECKPOINT, Training
from cxradain.training.options import ROUND as ROUND_OPTIONS
from cxradain.training.options import SELF_TRAINING_ROUND, Stage
from PIL import Image
from process_life import soon
from round_data import RECIPE, annotate, lungs, make_session
from safetensors import SafetensorError
from small_models import chest, save_small_model
from training_data import make_training_folder

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


def test_a_round_makes_a_model_and_a_verdict_from_a_session(words, session, base, tmp_path, capsys):
    out = tmp_path / "out"
    assert cli.main([*words, "--out", str(out)]) == 0
    told = json.loads((out / ROUND).read_text(encoding="utf-8"))
    gate = json.loads((out / "gate.json").read_text(encoding="utf-8"))
    with Session(session, write=False) as opened:
        used = [version.id for _, version in select_images(opened).labelled]
        assert not (session / "rounds").exists() and select_images(opened).counts()["new"] == 4
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


STAGES = (Stage("round", 4, labelled=4, adaptation=2, adaptation_every=2, restored=1, unlabelled=2),)


@pytest.fixture
def request_of(session, base, tmp_path) -> RoundRequest:
    options = replace(ROUND_OPTIONS, stages=STAGES)
    how = {"accelerator": "cpu", "precision": "32-true", "workers": 0, "threads": 1}
    return RoundRequest(session, tmp_path / "out", base, options=options, **how)


def test_a_round_is_a_python_call_that_can_be_stopped_and_resumed(request_of, capsys):
    events: list[RoundEvent] = []
    stopped = run_round(request_of, should_stop=lambda: events[-1].state == "training", report=events.append)
    assert stopped is None
    assert list(dict.fromkeys(event.state for event in events)) == ["preparing", "training", "stopped"]
    with pytest.raises(RoundError, match="holds a round"):
        run_round(request_of)
    done = run_round(replace(request_of, resume=True), report=events.append)
    assert [event.training["step"] for event in events if "loss" in event.training] == [1, 2, 3, 4]
    assert (done.model / "card.json").is_file()
    assert (
        done.judgement.decision.verdict == "too few to tell"
        and events[-1].message == done.judgement.decision.text
    )
    said = capsys.readouterr()
    assert done.judgement.decision.text not in said.out and "cxradain:" not in said.err, "nothing is printed"


def test_a_round_that_takes_long_before_its_first_step_shows_signs_of_life(request_of, monkeypatch):
    request, times = request_of, []
    batches = Training.batches

    def slow(self):
        for _look in range(5):
            times.append(read_status(request.out).time)
            time.sleep(0.2)
        return batches(self)

    monkeypatch.setattr(round_folder, "HEARTBEAT", 0.05)
    monkeypatch.setattr(Training, "batches", slow)
    assert run_round(request) is not None
    assert times == sorted(set(times)), "the file is rewritten all the while"


def test_a_plan_is_a_python_call(request_of):
    plan = plan_round(replace(request_of, out=None))
    assert plan.steps == 4 and plan.counts["new"] == 4 and plan.cost.whole > 0


SELF_TRAINED = (Stage("round", 4, labelled=4, adaptation=2, adaptation_every=2, pseudo_labelled=2),)


def halves_as_lungs(teachers, image: np.ndarray) -> np.ndarray:
    """What a base model that is any good would answer; the small one finds no lungs."""
    row = (1 + np.arange(image.shape[1]) * 2 // image.shape[1]).astype(np.uint8)
    return np.tile(row, (len(image), 1))


def test_a_round_with_pseudo_labels_of_its_base_model(request_of, base, monkeypatch):
    asked = []

    def answer(teachers, image):
        asked.append([(teacher.segmenter.model_id, teacher.mode) for teacher in teachers])
        return halves_as_lungs(teachers, image)

    monkeypatch.setattr("cxradain.training.pseudo_labels.pseudo_labels", answer)
    options = replace(SELF_TRAINING_ROUND, stages=SELF_TRAINED)
    events: list[RoundEvent] = []
    request = replace(request_of, options=options)

    def training() -> bool:
        return events[-1].state == "training"

    assert run_round(request, should_stop=training, report=events.append) is None
    count = sum(not event.training for event in events if event.message.startswith("reading the session: "))
    assert count >= len(asked) > 0 and set(map(tuple, asked)) == {(("small 7", "direct"),)}
    labelled = len(asked)
    assert any(event.message == f"Radiographs with pseudo-labels: {labelled}" for event in events)
    done = run_round(replace(request, resume=True), report=events.append)
    assert len(asked) == labelled, "a round that goes on asks nobody again"
    terms = [event.training["loss"] for event in events if "loss" in event.training]
    assert len(terms) == 4 and all("pseudo_label" in term and "inter" not in term for term in terms)
    assert load_model(done.model).card["training"]["options"]["stages"][0]["pseudo_labelled"] == 2
    assert not list(request.out.glob("canvases/*")), "no pixels are left behind"


def test_a_round_whose_base_model_is_sure_of_nothing_distils_instead(request_of):
    events: list[RoundEvent] = []
    request = replace(request_of, options=replace(SELF_TRAINING_ROUND, stages=SELF_TRAINED))
    assert plan_round(replace(request, out=None)).cost.labelling > 0
    run_round(request, report=events.append)
    assert any(event.message == "Radiographs with pseudo-labels: 0" for event in events)
    terms = [event.training["loss"] for event in events if "loss" in event.training]
    assert len(terms) == 4 and all("inter" in term and "pseudo_label" not in term for term in terms)


def test_a_round_stopped_while_it_reads_leaves_no_pixels_and_is_resumed_as_it_began(
    request_of, tmp_path, monkeypatch
):
    monkeypatch.setattr("cxradain.training.pseudo_labels.pseudo_labels", halves_as_lungs)
    data = make_training_folder(tmp_path / "cxr", None)
    options = replace(SELF_TRAINING_ROUND, stages=SELF_TRAINED)
    request, reads = replace(request_of, options=options, data=data), []

    def stop() -> bool:
        reads.append(None)
        return len(reads) > 6

    assert run_round(request, should_stop=stop) is None
    assert read_status(request.out).state == "stopped"
    assert not list(request.out.glob("canvases/*"))
    done = run_round(replace(request, data=None, resume=True))
    assert done is not None and read_status(request.out).data == str(data)


def test_an_impossible_round_raises_a_cxradain_error(request_of, tmp_path):
    for wrong in (
        {"session": tmp_path},
        {"base": tmp_path},
        {"readers": ("Dr Geheim",)},
        {"accelerator": "abacus"},
        {"references": (tmp_path,), "out": None},
        {"options": replace(request_of.options, abdomen_probability=0.5)},
    ):
        with pytest.raises(CxradainError):
            plan_round(replace(request_of, **wrong))
    with pytest.raises(CxradainError, match="name a folder"):
        run_round(replace(request_of, out=None))


def test_plan_counts_images_and_estimates_time(words, capsys):
    assert cli.main([*words, "--plan"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["corrected"], told["approved"], told["validation"], told["new"]) == (3, 1, 1, 4)
    assert told["steps"] == 4 and told["device"].startswith("cpu") and told["threads"] > 0
    assert told["precision"] == "32-true"
    parts = told["parts"]
    assert set(parts) == {"reading", "labelling", "synthesizing", "training", "comparing"}
    assert told["seconds"] == pytest.approx(sum(parts.values()), abs=1) and parts["training"] > 0
    assert parts["labelling"] == 0, "by default nothing is labelled"


def test_a_plan_with_references_and_base_data(words, tmp_path, capsys):
    data = make_training_folder(tmp_path / "cxr", None)
    assert cli.main([*words, "--plan", "--data", str(data), "--reference", str(data)]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["parts"]["synthesizing"] == 0


def test_a_plan_without_images_and_with_a_damaged_one(words, session, tmp_path, monkeypatch, capsys):
    with Session(session, write=False) as opened:
        (image, _), *_ = select_images(opened).validation
    (session / image.file).write_bytes(b"no NRRD")
    assert cli.main([*words, "--plan"]) == 0
    make_session(tmp_path / "empty", monkeypatch, images=0).close()
    assert cli.main([*words, "--session", str(tmp_path / "empty"), "--plan"]) == 2
    assert "Add radiographs" in capsys.readouterr().err


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
    assert read_status(halved).state == "stopped"
    assert (halved / CHECKPOINT).is_file() and not (halved / "model").exists()
    began = read_status(halved).started
    assert cli.main([*words, "--out", str(halved), "--resume"]) == 0
    assert read_status(halved).state == "finished" and read_status(halved).started == began
    expected, found = weights(whole / "model"), weights(halved / "model")
    assert all(torch.equal(value, found[key]) for key, value in expected.items())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_round_is_resumed(words, tmp_path):
    out = tmp_path / "out"
    endless = [*words, "--out", str(out), "--scale", "100000", "--checkpoint-minutes", "0"]
    environment = {**os.environ, "PYTHONPATH": str(TRAINER)}
    training = subprocess.Popen([sys.executable, "-m", "cxradain", *endless], env=environment)
    try:
        assert soon((out / CHECKPOINT).is_file, 300)
    finally:
        training.send_signal(signal.SIGKILL)
        training.wait()
    status = read_status(out)
    assert status.state == "training" and status.pid == training.pid and status.time <= time.time()
    (out / STOP).touch()  # what an earlier pause left does not stop what is asked to go on
    again = subprocess.Popen([sys.executable, "-m", "cxradain", *endless, "--resume"], env=environment)
    try:
        assert soon(lambda: read_status(out).pid == again.pid and not (out / STOP).exists(), 300)
        assert soon(lambda: read_status(out).state == "training", 300)
        (out / STOP).touch()
        assert again.wait(300) == 143
    finally:
        again.kill()
    assert read_status(out).state == "stopped"


def test_unlabelled_images_alone_make_a_round(words, session, tmp_path):
    out = tmp_path / "out"
    assert cli.main([*words, "--out", str(out), "--reader", ""]) == 0, "nobody's labels"
    assert read_status(out).used == []
    splits = [row["split"] for row in load_model(out / "model").card["data"]]
    assert splits == ["session, unlabelled", "session, synthetic"]


def test_a_mask_that_cannot_be_trained_on_does_not_count_as_used(words, session, tmp_path):
    with Session(session) as opened:
        image, version = select_images(opened).labelled[0]
        exchanged = np.array([0, 2, 1], np.uint8)[lungs()]
        refused = opened.add_mask(image.key, exchanged, version.reader, CORRECTED)
        used = {version.id for _, version in select_images(opened).labelled} - {refused.id}
    assert cli.main([*words, "--out", str(tmp_path / "out")]) == 0
    status = read_status(tmp_path / "out")
    assert (set(status.used), status.left_out) == (used, 1)


def test_an_impossible_round_is_reported_and_recorded_in_its_folder(
    words, base, tmp_path, monkeypatch, capsys
):
    make_session(tmp_path / "empty", monkeypatch, images=0).close()
    empty = [*words, "--session", str(tmp_path / "empty"), "--out", str(tmp_path / "out")]
    assert cli.main(empty) == 2
    assert "Add radiographs" in capsys.readouterr().err
    assert read_status(tmp_path / "out").state == "failed"
    assert "Add radiographs" in read_status(tmp_path / "out").text
    assert cli.main([*words, "--session", str(base), "--out", str(tmp_path / "other")]) == 2
    told = capsys.readouterr().err
    assert "session.json" in told and len(told.splitlines()) == 1, "nothing of devices before it"
    assert cli.main(words) == 2
    assert "--out" in capsys.readouterr().err
    assert cli.main([*words, "--out", str(tmp_path / "other"), "--reader", "Dr Geheim"]) == 2
    assert "no reader 'Dr Geheim'. Its readers are: ada" in capsys.readouterr().err


def stopped_in_training(words: list[str], out: Path, monkeypatch) -> None:
    note = progress.Progress.step

    def stop(self, stage, step, *more):
        (out / STOP).touch()
        note(self, stage, step, *more)

    with monkeypatch.context() as patch:
        patch.setattr(progress.Progress, "step", stop)
        assert cli.main([*words, "--out", str(out)]) == 143


def test_a_resumed_round_goes_on_as_it_began(words, session, tmp_path, monkeypatch, capsys):
    """Before, --resume forgot base data, readers and references: it died, or went on with others."""
    data, out = make_training_folder(tmp_path / "cxr", None), tmp_path / "out"
    with Session(session) as opened:
        rest = [image for image in opened.images() if not opened.is_held_out(image)]
        opened.add_mask(rest[6].key, lungs(), "bea", CORRECTED)
    monkeypatch.chdir(tmp_path)
    how = ("--data", "cxr", "--reader", "ada", "--reference", "cxr")
    stopped_in_training([*words, *how], out, monkeypatch)
    monkeypatch.chdir(session)
    resume = [*words, "--out", str(out), "--resume"]
    for other in (("--data", str(session)), ("--reader", "bea"), ("--reference", str(session))):
        assert cli.main([*resume, *other]) == 2
        assert f"started with another {other[0]}" in capsys.readouterr().err
    assert read_status(out).state == "stopped", "what is refused changes nothing"
    assert cli.main([*resume, "--reader", "ada", "--data", str(data)]) == 0
    status = read_status(out)
    assert (status.data, status.readers, status.references) == (str(data), ["ada"], [str(data)])
    assert len(status.used) == 4
    gate = json.loads((out / "gate.json").read_text(encoding="utf-8"))
    assert "cxr" in gate["sets"] and gate["left_out"]["that the round replayed"] >= 6
    splits = [row["split"] for row in load_model(out / "model").card["data"]]
    assert "replayed, train_normal_labelled" in splits


def test_a_round_that_failed_before_reading_selects_anew_when_resumed(words, session, tmp_path, monkeypatch):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("cxradain.rounds.run.stage_images", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            cli.main([*words, "--out", str(out)])
    before = read_status(out).used
    with Session(session) as opened:
        rest = [image for image in opened.images() if not opened.is_held_out(image)]
        made = opened.add_mask(rest[6].key, lungs(), "ada", CORRECTED)
    assert cli.main([*words, "--out", str(out), "--resume"]) == 0
    assert made.id not in before and made.id in read_status(out).used


@pytest.mark.parametrize("state", ["begun", "new"])
def test_one_process_at_a_time_is_at_work_on_a_round(words, tmp_path, monkeypatch, capsys, state):
    out = tmp_path / "out"
    if state == "begun":
        stopped_in_training(words, out, monkeypatch)
    monkeypatch.setattr(round_folder, "LOCK_PATIENCE", 0.2)
    before = read_status(out)
    with round_folder.exclusive_round(out):
        assert cli.main([*words, "--out", str(out), *(["--resume"] if state == "begun" else [])]) == 2
    assert "another process" in capsys.readouterr().err and read_status(out) == before
    assert cli.main([*words, "--out", str(out), "--resume"]) == 0


@pytest.mark.parametrize("option", ["--no-keep-last", "--validated-teacher"])
def test_checkpoint_is_not_chosen_by_the_validation_patients(words, tmp_path, capsys, option):
    assert cli.main([*words, "--out", str(tmp_path / "out"), option]) == 2
    assert "made on the same patients" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["checkpoint", "model"])
def test_a_full_disk_is_reported_and_the_round_failed(words, tmp_path, monkeypatch, capsys, name):
    out, save = tmp_path / "out", model.save_file

    def full(tensors, path, **more):
        if name in str(path):
            raise SafetensorError("I/O error: No space left on device (os error 28)")
        save(tensors, path, **more)

    with monkeypatch.context() as patch:
        patch.setattr(model, "save_file", full)
        assert cli.main([*words, "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert "No space left" in told and "Is the disk full?" in told and "Traceback" not in told
    assert read_status(out).state == "failed" and "No space left" in read_status(out).text
    assert cli.main([*words, "--out", str(out), "--resume"]) == 0


def test_the_first_error_is_reported_even_if_the_status_cannot_be_written(
    words, tmp_path, monkeypatch, capsys
):
    def full(*arguments, **more):
        raise OSError(28, "No space left on device")

    def say(self, state, text=""):
        if state == "failed":
            raise OSError(5, "not this one")
        told(self, state, text)

    told = round_folder.StatusWriter.set_state
    monkeypatch.setattr("cxradain.training.loop.save_checkpoint", full)
    monkeypatch.setattr(round_folder.StatusWriter, "set_state", say)
    assert cli.main([*words, "--out", str(tmp_path / "out")]) == 2
    assert "No space left on device" in capsys.readouterr().err


def test_the_card_names_neither_readers_nor_the_session(words, tmp_path):
    out = tmp_path / "Mueller-round"
    data = make_training_folder(tmp_path / "Mueller-base", None)
    private = ["--reader", "ada", "--reader=ada", "--data", str(data), "--reference", str(data)]
    assert cli.main([*words, *private, "--out", str(out)]) == 0
    command = json.loads((out / "model" / "card.json").read_text(encoding="utf-8"))["training"]["command"]
    assert "--reader NAME --reader=NAME" in command and "--session SESSION" in command
    for file in ("card.json", "CARD.md"):
        text = (out / "model" / file).read_text(encoding="utf-8")
        assert "ada " not in text and "Mueller" not in text and str(tmp_path) not in text


def test_the_card_names_no_session_in_the_working_folder_or_abbreviated_option():
    words = ["train", "round", "--sess", "Mueller", "--reade=Dr. Geheim", "--out", "Geheim", "--devices", "1"]
    assert redact_command(words) == [
        *("train", "round", "--sess", "SESSION", "--reade=NAME", "--out", "DIR", "--devices", "1")
    ]
    assert redact_command(["train", "base", "--data", "/a/cxr"]) == ["train", "base", "--data", "cxr"]


def test_output_never_names_an_original_file(base, tmp_path, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    with Session.create(tmp_path / "session", REFERENCES) as session:
        for seed in range(8):
            path = folder / f"Mueller_{seed}.png"
            Image.fromarray((chest(seed=seed) // 16).astype(np.uint8)).save(path)
            image, _ = add_file(session, path)
            session.add_mask(image.key, lungs(), "ada", CORRECTED)
        for image in session.images()[::2]:
            Path(image.reference).unlink()
    words = ["train", "round", "--session", str(tmp_path / "session"), "--base", str(base), *RECIPE]
    assert cli.main([*words, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert said.err.count("image-0") >= 3 and "Mueller" not in said.err + said.out

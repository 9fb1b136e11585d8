"""A round that is killed at any of its writes and resumed ends as if nothing had happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from cxradain import files
from cxradain.imaging.scratch import scratch_folder
from cxradain.models.card import read_card
from cxradain.models.folders import weights_hash
from cxradain.models.model import load_model
from cxradain.rounds.folder import IMAGE_LIST, ROUND, RoundFolder, read_status
from cxradain.rounds.run import RoundRequest, plan_round, run_round
from cxradain.training.loop import CHECKPOINT
from cxradain.training.options import ROUND as OPTIONS
from cxradain.training.options import Stage
from round_data import annotate, make_session
from small_models import save_small_model

STAGE = Stage("round", 2, labelled=4, adaptation=2, adaptation_every=2, restored=1, unlabelled=2)
STAGES = (replace(STAGE, pseudo_labelled=2),)
Run = Callable[[RoundRequest], object]
# At which file, and whether before or after it takes its place.
KILLS = [
    (".npz", "before"),
    (IMAGE_LIST, "before"),
    (CHECKPOINT, "before"),
    (CHECKPOINT, "after"),
    ("weights.safetensors", "before"),
    ("discriminator.safetensors", "before"),
    ("CARD.md", "before"),
    ("card.json", "before"),
    ("card.json", "after"),
    ("gate.json", "before"),
    ("gate.html", "before"),
]


def run_and_kill(request: RoundRequest, ending: str, when: str, run: Run = run_round) -> None:
    """Run the round, or plan it, in a fork that is killed before or after such a file takes its place."""
    child = os.fork()
    if child == 0:
        replace_file = os.replace

        def killed(source: Path, target: Path) -> None:
            if not str(target).endswith(ending):
                replace_file(source, target)
                return
            if when == "after":
                replace_file(source, target)
            os.kill(os.getpid(), signal.SIGKILL)

        files.os.replace = killed
        try:
            run(request)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (ending, when, status)


def written(folder: Path) -> set[str]:
    """Files of a round; but TensorBoard has one for each time that it was gone on with."""
    files_below = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {str(path) for path in files_below if path.parts[0] != "tensorboard"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="rounds are forked; this platform cannot")
def test_a_round_killed_at_any_write_and_resumed_ends_complete(tmp_path: Path, monkeypatch) -> None:
    # The small model finds no lungs to label.
    halves = np.repeat([[1] * 32 + [2] * 32], 64, axis=0).astype(np.uint8)
    answer = lambda teachers, image: halves[: image.shape[0], : image.shape[1]]  # noqa: E731
    monkeypatch.setattr("cxradain.training.pseudo_labels.pseudo_labels", answer)
    with make_session(tmp_path / "session", monkeypatch) as session:
        annotate(session)
    base = save_small_model(tmp_path / "base", "small", "7")
    request = RoundRequest(
        session=tmp_path / "session",
        out=tmp_path / "whole",
        base=base,
        options=replace(OPTIONS, stages=STAGES),
        accelerator="cpu",
        precision="32-true",
        workers=0,
        threads=1,
        command=["train", "round"],
    )
    run_round(request)
    out = tmp_path / "killed"
    request = replace(request, out=out, resume=True)
    for ending, when in KILLS:
        run_and_kill(request, ending, when)
        temporary = [path for path in out.rglob("*") if files.TEMPORARY.fullmatch(path.name)]
        assert bool(temporary) == (when == "before"), (ending, temporary)
    assert run_round(request) is not None
    assert read_status(out).state == "finished"
    assert written(out) == written(tmp_path / "whole"), "nothing is missing, and nothing left over"
    assert read_card(out / "model")["weights_sha256"] == weights_hash(out / "model")
    found, expected = (load_model(each / "model").state_dict() for each in (out, tmp_path / "whole"))
    assert all(torch.equal(value, found[name]) for name, value in expected.items())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="rounds are forked; this platform cannot")
@pytest.mark.parametrize("when", ["before", "after"])
def test_no_image_is_left_of_a_plan_that_is_killed(tmp_path: Path, monkeypatch, when: str) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with make_session(tmp_path / "session", monkeypatch) as session:
        annotate(session)
    base = save_small_model(tmp_path / "base", "small", "7")
    how = {"accelerator": "cpu", "precision": "32-true", "workers": 0, "threads": 1}
    request = RoundRequest(tmp_path / "session", None, base, options=replace(OPTIONS, stages=STAGES), **how)
    run_and_kill(request, ".npz", when, plan_round)
    assert list((tmp_path / "temporary").rglob("*.npz")), "the next process that begins deletes them"
    with scratch_folder():
        assert not list((tmp_path / "temporary").rglob("*.npz"))


def test_a_round_without_a_card_is_never_taken_for_whole(tmp_path: Path, monkeypatch) -> None:
    """The card is the last file of a model, and it has the checksum from the start."""
    order: list[str] = []
    replace_file = os.replace
    monkeypatch.setattr(
        files.os, "replace", lambda *paths: (order.append(Path(paths[1]).name), replace_file(*paths))
    )
    with make_session(tmp_path / "session", monkeypatch) as session:
        annotate(session)
    base = save_small_model(tmp_path / "base", "small", "7")
    options = replace(OPTIONS, stages=STAGES)
    how = {"accelerator": "cpu", "precision": "32-true", "workers": 0, "threads": 1}
    order.clear()
    run_round(RoundRequest(tmp_path / "session", tmp_path / "out", base, options=options, **how))
    model = [name for name in order if name in ("weights.safetensors", "CARD.md", "card.json")]
    assert model == ["weights.safetensors", "CARD.md", "card.json"]


def test_rounds_are_in_the_order_of_their_beginning_also_where_the_clock_is_set_back(tmp_path: Path) -> None:
    """Older versions named rounds by local time: at the end of summer time a later one came first."""
    rounds = tmp_path / "rounds"
    for name, started in (("20261025-025900", 1_792_900_740.0), ("20261025-020100", 1_792_900_860.0)):
        (rounds / name).mkdir(parents=True)
        (rounds / name / ROUND).write_text(f'{{"state": "finished", "started": {started}}}')
    newest = RoundFolder.newest(tmp_path)
    assert newest is not None and newest.path.name == "20261025-020100"
    made = RoundFolder.new(tmp_path)
    assert made.path.name.endswith("Z")
    assert RoundFolder.newest(tmp_path).path == made.path


WRITER = """
import sys; from pathlib import Path; import torch; from cxradain.models.model import write_tensors
while True: write_tensors(Path(sys.argv[1], "w.safetensors"), {"w": torch.zeros(1 << 23)})
"""


def test_nothing_stays_of_weights_whose_writer_was_killed(tmp_path: Path) -> None:
    """The library, too, writes to a name of its own beside the file that it is given."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)])
    while writer.poll() is None and not any(tmp_path.glob("w.*")):
        time.sleep(0.01)
    patience = time.monotonic() + 5  # a library that writes in place leaves one name
    while len(list(tmp_path.glob(".*"))) < 2 and time.monotonic() < patience:
        pass
    writer.kill()
    assert writer.wait() != 1, "it wrote until it was killed"
    files.remove_temporaries(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]

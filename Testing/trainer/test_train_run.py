"""The command `train base` from one end to the other, on a tiny folder of real radiographs."""

import json
import os
import pickle
import platform
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from cxradain import cli
from cxradain.models import model as models
from cxradain.models.model import AdaINModel, load_model, new_discriminator, save_model
from cxradain.models.tasks import Domain
from cxradain.training import progress
from cxradain.training.data import TrainingImages
from cxradain.training.loop import CHECKPOINT
from cxradain.training.options import LIGHT, Stage
from cxradain.training.run import TrainingError, train_base
from lightning_fabric import Fabric
from train_in_processes import TINY
from training_data import CANVAS, make_training_folder, shared_or_none

HERE = Path(__file__).resolve().parent
TRAINER = Path(cli.__file__).parents[1]
# The command line with the tiny size among the networks' presets.
WITH_TINY = (
    "import json, sys; from cxradain import cli; from cxradain.models import card; "
    "from train_in_processes import TINY; card.PRESETS['tiny'] = TINY; "
)
PROGRAM = WITH_TINY + "sys.exit(cli.main())"
STAGES = (
    *("--stage", "name=adaptation,steps=2,labelled=2,adaptation=2"),
    *("--stage", "name=distillation,steps=2,labelled=2,unlabelled=2"),
)
RECIPE = ("--model", "tiny", "--accelerator", "cpu", "--precision", "32-true", "--threads", "1")


@pytest.fixture(scope="module")
def folder(request, tmp_path_factory) -> Path:
    return make_training_folder(tmp_path_factory.mktemp("cxr"), shared_or_none(request))


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """The tiny size, and as many threads afterwards as before."""
    threads = torch.get_num_threads()
    monkeypatch.setitem(models.PRESETS, "tiny", TINY)
    yield
    torch.set_num_threads(threads)


def test_a_base_training_is_a_python_call(folder, tmp_path):
    stages = (
        Stage("adaptation", 1, labelled=2, adaptation=2),
        Stage("distillation", 1, labelled=2, unlabelled=2),
    )
    options = replace(LIGHT, model="tiny", stages=stages)
    fabric = Fabric(accelerator="cpu", devices=1, precision="32-true")
    fabric.launch()
    stopped = train_base(folder, tmp_path / "out", options, fabric, should_stop=lambda: True)
    assert stopped is None and (tmp_path / "out" / CHECKPOINT).is_file()
    with pytest.raises(TrainingError, match="holds a training"):
        train_base(folder, tmp_path / "out", options, fabric)
    model = train_base(folder, tmp_path / "out", options, fabric, resume=True)
    assert load_model(model).card["training"]["precision"] == "32-true"


def words(folder: Path, out: Path, *more: str) -> list[str]:
    return ["train", "base", "--data", str(folder), "--out", str(out), *RECIPE, *more]


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_from_radiographs_to_a_model_with_its_card(folder, tmp_path, capsys):
    out = tmp_path / "first"
    given = words(folder, out, *STAGES, "--workers", "0", "--validate-every", "1", "--progress", "json")
    assert cli.main(given) == 0
    *events, last = lines(capsys.readouterr().out)
    assert {event["stage"] for event in events} == {"adaptation", "distillation"}
    assert last == {"model": str(out / "model")}
    card = load_model(out / "model").card
    assert card["training"]["seed"] == 0 and card["training"]["preset"] == "light"
    assert card["training"]["validation"]["step"] in (1, 2) and card["parent"] is None
    assert card["training"]["options"]["stages"][0]["steps"] == 2
    assert str(tmp_path) not in (out / "model" / "card.json").read_text(encoding="utf-8")
    assert card["training"]["command"].startswith(f"cxradain train base --data {folder.name} --out first")

    assert cli.main(words(folder, out, *STAGES, "--resume", "--seed", "3", "--clip", "2")) == 2
    message = capsys.readouterr().err
    assert "seed" in message and "clip" in message and "opacity" not in message

    second = words(folder, tmp_path / "second", *STAGES[:2], "--init", str(out / "model"), "--workers", "0")
    assert cli.main([*second, "--progress", "quiet"]) == 0
    parent = load_model(tmp_path / "second" / "model").card["parent"]
    assert parent["name"] == "first" and parent["weights_sha256"] == card["weights_sha256"]


def test_a_model_is_resized_and_trained_on_at_its_new_size(folder, tmp_path, capsys):
    base = save_model(AdaINModel(TINY), tmp_path / "base", {"name": "base"}, new_discriminator(TINY))
    large = tmp_path / "large"
    assert cli.main(["models", "resize", str(base), "--canvas", "100", "--out", str(large)]) == 2
    assert "multiple of 64" in capsys.readouterr().err and not large.exists()
    assert cli.main(["models", "resize", str(base), "--canvas", "128", "--out", str(large)]) == 0
    assert load_model(large).config == replace(TINY, canvas=128)
    given = words(folder, tmp_path / "out", *STAGES[:2], "--init", str(large), "--workers", "0")
    assert cli.main([*given, "--progress", "quiet"]) == 0
    assert load_model(tmp_path / "out" / "model").config.canvas == 128


def test_of_several_processes_one_prepares_the_images(folder, tmp_path):
    base = save_model(AdaINModel(TINY), tmp_path / "base", {"name": "base"})
    paths = os.pathsep.join([str(TRAINER), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(HERE / "train_base_in_processes.py"), folder, tmp_path / "out", base],
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("training on cpu") == done.stdout.count("abdomens of ") == 1
    assert len(list((tmp_path / "out").glob("abdomens-*.npz"))) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither SIGTERM nor groups of processes")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_leaves_a_checkpoint_to_go_on_from(folder, tmp_path, number, code):
    """Sent to the whole group, as a terminal and a scheduler do: to the process that reads ahead as well."""
    out = tmp_path / "out"
    stage = ("--stage", "name=adaptation,steps=100000,labelled=2")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TRAINER), str(HERE)])}
    command = words(folder, out, *stage, "--progress", "json", "--validate-every", "100000")
    training = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert json.loads(training.stdout.readline())["stage"] == "adaptation"
        os.killpg(training.pid, number)
        _, message = training.communicate(timeout=60)
    finally:
        if training.poll() is None:
            os.killpg(training.pid, signal.SIGKILL)
            training.wait()
    assert training.returncode == code, message
    assert "--resume" in message and "Traceback" not in message
    assert (out / CHECKPOINT).is_file() and not (out / "model").exists()


def test_a_stopped_training_is_finished_by_resume(folder, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    note = progress.Progress.step

    def stop_in_the_second_step(self, stage, step, *more):
        if step == 2:
            signal.raise_signal(signal.SIGINT)
        note(self, stage, step, *more)

    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(progress.Progress, "step", stop_in_the_second_step)
        assert cli.main(words(folder, out, *STAGES, "--workers", "0", "--progress", "quiet")) == 130
    assert signal.getsignal(signal.SIGINT) is before
    assert cli.main(words(folder, out, *STAGES, "--workers", "0", "--resume")) == 0
    assert load_model(out / "model").card["training"]["options"]["stages"][1]["name"] == "distillation"
    assert "distillation 2:" in capsys.readouterr().err  # the bar's last validation


def test_an_unreadable_image_ends_the_training_with_a_message(folder, tmp_path):
    """Read by another process: neither its traceback is shown, nor is it waited for."""
    commands = []
    for damaged in ("images", "masks"):
        data = tmp_path / damaged / "cxr"
        shutil.copytree(folder, data)
        for path in (data / damaged).iterdir():
            path.write_bytes(path.read_bytes()[:60])
        stage = ("--stage", "name=supervised,steps=50,labelled=2", "--validate-every", "100")
        how = ("--workers", "1", "--progress", "quiet")
        commands.append(words(data, tmp_path / damaged / "out", *stage, *how))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TRAINER), str(HERE)])}
    program = WITH_TINY + "print(*[cli.main(words) for words in json.loads(sys.argv[1])])"
    command = [sys.executable, "-c", program, json.dumps(commands)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.split()) == (0, ["2", "2"]), done.stderr
    messages = [line for line in done.stderr.splitlines() if "cxradain" in line]
    for damaged, message in zip(("images", "masks"), messages, strict=True):
        assert str(tmp_path / damaged / "cxr" / damaged) in message and "Caught" not in message
    assert "Traceback" not in done.stderr


def test_a_model_of_another_size_is_refused_to_start_from(folder, tmp_path, capsys):
    other = replace(TINY, width=TINY.width + 1)
    model = save_model(AdaINModel(other), tmp_path / "model", {"name": "other"})
    given = words(folder, tmp_path / "out", *STAGES, "--init", str(model), "--progress", "quiet")
    assert cli.main(given) == 2
    assert "a size of its own" in capsys.readouterr().err
    model = save_model(AdaINModel(), model, {"name": "other"})
    assert cli.main(given) == 2
    assert "--model compact" in capsys.readouterr().err


def test_resuming_needs_the_same_data_precision_and_first_weights(folder, tmp_path, capsys):
    first = save_model(AdaINModel(TINY), tmp_path / "first", {"name": "first"})
    given = words(folder, tmp_path / "out", *STAGES[:2], "--workers", "0", "--progress", "quiet")
    assert cli.main([*given, "--init", str(first)]) == 0
    fewer = tmp_path / "fewer"
    shutil.copytree(folder, fewer)
    manifest = fewer / "manifest.csv"
    rows = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text("".join([rows[0], *rows[2:]]), encoding="utf-8")
    capsys.readouterr()
    for more, wrong in (
        ((), "init"),
        (("--init", str(first), "--precision", "bf16-mixed"), "precision"),
        (("--init", str(first), "--data", str(fewer)), "data"),
    ):
        assert cli.main([*given, *more, "--resume"]) == 2
        assert f"other values of {wrong}. " in capsys.readouterr().err
    assert cli.main([*given, "--init", str(first), "--resume"]) == 0


def test_a_folder_that_cannot_be_written_to_is_named(folder, tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert cli.main(words(folder, tmp_path / "out", *STAGES, "--progress", "quiet")) == 2
    assert str(tmp_path / "out") in capsys.readouterr().err


def test_resuming_without_a_checkpoint_is_refused(folder, tmp_path, capsys):
    assert cli.main(words(folder, tmp_path, "--resume")) == 2
    assert CHECKPOINT in capsys.readouterr().err


def test_a_stage_too_small_for_its_losses_is_refused_before_it_starts(folder, tmp_path, capsys):
    stages = ("--stage", "name=a,steps=1,labelled=1", "--stage", "name=small,steps=1,labelled=1,unlabelled=1")
    assert cli.main(words(folder, tmp_path / "out", *stages, "--progress", "quiet")) == 2
    assert "stage small" in capsys.readouterr().err
    assert not (tmp_path / "out" / CHECKPOINT).exists()


def test_a_device_that_is_not_there_is_refused(folder, tmp_path, capsys):
    given = words(folder, tmp_path / "out", "--num-nodes", "2", "--strategy", "auto", "--accelerator", "cuda")
    assert cli.main(given) == 2
    assert "cuda" in capsys.readouterr().err.lower()


def test_images_go_to_other_processes_without_their_cache(folder):
    images = TrainingImages(folder, CANVAS)
    image, labels = images.load(images.labelled[Domain.NORMAL][0], True)
    other = pickle.loads(pickle.dumps(images))
    again, labels_again = other.load(other.labelled[Domain.NORMAL][0], True)
    assert (image == again).all() and (labels == labels_again).all()
    assert other.load.cache_info().misses == 1


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="memory is kept with glibc alone")
def test_keep_memory_succeeds_with_glibc():
    """In a process of its own, for it cannot be undone."""
    code = "from cxradain.models.devices import keep_memory; assert keep_memory()"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(TRAINER)}, check=True)

"""Training: it learns, stops and goes on exactly, keeps its checkpoints whole, and scales over processes."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from cxradain import model as models
from cxradain.model import AdaINModel, ModelError, load_model, save_model
from cxradain.tasks import Domain
from cxradain.training import checkpoint, loop, validation
from cxradain.training.data import TrainingImages
from cxradain.training.loop import CHECKPOINT, Training
from cxradain.training.options import LIGHT, PAPER, TEACHERS, Stage, TrainOptions
from cxradain.training.progress import PROGRESS
from lightning_fabric import Fabric
from safetensors import safe_open
from train_in_processes import TINY
from training_data import CANVAS, make_training_folder, shared_or_none

HERE = Path(__file__).resolve().parent
STAGES = (
    Stage("adaptation", 4, labelled=4, adaptation=2, adaptation_every=2, restored=2),
    Stage("distillation", 4, labelled=4, unlabelled=2),
)
OPTIONS = replace(LIGHT, model="tiny", stages=STAGES, r1_every=2)
PAPER_OPTIONS = replace(
    PAPER,
    model="tiny",
    stages=(Stage("adaptation", 3, adaptation=1), Stage("distillation", 3, labelled=0, unlabelled=1)),
)


@pytest.fixture(scope="module")
def folder(request, tmp_path_factory) -> Path:
    return make_training_folder(tmp_path_factory.mktemp("cxr"), shared_or_none(request))


@pytest.fixture(scope="module")
def images(folder) -> TrainingImages:
    return TrainingImages(folder, CANVAS)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(models.PRESETS, "tiny", TINY)


@pytest.fixture
def begin(images, request):
    """Makes trainings, and closes their files at the end."""

    def make(out: Path, options: TrainOptions = OPTIONS, **more) -> Training:
        fabric = Fabric(accelerator="cpu", devices=1, precision="32-true")
        training = Training(options, images, out, fabric, workers=0, validate_every=2, **more)
        request.addfinalizer(training.progress.close)
        return training

    return make


def stop_after(steps: int):
    """A `should_stop` that says so at that step of a run."""
    calls = iter(range(1, 10**6))
    return lambda: next(calls) >= steps


def content(path: Path) -> tuple[dict, dict[str, torch.Tensor]]:
    """State and tensors of a checkpoint; without the seconds, which no two runs share."""
    with safe_open(path, framework="pt") as file:
        state = json.loads(file.metadata()["state"])
        state.pop("seconds", None)
        return state, {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118


def assert_same(one: Path, other: Path) -> None:
    (state, tensors), (other_state, other_tensors) = content(one), content(other)
    assert state == other_state
    assert tensors.keys() == other_tensors.keys()
    assert [key for key in tensors if not torch.equal(tensors[key], other_tensors[key])] == []


def lines(out: Path, kind: str) -> list[dict]:
    found = [json.loads(line) for line in (out / PROGRESS).read_text(encoding="utf-8").splitlines()]
    return [line for line in found if kind in line]


# --- going on exactly ---


@pytest.mark.parametrize("options", [OPTIONS, PAPER_OPTIONS], ids=["light", "paper"])
def test_a_stopped_training_goes_on_exactly(begin, tmp_path, options):
    whole, pieces = tmp_path / "whole", tmp_path / "pieces"
    assert begin(whole, options).run()

    assert not begin(pieces, options, should_stop=stop_after(1)).run()
    assert (content(pieces / CHECKPOINT)[0]["stage"], content(pieces / CHECKPOINT)[0]["step"]) == (0, 1)
    torch.rand(7)  # the world's random numbers have moved on meanwhile
    for _ in range(2):  # to the end of the first stage but for a step; then into the second
        training = begin(pieces, options, should_stop=stop_after(options.stages[0].steps - 1))
        training.resume()
        assert not training.run()
    assert content(pieces / CHECKPOINT)[0]["stage"] == 1
    last = begin(pieces, options)
    last.resume()
    assert last.step > 0
    assert last.run()

    assert_same(whole / CHECKPOINT, pieces / CHECKPOINT)
    assert_same(whole / "best.safetensors", pieces / "best.safetensors")
    tensors = content(whole / CHECKPOINT)[1]
    for part in (
        "model.generator",
        "ema.module",
        "discriminator",
        "generator.0.exp_avg",
        "adversary.0.exp_avg",
    ):
        assert any(key.startswith(part) for key in tensors), f"{part} is kept"


def test_a_killed_training_goes_on_from_its_last_checkpoint(begin, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert begin(whole).run()
    calls = iter([False, False, False])
    training = begin(killed, should_stop=lambda: next(calls), checkpoint_minutes=0)
    with pytest.raises(StopIteration):
        training.run()
    assert content(killed / CHECKPOINT)[0]["step"] == 3
    training = begin(killed)
    training.resume()
    assert training.run()
    assert_same(whole / CHECKPOINT, killed / CHECKPOINT)


def test_a_finished_training_has_nothing_left_to_do(begin, tmp_path):
    assert begin(tmp_path).run()
    before = (tmp_path / CHECKPOINT).read_bytes()
    training = begin(tmp_path)
    training.resume()
    assert training.run()
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_another_seed_gives_other_weights(begin, tmp_path):
    one = Stage("adaptation", 1, labelled=2, adaptation=2)
    options = replace(OPTIONS, stages=(one,))
    for seed in (0, 1):
        begin(tmp_path / str(seed), replace(options, seed=seed)).run()
    a, b = (content(tmp_path / str(seed) / CHECKPOINT)[1] for seed in (0, 1))
    key = "model.generator.from_image.weight"
    assert not torch.equal(a[key], b[key])


# --- learning ---


def test_a_tiny_training_learns_to_segment_real_lungs(begin, images, tmp_path):
    stages = (
        Stage("adaptation", 110, labelled=4, adaptation=2, adaptation_every=10),
        Stage("distillation", 40, labelled=4, unlabelled=2),
    )
    options = replace(
        OPTIONS,
        stages=stages,
        learning_rate=4e-3,
        self_code_learning_rate=4e-3,
        ema=0.9,
        augment=False,
        sure=0.0,
    )
    training = begin(tmp_path, options)
    training.validate_every = 1000

    def dice() -> dict[str, float]:
        image, labels = images.tensors(images.labelled[Domain.NORMAL])
        return {
            mode: validation.dice_of(
                lambda x, m=mode: training.model.segment(x, m), image, labels, torch.device("cpu")
            )
            for mode in ("direct", "student")
        }

    before = dice()
    assert training.run()
    after = dice()
    for mode in ("direct", "student"):
        assert after[mode] > before[mode] + 0.2, (mode, before, after)
        assert after[mode] > 0.8, (mode, after)
    shown = lines(tmp_path, "loss")
    for stage, terms in (
        ("adaptation", ("segmentation",)),
        ("distillation", ("segmentation", "inter", "intra")),
    ):
        of_stage = [line["loss"] for line in shown if line["stage"] == stage]
        for term in terms:
            assert of_stage[-1][term] < of_stage[0][term], (stage, term)
    held_out = lines(tmp_path, "validation")[-1]["validation"]
    assert held_out["student_plain"] > 0.5, "it holds for other patients too"


def test_progress_tells_losses_and_the_time_that_remains(begin, tmp_path):
    training = begin(tmp_path)
    training.progress.every = 2
    training.run()
    shown = lines(tmp_path, "loss")
    assert [(line["stage"], line["step"]) for line in shown] == [
        (stage.name, step) for stage in STAGES for step in (2, 4)
    ]
    for line in shown:
        assert line["steps"] == 4 and line["time"] > 0
        assert (line["remaining_seconds"] > 0) == (line["step"] < 4)
        assert all(isinstance(value, float) for value in line["loss"].values())
    assert {"segmentation", "adversarial", "real", "fake", "style", "cycle"} <= shown[0]["loss"].keys()
    assert {"segmentation", "label_student", "inter", "intra"} <= shown[-1]["loss"].keys()
    assert "student_opaque" in lines(tmp_path, "validation")[-1]["validation"]
    assert any((tmp_path / "tensorboard").glob("events.*"))


# --- the teacher ---


def test_the_best_of_four_teachers_is_taken(begin, tmp_path):
    training = begin(tmp_path)
    training.run()
    (compared,) = [x["validation"] for x in lines(tmp_path, "validation") if x["step"] == 0]
    assert set(compared) == {f"teacher_{kind}" for kind in TEACHERS}
    assert compared[f"teacher_{training.updates.objectives.teacher}"] == max(compared.values())


def test_the_chosen_teacher_is_kept_when_resumed(begin, tmp_path, monkeypatch):
    found = {"two_step": 0.1, "direct": 0.2, "confident": 0.3, "union": 0.9}
    asked = []
    monkeypatch.setattr(loop.validation, "compare_teachers", lambda *_: asked.append(1) or found)
    assert not begin(tmp_path, should_stop=stop_after(STAGES[0].steps + 1)).run()
    training = begin(tmp_path)
    assert training.updates.objectives.teacher == OPTIONS.teacher
    training.resume()
    assert training.updates.objectives.teacher == "union"
    assert training.run() and len(asked) == 1


def test_without_validation_the_named_teacher_teaches(begin, tmp_path):
    training = begin(tmp_path, replace(OPTIONS, validated_teacher=False, teacher="confident"))
    training.run()
    assert training.updates.objectives.teacher == "confident"


# --- files ---


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "text", "not a training's"])
def test_a_damaged_checkpoint_is_named(begin, tmp_path, damage):
    path = tmp_path / CHECKPOINT
    training = begin(tmp_path)
    training.save()
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "not a training's":
        save_model(training.model, tmp_path, {"name": "tiny"})
        (tmp_path / "weights.safetensors").rename(path)
    else:
        path.write_bytes(
            {"empty": b"", "truncated": data[: len(data) // 2], "text": b"weights\n" * 99}[damage]
        )
    with pytest.raises(ModelError, match=CHECKPOINT):
        begin(tmp_path).resume()


def test_a_checkpoint_of_other_networks_is_named(begin, tmp_path, monkeypatch):
    begin(tmp_path).save()
    monkeypatch.setitem(models.PRESETS, "tiny", replace(TINY, width=8))
    with pytest.raises(ModelError, match=f"{CHECKPOINT}.*other networks"):
        begin(tmp_path).resume()


def test_a_failed_save_leaves_the_old_checkpoint(begin, tmp_path, monkeypatch):
    training = begin(tmp_path, should_stop=stop_after(2))
    assert not training.run()
    before = content(tmp_path / CHECKPOINT)

    def full_disk(tensors, path, metadata):
        Path(path).write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    training.step += 1
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(checkpoint, "save_file", full_disk)
        training.save()
    again = begin(tmp_path)
    again.resume()
    assert again.step == before[0]["step"] == 2
    assert before[1].keys() == content(tmp_path / CHECKPOINT)[1].keys()
    assert not list(tmp_path.glob(f".{CHECKPOINT}*")), "nothing half-written is left"


def test_starting_from_a_model_takes_its_weights_alone(begin, tmp_path):
    torch.manual_seed(5)
    saved = save_model(AdaINModel(TINY), tmp_path / "model", {"name": "tiny"})
    training = begin(tmp_path / "out", init=saved)
    expected = load_model(saved).state_dict()
    for module in (training.updates.model, training.model):
        assert all(torch.equal(value, expected[key]) for key, value in module.state_dict().items())
    assert not torch.equal(
        begin(tmp_path / "fresh").model.generator.from_image.weight, expected["generator.from_image.weight"]
    )
    assert (training.stage_index, training.step, training.best) == (0, 0, {})
    assert not any(optimizer.state for optimizer in training.updates.optimizers.values())


# --- processes ---


def test_two_processes_agree_with_one(folder, tmp_path):
    script = HERE / "train_in_processes.py"
    paths = os.pathsep.join([str(HERE.parents[1] / "trainer"), os.environ.get("PYTHONPATH", "")])
    for devices in (1, 2):
        done = subprocess.run(
            [sys.executable, str(script), str(folder), str(tmp_path / str(devices)), str(devices)],
            env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert f"processes: {devices}" in done.stdout
    generator = ("model.generator.encoder", "model.generator.decoder", "model.code_generator")
    for kind, trained in (
        ("single", generator),
        ("double", (*generator, "model.style_encoder", "discriminator")),
    ):
        (state, one), (other, two) = (content(tmp_path / str(n) / kind / CHECKPOINT) for n in (1, 2))
        assert (state["stage"], one.keys()) == (other["stage"], two.keys())
        weights = [key for key in one if key.startswith(("model.", "ema.", "discriminator."))]
        far = {key: float((one[key] - two[key]).abs().max()) for key in weights}
        assert {key: value for key, value in far.items() if value > 1e-5} == {}, kind
        start = content(tmp_path / "2" / kind / "start.safetensors")[1]
        for part in trained:
            moved = max(float((two[key] - start[key]).abs().max()) for key in weights if key.startswith(part))
            assert moved > 1e-4, f"{part} has been trained"

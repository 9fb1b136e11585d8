"""Training: it learns, reports progress, chooses its teacher, and runs in several processes."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import train_in_processes
from cxradain.models import model
from cxradain.models.tasks import Domain
from cxradain.networks import adain
from cxradain.training import MODEL, loop, updates, validation
from cxradain.training.finish import write_trained_model
from cxradain.training.loop import CHECKPOINT
from cxradain.training.options import TEACHERS, Stage
from cxradain.training.updates import NonFiniteLoss
from small_trainings import OPTIONS, STAGES, content, lines, stop_after

HERE = Path(__file__).resolve().parent


def test_another_seed_gives_other_weights(begin, tmp_path):
    one = Stage("adaptation", 1, labelled=2, adaptation=2)
    options = replace(OPTIONS, stages=(one,))
    for seed in (0, 1):
        begin(tmp_path / str(seed), replace(options, seed=seed)).run()
    a, b = (content(tmp_path / str(seed) / CHECKPOINT)[1] for seed in (0, 1))
    key = "model.generator.from_image.weight"
    assert not torch.equal(a[key], b[key])


# --- values that are no numbers ---


def test_the_first_loss_that_is_no_number_ends_it_and_nothing_is_written(begin, tmp_path, monkeypatch):
    training = begin(tmp_path, checkpoint_minutes=0)
    adaptation = training.updates.objectives.adaptation_terms

    def overflowing(*arguments):
        terms = adaptation(*arguments)
        if training.step == 2:
            terms["style"] = terms["style"] * float("inf")
        return terms

    monkeypatch.setattr(training.updates.objectives, "adaptation_terms", overflowing)
    with pytest.raises(NonFiniteLoss, match=r"adaptation, step 3: the loss style is (inf|nan)\. Try a lower"):
        training.run()
    state, tensors = content(tmp_path / CHECKPOINT)
    assert state["step"] == 2 and all(value.isfinite().all() for value in tensors.values())
    assert not (tmp_path / MODEL).exists()


def test_a_last_step_that_spoils_the_weights_gives_no_model(begin, tmp_path):
    training = begin(tmp_path, replace(OPTIONS, keep_last=True))
    with torch.no_grad():
        next(training.model.parameters()).view(-1)[0] = float("nan")
    with pytest.raises(NonFiniteLoss, match="no model was written"):
        write_trained_model(training, ["train", "base"])
    assert not (tmp_path / MODEL).exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_option_that_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match=r"lung_weight is (nan|inf), not a finite number"):
        replace(OPTIONS, lung_weight=value)


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
        ema_decay=0.9,
        augment=False,
        confidence_threshold=0.0,
    )
    training = begin(tmp_path, options)
    training.validate_every = 1000

    def dice() -> dict[str, float]:
        image, labels = images.tensors(images.labelled[Domain.NORMAL])
        return {
            mode: validation.segmentation_dice(
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


def test_an_empty_prediction_of_an_empty_mask_scores_1():
    none, all_of_it = torch.zeros(1, 4, 4), torch.ones(1, 4, 4)
    assert validation.mean_union_dice(none, none) == 1 and validation.mean_union_dice(all_of_it, none) == 0
    both = torch.cat([none, all_of_it])
    assert validation.mean_union_dice(both, both) == 1


def test_progress_tells_losses_and_the_time_that_remains(begin, tmp_path):
    begin(tmp_path).run()
    shown = lines(tmp_path, "loss")
    assert [(line["stage"], line["step"]) for line in shown] == [
        (stage.name, step) for stage in STAGES for step in (1, 2, 3, 4)
    ], "short stages have curves, too"
    for line in shown:
        assert line["steps"] == 4 and line["time"] > 0
        assert (line["remaining_seconds"] > 0) == (line["step"] < 4)
        assert all(isinstance(value, float) for value in line["loss"].values())
    assert {"segmentation", "adversarial", "real", "fake", "style", "cycle"} <= shown[0]["loss"].keys()
    assert {"segmentation", "label_student", "inter", "intra"} <= shown[-1]["loss"].keys()
    assert "student_opaque" in lines(tmp_path, "validation")[-1]["validation"]
    assert any((tmp_path / "tensorboard").glob("events.*"))


# --- the teacher ---


def test_the_best_of_four_teachers_is_chosen(begin, tmp_path):
    training = begin(tmp_path)
    training.run()
    (compared,) = [x["validation"] for x in lines(tmp_path, "validation") if x["step"] == 0]
    assert set(compared) == {f"teacher_{kind}" for kind in TEACHERS}
    assert compared[f"teacher_{training.updates.objectives.teacher}"] == max(compared.values())


def test_the_chosen_teacher_is_kept_when_resumed(begin, tmp_path, monkeypatch):
    dices = {"two_step": 0.1, "direct": 0.2, "confident": 0.3, "union": 0.9}
    asked = []
    monkeypatch.setattr(loop.validation, "compare_teachers", lambda *_: asked.append(1) or dices)
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


# --- processes ---


@pytest.mark.skipif(os.name == "nt", reason="Windows has no groups of processes to end")
def test_processes_save_together_although_their_clocks_differ(folder, tmp_path):
    """Else one would wait for the other in the save, and that one for it in the next step."""
    script = HERE / "train_by_two_clocks.py"
    paths = os.pathsep.join([str(HERE.parents[1] / "trainer"), os.environ.get("PYTHONPATH", "")])
    training = subprocess.Popen(
        [sys.executable, str(script), str(folder), str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = training.communicate(timeout=120)
    finally:
        if training.poll() is None:
            os.killpg(training.pid, signal.SIGKILL)
            training.wait()
    assert training.returncode == 0, errors[-3000:]
    # 1.2 s a save by the first clock: at steps 12 and 24, then at the stage's end.
    assert output.splitlines().count("saved") == 3


def test_two_processes_agree_with_one(folder, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:  # the one is this one, and what is changed there is as it was
        patch.setitem(model.PRESETS, "tiny", None)
        patch.setitem(updates.UPDATE_ORDERS, "alternate", None)
        patch.setattr(adain, "instance_norm", adain.instance_norm)
        train_in_processes.main(folder, tmp_path / "1", 1)
    script = HERE / "train_in_processes.py"
    paths = os.pathsep.join([str(HERE.parents[1] / "trainer"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(script), str(folder), str(tmp_path / "2"), "2"],
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "processes: 2" in done.stdout
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

"""A training that is stopped or killed goes on exactly; its checkpoints stay whole."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from cxradain.models import model as models
from cxradain.models.card import ModelError
from cxradain.models.model import AdaINModel, load_model, save_model
from cxradain.training.loop import CHECKPOINT
from small_trainings import OPTIONS, PAPER_OPTIONS, assert_same, content, stop_after
from train_in_processes import TINY
from training_data import SAMPLES

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


def test_a_checkpoint_stores_options_by_their_command_line_names(begin, tmp_path):
    """Fields may get better names: what was written before, under these words, still goes on."""
    begin(tmp_path, replace(OPTIONS, confidence_threshold=0.7)).save()
    options = content(tmp_path / CHECKPOINT)[0]["options"]
    assert {"clip", "ema", "ways", "sure", "like_sources", "inter", "restore", "opacity"} <= options.keys()
    assert options["sure"] == 0.7
    bundled = json.loads((SAMPLES.parent / "Models" / "compact" / "card.json").read_text(encoding="utf-8"))
    assert bundled["training"]["options"].keys() <= options.keys()
    with pytest.raises(ModelError, match="other values of sure, ways"):
        begin(tmp_path, replace(OPTIONS, confidence_threshold=0.6, update_order="together")).resume()


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
        patch.setattr(models, "save_file", full_disk)
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

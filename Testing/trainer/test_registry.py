"""The registry: keeping, promoting, rolling back and deleting, and what a crash or damage leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cxradain.engine.client import Engine
from cxradain.model import ModelError, default_model, load_model
from cxradain.sessions import registry as module
from cxradain.sessions.registry import MODELS, REGISTRY, Registry, RegistryError
from small_models import save_small_model

TRAINER = Path(module.__file__).parents[2]


@pytest.fixture
def registry(models, tmp_path, monkeypatch) -> Registry:
    """An empty one, beside one bundled model `compact`."""
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    return Registry()


@pytest.fixture
def trained(tmp_path) -> Path:
    """What a round leaves: a model, and the gate's file beside it."""
    folder = save_small_model(tmp_path / "round" / "model", "small", "candidate")
    (tmp_path / "round" / "gate.json").write_text('{"verdict": "better"}', encoding="utf-8")
    return folder


def test_at_first_the_bundled_model_is_in_use(registry, models):
    (entry,) = registry.models()
    assert (entry.id, entry.bundled, entry.current) == ("compact", True, True)
    assert registry.current() == entry and default_model() == models / "compact"
    assert not registry.folder.exists(), "looking writes nothing"


def test_a_kept_model_is_used_once_it_is_promoted(registry, trained):
    kept = registry.keep(trained, trained.parent / "gate.json")
    assert (kept.id, kept.version, kept.verdict) == ("small-round-1", "round 1", "better")
    assert not kept.current and default_model().name == "compact"
    assert load_model(kept.folder).card["version"] == "round 1"
    assert registry.promote(kept.id).current
    assert default_model() == kept.folder
    assert registry.keep(trained).version == "round 2"


def test_rolling_back_goes_through_what_was_in_use(registry, trained):
    first, second = registry.keep(trained), registry.keep(trained)
    for id in (first.id, second.id, second.id, "compact", first.id):
        registry.promote(id)
    went = [registry.rollback().id for _ in range(4)]
    assert went == ["compact", second.id, first.id, "compact"]
    with pytest.raises(RegistryError, match="No other model"):
        registry.rollback()


def test_deleting_frees_space_but_never_what_is_needed(registry, trained):
    kept = registry.keep(trained)
    registry.promote(kept.id)
    with pytest.raises(RegistryError, match="in use"):
        registry.delete(kept.id)
    with pytest.raises(RegistryError, match="came along"):
        registry.delete("compact")
    with pytest.raises(RegistryError, match=r"no model 'none'.*compact, small-round-1"):
        registry.delete("none")
    registry.rollback()
    freed = registry.delete(kept.id)
    assert freed == kept.bytes > 10_000 and not kept.folder.exists()
    assert [entry.id for entry in registry.models()] == ["compact"]


def test_what_was_deleted_by_hand_is_not_in_use(registry, trained):
    kept = registry.keep(trained)
    registry.promote(kept.id)
    (kept.folder / "card.json").write_text("{", encoding="utf-8")
    assert registry.current().id == "compact"


def test_a_damaged_registry_is_told_by_name_and_nothing_is_lost(registry, trained):
    kept = registry.keep(trained)
    registry.promote(kept.id)
    (registry.folder / REGISTRY).write_text('{"used": [1]}', encoding="utf-8")
    with pytest.raises(ModelError, match=REGISTRY):
        default_model()
    (registry.folder / REGISTRY).unlink()
    assert {entry.id for entry in registry.models()} == {"compact", kept.id}


@pytest.mark.parametrize("failing", ["copyfile", "replace"])
def test_a_failure_while_keeping_leaves_what_was(registry, trained, monkeypatch, failing):
    before = registry.keep(trained)
    registry.promote(before.id)

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(module.shutil if failing == "copyfile" else module.os, failing, full)
        registry.keep(trained)
    assert [entry.id for entry in registry.models()] == ["compact", before.id]
    assert registry.current().id == before.id
    assert [path.name for path in (registry.folder / MODELS).iterdir()] == [before.id]
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "replace", full)
        registry.promote("compact")
    assert registry.current().id == before.id


def test_what_is_no_model_is_not_kept(registry, tmp_path):
    for content in ("{", "{}"):
        (tmp_path / "other").mkdir(exist_ok=True)
        (tmp_path / "other" / "card.json").write_text(content, encoding="utf-8")
        with pytest.raises(RegistryError, match="is no model"):
            registry.keep(tmp_path / "other")


def test_a_name_cannot_lead_out_of_the_folder(registry, tmp_path):
    kept = registry.keep(save_small_model(tmp_path / "model", "../../évil name", "1"))
    assert kept.folder.parent == registry.folder / MODELS


def test_no_model_at_all_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("CXRADAIN_MODELS", str(tmp_path / "none"))
    with pytest.raises(RegistryError, match="no model on this computer"):
        Registry(tmp_path / "home").current()


def test_an_engine_that_runs_takes_up_the_promoted_model(registry, trained):
    with Engine() as engine:
        assert engine.request("load", device="cpu").header["model_id"] == "small 1"
        process = engine.request("hello").header["models"]
        kept = registry.promote(registry.keep(trained).id)
        assert engine.request("load", device="cpu").header["model_id"] == "small round 1"
        listed = engine.request("hello").header["models"]
    assert [model["name"] for model in process] == ["compact"]
    assert [model["name"] for model in listed] == [kept.id, "compact"]


def test_it_needs_no_torch(registry):
    code = "import sys; from cxradain.sessions import registry; registry.Registry().models(); "
    code += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(TRAINER)}, check=True)


def test_the_history_is_plain_json(registry, trained):
    registry.promote(registry.keep(trained).id)
    told = json.loads((registry.folder / REGISTRY).read_text(encoding="utf-8"))
    assert told == {"used": ["small-round-1"]}

"""The registry: adding, promoting, rolling back and deleting models, after crashes and damage too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cxradain.models import registry as module
from cxradain.models.card import read_card
from cxradain.models.folders import ModelError, weights_hash
from cxradain.models.model import load_model, save_model
from cxradain.models.registry import MODELS, REGISTRY, Registry, RegistryError, default_model
from cxradain.models.segmenter import Segmenter
from engine_client import Engine
from small_models import save_small_model, small_model

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


def test_a_registered_model_is_used_once_promoted(registry, trained):
    kept = registry.add(trained, trained.parent / "gate.json")
    assert (kept.id, kept.version, kept.verdict) == ("small-round-1", "round 1", "better")
    assert not kept.current and default_model().name == "compact"
    assert load_model(kept.folder).card["version"] == "round 1"
    assert registry.promote(kept.id).current
    assert default_model() == kept.folder
    assert registry.add(trained).version == "round 2"


def test_a_round_promoted_again_is_registered_once(registry, trained):
    first = registry.promote_folder(trained)
    assert (first.id, first.verdict, first.current) == ("small-round-1", "better", True)
    registry.rollback()
    assert registry.promote_folder(trained) == first
    save_model(small_model(1), trained, {"name": "small", "version": "candidate"})
    assert registry.promote_folder(trained).id == "small-round-2"


def test_the_model_that_was_bundled_before_keeps_its_name_and_version(registry, tmp_path):
    before = save_small_model(tmp_path / "before", "small", "0.2.0")
    kept = registry.promote_folder(before)
    assert (kept.id, kept.name, kept.version) == ("small-0.2.0", "small", "0.2.0")
    assert Segmenter(kept.folder, "cpu").model_id == "small 0.2.0"
    assert registry.promote_folder(before) == kept
    save_model(small_model(1), before, {"name": "small", "version": "0.2.0"})
    assert registry.add(before).id == "small-round-1", "other weights by the same name"


def test_a_registered_model_records_its_origin(registry, trained):
    card = json.loads((trained / "card.json").read_text(encoding="utf-8"))
    data = [{"split": "session, labelled", "source": "session", "images": 4, "licences": [], "sha256": "ab"}]
    card |= {"parent": {"name": "small", "version": "1"}, "data": [{**data[0], "attribution": ""}]}
    (trained / "card.json").write_text(json.dumps(card), encoding="utf-8")
    gate = {"verdict": "worse", "text": "Worse: Dice.", "incumbent": "small 1", "n": 20}
    named = {"worst": [{"id": "DOE_JOHN.png"}], "failed": {"ROE_JANE.png": "is truncated."}}
    (trained.parent / "gate.json").write_text(json.dumps(gate | named), encoding="utf-8")
    kept = registry.add(trained, trained.parent / "gate.json")
    assert (kept.parent, kept.verdict) == ("small 1", "worse")
    kept_card = read_card(kept.folder)
    assert kept_card["data"][0]["sha256"] == "ab" and kept_card["compared"] == gate
    text = (kept.folder / "CARD.md").read_text(encoding="utf-8")
    assert text.startswith("# small round 1\n") and "Against small 1: Worse: Dice." in text
    told = b"".join(path.read_bytes() for path in kept.folder.iterdir())
    assert b"DOE" not in told and b"ROE" not in told, "single images are not named in what may be passed on"
    assert load_model(kept.folder).card["weights_sha256"] == weights_hash(trained)


def test_a_version_is_never_given_twice(registry, trained):
    """Else a model that was not promoted could come into use by rolling back to one that was deleted."""
    first, second = registry.add(trained), registry.add(trained)
    registry.promote(second.id)
    registry.promote(first.id)
    registry.delete(second.id)
    assert registry.add(trained).version == "round 3"
    assert registry.rollback().id == "compact"


def test_version_numbers_are_ordered_as_numbers(registry, trained):
    for number in range(1, 12):
        assert registry.add(trained).version == f"round {number}"
    assert [entry.version for entry in registry.models()[1:]] == [f"round {n}" for n in range(1, 12)]


def test_rolling_back_goes_through_what_was_in_use(registry, trained):
    first, second = registry.add(trained), registry.add(trained)
    for id in (first.id, second.id, second.id, "compact", first.id):
        registry.promote(id)
    went = [registry.rollback().id for _ in range(4)]
    assert went == ["compact", second.id, first.id, "compact"]
    with pytest.raises(RegistryError, match="No other model"):
        registry.rollback()


def test_models_in_use_or_bundled_cannot_be_deleted(registry, trained):
    kept = registry.add(trained)
    registry.promote(kept.id)
    with pytest.raises(RegistryError, match="in use"):
        registry.delete(kept.id)
    with pytest.raises(RegistryError, match="bundled"):
        registry.delete("compact")
    with pytest.raises(RegistryError, match=r"no model 'none'.*compact, small-round-1"):
        registry.delete("none")
    registry.rollback()
    freed = registry.delete(kept.id)
    assert freed == kept.bytes > 10_000 and not kept.folder.exists()
    assert [entry.id for entry in registry.models()] == ["compact"]


def test_a_model_deleted_by_hand_is_not_in_use(registry, trained):
    kept = registry.add(trained)
    registry.promote(kept.id)
    (kept.folder / "card.json").write_text("{", encoding="utf-8")
    assert registry.current().id == "compact" and registry.damaged() == [kept.folder]
    with pytest.raises(RegistryError, match="no model"):
        registry.promote(kept.id)
    assert registry.add(trained).version == "round 2", "a damaged one is not written over"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"used": [1]}', '{"used": "ab"}', '{"used": [], "numbers": {"a": "b"}}']
)
def test_a_damaged_registry_is_named_and_nothing_is_lost(registry, trained, content):
    kept = registry.add(trained)
    registry.promote(kept.id)
    (registry.folder / REGISTRY).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=REGISTRY):
        default_model()
    for change in (lambda: registry.add(trained), lambda: registry.promote("compact"), registry.rollback):
        with pytest.raises(RegistryError, match=REGISTRY):
            change()
    assert (registry.folder / REGISTRY).read_text(encoding="utf-8") == content
    (registry.folder / REGISTRY).unlink()
    assert {entry.id for entry in registry.models()} == {"compact", kept.id}
    assert registry.promote(kept.id).current


STEPS = {"write", "replace", "rename", "unlink", "remove", "mkdir", "rmdir", "fsync", "sendfile"}


def dying(step: int, act: Callable[[], object]) -> bool:
    """Act in a process of its own that ends at once before this step (of those that change a disk); returns
    whether it did."""
    child = os.fork()
    if child == 0:
        left = [step]

        def watch(frame, event, function):
            if event == "c_call" and function.__name__ in STEPS:
                left[0] -= 1
                if not left[0]:
                    os._exit(9)

        sys.setprofile(watch)
        try:
            act()
        finally:
            sys.setprofile(None)
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.skipif(os.name == "nt", reason="Windows has no fork")
@pytest.mark.parametrize("action", ["keep", "promote", "rollback", "delete"])
def test_a_crash_between_any_two_steps_leaves_the_old_state_or_the_new_one(registry, trained, action):
    first, second = registry.add(trained), registry.add(trained)
    registry.promote(first.id)
    act = {
        "keep": lambda: registry.add(trained),
        "promote": lambda: registry.promote(second.id),
        "rollback": lambda: registry.rollback(),
        "delete": lambda: registry.delete(second.id),
    }[action]
    base = shutil.copytree(registry.folder, registry.folder.with_name("base"))

    def state() -> tuple[list[str], str]:
        return [entry.id for entry in registry.models()], registry.current().id

    def anew() -> None:
        shutil.rmtree(registry.folder)
        shutil.copytree(base, registry.folder)

    old, weights = state(), weights_hash(trained)
    act()
    new, seen, step = state(), set(), 1
    assert new != old
    anew()
    while dying(step, act):
        found = state()
        assert found in (old, new)
        for entry in registry.models()[1:]:
            assert weights_hash(entry.folder) == weights and (entry.folder / "CARD.md").is_file()
        seen.add(str(found))
        again = registry.add(trained)
        assert sorted(path.name for path in again.folder.parent.iterdir()) == sorted(
            {*found[0], again.id} - {"compact"}
        ), "no leftover remains"
        anew()
        step += 1
    assert step > 3 and seen == {str(old), str(new)}


def test_two_processes_keep_at_once(registry, trained):
    code = "import sys, pathlib; from cxradain.models.registry import Registry\n"
    code += "for _ in range(4): Registry().add(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONPATH": str(TRAINER)}
    writers = [subprocess.Popen([sys.executable, "-c", code, trained], env=environment) for _ in range(2)]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    assert [entry.version for entry in registry.models()[1:]] == [f"round {n}" for n in range(1, 9)]


def test_a_lock_that_another_process_keeps_is_reported(registry, trained, monkeypatch):
    monkeypatch.setattr(module, "LOCK_TIMEOUT", 0.0)
    with module.locked(registry.folder), pytest.raises(RegistryError, match="another program"):
        registry.add(trained)


@pytest.mark.parametrize("failing", ["copyfile", "replace"])
def test_a_failed_registration_leaves_the_registry_unchanged(registry, trained, monkeypatch, failing):
    before = registry.add(trained)
    registry.promote(before.id)

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(module.shutil if failing == "copyfile" else module.os, failing, full)
        registry.add(trained)
    assert [entry.id for entry in registry.models()] == ["compact", before.id]
    assert registry.current().id == before.id
    assert [path.name for path in (registry.folder / MODELS).iterdir()] == [before.id]
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "replace", full)
        registry.promote("compact")
    assert registry.current().id == before.id


def test_deleting_all_models_never_frees_their_version_numbers(registry, trained):
    first = registry.add(trained)
    registry.promote(first.id)
    registry.add(trained)
    (registry.folder / MODELS / "damaged").mkdir()
    assert registry.delete_all() == 2 * first.bytes
    (left,) = registry.models()
    assert left.bundled and left.current and list((registry.folder / MODELS).iterdir()) == []
    with pytest.raises(RegistryError):
        registry.rollback()
    assert registry.add(trained).version == "round 3"


def test_a_folder_without_a_model_is_not_registered(registry, trained, tmp_path):
    for content in ("{", "{}"):
        (tmp_path / "other").mkdir(exist_ok=True)
        (tmp_path / "other" / "card.json").write_text(content, encoding="utf-8")
        with pytest.raises(RegistryError, match="is not a model"):
            registry.add(tmp_path / "other")
    (trained.parent / "gate.json").write_text("{", encoding="utf-8")
    with pytest.raises(RegistryError, match=r"gate\.json: cannot be read"):
        registry.add(trained, trained.parent / "gate.json")
    card = json.loads((trained / "card.json").read_text(encoding="utf-8")) | {"data": [{"split": "x"}]}
    (trained / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(RegistryError, match="is incomplete"):
        registry.add(trained)
    assert [entry.id for entry in registry.models()] == ["compact"]


def test_a_name_cannot_lead_out_of_the_folder(registry, tmp_path):
    kept = registry.add(save_small_model(tmp_path / "model", "../../évil name", "1"))
    assert kept.folder.parent == registry.folder / MODELS


def test_missing_models_are_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("CXRADAIN_MODELS", str(tmp_path / "none"))
    with pytest.raises(RegistryError, match="no model on this computer"):
        Registry(tmp_path / "home").current()


def test_an_engine_that_runs_takes_up_the_promoted_model(registry, trained):
    with Engine() as engine:
        assert engine.request("load", device="cpu").header["model_id"] == "small 1"
        process = engine.request("hello").header["models"]
        kept = registry.promote(registry.add(trained).id)
        assert engine.request("load", device="cpu").header["model_id"] == "small round 1"
        listed = engine.request("hello").header["models"]
    assert [model["name"] for model in process] == ["compact"]
    assert [model["name"] for model in listed] == [kept.id, "compact"]


def test_registry_imports_no_torch(registry):
    code = "import sys; from cxradain.models import clicks, registry, segmenter\n"
    code += "registry.Registry().models(); assert not {'torch', 'skimage'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(TRAINER)}, check=True)


def test_the_history_is_plain_json(registry, trained):
    registry.promote(registry.add(trained).id)
    told = json.loads((registry.folder / REGISTRY).read_text(encoding="utf-8"))
    assert told == {"used": ["small-round-1"], "numbers": {}}

"""A model's folder from elsewhere: what its files claim is compared before memory is taken for it."""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cxradain.cli import main
from cxradain.models import backends
from cxradain.models.backends import open_backend
from cxradain.models.card import PRESETS, ModelConfig, read_card
from cxradain.models.folders import ADVERSARY, CARD, WEIGHTS, ModelError, weights_hash
from cxradain.models.model import AdaINModel, load_model, new_discriminator, save_model, write_tensors
from cxradain.models.onnx_graph import tensor_shapes
from cxradain.models.registry import Registry
from cxradain.models.weights import read_weights
from cxradain.networks.discriminator import Discriminator
from small_models import CONFIG, save_small_model, small_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return save_small_model(tmp_path / "model")


def with_card(folder: Path, **configuration: object) -> Path:
    card = json.loads((folder / CARD).read_text())
    card["configuration"] |= configuration
    (folder / CARD).write_text(json.dumps(card))
    return folder


def tensors(header: Any, data: bytes = b"") -> bytes:
    """A safetensors file of such a header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def refused(folder: Path, name: str) -> str:
    """What loading says of the file, whichever backend loads it."""
    texts = set()
    for backend in ("onnxruntime", "torch"):
        with pytest.raises(ModelError) as caught:
            open_backend(folder, "cpu", backend=backend)
        texts.add(str(caught.value))
    (said,) = texts
    assert str(folder / name) in said and len(said) < len(str(folder)) + 400
    return said


@pytest.mark.parametrize(
    "sizes",
    [
        {"width": 4000, "max_width": 4000},
        {"style_width": 100_000},
        {"code_hidden": 60_000},
        {"canvas": 64 << 20},
        {"latent_size": 10**12},
        {"classes": 10**9},
        {"classes": 2},
        {"width": True},
        {"width": 4.0},
        {"unknown": 1},
    ],
    ids=str,
)
def test_sizes_that_no_network_has(model: Path, sizes: dict[str, object]) -> None:
    refused(with_card(model, **sizes), CARD)


@pytest.mark.parametrize("sizes", [{"width": 1024, "max_width": 1024}, {"code_hidden": 4096}], ids=str)
def test_the_largest_sizes_are_compared_with_the_weights_before_anything_is_allocated(
    model: Path, sizes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def allocated(*arguments: object) -> None:
        raise AssertionError("weights are read before their sizes were compared")

    monkeypatch.setattr(np, "frombuffer", allocated)
    assert "does not fit" in refused(with_card(model, **sizes), WEIGHTS)


@pytest.mark.parametrize(
    "content",
    [
        b'{"configuration": {}, "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"configuration": {"a": "\xff\xfe"}}',
        b'{"configuration": {"canvas": ' + b"9" * 5000 + b"}}",
        b'{"configuration": {"canvas": NaN}}',
        b" " * (5 << 20),
        b"",
    ],
    ids=["deep", "not UTF-8", "digits", "NaN", "large", "empty"],
)
def test_cards_that_are_none(model: Path, content: bytes) -> None:
    (model / CARD).write_bytes(content)
    refused(model, CARD)


@pytest.mark.skipif(os.name != "posix", reason="pipes and links as POSIX has them")
@pytest.mark.parametrize("name", [CARD, WEIGHTS])
def test_pipes_links_and_folders_are_not_read(
    model: Path, name: str, tmp_path: Path, models: Path, capsys: pytest.CaptureFixture
) -> None:
    def pipe(path: Path) -> None:
        os.mkfifo(path)

    def link(path: Path) -> None:
        path.symlink_to("/dev/zero")

    def link_to_file(path: Path) -> None:
        path.symlink_to(tmp_path / "elsewhere")

    def folder(path: Path) -> None:
        path.mkdir()

    shutil.copy(model / name, tmp_path / "elsewhere")
    for number, make in enumerate((pipe, link, link_to_file, folder)):
        copy = tmp_path / str(number)
        shutil.copytree(model, copy)
        (copy / name).unlink()
        make(copy / name)
        refused(copy, name)
        with pytest.raises(ModelError):
            weights_hash(copy) if name == WEIGHTS else load_model(copy)
        assert main(["models", "promote", str(copy)]) == 2
        assert capsys.readouterr().err.startswith("cxradain: ")
    assert kept() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (struct.pack("<Q", 1 << 60) + b"{}", "longer than the file"),
        (tensors({"a": tensor("F32", [4], 0, 16), "b": tensor("F32", [4], 8, 24)}, bytes(24)), "overlap"),
        (tensors({"a": tensor("F32", [1 << 40, 1 << 40], 0, 16)}, bytes(16)), "impossible sizes"),
        (tensors({"a": tensor("F32", [-4], 0, 16)}, bytes(16)), "impossible sizes"),
        (tensors({"a": tensor("F32", [8], 0, 16)}, bytes(16)), "other sizes than their places"),
        (tensors({"a": tensor("Q9", [4], 0, 16)}, bytes(16)), "another type"),
        (tensors({"a": tensor("I64", [2], 0, 16)}, bytes(16)), "another type"),
        (tensors({"a": tensor("F8_E4M3", [4], 0, 4)}, bytes(4)), "another type"),
        (tensors({"a": tensor("F32", [4], 0, 16)}, bytes(9)), "cut short"),
        (tensors({"a": tensor("F32", [4], 0, 16)}, bytes(16)), "does not fit"),
        (tensors({"a": 5}), "damaged"),
        (tensors([1]), "damaged"),
        (tensors(b"\xff\xfe{}"), "safetensors"),
        (tensors(b"[" * 100_000), "damaged"),
        (b"", "damaged"),
        (b"abc", "damaged"),
    ],
)
@pytest.mark.parametrize("name", [WEIGHTS, ADVERSARY])
def test_weights_that_are_none(model: Path, name: str, content: bytes, said: str) -> None:
    (model / name).write_bytes(content)
    if name == WEIGHTS:
        assert said in refused(model, WEIGHTS)
        return
    with pytest.raises(ModelError, match=said) as caught:
        new_discriminator(CONFIG, model)
    assert str(model / ADVERSARY) in str(caught.value)


def test_a_bundled_model_without_an_adversary_takes_the_defaults(tmp_path: Path, monkeypatch) -> None:
    bundled = tmp_path / "bundled"
    monkeypatch.setenv("CXRADAIN_MODELS", str(bundled))
    adversary = Discriminator(CONFIG.canvas, CONFIG.style_width, CONFIG.style_max_width, 2)
    card = {"name": "small", "version": "1"}
    save_model(small_model(), bundled / "compact", card, adversary)
    other = save_model(small_model(), bundled / "other", card)
    elsewhere = save_model(small_model(), tmp_path / "elsewhere", card)
    known, first = adversary.state_dict(), next(iter(adversary.state_dict()))
    assert torch.allclose(new_discriminator(CONFIG, other).state_dict()[first], known[first], atol=1e-3)
    assert not torch.allclose(
        new_discriminator(CONFIG, elsewhere).state_dict()[first], known[first], atol=1e-3
    )


def test_a_sound_model_and_its_adversary_are_read(tmp_path: Path) -> None:
    adversary = Discriminator(CONFIG.canvas, CONFIG.style_width, CONFIG.style_max_width, 2)
    folder = save_model(small_model(), tmp_path / "model", {"name": "small", "version": "1"}, adversary)
    state = new_discriminator(CONFIG, folder).state_dict()
    for name, value in adversary.state_dict().items():
        assert torch.equal(value.half().float(), state[name])
    assert load_model(folder).config == CONFIG


@pytest.mark.parametrize(
    "config",
    [CONFIG, *PRESETS.values(), replace(CONFIG, canvas=128, width=16, max_width=16, style_max_width=256)],
    ids=lambda config: f"width {config.width}",
)
def test_the_shapes_compared_without_torch_are_those_of_torchs_networks(
    config: ModelConfig,
) -> None:
    with torch.device("meta"):
        state = AdaINModel(config).state_dict()
    assert tensor_shapes(config) == {name: tuple(value.shape) for name, value in state.items()}


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_every_type_of_floating_point_is_read_as_the_same_numbers(tmp_path: Path, kind: torch.dtype) -> None:
    values = {"b": torch.tensor([[0.0, -1.5, 2.0**-14]]), "a": torch.tensor(3.25)}
    write_tensors(tmp_path / WEIGHTS, {name: value.to(kind) for name, value in values.items()})
    found = read_weights(tmp_path / WEIGHTS, {"a": (), "b": (1, 3)}, "this")
    for name, value in found.items():
        assert value.dtype == np.float32 and np.array_equal(value, values[name].numpy())


def test_a_model_in_8_bits_takes_half_the_space_and_is_off_by_half_a_step_at_most(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    config = PRESETS["compact"]
    adversary = Discriminator(config.canvas, config.style_width, config.style_max_width, 2)
    large = save_model(AdaINModel(config), tmp_path / "large", {"name": "large", "version": "1"}, adversary)
    small = tmp_path / "small"
    assert main(["models", "compress", str(large), "--out", str(small)]) == 0
    for file in (WEIGHTS, ADVERSARY):
        assert (small / file).stat().st_size < 0.6 * (large / file).stat().st_size, file
    before, after = load_model(large), load_model(small)
    assert before.config == after.config and read_card(small)["weights_sha256"] == weights_hash(small)
    for (name, value), found in zip(before.state_dict().items(), after.state_dict().values(), strict=True):
        step = value.flatten(1).abs().amax(1) / 127 if value.ndim > 1 else torch.zeros(1)
        assert ((found - value).abs() <= 0.501 * step.reshape(-1, *(1,) * (value.ndim - 1))).all(), name


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"a": torch.zeros(2, 3, dtype=torch.int8)}, r"does not fit this \(1 tensors: a\.scale"),
        ({"a": torch.zeros(2, 3, dtype=torch.int8), "a.scale": torch.ones(3)}, r"1 tensors: a\.scale"),
        ({"a": torch.zeros(2, 3), "a.scale": torch.ones(2)}, r"1 tensors: a\.scale"),
        ({"a": torch.ones(2, 3, dtype=torch.int8), "a.scale": torch.tensor([1.0, torch.inf])}, "infinite"),
        ({"a": torch.zeros(2, 3, dtype=torch.int32)}, "floating point or 8-bit integers"),
    ],
)
def test_integers_without_a_scale_that_fits_are_refused(
    tmp_path: Path, stored: dict[str, torch.Tensor], said: str
) -> None:
    write_tensors(tmp_path / WEIGHTS, stored)
    with pytest.raises(ModelError, match=said):
        read_weights(tmp_path / WEIGHTS, {"a": (2, 3)}, "this")


def kept() -> list[str]:
    """Ids of the models that were added."""
    return [entry.id for entry in Registry().models() if not entry.bundled]


def broken(change: Callable[[Any], None]) -> Any:
    model = small_model()
    change(model)
    return model


@pytest.mark.parametrize("backend", ["onnxruntime", "torch"])
@pytest.mark.parametrize("kind", ["loads not", "gives no numbers"])
def test_a_model_is_kept_only_once_it_has_been_loaded_and_run(
    tmp_path: Path,
    models: Path,
    kind: str,
    backend: str,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backends, "is_installed", lambda package: package == backend)
    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    folder = save_small_model(tmp_path / "m")
    before = Registry().current().id
    if kind == "loads not":
        (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-10])
    else:  # each weight a number, and the products beyond all numbers

        def grow(model: Any) -> None:
            for value in model.parameters():
                value.data.fill_(60_000.0)

        save_model(broken(grow), folder, {"name": "small", "version": "1"})
    assert main(["models", "promote", str(folder)]) == 2
    assert "cut short" in (said := capsys.readouterr().err) or "gives no numbers" in said
    assert Registry().current().id == before and kept() == []
    sound = save_small_model(tmp_path / "sound")
    assert main(["models", "promote", str(sound)]) == 0
    assert Registry().current().id == "small-round-1"

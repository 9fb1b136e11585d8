"""A model: the generator with what makes its codes, its configuration, and its files.

A model on disk is a folder of `weights.safetensors` (half precision) and `card.json`; the card's
`configuration` rebuilds the networks, so weights are never unpickled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from ..files import replace_atomically
from ..networks.discriminator import Discriminator
from ..networks.generator import Generator
from ..networks.style import CodeGenerator, StyleEncoder
from . import tasks
from .card import PRESETS, ModelConfig, configuration_of, read_card, write_card_json
from .folders import ADVERSARY, CARD, WEIGHTS, ModelError, adversary_of
from .tasks import IMAGE_DOMAINS, Domain, Mode
from .weights import read_weights


class AdaINModel(nn.Module):
    """The generator with its two sources of codes: the style encoder S and the AdaIN code generator F.

    `constant_latent` is the z of the student's self code, the same in training and use, and of the normal
    style that the teacher translates to.
    """

    constant_latent: Tensor

    def __init__(self, config: ModelConfig | None = None, card: dict[str, Any] | None = None):
        super().__init__()
        self.config = c = config or PRESETS["compact"]
        self.card: dict[str, Any] = card or {}
        self.generator = Generator(c.width, c.max_width, c.classes, c.code_size)
        self.code_generator = CodeGenerator(c.latent_size, c.code_hidden, len(Domain), c.code_size)
        self.style_encoder = StyleEncoder(
            c.canvas, c.style_width, c.style_max_width, IMAGE_DOMAINS, c.code_size
        )
        self.register_buffer("constant_latent", torch.ones(1, c.latent_size))

    def code(self, domain: Domain) -> Tensor:
        """F(constant z, domain): (1, code_size)."""
        index = torch.tensor([domain], device=self.constant_latent.device)
        return self.code_generator(self.constant_latent, index)

    def as_normal(self, image: Tensor) -> Tensor:
        """The teacher's first pass: image (B, 1, H, W) in -1..1 -> the same chest as if normal."""
        return tasks.adapt(self.generator, image, self.code(Domain.NORMAL))

    def segment(self, image: Tensor, mode: Mode = "student") -> Tensor:
        """Image (B, 1, H, W) in -1..1 -> logits (B, classes, H, W), by one of the three ways.

        student: one pass with the encoder's self code. direct: one pass without. teacher: translated to
        normal, then segmented. Raises ValueError for another mode.
        """
        if mode == "student":
            return tasks.segment_as_student(self.generator, image, self.code(Domain.SELF))
        if mode == "direct":
            return tasks.segment(self.generator, image)
        if mode == "teacher":
            return tasks.segment(self.generator, self.as_normal(image))
        raise ValueError(f"no mode {mode!r}: one of {', '.join(tasks.MODES)}")


def new_discriminator(config: ModelConfig, folder: str | Path | None = None) -> Discriminator:
    """The adversary of a training with this configuration; with the weights of the model in `folder`
    (`adversary_of`), if there are any: fit for its translations, where a new one would mislead them at first.

    Raises ModelError, naming the file, when it is damaged or does not fit.
    """

    def make() -> Discriminator:
        return Discriminator(config.canvas, config.style_width, config.style_max_width, IMAGE_DOMAINS)

    weights = adversary_of(folder) if folder else None
    if weights is None:
        return make()
    state = _read_weights(weights, make, "the model beside it")
    adversary = make()
    adversary.load_state_dict(state)
    return adversary


def parameter_count(module: nn.Module) -> int:
    """Number of weights, trained or not."""
    return sum(p.numel() for p in module.parameters())


def load_model(folder: str | Path, network: type[nn.Module] = AdaINModel) -> Any:
    """Read a model's folder in fp32 onto the CPU, ready for use.

    `network` is built from the card's configuration and the card; another than AdaINModel is for yardsticks.
    Raises ModelError, naming the file, when it is missing, damaged or does not fit its card.
    """
    card = read_card(folder)
    configuration = configuration_of(card, folder)

    def make() -> nn.Module:
        return network(configuration, card)

    state = _read_weights(Path(folder) / WEIGHTS, make, f"the configuration in {CARD}")
    model = make()
    model.load_state_dict(state)
    return model.eval()


def average_models(folders: Sequence[str | Path]) -> AdaINModel:
    """One model of several trained on from the same weights: the mean of their weights.

    Weights that a common start keeps in one basin can be averaged, and the mean is better than each ("model
    soups", Wortsman et al., ICML 2022). Its card is the first one's, with the others under `averaged`.
    Raises ModelError, also for models of different sizes.
    """
    models = [load_model(folder) for folder in folders]
    mean = models[0]
    for model, folder in zip(models, folders, strict=True):
        if model.config != mean.config:
            raise ModelError(
                f"{folder}: is of another size than {folders[0]}; only equal ones can be averaged"
            )
    states = [model.state_dict() for model in models]
    mean.load_state_dict({name: torch.stack([s[name] for s in states]).mean(0) for name in states[0]})
    kept = "name", "version", "weights_sha256"
    mean.card = mean.card | {
        "averaged": [{key: model.card[key] for key in kept if key in model.card} for model in models]
    }
    return mean


def at_canvas(model: AdaINModel, canvas: int) -> AdaINModel:
    """The model for images of another size in pixels, a multiple of 64: to be trained on at that size.

    Generator and codes are made of weights that fit any size. The style encoder's last convolution covers
    what is left of the whole image; its kernels are stretched, and their sums stay.
    """
    other = AdaINModel(replace(model.config, canvas=canvas), model.card)
    state, expected = model.state_dict(), other.state_dict()
    for name, weight in state.items():
        size = expected[name].shape[2:]
        if weight.shape[2:] != size:
            stretched = functional.interpolate(weight, size, mode="bilinear", align_corners=False)
            state[name] = stretched * (weight[0, 0].numel() / stretched[0, 0].numel())
    other.load_state_dict(state)
    return other.eval()


def _read_weights(path: Path, make: Callable[[], nn.Module], configured_in: str) -> dict[str, Tensor]:
    """In fp32, of the sizes of the network that `make` makes, which are compared before any is allocated."""
    with torch.device("meta"):
        expected = {name: tuple(value.shape) for name, value in make().state_dict().items()}
    weights = read_weights(path, expected, configured_in)
    return {name: torch.from_numpy(value) for name, value in weights.items()}


def _write_weights(module: nn.Module, path: Path) -> None:
    """In half precision."""
    state = {k: v.detach().half().contiguous().cpu() for k, v in module.state_dict().items()}
    write_tensors(path, state)


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file, replaced atomically. Raises OSError, as for any other file; the library has
    an error of its own for a full disk."""
    try:
        replace_atomically(path, lambda part: save_file(tensors, part, metadata=metadata))
    except SafetensorError as error:
        raise OSError(f"{path}: cannot be written ({error}). Is the disk full?") from error


def save_model(
    model: Any, folder: str | Path, card: dict[str, Any], discriminator: Discriminator | None = None
) -> Path:
    """Write weights (fp16) and card into `folder`, each replaced atomically; returns the folder.

    With its training's discriminator the model can be trained on where it stood; segmenting needs none.
    """
    folder = save_weights(model, folder, discriminator)
    write_card_json(folder, {**card, "configuration": asdict(model.config)})
    return folder


def save_weights(model: Any, folder: str | Path, discriminator: Discriminator | None = None) -> Path:
    """As `save_model`, but for the card, which is written last: without it the folder is no model."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_weights(model, folder / WEIGHTS)
    if discriminator is not None:
        _write_weights(discriminator, folder / ADVERSARY)
    return folder

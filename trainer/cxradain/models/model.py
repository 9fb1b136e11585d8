"""A model: the generator with the networks that make its codes, its configuration, and its files.

On disk a model is a folder with `weights.safetensors` (half precision, or 8 bits) and `card.json`, whose
`configuration` has the sizes of the networks; nothing is unpickled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

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
from .card import (
    PRESETS,
    ModelConfig,
    card_of_changed_weights,
    configuration_of,
    read_card,
    write_card_json,
)
from .folders import ADVERSARY, CARD, WEIGHTS, ModelError, adversary_of
from .tasks import IMAGE_DOMAINS, Domain, Mode
from .weights import SCALE, read_weights

Bits = Literal[8, 16]  # of a stored weight


class AdaINModel(nn.Module):
    """The generator with its two sources of codes: the style encoder S and the AdaIN code generator F.

    `constant_latent` is the latent of the student's self code and of the normal style to which the teacher
    translates; it is the same in training and in use.
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
        """The teacher's first pass: image (B, 1, H, W) in -1..1 -> its translation to the normal domain."""
        return tasks.adapt(self.generator, image, self.code(Domain.NORMAL))

    def segment(self, image: Tensor, mode: Mode = "student") -> Tensor:
        """Image (B, 1, H, W) in -1..1 -> logits (B, classes, H, W), in one of three modes.

        student: one pass with the encoder's self code. direct: one pass without a code. teacher: translation
            to normal, then segmentation. Raises ValueError for any other mode.
        """
        if mode == "student":
            return tasks.segment_as_student(self.generator, image, self.code(Domain.SELF))
        if mode == "direct":
            return tasks.segment(self.generator, image)
        if mode == "teacher":
            return tasks.segment(self.generator, self.as_normal(image))
        raise ValueError(f"no mode {mode!r}: one of {', '.join(tasks.MODES)}")


def new_discriminator(config: ModelConfig, folder: str | Path | None = None) -> Discriminator:
    """The discriminator of a training. To continue the model in `folder` it gets the weights of
    `adversary_of`, if there are any: it already fits the translations, where a new one would mislead them at
    first.

    Raises ModelError, naming the file, if the weights are damaged or do not fit.
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
    """The number of weights, trainable or not."""
    return sum(p.numel() for p in module.parameters())


def load_model(folder: str | Path, network: type[nn.Module] = AdaINModel) -> Any:
    """Load a model's folder in fp32 onto the CPU, in evaluation mode.

    `network` is called with the card's configuration and the card; baselines use their own. Raises
    ModelError, naming the file, if it is missing, damaged or does not match its card.
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
    """Average the weights of several models that were trained from the same weights.

    With a common start the weights stay in one basin, and their mean is better than each ("model soups",
    Wortsman et al., ICML 2022). The card is that of the first model without its figures, with all
    models under `averaged`. Raises ModelError, also for models of different sizes.
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
    averaged = [{key: model.card[key] for key in kept if key in model.card} for model in models]
    mean.card = card_of_changed_weights(mean.card, averaged=averaged)
    return mean


def at_canvas(model: AdaINModel, canvas: int) -> AdaINModel:
    """The model for images of another size in pixels, a multiple of 64: to be trained on at that size.

    Its card has no figures: they hold at the size at which they were measured.
    """
    other = AdaINModel(replace(model.config, canvas=canvas), card_of_changed_weights(model.card))
    _stretch(model, other)
    return other.eval()


def discriminator_at_canvas(discriminator: Discriminator, config: ModelConfig) -> Discriminator:
    """The same for the discriminator of a model; config: of the other size."""
    other = new_discriminator(config)
    _stretch(discriminator, other)
    return other


def _stretch(module: nn.Module, other: nn.Module) -> None:
    """Load the weights of a network into one for another canvas.

    Most fit any size. Only the last convolution of a style encoder or discriminator covers what is left of
    the whole image; its kernels are stretched, and their sums stay.
    """
    state, expected = module.state_dict(), other.state_dict()
    for name, weight in state.items():
        size = expected[name].shape[2:]
        if weight.shape[2:] != size:
            stretched = functional.interpolate(weight, size, mode="bilinear", align_corners=False)
            state[name] = stretched * (weight[0, 0].numel() / stretched[0, 0].numel())
    other.load_state_dict(state)


def _read_weights(path: Path, make: Callable[[], nn.Module], configured_in: str) -> dict[str, Tensor]:
    """Read weights in fp32; the file's header is compared with the network of `make` before memory is
    allocated."""
    with torch.device("meta"):
        expected = {name: tuple(value.shape) for name, value in make().state_dict().items()}
    weights = read_weights(path, expected, configured_in)
    return {name: torch.from_numpy(value) for name, value in weights.items()}


def _write_weights(module: nn.Module, path: Path, bits: Bits) -> None:
    state = {name: value.detach().float().contiguous().cpu() for name, value in module.state_dict().items()}
    written = {name: value.half() for name, value in state.items()}
    for name, value in state.items() if bits == 8 else ():
        if value.ndim > 1:  # kernels and matrices; the rest is small
            scale = value.flatten(1).abs().amax(1).clamp(min=1e-30) / 127
            steps = value / scale.reshape(-1, *(1,) * (value.ndim - 1))
            written |= {name: steps.round().to(torch.int8), name + SCALE: scale}
    write_tensors(path, written)


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file atomically. Raises OSError, as for any other file; the library has its own
    error for a full disk."""
    try:
        replace_atomically(path, lambda part: save_file(tensors, part, metadata=metadata))
    except SafetensorError as error:
        raise OSError(f"{path}: cannot be written ({error}). Is the disk full?") from error


def save_model(
    model: Any,
    folder: str | Path,
    card: dict[str, Any],
    discriminator: Discriminator | None = None,
    bits: Bits = 16,
) -> Path:
    """Write weights and card into `folder`, each atomically; returns the folder.

    The discriminator lets a later training continue from here; segmenting does not need it.
    bits: 16 (fp16), or 8: integers with a scale for each output channel, in half the space.
    """
    folder = save_weights(model, folder, discriminator, bits)
    write_card_json(folder, {**card, "configuration": asdict(model.config)})
    return folder


def save_weights(
    model: Any, folder: str | Path, discriminator: Discriminator | None = None, bits: Bits = 16
) -> Path:
    """As `save_model` without the card, which must be written last: a folder is a model only with a card."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_weights(model, folder / WEIGHTS, bits)
    if discriminator is not None:
        _write_weights(discriminator, folder / ADVERSARY, bits)
    return folder

"""The generator's passes as ONNX models, made from a model's configuration and weights when it is loaded.

Nothing of them is stored beside the weights, so a graph can neither be missing nor belong to other weights.
What depends on the weights alone is computed here once: the AdaIN codes of the two fixed domains with the
scales and shifts that they give, and the 4x4 kernels of `networks.blocks.conv_resized`, of which this is the
counterpart. No torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np

from ..networks.design import BOTTLENECK, CODE_LAYERS, DOWN, EPSILON, SLOPE, encoder_widths
from .card import ModelConfig
from .onnx_file import GraphWriter
from .tasks import Domain

Pass = Literal["student", "direct", "adapt"]
IMAGE = "image"  # the input's name
SAME = (1, 1, 1, 1)  # padding by one pixel on each side
RESIDUAL = 1 / math.sqrt(2)


class UnfitWeights(ValueError):
    """A tensor is missing, or not of the size that the configuration gives; the message names it."""


def write_pass(name: Pass, config: ModelConfig, weights: Mapping[str, np.ndarray]) -> bytes:
    """An ONNX model of one pass; its input is IMAGE, (batch, 1, canvas, canvas) float32 in -1..1.

    student and direct give probabilities (batch, classes, canvas, canvas) in 0..1, by the encoder's self code
    and without a code; adapt gives the image in the normal domain, of the input's shape. The teacher is
    adapt, then direct. Raises UnfitWeights.
    """
    writer = _PassWriter(config, weights)
    features = writer.encode(IMAGE, Domain.SELF if name == "student" else None)
    if name == "adapt":
        channels, result = 1, writer.head("to_image", 1, writer.decode(features, Domain.NORMAL))
    else:
        channels = config.classes
        logits = writer.head("to_mask", channels, writer.decode(features, None))
        result = writer.graph.add("Softmax", logits, axis=1)
    canvas = config.canvas
    return writer.graph.model(
        IMAGE, ("batch", 1, canvas, canvas), result, ("batch", channels, canvas, canvas)
    )


class _PassWriter:
    """Writes the networks' layers, by the names and the order of operations of the torch modules."""

    def __init__(self, config: ModelConfig, weights: Mapping[str, np.ndarray]) -> None:
        self.config, self.graph = config, GraphWriter()
        self._weights = weights
        self._widths = encoder_widths(config.width, config.max_width)

    def encode(self, x: str, domain: Domain | None) -> str:
        """`Generator.encode`."""
        widths = [*self._widths, *[self._widths[-1]] * BOTTLENECK]
        x = self._conv(x, "generator.from_image", (widths[0], 1, 3, 3))
        for index in range(DOWN + BOTTLENECK):
            inputs, outputs = widths[index : index + 2]
            resample = "down" if index < DOWN else None
            x = self._block(x, f"generator.encoder.{index}", (inputs, inputs, outputs), domain, resample)
        return x

    def decode(self, x: str, domain: Domain | None) -> str:
        """`Generator.decode`."""
        widths = [*[self._widths[-1]] * BOTTLENECK, *self._widths[::-1]]
        for index in range(DOWN + BOTTLENECK):
            inputs, outputs = widths[index : index + 2]
            resample = None if index < BOTTLENECK else "up"
            x = self._block(x, f"generator.decoder.{index}", (inputs, outputs, outputs), domain, resample)
        return x

    def head(self, name: str, outputs: int, x: str) -> str:
        """`Head`."""
        width, name = self.config.width, f"generator.{name}"
        scale, shift = (self._tensor(f"{name}.norm.{each}", width) for each in ("weight", "bias"))
        return self._conv(self._activated_norm(x, scale, shift), f"{name}.conv", (outputs, width, 1, 1))

    def _block(
        self, x: str, name: str, channels: tuple[int, int, int], domain: Domain | None, resample: str | None
    ) -> str:
        """`AdaINBlock`, with the residual's factor moved into the convolutions before the sum."""
        inputs, middle, outputs = channels
        h = self._activated_norm(x, *self._affine(f"{name}.norm1", inputs, domain))
        h = self._conv(h, f"{name}.conv1", (middle, inputs, 3, 3), resample)
        h = self._activated_norm(h, *self._affine(f"{name}.norm2", middle, domain))
        h = self._conv(h, f"{name}.conv2", (outputs, middle, 3, 3), factor=RESIDUAL)
        if resample == "down":
            x = self.graph.add("AveragePool", x, kernel_shape=(2, 2), strides=(2, 2))
        if inputs == outputs:
            x = self.graph.add("Mul", x, self.graph.constant([RESIDUAL]))
        else:
            kernel = self._tensor(f"{name}.shortcut.weight", outputs, inputs, 1, 1)
            x = self.graph.add("Conv", x, self.graph.constant(kernel * RESIDUAL))
        if resample == "up":
            scales = self.graph.constant([1, 1, 2, 2])
            x = self.graph.add(
                "Resize",
                x,
                "",
                scales,
                mode="nearest",
                nearest_mode="floor",
                coordinate_transformation_mode="asymmetric",
            )
        return self.graph.add("Add", h, x)

    def _conv(
        self,
        x: str,
        name: str,
        shape: tuple[int, int, int, int],
        resample: str | None = None,
        factor: float = 1.0,
    ) -> str:
        """A convolution of 3x3 or 1x1, with resizing as `conv_resized` does it."""
        kernel = self._tensor(f"{name}.weight", *shape) * np.float32(factor)
        bias = self.graph.constant(self._tensor(f"{name}.bias", shape[0]) * np.float32(factor))
        if resample is None:
            pads = SAME if shape[-1] == 3 else (0, 0, 0, 0)
            return self.graph.add("Conv", x, self.graph.constant(kernel), bias, pads=pads)
        kernel = _averaged(kernel)
        if resample == "down":
            return self.graph.add("Conv", x, self.graph.constant(kernel), bias, strides=(2, 2), pads=SAME)
        turned = 4 * kernel[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        return self.graph.add(
            "ConvTranspose", x, self.graph.constant(turned), bias, strides=(2, 2), pads=SAME
        )

    def _activated_norm(self, x: str, scale: np.ndarray, shift: np.ndarray) -> str:
        """`instance_norm`, then LeakyReLU."""
        constants = self.graph.constant(scale), self.graph.constant(shift)
        x = self.graph.add("InstanceNormalization", x, *constants, epsilon=EPSILON)
        return self.graph.add("LeakyRelu", x, alpha=SLOPE)

    def _affine(self, name: str, channels: int, domain: Domain | None) -> tuple[np.ndarray, np.ndarray]:
        """Scale and shift of an `AdaIN` layer, (channels,) each."""
        if domain is None:
            scale, shift = (self._tensor(f"{name}.{each}", 1, channels)[0] for each in ("scale", "shift"))
            return scale, shift
        code_size = self.config.code_size
        gamma, beta = np.split(
            self._linear(f"{name}.code_to_affine", self._code(domain), 2 * channels, code_size), 2
        )
        return 1 + gamma, beta

    def _code(self, domain: Domain) -> np.ndarray:
        """`AdaINModel.code`: (code_size,)."""
        config = self.config
        hidden, head = config.code_hidden, f"code_generator.heads.{int(domain)}"
        x = self._tensor("constant_latent", 1, config.latent_size)[0]
        layers = [f"code_generator.shared.{index}.0" for index in range(CODE_LAYERS)]
        layers += [f"{head}.{index}.0" for index in range(CODE_LAYERS - 1)]
        for name in layers:
            x = np.maximum(self._linear(name, x, hidden, len(x)), 0)
        return self._linear(f"{head}.{CODE_LAYERS - 1}", x, config.code_size, hidden)

    def _linear(self, name: str, x: np.ndarray, outputs: int, inputs: int) -> np.ndarray:
        return self._tensor(f"{name}.weight", outputs, inputs) @ x + self._tensor(f"{name}.bias", outputs)

    def _tensor(self, name: str, *shape: int) -> np.ndarray:
        """The weights of a name. Raises UnfitWeights."""
        value = self._weights.get(name)
        if value is None or value.shape != shape:
            raise UnfitWeights(
                f"{name} is missing" if value is None else f"{name} is of {value.shape}, not {shape}"
            )
        return value


def _averaged(kernel: np.ndarray) -> np.ndarray:
    """(..., 3, 3) -> (..., 4, 4): means over 2x2 of the kernel, edge included."""
    padded = np.pad(kernel, ((0, 0), (0, 0), (1, 1), (1, 1)))
    rows = padded[:, :, :-1] + padded[:, :, 1:]
    return (rows[:, :, :, :-1] + rows[:, :, :, 1:]) / np.float32(4)

"""The generator's passes as ONNX models, built from a model's configuration and weights when it is loaded.

No graph is stored beside the weights, so none can be missing or outdated. Whatever depends on the weights
alone is computed once, here: the AdaIN codes of the two fixed domains, the scales and shifts that follow
from them, and the 4x4 kernels of `networks.blocks.conv_resized`. No torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

import numpy as np

from ..networks.design import BOTTLENECK, CODE_LAYERS, DOWN, EPSILON, SLOPE, TRUNK_DOWN, encoder_widths
from .card import ModelConfig
from .onnx_file import GraphWriter
from .tasks import IMAGE_DOMAINS, Domain

Pass = Literal["student", "direct", "adapt"]
IMAGE = "image"  # the input's name
SAME = (1, 1, 1, 1)  # padding by one pixel on each side
RESIDUAL = 1 / math.sqrt(2)


def tensor_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all tensors of `AdaINModel`, including those used in training only."""
    shapes: dict[str, tuple[int, ...]] = {"constant_latent": (1, config.latent_size)}

    def linear(name: str, inputs: int, outputs: int) -> None:
        shapes.update({f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)})

    def conv(name: str, inputs: int, outputs: int, size: int) -> None:
        shapes.update({f"{name}.weight": (outputs, inputs, size, size), f"{name}.bias": (outputs,)})

    def block(name: str, inputs: int, middle: int, outputs: int) -> None:
        conv(f"{name}.conv1", inputs, middle, 3)
        conv(f"{name}.conv2", middle, outputs, 3)
        if inputs != outputs:
            shapes[f"{name}.shortcut.weight"] = (outputs, inputs, 1, 1)

    def coder(name: str, widths: list[int], encodes: bool) -> None:
        for index, (inputs, outputs) in enumerate(pairwise(widths)):
            middle = inputs if encodes else outputs
            block(f"{name}.{index}", inputs, middle, outputs)
            for norm, channels in ((f"{name}.{index}.norm1", inputs), (f"{name}.{index}.norm2", middle)):
                linear(f"{norm}.code_to_affine", config.code_size, 2 * channels)
                shapes.update({f"{norm}.scale": (1, channels), f"{norm}.shift": (1, channels)})

    widths = _coder_widths(config)
    conv("generator.from_image", 1, config.width, 3)
    coder("generator.encoder", widths, True)
    coder("generator.decoder", widths[::-1], False)
    for name, outputs in (("generator.to_image", 1), ("generator.to_mask", config.classes)):
        shapes.update({f"{name}.norm.{each}": (config.width,) for each in ("weight", "bias")})
        conv(f"{name}.conv", config.width, outputs, 1)

    hidden = [config.code_hidden] * CODE_LAYERS
    for index, sizes in enumerate(pairwise([config.latent_size, *hidden])):
        linear(f"code_generator.shared.{index}.0", *sizes)
    for domain in range(len(Domain)):
        for index, sizes in enumerate(pairwise(hidden)):
            linear(f"code_generator.heads.{domain}.{index}.0", *sizes)
        linear(f"code_generator.heads.{domain}.{CODE_LAYERS - 1}", config.code_hidden, config.code_size)

    widths = encoder_widths(config.style_width, config.style_max_width, TRUNK_DOWN)
    conv("style_encoder.trunk.layers.0", 1, widths[0], 3)
    for index, (inputs, outputs) in enumerate(pairwise(widths), 1):
        block(f"style_encoder.trunk.layers.{index}", inputs, inputs, outputs)
    # Layer TRUNK_DOWN + 1 is an activation, without weights.
    conv(f"style_encoder.trunk.layers.{TRUNK_DOWN + 2}", widths[-1], widths[-1], config.canvas >> TRUNK_DOWN)
    for domain in range(IMAGE_DOMAINS):
        linear(f"style_encoder.heads.{domain}", widths[-1], config.code_size)
    return shapes


def write_pass(name: Pass, config: ModelConfig, weights: Mapping[str, np.ndarray]) -> bytes:
    """The ONNX model of one pass; its input is IMAGE, (batch, 1, canvas, canvas) float32 in -1..1.

    student and direct give probabilities (batch, classes, canvas, canvas) in 0..1, with the encoder's self
    code and without a code; adapt gives the image translated to the normal domain, of the input's shape. The
    teacher is adapt followed by direct. `weights` are named as in `tensor_shapes`, without the style
    encoder's.
    """
    writer = _PassWriter(weights)
    features = writer.encode(IMAGE, Domain.SELF if name == "student" else None)
    if name == "adapt":
        channels, result = 1, writer.head("to_image", writer.decode(features, Domain.NORMAL))
    else:
        channels = config.classes
        logits = writer.head("to_mask", writer.decode(features, None))
        result = writer.graph.add("Softmax", logits, axis=1)
    canvas = config.canvas
    return writer.graph.model(
        IMAGE, ("batch", 1, canvas, canvas), result, ("batch", channels, canvas, canvas)
    )


class _PassWriter:
    """Writes the layers of the networks, with the names and in the order of the torch modules."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        self.graph = GraphWriter()
        self._weights = weights

    def encode(self, x: str, domain: Domain | None) -> str:
        """`Generator.encode`."""
        x = self._conv(x, "generator.from_image")
        for index in range(DOWN + BOTTLENECK):
            x = self._block(x, f"generator.encoder.{index}", domain, "down" if index < DOWN else None)
        return x

    def decode(self, x: str, domain: Domain | None) -> str:
        """`Generator.decode`."""
        for index in range(DOWN + BOTTLENECK):
            x = self._block(x, f"generator.decoder.{index}", domain, None if index < BOTTLENECK else "up")
        return x

    def head(self, name: str, x: str) -> str:
        """`Head`."""
        scale, shift = (self._weights[f"generator.{name}.norm.{each}"] for each in ("weight", "bias"))
        return self._conv(self._activated_norm(x, scale, shift), f"generator.{name}.conv")

    def _block(self, x: str, name: str, domain: Domain | None, resample: str | None) -> str:
        """`AdaINBlock`, with the residual factor folded into the convolutions before the sum."""
        h = self._activated_norm(x, *self._affine(f"{name}.norm1", domain))
        h = self._conv(h, f"{name}.conv1", resample)
        h = self._activated_norm(h, *self._affine(f"{name}.norm2", domain))
        h = self._conv(h, f"{name}.conv2", factor=RESIDUAL)
        if resample == "down":
            x = self.graph.add("AveragePool", x, kernel_shape=(2, 2), strides=(2, 2))
        kernel = self._weights.get(f"{name}.shortcut.weight")
        if kernel is None:
            x = self.graph.add("Mul", x, self.graph.constant([RESIDUAL]))
        else:
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

    def _conv(self, x: str, name: str, resample: str | None = None, factor: float = 1.0) -> str:
        """A 3x3 or 1x1 convolution, resized as in `conv_resized`."""
        kernel = self._weights[f"{name}.weight"] * np.float32(factor)
        bias = self.graph.constant(self._weights[f"{name}.bias"] * np.float32(factor))
        if resample is None:
            pads = SAME if kernel.shape[-1] == 3 else (0, 0, 0, 0)
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

    def _affine(self, name: str, domain: Domain | None) -> tuple[np.ndarray, np.ndarray]:
        """Scale and shift of an `AdaIN` layer, (channels,) each."""
        if domain is None:
            scale, shift = (self._weights[f"{name}.{each}"][0] for each in ("scale", "shift"))
            return scale, shift
        gamma, beta = np.split(self._linear(f"{name}.code_to_affine", self._code(domain)), 2)
        return 1 + gamma, beta

    def _code(self, domain: Domain) -> np.ndarray:
        """`AdaINModel.code`: (code_size,)."""
        head = f"code_generator.heads.{int(domain)}"
        x = self._weights["constant_latent"][0]
        layers = [f"code_generator.shared.{index}.0" for index in range(CODE_LAYERS)]
        layers += [f"{head}.{index}.0" for index in range(CODE_LAYERS - 1)]
        for name in layers:
            x = np.maximum(self._linear(name, x), 0)
        return self._linear(f"{head}.{CODE_LAYERS - 1}", x)

    def _linear(self, name: str, x: np.ndarray) -> np.ndarray:
        return self._weights[f"{name}.weight"] @ x + self._weights[f"{name}.bias"]


def _coder_widths(config: ModelConfig) -> list[int]:
    """Channels before the encoder's first block and after each; the decoder's are the reverse."""
    widths = encoder_widths(config.width, config.max_width)
    return [*widths, *[widths[-1]] * BOTTLENECK]


def _averaged(kernel: np.ndarray) -> np.ndarray:
    """(..., 3, 3) -> (..., 4, 4): 2x2 means of the zero-padded kernel."""
    padded = np.pad(kernel, ((0, 0), (0, 0), (1, 1), (1, 1)))
    rows = padded[:, :, :-1] + padded[:, :, 1:]
    return (rows[:, :, :, :-1] + rows[:, :, :, 1:]) / np.float32(4)

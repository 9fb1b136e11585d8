"""Pre-activation residual blocks of the generator, the style encoder and the discriminator."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from .adain import AdaIN
from .design import SLOPE, TRUNK_DOWN, encoder_widths

Resample = Literal["down", "up"] | None


def conv_resized(x: Tensor, conv: nn.Conv2d, resample: Resample) -> Tensor:
    """A 3x3 convolution followed by 2x2 average pooling ("down"), or preceded by nearest-neighbor upsampling
    ("up").

    Both steps are linear, so one 4x4 kernel with stride 2, made of the same weights, computes the same result
    up to rounding: 16 products instead of 36 for each pixel at the smaller size.
    """
    if resample is None:
        return conv(x)
    # 2x2 means of the zero-padded kernel: a convolution followed by average pooling.
    kernel = F.avg_pool2d(F.pad(conv.weight, (1, 1, 1, 1)), 2, stride=1)
    if resample == "down":
        return F.conv2d(x, kernel, conv.bias, stride=2, padding=1)
    # Upsampling is four times the transpose of average pooling; a transposed convolution flips its kernel.
    return F.conv_transpose2d(x, 4 * kernel.flip(2, 3).transpose(0, 1), conv.bias, stride=2, padding=1)


def resized(x: Tensor, conv: nn.Module, resample: Resample) -> Tensor:
    """A 1x1 shortcut with the same resizing; the two commute, so the shortcut runs at the smaller size."""
    if resample == "up":
        return F.interpolate(conv(x), scale_factor=2.0, mode="nearest")
    return conv(F.avg_pool2d(x, 2) if resample == "down" else x)


class AdaINBlock(nn.Module):
    """Residual block with AdaIN before each activation; residual sum / sqrt(2).

    (B, inputs, H, W) -> (B, outputs, H', W') with H' = H / 2, 2 H or H. Encoder blocks widen at the second
    convolution and have affine norms; decoder blocks narrow at the first.
    """

    def __init__(self, inputs: int, outputs: int, code_size: int, resample: Resample, encoder: bool):
        super().__init__()
        middle = inputs if encoder else outputs
        self.resample = resample
        self.norm1 = AdaIN(inputs, code_size, affine=encoder)
        self.conv1 = nn.Conv2d(inputs, middle, 3, padding=1)
        self.norm2 = AdaIN(middle, code_size, affine=encoder)
        self.conv2 = nn.Conv2d(middle, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, code: Tensor | None = None) -> Tensor:
        h = F.leaky_relu(self.norm1(x, code), SLOPE)
        h = conv_resized(h, self.conv1, self.resample)
        h = self.conv2(F.leaky_relu(self.norm2(h, code), SLOPE))
        return (h + resized(x, self.shortcut, self.resample)) / math.sqrt(2)


class DownBlock(nn.Module):
    """Residual down block without normalization: (B, inputs, H, W) -> (B, outputs, H/2, W/2)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, inputs, 3, padding=1)
        self.conv2 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = conv_resized(F.leaky_relu(x, SLOPE), self.conv1, "down")
        h = self.conv2(F.leaky_relu(h, SLOPE))
        return (h + resized(x, self.shortcut, "down")) / math.sqrt(2)


class DownTrunk(nn.Module):
    """The trunk of the style encoder and of the discriminator: (B, 1, S, S) -> (B, features).

    Six residual down blocks reduce S to S / 64; one convolution covers what is left.
    """

    def __init__(self, canvas: int, width: int, max_width: int):
        super().__init__()
        widths = encoder_widths(width, max_width, TRUNK_DOWN)
        self.features = widths[-1]
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),
            *(DownBlock(a, b) for a, b in pairwise(widths)),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(widths[-1], widths[-1], canvas // 2**TRUNK_DOWN),
            nn.LeakyReLU(SLOPE),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).flatten(1)

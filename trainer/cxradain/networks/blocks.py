"""Pre-activation residual blocks of the generator, the style encoder and the discriminator."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from .adain import AdaIN

Resample = Literal["down", "up"] | None

SLOPE = 0.2


def resize(x: Tensor, resample: Resample) -> Tensor:
    """Halve by averaging, double by repeating, or leave as it is."""
    if resample == "down":
        return F.avg_pool2d(x, 2)
    if resample == "up":
        return F.interpolate(x, scale_factor=2.0, mode="nearest")
    return x


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
        up = self.resample if self.resample == "up" else None
        down = self.resample if self.resample == "down" else None
        h = F.leaky_relu(self.norm1(x, code), SLOPE)
        h = resize(self.conv1(resize(h, up)), down)
        h = self.conv2(F.leaky_relu(self.norm2(h, code), SLOPE))
        # The 1x1 shortcut commutes with both resizings: it runs at the smaller size.
        side = resize(self.shortcut(x), up) if up else self.shortcut(resize(x, down))
        return (h + side) / math.sqrt(2)


class DownBlock(nn.Module):
    """Residual down block without normalization: (B, inputs, H, W) -> (B, outputs, H/2, W/2)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, inputs, 3, padding=1)
        self.conv2 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = F.avg_pool2d(self.conv1(F.leaky_relu(x, SLOPE)), 2)
        h = self.conv2(F.leaky_relu(h, SLOPE))
        return (h + self.shortcut(F.avg_pool2d(x, 2))) / math.sqrt(2)


class DownTrunk(nn.Module):
    """What style encoder and discriminator share in design: (B, 1, S, S) -> (B, features).

    Six residual down blocks take S to S / 64, where one convolution covers what is left.
    """

    BLOCKS = 6

    def __init__(self, canvas: int, width: int, max_width: int):
        super().__init__()
        widths = [min(width * 2**i, max_width) for i in range(self.BLOCKS + 1)]
        self.features = widths[-1]
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),
            *(DownBlock(a, b) for a, b in pairwise(widths)),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(widths[-1], widths[-1], canvas // 2**self.BLOCKS),
            nn.LeakyReLU(SLOPE),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).flatten(1)

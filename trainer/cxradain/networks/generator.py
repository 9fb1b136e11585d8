"""The generator: one encoder, one decoder, an image head and a mask head (section 3.1, figure 2).

Only the codes choose the task of a pass; `models.tasks` has the table.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from .adain import AdaIN
from .blocks import AdaINBlock
from .design import BOTTLENECK, EPSILON, SLOPE, encoder_widths


class Head(nn.Module):
    """Instance norm, LeakyReLU and a 1x1 convolution: (B, width, H, W) -> (B, outputs, H, W)."""

    def __init__(self, width: int, outputs: int):
        super().__init__()
        self.norm = nn.InstanceNorm2d(width, eps=EPSILON, affine=True)
        self.activation = nn.LeakyReLU(SLOPE)
        self.conv = nn.Conv2d(width, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.activation(self.norm(x)))


class Generator(nn.Module):
    """Encoder (4 down blocks, 2 at the bottleneck) and its mirrored decoder; no skip connections.

    Args:
        width, max_width: channels at full size, and the limit up to which each halving doubles them.
        classes: channels of the mask, background included.
        code_size: length of an AdaIN code.
    """

    def __init__(self, width: int, max_width: int, classes: int, code_size: int):
        super().__init__()
        widths = encoder_widths(width, max_width)
        deep = widths[-1]
        self.from_image = nn.Conv2d(1, width, 3, padding=1)
        self.encoder = nn.ModuleList(
            [AdaINBlock(a, b, code_size, "down", True) for a, b in pairwise(widths)]
            + [AdaINBlock(deep, deep, code_size, None, True) for _ in range(BOTTLENECK)]
        )
        self.decoder = nn.ModuleList(
            [AdaINBlock(deep, deep, code_size, None, False) for _ in range(BOTTLENECK)]
            + [AdaINBlock(a, b, code_size, "up", False) for a, b in pairwise(widths[::-1])]
        )
        self.to_image = Head(width, 1)
        self.to_mask = Head(width, classes)

    def encode(self, x: Tensor, code: Tensor | None = None) -> Tensor:
        """Image (B, 1, H, W) in -1..1 -> features (B, deep, H/16, W/16).

        code: (B, code_size), or None for the encoder's own instance norm. H and W are multiples of 16.
        """
        h = self.from_image(x)
        for block in self.encoder:
            h = block(h, code)
        return h

    def decode(self, features: Tensor, code: Tensor | None = None) -> Tensor:
        """Features -> (B, width, H, W). code: (B, code_size), or None for scale 1 and shift 0."""
        for block in self.decoder:
            features = block(features, code)
        return features

    def image(self, features: Tensor, code: Tensor) -> Tensor:
        """The second half of domain adaptation: features -> image (B, 1, H, W) in the style of the code."""
        return self.to_image(self.decode(features, code))

    def mask(self, features: Tensor) -> Tensor:
        """The second half of segmentation: features -> mask logits (B, classes, H, W), with the constant
        code."""
        return self.to_mask(self.decode(features))


def start_student_from_direct(generator: Generator) -> None:
    """Set the encoder's code layers so that every code gives the scales and shifts of the direct path."""
    for layer in generator.encoder.modules():
        if isinstance(layer, AdaIN):
            with torch.no_grad():
                layer.code_to_affine.weight.zero_()
                layer.code_to_affine.bias.copy_(torch.cat([layer.scale - 1, layer.shift], dim=1)[0])

"""Adaptive instance normalization, by which a code switches the generator's task (section 3.1)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .design import EPSILON


def instance_norm(x: Tensor, scale: Tensor, shift: Tensor, eps: float = EPSILON) -> Tensor:
    """scale * (x - mean) / std + shift, with mean and std over each channel of each image.

    x: (B, C, H, W); scale, shift: (B, C) or (1, C). Folding the batch into the channels lets one fused kernel
        normalize, scale and shift in a single pass, each image with its own scale and shift.
    """
    batch, channels, height, width = x.shape
    folded = F.batch_norm(
        x.reshape(1, batch * channels, height, width),
        None,
        None,
        weight=scale.expand(batch, -1).reshape(-1),
        bias=shift.expand(batch, -1).reshape(-1),
        training=True,
        eps=eps,
    )
    return folded.view(batch, channels, height, width)


class AdaIN(nn.Module):
    """Instance norm whose scale and shift come from a code: out = (1 + gamma) * instance_norm(x) + beta.

    (gamma, beta) is an affine map of the code. Without a code the layer is plain instance norm: with learned
    scale and shift if `affine` (the encoder's layers), else with scale 1 and shift 0.
    """

    def __init__(self, channels: int, code_size: int, affine: bool = False):
        super().__init__()
        self.code_to_affine = nn.Linear(code_size, 2 * channels)
        self.scale = nn.Parameter(torch.ones(1, channels), requires_grad=affine)
        self.shift = nn.Parameter(torch.zeros(1, channels), requires_grad=affine)
        # Start near plain instance norm, so that a short training begins from a usable student.
        nn.init.normal_(self.code_to_affine.weight, std=0.02)
        nn.init.zeros_(self.code_to_affine.bias)

    def forward(self, x: Tensor, code: Tensor | None = None) -> Tensor:
        """x: (B, C, H, W); code: (B, code_size), (1, code_size) or None for the constant code."""
        if code is None:
            return instance_norm(x, self.scale, self.shift)
        gamma, beta = self.code_to_affine(code).float().chunk(2, dim=1)
        return instance_norm(x, 1 + gamma, beta)

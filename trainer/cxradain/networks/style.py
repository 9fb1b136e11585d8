"""Where AdaIN codes come from: a reference image (style encoder S) or a latent (AdaIN code generator F)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from .blocks import DownTrunk
from .design import CODE_LAYERS


def apply_domain_heads(heads: nn.ModuleList, features: Tensor, domain: Tensor) -> Tensor:
    """Apply to each image the head of its domain: features (B, n) and integer domain (B,) -> (B, m)."""
    outputs = torch.stack([head(features) for head in heads], dim=1)
    return outputs[torch.arange(len(domain), device=domain.device), domain]


class StyleEncoder(nn.Module):
    """S(reference, domain): image (B, 1, S, S) in -1..1 and domain (B,) -> code (B, code_size)."""

    def __init__(self, canvas: int, width: int, max_width: int, domains: int, code_size: int):
        super().__init__()
        self.trunk = DownTrunk(canvas, width, max_width)
        self.heads = nn.ModuleList(nn.Linear(self.trunk.features, code_size) for _ in range(domains))

    def forward(self, image: Tensor, domain: Tensor) -> Tensor:
        return apply_domain_heads(self.heads, self.trunk(image), domain)


class CodeGenerator(nn.Module):
    """F(z, domain), the mapping network: latent (B, latent_size) and domain (B,) -> code (B, code_size).

    Four shared layers, then four layers for each domain. There is one domain more than image domains, for the
    student's "self" code.
    """

    def __init__(self, latent_size: int, hidden: int, domains: int, code_size: int):
        super().__init__()
        self.shared = self._layers([latent_size] + [hidden] * CODE_LAYERS)
        self.heads = nn.ModuleList(
            self._layers([hidden] * CODE_LAYERS).append(nn.Linear(hidden, code_size)) for _ in range(domains)
        )

    @staticmethod
    def _layers(sizes: list[int]) -> nn.Sequential:
        layers = [nn.Sequential(nn.Linear(a, b), nn.ReLU()) for a, b in pairwise(sizes)]
        return nn.Sequential(*layers)

    def forward(self, latent: Tensor, domain: Tensor) -> Tensor:
        return apply_domain_heads(self.heads, self.shared(latent), domain)

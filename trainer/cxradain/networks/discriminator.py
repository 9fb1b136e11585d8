"""The multi-domain discriminator: is this a real image of that domain?"""

from __future__ import annotations

from torch import Tensor, nn

from .blocks import DownTrunk
from .style import apply_domain_heads


class Discriminator(nn.Module):
    """Image (B, 1, S, S) in -1..1 and domain (B,) -> logit (B,), positive for a real image."""

    def __init__(self, canvas: int, width: int, max_width: int, domains: int):
        super().__init__()
        self.trunk = DownTrunk(canvas, width, max_width)
        self.heads = nn.ModuleList(nn.Linear(self.trunk.features, 1) for _ in range(domains))

    def forward(self, image: Tensor, domain: Tensor) -> Tensor:
        return apply_domain_heads(self.heads, self.trunk(image), domain).squeeze(1)

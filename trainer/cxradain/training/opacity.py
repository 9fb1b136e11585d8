"""Simulated opacities (consolidation, effusion, collapse) over lungs whose outlines are known. Not in the
paper.

Plain networks under-segment because an opaque lung looks like "not lung". An opacity painted over a labelled
lung shows them this look with a true mask.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def smooth_noise(count: int, grid: int, size: int, generator: torch.Generator) -> Tensor:
    """Smooth random fields (count, 1, size, size), about standard normal, with `grid` cells per side."""
    coarse = torch.randn(count, 1, grid, grid, generator=generator)
    return F.interpolate(coarse, size=(size, size), mode="bicubic", align_corners=False)


def lung_masks(labels: Tensor) -> Tensor:
    """Labels (B, S, S) -> right and left lung (B, 2, S, S) of 0 and 1."""
    return torch.stack([labels == 1, labels == 2], dim=1).float()


def simulate_opacity(image: Tensor, lungs: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Brighten parts of the lungs toward soft tissue.

    Args:
        image: (B, 1, S, S) in -1..1.
        lungs: (B, 2, S, S) in 0..1, right and left lung (labels, or a teacher's probabilities).
        probability: of an opacity, for each lung.
        generator: source of all randomness, on the CPU.

    Returns:
        (B, 1, S, S) in -1..1. Each chosen lung gets a patchy, a basal (rising from the base, like an
        effusion) or a whole-lung opacity of random strength, with a blurred edge.
    """
    batch, _, size, _ = image.shape
    device = image.device

    def uniform(low: float, high: float) -> Tensor:
        values = low + (high - low) * torch.rand(batch, 2, 1, 1, generator=generator)
        return values.to(device)

    patches = torch.cat([smooth_noise(batch, grid, size, generator) for grid in (5, 9)], dim=1).to(device)
    patches = patches[:, torch.randperm(2, generator=generator)]
    patchy = torch.sigmoid(6 * (patches - uniform(-0.6, 0.8)))

    # Height above the base, 0 at a lung's lowest row and 1 at its highest, with a wavy level.
    rows = torch.linspace(1, 0, size, device=device).view(1, 1, size, 1)
    inside = lungs > 0.5
    base = torch.where(inside, rows, torch.inf).amin((2, 3), keepdim=True)
    apex = torch.where(inside, rows, -torch.inf).amax((2, 3), keepdim=True)
    height = (rows - base.nan_to_num(posinf=0)) / (apex - base).clamp(min=1e-3).nan_to_num(1.0, 1.0, 1.0)
    wave = 0.1 * smooth_noise(batch, 4, size, generator).to(device)
    basal = torch.sigmoid(25 * (uniform(0.1, 0.8) - height + wave))

    kind = torch.rand(batch, 2, 1, 1, generator=generator).to(device)
    shape = torch.where(kind < 0.5, patchy, torch.where(kind < 0.85, basal, torch.ones_like(patchy)))
    chosen = (torch.rand(batch, 2, 1, 1, generator=generator) < probability).to(device)
    strength = uniform(0.4, 1.0)
    opacity = (shape * strength * chosen * lungs).sum(1, keepdim=True).clamp(0, 1)
    opacity = F.avg_pool2d(F.pad(opacity, (2, 2, 2, 2), mode="replicate"), 5, stride=1)

    # Soft tissue: brighter than most of the image, with its own texture.
    flat = image.flatten(2)
    low, high = flat.mean(2), flat.quantile(0.9, dim=2)
    level = low + (high - low) * (0.5 + 0.65 * torch.rand(batch, 1, generator=generator).to(device))
    texture = 0.06 * smooth_noise(batch, size // 4, size, generator).to(device)
    tissue = level.view(batch, 1, 1, 1) + texture
    # An opacity never darkens: pixels brighter than the tissue stay.
    return torch.lerp(image, torch.maximum(tissue, image), opacity).clamp(-1, 1)

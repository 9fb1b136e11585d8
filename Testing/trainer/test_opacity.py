"""Simulated opacities: over the lungs, never darker, the same for the same seed."""

import pytest
import torch
from cxradain.training.checkpoint import seeded
from cxradain.training.opacity import simulate_opacity


@pytest.fixture
def chest() -> tuple[torch.Tensor, torch.Tensor]:
    """Four dark-lunged images (4, 1, 64, 64) and their lungs (4, 2, 64, 64)."""
    lungs = torch.zeros(4, 2, 64, 64)
    lungs[:, 0, 12:50, 8:26], lungs[:, 1, 12:50, 38:56] = 1, 1
    image = 0.4 - 1.1 * lungs.sum(1, keepdim=True) + 0.05 * torch.randn(4, 1, 64, 64, generator=seeded(1))
    return image.clamp(-1, 1), lungs


def test_opacities_brighten_lungs_and_leave_the_rest(chest):
    image, lungs = chest
    opaque = simulate_opacity(image, lungs, 1.0, seeded(2))
    assert opaque.shape == image.shape and opaque.min() >= -1 and opaque.max() <= 1
    assert (opaque >= image - 1e-6).all()
    touched = (opaque - image) * lungs
    assert (touched.sum((2, 3)) > 0).all()
    far = torch.nn.functional.max_pool2d(lungs.amax(1, keepdim=True), 7, 1, 3) == 0
    assert torch.equal(opaque[far], image[far])


def test_opaque_lungs_come_near_soft_tissue(chest):
    image, lungs = chest
    inside = lungs.amax(1, keepdim=True) > 0
    means = [simulate_opacity(image, lungs, 1.0, seeded(s))[inside].mean() for s in range(8)]
    assert max(means) > image[inside].mean() + 0.4


def test_the_same_seed_gives_the_same_opacities(chest):
    a, b, c = (simulate_opacity(*chest, 0.7, seeded(s)) for s in (5, 5, 6))
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_probability_zero_leaves_the_image(chest):
    assert torch.equal(simulate_opacity(*chest, 0.0, seeded(2)), chest[0])


def test_without_lungs_nothing_happens(chest):
    image, lungs = chest
    assert torch.equal(simulate_opacity(image, torch.zeros_like(lungs), 1.0, seeded(2)), image)

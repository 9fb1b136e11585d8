"""The networks computed step by step as the paper writes them: the benchmarks' baseline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch.nn.functional as F
from torch import Tensor, nn


def plain_instance_norm(x: Tensor, scale: Tensor, shift: Tensor, eps: float = 1e-5) -> Tensor:
    """AdaIN in two steps: normalize, then scale and shift."""
    return scale[:, :, None, None] * F.instance_norm(x, eps=eps) + shift[:, :, None, None]


def plain_conv_resized(x: Tensor, conv: nn.Conv2d, resample: str | None) -> Tensor:
    """A convolution at the larger size, with average pooling after it or nearest upsampling before it."""
    if resample == "up":
        return conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
    return F.avg_pool2d(conv(x), 2) if resample == "down" else conv(x)


@contextmanager
def plain_passes() -> Iterator[None]:
    """A context in which the networks compute without fused kernels."""
    with (
        patch("cxradain.networks.adain.instance_norm", plain_instance_norm),
        patch("cxradain.networks.blocks.conv_resized", plain_conv_resized),
    ):
        yield

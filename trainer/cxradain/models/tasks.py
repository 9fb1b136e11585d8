"""The three tasks of the one generator, which differ in AdaIN codes alone (section 3.1, table of method.md).

| task         | encoder norm                  | decoder norm                    | head  |
|--------------|-------------------------------|---------------------------------|-------|
| adaptation   | instance norm (affine)        | AdaIN, code of the target style | image |
| segmentation | instance norm (affine)        | constant code: scale 1, shift 0 | mask  |
| student      | AdaIN, the learned self code  | constant code: scale 1, shift 0 | mask  |

The teacher is no fourth task: it is adaptation to the normal domain, then segmentation.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

    from ..networks.generator import Generator

Mode = Literal["student", "teacher", "direct"]
MODES: tuple[Mode, ...] = ("student", "teacher", "direct")


class Domain(IntEnum):
    """Looks that a code can stand for. Images are of the first two; SELF is the student's own code."""

    ABNORMAL = 0
    NORMAL = 1
    SELF = 2


IMAGE_DOMAINS = 2


def adapt(generator: Generator, image: Tensor, style: Tensor) -> Tensor:
    """Image (B, 1, H, W) -> the same chest in the style's domain (B, 1, H, W)."""
    return generator.image(generator.encode(image), style)


def segment(generator: Generator, image: Tensor) -> Tensor:
    """Image of a normal chest (B, 1, H, W) -> mask logits (B, classes, H, W)."""
    return generator.mask(generator.encode(image))


def segment_as_student(generator: Generator, image: Tensor, self_code: Tensor) -> Tensor:
    """Image of any chest (B, 1, H, W) -> mask logits (B, classes, H, W), in one pass."""
    return generator.mask(generator.encode(image, self_code))

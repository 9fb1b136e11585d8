"""The three tasks of the one generator, which differ only in their AdaIN codes (section 3.1).

| task         | encoder norm                  | decoder norm                    | head  |
|--------------|-------------------------------|---------------------------------|-------|
| adaptation   | instance norm (affine)        | AdaIN, code of the target style | image |
| segmentation | instance norm (affine)        | constant code: scale 1, shift 0 | mask  |
| student      | AdaIN, the learned self code  | constant code: scale 1, shift 0 | mask  |

The teacher is not a fourth task but adaptation to the normal domain followed by segmentation.
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
    """The domains of AdaIN codes: two image domains, and SELF, the student's own code."""

    ABNORMAL = 0
    NORMAL = 1
    SELF = 2


IMAGE_DOMAINS = 2


def adapt(generator: Generator, image: Tensor, style: Tensor) -> Tensor:
    """Domain adaptation: image (B, 1, H, W) in -1..1, style code (B, code_size) -> image (B, 1, H, W)."""
    return generator.image(generator.encode(image), style)


def segment(generator: Generator, image: Tensor) -> Tensor:
    """Segmentation: image of a normal chest (B, 1, H, W) in -1..1 -> mask logits (B, classes, H, W)."""
    return generator.mask(generator.encode(image))


def segment_as_student(generator: Generator, image: Tensor, self_code: Tensor) -> Tensor:
    """The student: image of any chest (B, 1, H, W) in -1..1 -> mask logits (B, classes, H, W), in one
    pass."""
    return generator.mask(generator.encode(image, self_code))

"""Random augmentation (MONAI): geometry of image and labels, intensity of the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from monai.data import set_track_meta
from monai.transforms import (
    Compose,
    OneOf,
    RandAdjustContrast,
    RandAffined,
    RandBiasField,
    RandGaussianNoise,
    RandGaussianSharpen,
    RandGaussianSmooth,
    RandHistogramShift,
    ScaleIntensity,
)

IMAGE = "image"
LABELS = "labels"


@dataclass(frozen=True)
class View:
    """An image (H, W) in 0..1, with its labels (H, W) if there are any."""

    image: np.ndarray
    labels: np.ndarray | None

    def crop(self, rows: slice, columns: slice) -> View:
        """The part within these rows and columns."""
        labels = None if self.labels is None else self.labels[rows, columns]
        return View(self.image[rows, columns], labels)


class Augmentation:
    """Random transforms on a canvas (S, S), the same for the same seed."""

    def __init__(self, size: int):
        set_track_meta(False)  # there are no file headers to track, and it is a third faster
        shift = 0.08 * size
        self._geometry = RandAffined(
            keys=(IMAGE, LABELS),
            prob=1.0,
            rotate_range=0.2,
            shear_range=0.1,
            scale_range=((-0.25, 0.2), (-0.25, 0.2)),
            translate_range=(shift, shift),
            mode=("bilinear", "nearest"),
            padding_mode="zeros",
            allow_missing_keys=True,
        )
        self._intensity = Compose(
            [
                RandAdjustContrast(prob=0.6, gamma=(0.5, 2.0)),
                RandHistogramShift(num_control_points=(5, 10), prob=0.3),
                RandBiasField(degree=2, coeff_range=(0.0, 0.3), prob=0.2),
                ScaleIntensity(),
                OneOf([RandGaussianSmooth(prob=0.4), RandGaussianSharpen(prob=0.4)]),
                RandGaussianNoise(prob=0.4, std=0.05),
            ]
        )

    def geometry(self, view: View, seed: int) -> View:
        """A random affine transform of image and labels, padded with 0."""
        self._geometry.set_random_state(seed)
        data: Any = {IMAGE: torch.from_numpy(view.image).unsqueeze(0)}
        if view.labels is not None:
            data[LABELS] = view.labels[np.newaxis]
        moved = {name: np.asarray(value)[0] for name, value in self._geometry(data).items()}
        labels = None if view.labels is None else moved[LABELS].round().astype(np.uint8)
        return View(moved[IMAGE].clip(0, 1), labels)

    def intensity(self, image: np.ndarray, seed: int) -> np.ndarray:
        """Random exposure, processing and noise of an image (S, S) in 0..1."""
        self._intensity.set_random_state(seed)
        return np.asarray(self._intensity(torch.from_numpy(image).unsqueeze(0)))[0].clip(0, 1)

"""Random views of a radiograph (MONAI): geometry for image and mask, intensity for the image alone."""

from __future__ import annotations

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


class Augmentation:
    """Views of images 0..1, (1, S, S), with labels (1, S, S); the same for the same seed."""

    def __init__(self, size: int):
        set_track_meta(False)  # no file headers to carry along here, and it is a third faster
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

    def geometry(
        self, image: torch.Tensor, labels: np.ndarray | None, seed: int
    ) -> tuple[torch.Tensor, np.ndarray | None]:
        """One random affine map of image (1, S, S) and labels (S, S); what enters from outside is 0."""
        self._geometry.set_random_state(seed)
        data: Any = {IMAGE: image} if labels is None else {IMAGE: image, LABELS: labels[np.newaxis]}
        moved = self._geometry(data)
        moved_labels = None if labels is None else np.asarray(moved[LABELS])[0].round().astype(np.uint8)
        return torch.as_tensor(np.asarray(moved[IMAGE])).clamp(0, 1), moved_labels

    def intensity(self, image: torch.Tensor, seed: int) -> torch.Tensor:
        """Another exposure, processing and noise of the same chest; (1, S, S) in 0..1."""
        self._intensity.set_random_state(seed)
        return torch.as_tensor(np.asarray(self._intensity(image))).clamp(0, 1)

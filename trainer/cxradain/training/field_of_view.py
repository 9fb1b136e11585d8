"""Other fields of view: cropped edges, and an adult's abdomen below a child's chest. Not in the paper.

The labelled radiographs end just below the lungs, so a network trained on them takes stomach gas and bowel
for lung. Here it sees the abdomen as background, and lungs at other heights in the image.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..datasets import DatasetImage
from ..imaging.image_data import bounding_box
from ..imaging.letterbox import Letterbox
from ..imaging.lungs import RIGHT, most_probable_labels
from ..imaging.radiograph import RadiographError, read_radiograph
from ..models.segmenter import Segmenter
from .augmentation import View

CHILDREN = "kermany"  # the cohort whose radiographs end just below the lungs
BELOW = 0.05  # of the height: how far below the right lung's base an abdomen begins
LEAST_HEIGHT = 0.06  # of the height: the least height of a strip worth pasting
CROP = {"top": 0.06, "bottom": 0.15, "left": 0.06, "right": 0.06}  # largest crops, as shares of a side
SEAM = 6  # rows over which chest and abdomen blend into each other


class FieldOfView:
    """Changes the field of view of an image on the canvas, and letterboxes it again.

    Args:
        crop: probability that edges are cropped, the lower one by up to 15 % of the height.
        abdomen: probability that an abdomen is pasted below a labelled image.
        abdomens: strips (h, w) in 0..1 to choose from (`find_abdomens`).
    """

    def __init__(self, crop: float, abdomen: float, abdomens: Sequence[np.ndarray] = ()):
        self.crop, self.abdomen, self.abdomens = crop, abdomen, abdomens

    def __call__(self, view: View, seed: int, paste: bool = True) -> View:
        """A view on a canvas (S, S), changed at random; the same for the same seed.

        paste: whether an abdomen may be pasted below the chest, if it has labels.
        """
        random = np.random.default_rng([seed, 1])
        cut, chosen = random.random() < self.crop, random.random() < self.abdomen
        paste = paste and chosen and view.labels is not None and len(self.abdomens) > 0
        if not (cut or paste):
            return view
        size = len(view.image)
        view = view.crop(*bounding_box(view.image))  # without the black borders of its letterbox
        if paste:
            view = _with_abdomen(view, self.abdomens[int(random.integers(len(self.abdomens)))], random)
        if cut:
            view = _cropped(view, random)
        box = Letterbox(view.image.shape, size)
        labels = None if view.labels is None else box.labels_to_canvas(view.labels)
        return View(box.to_canvas(view.image), labels)


def find_abdomens(segmenter: Segmenter, cases: Sequence[DatasetImage]) -> dict[str, np.ndarray]:
    """By id, strips (h, w) float32 in 0..1, at the scale of the canvas, of the image below the lungs.

    A strip begins 5 % of the height below the lowest row of the right lung in the model's mask, as the left
    one may wrongly include stomach gas. Images that show too little below, or cannot be read, give none.
    """
    strips = {}
    for case in cases:
        try:
            radiograph = read_radiograph(case.image).upright()
            box = radiograph.letterbox(segmenter.canvas)
            image = box.to_canvas(radiograph.intensities())[box.content]
            probability = segmenter.predict(radiograph, quality=False).canvas_probability
            lungs = most_probable_labels(probability)[box.content]
        except (RadiographError, OSError):
            continue
        rows = np.flatnonzero((lungs == RIGHT).any(1))
        if not len(rows):
            continue
        first = int(rows[-1] + 1 + BELOW * len(image))
        if len(image) - first >= LEAST_HEIGHT * len(image):
            strips[case.id] = image[first:]
    return strips


def _cropped(view: View, random: np.random.Generator) -> View:
    height, width = view.image.shape
    top, bottom, left, right = (share * random.random() for share in CROP.values())
    return view.crop(
        slice(int(top * height), height - int(bottom * height)),
        slice(int(left * width), width - int(right * width)),
    )


def _with_abdomen(view: View, strip: np.ndarray, random: np.random.Generator) -> View:
    """The view with a strip pasted below, at the chest's width and with the gray levels of its lowest rows;
    its labels are 0."""
    assert view.labels is not None
    height, width = view.image.shape
    scaled = Letterbox(strip.shape, round(max(strip.shape) * width / strip.shape[1]))
    strip = scaled.to_canvas(strip)[scaled.content][: int(height * random.uniform(0.1, 0.4))]
    if random.random() < 0.5:
        strip = strip[:, ::-1]
    columns = np.minimum(np.arange(width), strip.shape[1] - 1)
    strip = strip[:, columns]
    chest, top = view.image[-max(SEAM, height // 10) :], strip[: max(SEAM, height // 10)]
    gain = np.clip(chest.std() / max(float(top.std()), 1e-3), 0.5, 2.0)
    strip = np.clip((strip - top.mean()) * gain + chest.mean(), 0, 1)
    rows = min(SEAM, len(strip), height)
    weight = np.linspace(0, 1, rows + 2)[1:-1, np.newaxis]
    seam = (1 - weight) * view.image[-rows:] + weight * strip[:rows]
    image = np.concatenate([view.image[:-rows], seam, strip[rows:]]).astype(np.float32)
    padding = np.zeros((len(image) - height, width), view.labels.dtype)
    return View(image, np.concatenate([view.labels, padding]))

"""Other fields of view: labels follow the image, an abdomen is background, and off means unchanged."""

import numpy as np
import pytest
from cxradain.datasets import DatasetImage
from cxradain.models.segmenter import Segmenter
from cxradain.training.augmentation import View
from cxradain.training.field_of_view import FieldOfView, find_abdomens
from PIL import Image
from training_data import SAMPLES

SIZE = 64


@pytest.fixture
def view() -> View:
    """A canvas whose lungs, and nothing else, are bright."""
    labels = np.zeros((SIZE, SIZE), np.uint8)
    labels[8:50, 8:28], labels[8:50, 36:56] = 1, 2
    return View(np.where(labels > 0, 0.8, 0.2).astype(np.float32), labels)


def same(a: View, b: View) -> bool:
    return np.array_equal(a.image, b.image) and np.array_equal(a.labels, b.labels)


def test_cropping_moves_labels_with_the_image(view):
    cropped = [FieldOfView(1.0, 0.0)(view, seed) for seed in range(8)]
    assert not any(same(one, view) for one in cropped)
    for one in cropped:
        assert one.image.shape == one.labels.shape == (SIZE, SIZE)
        inside = one.labels > 0
        assert np.mean((one.image > 0.5) == inside) > 0.95
        assert {1, 2} <= set(np.unique(one.labels))


def test_an_abdomen_is_background_below_whole_lungs(view):
    strip = np.random.default_rng(0).random((20, 50)).astype(np.float32)
    pasted = FieldOfView(0.0, 1.0, [strip])(view, 3)
    before, after = (np.flatnonzero((v.labels > 0).any(1)) for v in (view, pasted))
    assert after[-1] < before[-1], "the lungs end higher in the image"
    assert pasted.image[after[-1] + 4 :].std() > 0.05, "and below them there is something"
    assert not pasted.labels[after[-1] + 1 :].any()
    ratio = (pasted.labels == 1).sum() / (pasted.labels == 2).sum()
    assert ratio == pytest.approx(1, abs=0.15), "no lung was cut off"


def test_the_same_seed_gives_the_same_view_and_none_without_chance(view):
    strips = [np.full((20, 50), level, np.float32) for level in (0.2, 0.9)]
    change = FieldOfView(0.5, 0.5, strips)
    assert all(same(change(view, seed), change(view, seed)) for seed in range(6))
    assert same(FieldOfView(0.0, 0.0, strips)(view, 1), view)
    unlabelled = View(view.image, None)
    assert FieldOfView(0.0, 1.0, strips)(unlabelled, 1) is unlabelled


def test_abdomens_begin_below_the_lungs_and_bad_files_give_none(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    paths = [*sorted(SAMPLES.glob("v7cohen__*.jpg")), tmp_path / "bad.png"]
    chosen = [DatasetImage(path.stem, "", "v7cohen", path.stem, path, None, False) for path in paths]
    strips = find_abdomens(Segmenter(device="cpu"), chosen).values()
    assert len(strips) < len(paths)
    for strip in strips:
        assert 0 <= strip.min() <= strip.max() <= 1
        assert len(strip) < 0.5 * strip.shape[1]


def test_the_abdomen_of_a_turned_file_is_that_of_the_upright_chest(tmp_path):
    path = sorted(SAMPLES.glob("v7cohen__*.jpg"))[0]
    chest = Image.open(path).convert("L")
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    chest.save(tmp_path / "upright.png")
    chest.transpose(Image.Transpose.ROTATE_180).save(tmp_path / "turned.png", exif=exif)
    cases = [
        DatasetImage(name, "", "v7cohen", name, tmp_path / f"{name}.png", None, False)
        for name in ("upright", "turned")
    ]
    strips = find_abdomens(Segmenter(device="cpu"), cases)
    np.testing.assert_array_equal(strips["turned"], strips["upright"])

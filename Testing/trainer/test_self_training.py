"""Self-training: pseudo-labels where teachers agree, none elsewhere, and a student that learns from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from cxradain.datasets import DatasetImage
from cxradain.models.devices import CanvasPrediction
from cxradain.models.model import average_models, load_model, save_model
from cxradain.models.tasks import Domain, Mode
from cxradain.training import losses, preparation
from cxradain.training.batches import Batches
from cxradain.training.data import TrainingImages
from cxradain.training.losses import UNKNOWN
from cxradain.training.options import REFINE, Stage
from cxradain.training.preparation import prepare_images
from cxradain.training.pseudo_labels import UNSURE, TeacherModel, find_pseudo_labels, pseudo_labels
from PIL import Image
from small_models import save_small_model
from training_data import CANVAS, make_training_folder

SIZE = 64
OPTIONS = replace(REFINE, stages=(Stage("self-training", 4, labelled=2, pseudo_labelled=4),))


@dataclass
class FakeBackend:
    """Gives bright pixels on the left half the right lung, on the right half the left one; `shift` darkens or
    brightens what it sees, `sure` is how probable it finds each class."""

    sure: float = 0.95
    shift: float = 0.0
    canvas: int = SIZE

    def predict(self, images: np.ndarray, mode: Mode, explain: bool) -> list[CanvasPrediction]:
        predictions = []
        for image in images[:, 0]:
            lung = image + self.shift > 0
            columns = np.arange(image.shape[1]) < image.shape[1] / 2
            winners = np.stack([~lung, lung & columns, lung & ~columns])
            probability = np.where(winners, self.sure, (1 - self.sure) / 2).astype(np.float32)
            predictions.append(CanvasPrediction(probability, "fake"))
        return predictions


@dataclass
class FakeSegmenter:
    backend: FakeBackend

    @property
    def canvas(self) -> int:
        return self.backend.canvas


def teacher(**options: float) -> TeacherModel:
    return TeacherModel(FakeSegmenter(FakeBackend(**options)), "direct")  # type: ignore[arg-type]


@pytest.fixture
def chest() -> np.ndarray:
    """Two bright lungs, and a dim spot that only some teachers take for lung."""
    image = np.full((SIZE, 56), 0.1, np.float32)
    image[10:50, 8:24] = image[10:50, 32:48] = 0.9
    image[12:20, 25:31] = 0.4
    return image


def test_agreeing_teachers_label_every_pixel_of_both_lungs_in_place(chest):
    labels = pseudo_labels([teacher(), teacher()], chest)
    inside = np.zeros(chest.shape, bool)
    inside[12:48, 10:22] = True
    assert (labels[inside] == 1).all()
    assert (labels[inside[:, ::-1]] == 2).all()
    assert (labels[:8] == 0).all() and (labels[56:] == 0).all()


def test_what_teachers_disagree_on_is_not_taught(chest):
    labels = pseudo_labels([teacher(), teacher(shift=0.4)], chest)
    assert (labels[13:19, 26:30] == UNSURE).all()
    assert (labels[20:40, 10:22] == 1).all()


def test_unsure_teachers_teach_nothing(chest):
    assert (pseudo_labels([teacher(sure=0.6)], chest) == UNSURE).all()


def test_a_radiograph_that_teachers_see_otherwise_has_no_labels(chest):
    chest[10:50, 24:32] = 0.4  # a fifth of the lungs more for one of them
    assert pseudo_labels([teacher(), teacher(shift=0.4)], chest) is None
    assert pseudo_labels([teacher(shift=-2)], chest) is None, "no lung at all"


def test_an_unreadable_radiograph_is_passed_over(tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    bad = DatasetImage("bad", "", "nih", "p", tmp_path / "bad.png", None, False)
    assert find_pseudo_labels([teacher()], [bad], SIZE) == {}


def test_pseudo_labels_lie_on_the_training_image_of_a_file_that_says_how_it_is_turned(chest, tmp_path):
    noise = np.random.default_rng(0).integers(0, 20, chest.shape)  # a mask has no more than a few values
    stored = Image.fromarray(np.uint8(230 * chest + noise))
    exif = Image.Exif()
    exif[0x0112] = 6  # the first row is the right side
    stored.save(tmp_path / "turned.png", exif=exif)
    stored.transpose(Image.Transpose.ROTATE_270).save(tmp_path / "upright.png")
    upright, turned = (
        DatasetImage(name, "", "nih", "p", tmp_path / f"{name}.png", None, False)
        for name in ("upright", "turned")
    )
    labels = find_pseudo_labels([teacher()], [upright, turned], SIZE)
    np.testing.assert_array_equal(labels["turned"], labels["upright"])


@pytest.fixture
def folder(tmp_path) -> Path:
    return make_training_folder(tmp_path / "cxr", None)


def with_pseudo_labels(folder: Path, abnormal_labels: bool = False) -> TrainingImages:
    """Labels for all unlabelled images: right lung above, left below, and an unsure stripe between."""
    images = TrainingImages(folder, CANVAS, abnormal_labels)
    labels = np.zeros((CANVAS, CANVAS), np.uint8)
    labels[:28], labels[28:36], labels[36:] = 1, UNSURE, 2
    images.pseudo_labels = {case.id: labels for of in images.unlabelled.values() for case in of}
    return images


def test_pseudo_labels_reach_a_batch_with_the_unsure_pixels_unknown(folder):
    images = with_pseudo_labels(folder)
    plain = replace(OPTIONS, augment=False, crop_probability=0.0, abdomen_probability=0.0)
    batch = Batches(images, plain, 0)[0]
    assert batch["pseudo_labelled"].shape == (4, 1, CANVAS, CANVAS)
    labels = batch["pseudo_labels"]
    assert (labels[:, 28:36] == UNKNOWN).all()
    assert (labels[:, :28] == 1).all() and (labels[:, 36:] == 2).all()
    moved = Batches(images, OPTIONS, 0)[0]["pseudo_labels"]
    assert set(moved.unique().tolist()) <= {UNKNOWN, 0, 1, 2}
    assert not torch.equal(moved, labels), "labels follow the augmented image"


def test_hard_images_come_as_often_as_asked_for(folder):
    images = with_pseudo_labels(folder)
    ordinary = next(iter(images.pseudo_labels.values()))
    hard = next(case.id for case in images.unlabelled[Domain.ABNORMAL] if case.source == "nih_pneumonia")
    images.pseudo_labels = {**images.pseudo_labels, hard: np.where(ordinary == 1, UNSURE, ordinary)}
    load, seen = images.load, []
    images.load = lambda case, with_labels: (seen.append(case), load(case, with_labels))[1]

    def share(probability: float) -> float:
        """Of the images of the hard one's source: the share of draws that gave it."""
        batches = Batches(images, replace(OPTIONS, hard_probability=probability), 0)
        seen.clear()
        for step in range(30):
            batches[step]
        drawn = [case.id for case in seen if case.id in images.pseudo_labels and case.source[:3] == "nih"]
        return drawn.count(hard) / len(drawn)

    assert share(0) < share(0.5) < share(1) == 1


def test_unknown_pixels_do_not_move_the_loss():
    logits = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    labels = torch.ones(2, 8, 8, dtype=torch.long)
    labels[:, 4:] = UNKNOWN
    changed = logits.clone()
    changed[:, :, 4:] += 5 * torch.tensor([1.0, -1.0, 0.5])[None, :, None, None]
    weights = torch.ones(3)
    for dice in (False, True):
        loss = losses.segmentation_loss(logits, labels, weights, dice)
        torch.testing.assert_close(losses.segmentation_loss(changed, labels, weights, dice), loss)


def test_masks_of_abnormal_images_are_labels_only_when_asked_for(folder):
    plain, asked = TrainingImages(folder, CANVAS), TrainingImages(folder, CANVAS, abnormal_labels=True)
    assert list(plain.labelled) == [Domain.NORMAL]
    of_patients = {c.id for c in asked.labelled[Domain.ABNORMAL]} | {c.id for c in asked.validation}
    assert {c.id for c in plain.unlabelled[Domain.ABNORMAL]} <= of_patients
    assert not {c.id for c in asked.unlabelled[Domain.ABNORMAL]} & of_patients
    used = {row["source"]: row["masks"] for row in asked.described()}
    assert used["v7cohen"].startswith("used")
    assert {row["source"]: row["masks"] for row in plain.described()}["v7cohen"] == "none used"


def test_prepared_images_are_kept_for_the_next_training_and_belong_to_their_models(
    folder, tmp_path, monkeypatch
):
    made, asked = [], []

    def find(teachers, cases, canvas):
        made.append([teacher.mode for teacher in teachers])
        asked.extend(case.id for case in cases)
        return {case.id: np.zeros((canvas, canvas), np.uint8) for case in cases}

    monkeypatch.setattr(preparation, "find_pseudo_labels", find)
    monkeypatch.setattr(
        preparation,
        "find_abdomens",
        lambda _, cases: {case.id: np.ones((5, 9), np.float32) for case in cases},
    )
    base, other = (save_small_model(tmp_path / name, name) for name in ("base", "other"))
    model = load_model(other)
    for weight in model.parameters():
        weight.data += 0.5
    save_model(model, other, model.card)

    def prepared(options=OPTIONS, teachers=(base,)) -> TrainingImages:
        images = TrainingImages(folder, CANVAS)
        prepare_images(images, options, tmp_path / "out", base, teachers)
        return images

    first, again = prepared(), prepared()
    assert made == [["direct"]]
    assert first.pseudo_labels.keys() == again.pseudo_labels.keys() != set()
    np.testing.assert_array_equal(again.abdomens[0], np.ones((5, 9)))
    assert sorted(asked) == sorted(first.pseudo_labels), "each radiograph once"
    prepared(teachers=(base, other))
    prepared(options=replace(OPTIONS, two_step_answers=True))
    assert made[1:] == [["direct", "direct"], ["direct", "teacher"]]


def test_the_average_of_models_is_the_mean_of_their_weights(tmp_path):
    folders = [save_small_model(tmp_path / name, name) for name in ("a", "b")]
    a, b = map(load_model, folders)
    mean = average_models(folders)
    for name, weight in mean.state_dict().items():
        expected = (a.state_dict()[name] + b.state_dict()[name]) / 2
        torch.testing.assert_close(weight, expected)
    assert [part["name"] for part in mean.card["averaged"]] == ["a", "b"]

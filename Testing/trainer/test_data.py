"""Batches of training images: what is in them, what never is, and that a step's batch is always the same."""

from dataclasses import replace

import pytest
import torch
from cxradain.models.tasks import Domain
from cxradain.training import data
from cxradain.training.batches import Batch, Batches, stream
from cxradain.training.data import TrainingImages, held_out
from cxradain.training.losses import UNKNOWN
from cxradain.training.options import LIGHT, Stage
from training_data import CANVAS, HELD_OUT, make_training_folder

STAGES = (
    Stage("first", 6, labelled=4, adaptation=4, adaptation_every=2),
    Stage("second", 4, labelled=4, unlabelled=4),
)
OPTIONS = replace(LIGHT, stages=STAGES, seed=3)


@pytest.fixture(scope="module", params=["shared", "bundled"])
def folder(request, tmp_path_factory):
    shared = request.getfixturevalue("shared_data") if request.param == "shared" else None
    return make_training_folder(tmp_path_factory.mktemp("cxr"), shared)


@pytest.fixture
def images(folder) -> TrainingImages:
    return TrainingImages(folder, CANVAS)


def equal(a: Batch, b: Batch) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def all_batches(images: TrainingImages, options=OPTIONS) -> list[Batch]:
    return [
        batch
        for index in range(len(options.stages))
        for batch in stream(Batches(images, options, index), 0, workers=0)
    ]


def test_a_step_always_has_the_same_batch_and_others_differ(images, folder):
    first, again = (Batches(i, OPTIONS, 0) for i in (images, TrainingImages(folder, CANVAS)))
    for earlier in (4, 0, 3):  # whatever was asked for before
        first[earlier]
    assert equal(first[2], again[2])
    assert not torch.equal(first[2]["labelled"], first[4]["labelled"])
    other = Batches(images, replace(OPTIONS, seed=4), 0)
    assert not torch.equal(first[2]["labelled"], other[2]["labelled"])
    second = Batches(images, OPTIONS, 1)
    assert not torch.equal(first[2]["labelled"], second[2]["labelled"])


def test_a_stream_goes_on_at_any_step_and_with_any_workers(images):
    batches = Batches(images, OPTIONS, 1)
    whole = list(stream(batches, 0, workers=0))
    assert len(whole) == STAGES[1].steps
    for workers in (0, 1):
        rest = list(stream(batches, 2, workers))
        assert len(rest) == 2 and all(equal(a, b) for a, b in zip(rest, whole[2:], strict=True))


def test_values_shapes_and_labels(images):
    for batch in all_batches(images):
        for name in ("labelled", "source", "reference", "unlabelled", "unlabelled_strong"):
            if name in batch:
                assert batch[name].shape == (4, 1, CANVAS, CANVAS) and batch[name].dtype == torch.float32
                assert -1 <= batch[name].min() < batch[name].max() <= 1
        assert batch["labels"].shape == (4, CANVAS, CANVAS)
        assert set(batch["labels"].unique().tolist()) == {0, 1, 2}


def test_augmentation_keeps_right_and_left(images):
    """After every affine map the patient's right lung is still on the image's left."""
    right, left = [], []
    columns = torch.arange(CANVAS).float()
    for batch in stream(Batches(images, OPTIONS, 1), 0, workers=0):
        for labels in batch["labels"]:
            right.append((columns * (labels == 1).sum(0)).sum() / (labels == 1).sum())
            left.append((columns * (labels == 2).sum(0)).sum() / (labels == 2).sum())
    assert all(r < m for r, m in zip(right, left, strict=True))


def test_without_augmentation_views_are_the_images(images):
    plain = Batches(images, replace(OPTIONS, augment=False), 1)[0]
    assert torch.equal(plain["unlabelled"], plain["unlabelled_strong"])
    known, labels = images.tensors(images.labelled[Domain.NORMAL])
    for shown, mask in zip(plain["labelled"], plain["labels"], strict=True):
        matches = [i for i in range(len(known)) if torch.equal(known[i], shown)]
        assert matches and torch.equal(labels[matches[0]], mask)


def test_strong_and_weak_views_share_their_geometry(images):
    batch = Batches(images, OPTIONS, 1)[0]
    for weak, strong in zip(batch["unlabelled"], batch["unlabelled_strong"], strict=True):
        pair = torch.stack([weak.flatten(), strong.flatten()])
        assert not torch.equal(weak, strong)
        assert torch.corrcoef(pair)[0, 1] > 0.6


def test_only_unlabelled_sources_lack_labels(images):
    seen = set()
    for step in range(0, 200, 2):
        batch = Batches(images, replace(OPTIONS, augment=False), 0)[step]
        for labels, domain in zip(batch["source_labels"], batch["source_domain"], strict=True):
            values = set(labels.unique().tolist())
            assert values in ({UNKNOWN}, {0, 1, 2})
            assert domain == Domain.NORMAL or values == {UNKNOWN}
            seen.add((int(domain), UNKNOWN in values))
        if len(seen) == 3:
            break
    assert seen == {(Domain.NORMAL, False), (Domain.NORMAL, True), (Domain.ABNORMAL, True)}


def test_held_out_patients_and_other_splits_are_never_opened(folder, monkeypatch):
    opened, masks = set(), set()
    read_image, read_labels = data.read_radiograph, data.read_mask
    monkeypatch.setattr(data, "read_radiograph", lambda path: opened.add(path) or read_image(path))
    monkeypatch.setattr(data, "read_mask", lambda case: masks.add(case.mask) or read_labels(case))
    images = TrainingImages(folder, CANVAS)
    assert len(images.validation) == HELD_OUT and all(held_out(c) for c in images.validation)
    for options in (OPTIONS, replace(OPTIONS, match_cohort=False, seed=8)):
        for index in (0, 1):
            batches = Batches(images, replace(options, augment=False), index)
            for step in range(40):
                batches[step]
    unseen = {c.patient_group for c in images.validation}
    every = data.images_of_split(folder, "train_normal_unlabelled") + data.images_of_split(
        folder, "train_normal_labelled"
    )
    every += data.images_of_split(folder, "train_abnormal_unlabelled")
    assert opened == {c.image for c in every if c.patient_group not in unseen}
    assert sum(c.patient_group in unseen for c in every) == HELD_OUT + 1
    assert masks == {c.mask for c in images.labelled[Domain.NORMAL]}
    images.tensors(images.validation)
    assert all(path.parent.name == "masks" for path in masks)
    assert not any(c.image in opened for c in data.images_of_split(folder, "dev_abnormal"))


def test_domains_are_balanced(images):
    for index, (name, count) in enumerate((("source", 4), ("unlabelled", 4))):
        for step in (0, 2):
            domains = Batches(images, OPTIONS, index)[step][f"{name}_domain"]
            assert len(domains) == count and (domains == Domain.NORMAL).sum() == count / 2
    odd = replace(OPTIONS, stages=(STAGES[0], Stage("odd", 4, labelled=0, unlabelled=1)))
    drawn = [int(Batches(images, odd, 1)[step]["unlabelled_domain"]) for step in range(4)]
    assert sorted(drawn) == [0, 0, 1, 1]


def test_matched_cohorts_translate_to_the_other_domain_within_a_cohort(images, monkeypatch):
    batches = Batches(images, OPTIONS, 0)
    loaded: list[data.DatasetImage] = []
    load = images.load
    monkeypatch.setattr(images, "load", lambda case, *more: loaded.append(case) or load(case, *more))
    abnormal = {c.id for c in images.unlabelled[Domain.ABNORMAL]}
    normal_cohorts = {c.cohort for c in images.labelled[Domain.NORMAL] + images.unlabelled[Domain.NORMAL]}
    abnormal_cohorts = {c.cohort for c in images.unlabelled[Domain.ABNORMAL]}
    alike = 0
    for step in range(0, 40, 2):
        loaded.clear()
        batch = batches[step]
        assert (batch["source_domain"] + batch["reference_domain"] == 1).all()
        for source, reference in zip(loaded[4:8], loaded[8:], strict=True):  # after the labelled ones
            assert (source.id in abnormal) != (reference.id in abnormal)
            there = normal_cohorts if source.id in abnormal else abnormal_cohorts
            if source.cohort in there:
                alike += 1
                assert reference.cohort == source.cohort
    assert alike > 0


def test_the_diversity_loss_gets_a_second_reference_of_the_same_domain(images, monkeypatch):
    assert "other_reference" not in Batches(images, OPTIONS, 0)[0]
    abnormal = {c.id for c in images.unlabelled[Domain.ABNORMAL]}
    loaded, load = [], images.load
    monkeypatch.setattr(images, "load", lambda case, *more: loaded.append(case) or load(case, *more))
    batch = Batches(images, replace(OPTIONS, diversity_weight=1.0), 0)[0]
    assert batch["other_reference"].shape == batch["reference"].shape
    assert not torch.equal(batch["other_reference"], batch["reference"])
    domains = [Domain.ABNORMAL if case.id in abnormal else Domain.NORMAL for case in loaded[-4:]]
    assert domains == batch["reference_domain"].tolist()


@pytest.mark.parametrize("world_size", [2, 4])
@pytest.mark.parametrize("stage", [0, 1])
def test_the_parts_of_all_processes_are_the_whole_batch(images, stage, world_size):
    options = replace(OPTIONS, label_student_weight=0.0)
    whole = Batches(images, options, stage)[0]
    parts = [Batches(images, options, stage, rank, world_size)[0] for rank in range(world_size)]
    together = {key: torch.cat([part[key] for part in parts]) for key in whole}
    assert equal(together, whole)
    if world_size == 2:
        name = "source_domain" if stage == 0 else "unlabelled_domain"
        assert all(len(part[name].unique()) == 2 for part in parts), "each process has both domains"


def test_a_batch_too_small_for_its_processes_is_refused(images):
    with pytest.raises(ValueError, match=r"4 labelled images in a step are too few: 8 process\(es\) need 8"):
        Batches(images, OPTIONS, 0, 0, 8)
    with pytest.raises(ValueError, match="need 8"):  # each needs one for the student's way too
        Batches(images, OPTIONS, 1, 0, 4)


def test_the_cache_is_bounded(folder, monkeypatch):
    monkeypatch.setattr(data, "CACHE_BYTES", 3 * 2 * CANVAS**2)
    reads = []
    read = data.read_radiograph
    monkeypatch.setattr(data, "read_radiograph", lambda path: reads.append(path) or read(path))
    images = TrainingImages(folder, CANVAS)
    for case in images.labelled[Domain.NORMAL]:
        images.load(case, True)
        images.load(case, True)
    assert len(reads) == len(images.labelled[Domain.NORMAL]) > 3
    assert images.load.cache_info().currsize == 3
    images.load(images.labelled[Domain.NORMAL][0], True)
    assert len(reads) == len(images.labelled[Domain.NORMAL]) + 1

"""A training's batches: balanced over domains and cohorts, reproducible by step, and prepared ahead."""

from __future__ import annotations

import multiprocessing
import signal
from collections import defaultdict
from collections.abc import Generator, Sequence
from functools import partial
from multiprocessing.synchronize import Event

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..datasets import DatasetError, DatasetImage
from ..imaging.radiograph import RadiographError
from ..models.tasks import Domain
from .augmentation import Augmentation, View
from .data import TrainingImages, as_labels
from .field_of_view import CHILDREN, FieldOfView
from .options import Stage, TrainOptions
from .pseudo_labels import unsure_share

Batch = dict[str, Tensor]
Cohorts = dict[str, list[DatasetImage]]
HARDEST = 0.25  # share of a cohort's pseudo-labelled images


class Batches(Dataset):
    """The batches of a stage; item `step` depends only on (seed, stage, step).

    So a resumed training sees the same batches as an uninterrupted one, and each of several processes takes
    its part of the same batch: a contiguous one, as domains alternate within a batch and each part should
    have both. Raises ValueError if a batch is too small for all processes, and DatasetError if a stage
    needs labelled images and there are none.

    Keys, each (B, 1, S, S) in -1..1 or (B, S, S) or (B,):

    - labelled, labels, labelled_domain: images with masks, strongly augmented, equally from all domains
    - source, source_labels (UNKNOWN without a mask), source_domain, reference, reference_domain; for the
      diversity loss other_reference, of the reference's domain
    - unlabelled (weakly augmented, for the teacher), unlabelled_strong (for the student), unlabelled_domain
    - pseudo_labelled (strongly augmented), pseudo_labels (UNKNOWN where the teachers disagree)
    """

    def __init__(
        self,
        images: TrainingImages,
        options: TrainOptions,
        stage_index: int,
        rank: int = 0,
        world_size: int = 1,
    ):
        self.images, self.options, self.stage_index = images, options, stage_index
        self.stage: Stage = options.stages[stage_index]
        self.rank, self.world_size = rank, world_size
        check_parts(options, self.stage, world_size)
        self.augmentation = Augmentation(images.canvas)
        self.field_of_view = FieldOfView(
            options.crop_probability, options.abdomen_probability, images.abdomens
        )
        self._labelled_ids = {c.id for labelled in images.labelled.values() for c in labelled}
        self._labelled_domains = [domain for domain, labelled in images.labelled.items() if labelled]
        if self.stage.labelled and not self._labelled_domains:
            raise DatasetError(
                f"{images.directory}: has no labelled image other than those held out for validation."
            )
        self._labelled = {domain: _by_cohort(of) for domain, of in images.labelled.items()}
        self._all = {
            domain: _by_cohort(of + images.labelled.get(domain, []))
            for domain, of in images.unlabelled.items()
        }
        if self.stage.pseudo_labelled and not images.pseudo_labels:
            raise DatasetError(f"{images.directory}: has no image that the teachers could label.")
        unlabelled = [case for of in images.unlabelled.values() for case in of]
        self._pseudo_labelled = _by_cohort([c for c in unlabelled if c.id in images.pseudo_labels])
        self._hard = {}
        if options.hard_probability:
            self._hard = {name: self._hardest(of) for name, of in self._pseudo_labelled.items()}

    def __len__(self) -> int:
        return self.stage.steps

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng([self.options.seed, self.stage_index, step])
        stage, batch, n = self.stage, {}, len(self._labelled_domains)
        if stage.labelled:
            domains = [self._labelled_domains[(i + step) % n] for i in range(stage.labelled)]
            chosen = [_one_of_any(self._labelled[d], rng) for d in domains]
            batch["labelled"], _, batch["labels"] = self._views(chosen, rng)
            batch["labelled_domain"] = torch.tensor(domains)
        if stage.adaptation and step % stage.adaptation_every == 0:
            batch |= self._adaptation(rng)
        if stage.unlabelled:
            domains = [_alternate(i, step) for i in range(stage.unlabelled)]
            chosen = [self._draw(d, rng) for d in domains]
            strong, weak, _ = self._views(chosen, rng)
            batch |= {
                "unlabelled": weak,
                "unlabelled_strong": strong,
                "unlabelled_domain": torch.tensor(domains),
            }
        if stage.pseudo_labelled:
            chosen = [self._draw_pseudo_labelled(rng) for _ in range(stage.pseudo_labelled)]
            batch["pseudo_labelled"], _, batch["pseudo_labels"] = self._views(chosen, rng)
        return {key: self._part(value) for key, value in batch.items()}

    def _part(self, whole: Tensor) -> Tensor:
        """This process's part of a batch."""
        first, end = ((self.rank + i) * len(whole) // self.world_size for i in (0, 1))
        return whole[first:end]

    def _adaptation(self, rng: np.random.Generator) -> Batch:
        first = int(rng.integers(2))  # random, so that a batch of one is independent of the update order
        domains = [_alternate(i, first) for i in range(self.stage.adaptation)]
        sources = [self._draw(d, rng) for d in domains]
        if self.options.match_cohort:
            targets = [Domain(1 - d) for d in domains]
        else:
            targets = [Domain(int(rng.integers(2))) for _ in domains]
        cohorts = [s.cohort if self.options.match_cohort else None for s in sources]
        references = [self._draw(t, rng, c) for t, c in zip(targets, cohorts, strict=True)]
        _, source, labels = self._views(sources, rng)
        _, reference, _ = self._views(references, rng)
        batch = {
            "source": source,
            "source_labels": labels,
            "source_domain": torch.tensor(domains),
            "reference": reference,
            "reference_domain": torch.tensor(targets),
        }
        if self.options.diversity_weight:
            others = [self._draw(t, rng, c) for t, c in zip(targets, cohorts, strict=True)]
            batch["other_reference"] = self._views(others, rng)[1]
        return batch

    def _draw(self, domain: Domain, rng: np.random.Generator, wanted: str | None = None) -> DatasetImage:
        """A random case of the domain: of the wanted cohort if the domain has it, else of any cohort."""
        groups = self._all[domain]
        return _one_of(groups[wanted], rng) if wanted in groups else _one_of_any(groups, rng)

    def _draw_pseudo_labelled(self, rng: np.random.Generator) -> DatasetImage:
        is_hard = bool(self._hard) and rng.random() < self.options.hard_probability
        return _one_of_any(self._hard if is_hard else self._pseudo_labelled, rng)

    def _hardest(self, cases: Sequence[DatasetImage]) -> list[DatasetImage]:
        """Those of the cases on which the teachers are least sure, at least one."""
        ordered = sorted(cases, key=lambda c: unsure_share(self.images.pseudo_labels[c.id]), reverse=True)
        return ordered[: max(1, round(HARDEST * len(ordered)))]

    def _views(
        self, chosen: Sequence[DatasetImage], rng: np.random.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Strongly and weakly augmented images (B, 1, S, S) in -1..1, with their labels (B, S, S): the weak
        ones have the same geometry, but not the changes of intensity."""
        strong, weak, labels = [], [], []
        for case, seed in zip(chosen, rng.integers(2**31, size=len(chosen)), strict=True):
            image, mask = self.images.load(case, case.id in self._labelled_ids)
            if self.stage.pseudo_labelled and mask is None:
                mask = self.images.pseudo_labels.get(case.id)
            view = View(image.astype(np.float32) / 255, mask)
            view = self.field_of_view(view, int(seed), paste=case.cohort == CHILDREN)
            if self.options.augment:
                view = self.augmentation.geometry(view, int(seed))
            weak.append(view.image)
            strong.append(
                self.augmentation.intensity(view.image, int(seed)) if self.options.augment else view.image
            )
            labels.append(as_labels(view.labels, view.image.shape))
        strong_image, weak_image = (
            torch.from_numpy(np.stack(images)).unsqueeze(1) * 2 - 1 for images in (strong, weak)
        )
        return strong_image, weak_image, torch.stack(labels)


def _by_cohort(cases: Sequence[DatasetImage]) -> Cohorts:
    groups: dict[str, list[DatasetImage]] = defaultdict(list)
    for case in cases:
        groups[case.cohort].append(case)
    return dict(groups)


def _one_of_any(cohorts: Cohorts, rng: np.random.Generator) -> DatasetImage:
    """A random case of a random cohort, all cohorts being equally likely."""
    name = next(iter(cohorts)) if len(cohorts) == 1 else list(cohorts)[rng.integers(len(cohorts))]
    return _one_of(cohorts[name], rng)


def _one_of(pool: Sequence[DatasetImage], rng: np.random.Generator) -> DatasetImage:
    return pool[int(rng.integers(len(pool)))]


def check_parts(options: TrainOptions, stage: Stage, world_size: int) -> None:
    """Raise ValueError, naming stage and images, if a step has too few images for all processes.

    The loss of a process without images would be NaN.
    """
    uses = "labelled", "adaptation", "restored", "unlabelled", "pseudo_labelled"
    least = {name: world_size for name in uses}
    if options.label_student_weight and stage.trains_student:
        least["labelled"] *= 2  # half of them train the student's path
    for name, needed in least.items():
        if 0 < getattr(stage, name) < needed:
            raise ValueError(
                f"stage {stage.name}: {getattr(stage, name)} {name} images in a step are too few: "
                f"{world_size} process(es) need {needed}"
            )


def _alternate(index: int, step: int) -> Domain:
    """The domain of an image in a batch: both equally often, also over steps with odd batches."""
    return Domain.ABNORMAL if (index + step) % 2 == 0 else Domain.NORMAL


GRACE_SECONDS = 120  # for which a worker survives a SIGTERM


def stream(batches: Batches, start: int, workers: int) -> Generator[Batch, None, None]:
    """The batches from step `start` on, prepared ahead by `workers` processes (0: by this one).

    Close it (`contextlib.closing`) to end its workers. Raises the RadiographError, DatasetError or OSError of
    an image, whichever process read it.
    """
    ending = multiprocessing.get_context().Event()
    loader = DataLoader(
        ErrorCapturingDataset(batches),
        batch_size=None,
        sampler=range(start, len(batches)),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=partial(_ignore_signals, ending),
    )
    reading = iter(loader)
    try:
        for batch in reading:
            if isinstance(batch, Exception):
                raise batch
            yield batch
    finally:
        ending.set()
        # torch does this when the iterator is deleted, which an error's traceback delays until exit.
        getattr(reading, "_shutdown_workers", lambda: None)()


class ErrorCapturingDataset(Dataset):
    """Batches, or the error in place of a batch: torch would wrap it in a message with a traceback."""

    def __init__(self, batches: Batches):
        self.batches = batches

    def __getitem__(self, step: int) -> Batch | Exception:
        try:
            return self.batches[step]
        except (RadiographError, DatasetError, OSError) as error:
            return error


def _ignore_signals(ending: Event, worker: int) -> None:
    """Make a worker survive the signals that stop a training.

    Signals reach the whole process group, but the training process first finishes its step, for which it
    needs its workers, then sets `ending` and ends them. An orphaned worker ends by itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "alarm"):
        signal.signal(
            signal.SIGTERM, lambda number, frame: signal.alarm(1 if ending.is_set() else GRACE_SECONDS)
        )

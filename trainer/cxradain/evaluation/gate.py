"""The gate: is a candidate better than the model in use? Paired on the same radiographs, with intervals.

Compared are masks by the student: on the session's patients that are set aside, and on reference sets. The
verdict is advice; what is put in use the user decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..files import output_names
from ..radiograph import Radiograph, RadiographError, read_radiograph
from ..segmenter import Segmenter
from ..sessions.gathering import gather
from ..sessions.records import Image, RecordError, Version
from ..sessions.sources import radiograph
from ..sessions.store import Session
from .dataset import Case, DatasetError, read_manifest, read_mask
from .evaluate import at_size
from .metrics import dice, paired_difference, summarize

FEWEST = 15  # validation images, below which nothing is said
BETTER, NO_BETTER, WORSE, TOO_FEW = ("better", "no better", "worse", "too few to tell")
SESSION = "session"

Read = Callable[[], tuple[Radiograph, np.ndarray]]


@dataclass(frozen=True)
class Sample:
    """A radiograph with a trusted mask. `read` gives it with its labels (H, W) of 0, 1, 2."""

    id: str
    source: str
    patient: str
    set: str
    read: Read


@dataclass(frozen=True)
class Pair:
    """Union Dice of both models on a sample."""

    sample: Sample
    candidate: float
    incumbent: float

    @property
    def gain(self) -> float:
        return self.candidate - self.incumbent


@dataclass(frozen=True)
class Judgement:
    """What was found: the verdict, the same in plain words, and all that it rests on."""

    verdict: str
    text: str
    candidate: str
    incumbent: str
    pairs: tuple[Pair, ...]
    failed: dict[str, str]
    models: tuple[Path, Path]
    device: str


def session_samples(session: Session, readers: Collection[str] | None = None) -> list[Sample]:
    """The corrected and approved images of a session's patients that are set aside."""
    return [
        Sample(
            image.name,
            SESSION,
            image.patient or image.key,
            SESSION,
            partial(_of_session, session, image, version),
        )
        for image, version in gather(session, readers).validation
    ]


def reference_samples(directories: Sequence[Path]) -> list[Sample]:
    """All images with masks of folders in the shared format, a set each, by the folder's name; folders of one
    name are told apart by a number. Raises DatasetError where one has none."""
    names = output_names([SESSION, *(Path(directory).resolve() for directory in directories)], ("",))[1:]
    found: list[Sample] = []
    for directory, name in zip(directories, names, strict=True):
        cases = [case for case in read_manifest(directory) if case.mask is not None]
        if not cases:
            raise DatasetError(f"{directory}: no image there has a mask to compare with.")
        found += [Sample(c.id, c.source, c.patient_group, name, partial(_of_folder, c)) for c in cases]
    return found


def _of_session(session: Session, image: Image, version: Version) -> tuple[Radiograph, np.ndarray]:
    return radiograph(session, image), session.mask(version)


def _of_folder(case: Case) -> tuple[Radiograph, np.ndarray]:
    return read_radiograph(case.image), read_mask(case)


def judge(
    candidate: Path,
    incumbent: Path,
    samples: Sequence[Sample],
    device: str = "auto",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Judgement:
    """Compare two models' folders on samples; one that cannot be read is left out and told of.

    Raises ModelError and DeviceError.
    """
    models = [Segmenter(folder, device) for folder in (candidate, incumbent)]
    pairs: list[Pair] = []
    failed: dict[str, str] = {}
    for index, sample in enumerate(samples):
        try:
            shown, truth = sample.read()
            found = [at_size(model.predict(shown).labels, truth.shape) for model in models]
        except (RadiographError, RecordError, DatasetError, ValueError, OSError) as error:
            failed[sample.id] = str(error)
            continue
        finally:
            progress(index + 1, len(samples))
        if not truth.any():
            failed[sample.id] = "its mask is empty, so there is nothing to compare with."
            continue
        pairs.append(Pair(sample, *(dice(labels > 0, truth > 0) for labels in found)))
    verdict, text = _verdict(pairs)
    return Judgement(
        verdict,
        text,
        models[0].model_id,
        models[1].model_id,
        tuple(pairs),
        failed,
        (Path(candidate), Path(incumbent)),
        device,
    )


def difference(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Mean of candidate minus incumbent, its 95 % bootstrap interval over patients, and n."""
    sides = ([pair.candidate for pair in pairs], [pair.incumbent for pair in pairs])
    return paired_difference(*sides, _patients(pairs))


def by(pairs: Sequence[Pair], part: Callable[[Sample], str]) -> dict[str, list[Pair]]:
    """The pairs by set or source, in their order."""
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        found.setdefault(part(pair.sample), []).append(pair)
    return found


def worst(pairs: Sequence[Pair], count: int = 10) -> list[Pair]:
    """Where the candidate loses most, the worst first."""
    return sorted(pairs, key=lambda pair: pair.gain)[:count]


def _patients(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    return [(pair.sample.set, pair.sample.patient) for pair in pairs]


def _verdict(pairs: Sequence[Pair]) -> tuple[str, str]:
    """Verdict and plain words. Worse in any set outweighs a gain over all of them; a loss in a set that is
    too small to be sure of it does not prove harm, but a gain is not claimed against it."""
    count, patients = len(pairs), len(set(_patients(pairs)))
    if count < FEWEST or patients < 2:
        told = f"{count} validation image{'' if count == 1 else 's'}"
        told += " of one patient" if patients == 1 < count else ""
        return TOO_FEW, (
            f"Too few to tell: {told}, and at least {FEWEST} are needed, of several patients. Correct "
            "radiographs that are set aside for validation too, or name a reference set. It can be promoted "
            "nonetheless."
        )
    whole = difference(pairs)
    low, high = whole["ci95"]
    sets = by(pairs, lambda sample: sample.set)
    lost = {name: found for name, part in sets.items() if (found := difference(part))["ci95"][1] < 0}
    for name, found in lost.items():
        if found["n"] >= FEWEST:
            return WORSE, f"Worse on {name}: {_words(found)}. In all: {_words(whole)}."
    if high < 0:
        return WORSE, f"Worse: {_words(whole)}."
    if low > 0 and lost:
        name, found = next(iter(lost.items()))
        return NO_BETTER, (
            f"No better for certain: {_words(whole)}, but it loses on {name}, too few to tell: "
            f"{_words(found)}."
        )
    if low > 0:
        return BETTER, f"Better: {_words(whole)}."
    return NO_BETTER, f"No better: {_words(whole)}; the interval includes no change."


def _words(found: dict[str, Any]) -> str:
    low, high = found["ci95"]
    return f"Dice {found['mean']:+.4f} (95 % interval {low:+.4f} to {high:+.4f}) over {found['n']} images"


# --- written down ---


def as_json(judgement: Judgement) -> dict[str, Any]:
    """What `gate.json` says."""
    pairs = judgement.pairs
    groups = _patients(pairs)
    return {
        "verdict": judgement.verdict,
        "text": judgement.text,
        "n": len(pairs),
        "candidate": judgement.candidate,
        "incumbent": judgement.incumbent,
        "difference": difference(pairs),
        "candidate_dice": summarize([pair.candidate for pair in pairs], groups),
        "incumbent_dice": summarize([pair.incumbent for pair in pairs], groups),
        "sets": {
            name: {
                "n": len(part),
                "difference": difference(part),
                "sources": {
                    source: {"n": len(some), "difference": difference(some)}
                    for source, some in by(part, lambda sample: sample.source).items()
                },
            }
            for name, part in by(pairs, lambda sample: sample.set).items()
        },
        "worst": [
            {"id": p.sample.id, "set": p.sample.set, "candidate": p.candidate, "incumbent": p.incumbent}
            for p in worst(pairs)
        ],
        "failed": judgement.failed,
    }


def write(judgement: Judgement, folder: Path) -> None:
    """Write `gate.json`, and `gate.html` with pictures of where the candidate loses and gains most."""
    from .gate_report import page
    from .output import write_json

    write_json(folder / "gate.json", as_json(judgement))
    page(judgement).write(folder / "gate.html")

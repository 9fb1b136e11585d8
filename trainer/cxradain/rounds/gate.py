"""The gate: is a candidate better than the incumbent, the model from which it was trained?

The student's masks of both models are compared, paired, on the session's held-out patients and on reference
sets. The verdict is advice: the user decides which model to use.

Masks that were approved unchanged do not count. The others were corrected because the incumbent had erred, so
gains are measured on hard images.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets import DatasetError
from ..evaluation.evaluate import resize_labels
from ..evaluation.metrics import paired_difference, summarize
from ..imaging.measurements import dice
from ..imaging.radiograph import RadiographError
from ..models.segmenter import Segmenter
from ..sessions.records import RecordError, pixel_key
from .folder import BETTER, NO_BETTER, SESSION, TOO_FEW, WORSE
from .gate_images import ComparisonImage
from .overlap import TWICE, Excluded
from .selection import FEWEST, FEWEST_PATIENTS

AGREED = 0.947  # union Dice of two annotators (README); below it a model strays from approved masks
RESAMPLES = 4000


@dataclass(frozen=True)
class DicePair:
    """Union Dice of both models on one radiograph."""

    image: ComparisonImage
    candidate: float
    incumbent: float

    @property
    def gain(self) -> float:
        return self.candidate - self.incumbent

    @property
    def patient(self) -> tuple[str, str]:
        """The bootstrap's unit; patients of different sets count as different people."""
        return self.image.set, self.image.patient


@dataclass(frozen=True)
class Failure:
    """A radiograph that could not be used for the comparison, and why."""

    id: str
    set: str
    why: str


@dataclass(frozen=True)
class Decision:
    """The verdict, its text for people, and what tells against the candidate.

    lost: the sets on which it loses, which made the verdict worse, or not "better". strays: whether it
    differs from masks that were approved unchanged, so that it is not "better".
    """

    verdict: str
    text: str
    lost: tuple[str, ...] = ()
    strays: bool = False


@dataclass(frozen=True)
class Judgement:
    """A comparison: the decision, and the results on which it rests.

    candidate, incumbent: names of the models; models: their folders.
    pairs: those that count. unedited: those of masks that were approved unchanged, which do not.
    failed: images that could not be read, or whose mask is empty. excluded: numbers of excluded reference
        images by reason ("that ...").
    """

    decision: Decision
    candidate: str
    incumbent: str
    pairs: tuple[DicePair, ...]
    models: tuple[Path, Path]
    device: str
    unedited: tuple[DicePair, ...] = ()
    failed: tuple[Failure, ...] = ()
    excluded: tuple[tuple[str, int], ...] = ()


def judge(
    candidate: Path,
    incumbent: Path,
    images: Sequence[ComparisonImage],
    device: str = "auto",
    progress: Callable[[int, int], None] = lambda done, total: None,
    of_session: bool = False,
) -> Judgement:
    """Compare the models in two folders. Of several images with the same pixels only the first counts.

    of_session: report on the session separately, even without an image of it.
    Raises ModelError and DeviceError.
    """
    models = [Segmenter(folder, device) for folder in (candidate, incumbent)]
    pairs: list[DicePair] = []
    failed: list[Failure] = []
    excluded: Counter[str] = Counter()
    seen: set[str] = set()
    for index, image in enumerate(images):
        try:
            radiograph, truth = image.read()
            key = pixel_key(radiograph.pixels)
            if key in seen:
                raise Excluded(TWICE)
            if not truth.any():
                raise DatasetError("its mask is empty, so there is nothing to compare with.")
            labels = [model.predict(radiograph, quality=False).labels for model in models]
            predictions = [resize_labels(each, truth.shape) for each in labels]
            pairs.append(DicePair(image, *(dice(labels > 0, truth > 0) for labels in predictions)))
            seen.add(key)
        except Excluded as reason:
            excluded[str(reason)] += 1
        except (RadiographError, RecordError, DatasetError, ValueError, OSError) as error:
            failed.append(Failure(image.id, image.set, str(error)))
        finally:
            progress(index + 1, len(images))
    counted = [pair for pair in pairs if not pair.image.unedited]
    unedited = [pair for pair in pairs if pair.image.unedited]
    decision = decide(counted, unedited, models[1].model_id)
    notes = additional_notes(counted, unedited, excluded, of_session, failed)
    return Judgement(
        replace(decision, text=f"{decision.text} {notes}".strip()),
        models[0].model_id,
        models[1].model_id,
        tuple(counted),
        (Path(candidate), Path(incumbent)),
        device,
        tuple(unedited),
        tuple(failed),
        tuple(excluded.items()),
    )


def worst(pairs: Sequence[DicePair], count: int = 10) -> list[DicePair]:
    """The pairs with the largest losses of the candidate, the worst first."""
    return sorted(pairs, key=lambda pair: pair.gain)[:count]


# --- the verdict ---


def dice_difference(pairs: Sequence[DicePair]) -> dict[str, Any]:
    """Candidate minus incumbent: `mean` over images, `ci95` over patients (nan for fewer than
    FEWEST_PATIENTS), `n` and `patients`."""
    candidate, incumbent = [pair.candidate for pair in pairs], [pair.incumbent for pair in pairs]
    patients = [pair.patient for pair in pairs]
    return {
        **paired_difference(candidate, incumbent, patients, RESAMPLES),
        "patients": len(set(patients)),
    }


def group_pairs(
    pairs: Sequence[DicePair], key: Callable[[ComparisonImage], str]
) -> dict[str, list[DicePair]]:
    """Group pairs by a property of their images, in order."""
    groups: dict[str, list[DicePair]] = {}
    for pair in pairs:
        groups.setdefault(key(pair.image), []).append(pair)
    return groups


def by_set(pairs: Sequence[DicePair]) -> dict[str, list[DicePair]]:
    """The pairs of the session and of each reference set."""
    return group_pairs(pairs, lambda image: image.set)


def is_large_enough(difference: Mapping[str, Any]) -> bool:
    """Whether a `dice_difference` has enough images and patients for a verdict."""
    return difference["n"] >= FEWEST and difference["patients"] >= FEWEST_PATIENTS


def verdict_on(difference: Mapping[str, Any]) -> str:
    """The verdict on a single `dice_difference`."""
    if not is_large_enough(difference):
        return TOO_FEW
    low, high = difference["ci95"]
    return BETTER if low > 0 else WORSE if high < 0 else NO_BETTER


def decide(pairs: Sequence[DicePair], unedited: Sequence[DicePair], incumbent: str) -> Decision:
    """Decide by the intervals. A loss in any set outweighs a gain over all sets. A loss in a set of too few
    images does not prove harm, but rules out the verdict "better", as does straying from masks that were
    approved unchanged.

    Args:
        pairs: that count.
        unedited: those of masks that were approved unchanged; their model would have Dice 1 by construction.
        incumbent: its name.
    """
    whole = dice_difference(pairs)
    if not is_large_enough(whole):
        return Decision(
            TOO_FEW,
            f"Too few to tell: {_count_text(whole, 'validation image')}, and at least {FEWEST} images and "
            f"{FEWEST_PATIENTS} patients are needed. Correct radiographs that are set aside for validation "
            "too, or name a reference set. You can still promote the model.",
        )
    gain = _gain_text(whole)
    sets = {name: dice_difference(part) for name, part in by_set(pairs).items()}
    lost = {name: difference for name, difference in sets.items() if difference["ci95"][1] < 0}
    harmed = {name: loss for name, loss in lost.items() if is_large_enough(loss)}
    if harmed and len(sets) > 1:
        losses = "; ".join(f"on {name}: {_gain_text(loss)}" for name, loss in harmed.items())
        return Decision(WORSE, f"Worse than {incumbent} {losses}. In all: {gain}.", tuple(harmed))
    verdict = verdict_on(whole)
    if verdict == WORSE:
        return Decision(WORSE, f"Worse than {incumbent}: {gain}.")
    if verdict == NO_BETTER:
        return Decision(NO_BETTER, f"No better than {incumbent}: {gain}; the interval includes no change.")
    objections = [f"it loses on {name}, too few to tell: {_gain_text(loss)}" for name, loss in lost.items()]
    strays = bool(unedited) and agreement(unedited) < AGREED
    if strays:
        objections.append(
            f"it differs from masks that were approved unchanged: Dice {agreement(unedited):.3f}"
        )
    if objections:
        text = f"No better than {incumbent} for certain: {gain}, but {'; '.join(objections)}."
        return Decision(NO_BETTER, text, tuple(lost), strays)
    return Decision(BETTER, f"Better than {incumbent}: {gain}.")


def agreement(unedited: Sequence[DicePair]) -> float:
    """The candidate's mean Dice with masks that were approved unchanged; nan without any."""
    return float(np.mean([pair.candidate for pair in unedited])) if unedited else float("nan")


def additional_notes(
    pairs: Sequence[DicePair],
    unedited: Sequence[DicePair],
    excluded: Mapping[str, int],
    of_session: bool,
    failed: Sequence[Failure] = (),
) -> str:
    """Notes on the verdict: the result in each of several sets, and what does not count; "" for none.

    of_session: whether there is a session, even without images for the comparison.
    """
    sets = by_set(pairs)
    if of_session:
        sets = {SESSION: sets.get(SESSION, []), **sets}
    notes = []
    if len(sets) > 1:
        notes = [f"On {name} only: {_set_text(dice_difference(part))}." for name, part in sets.items()]
    if unedited:
        notes.append(
            f"Masks approved unchanged: {len(unedited)}. They cannot be used to compare models; the new "
            f"model agrees with them to Dice {agreement(unedited):.3f}."
        )
    if excluded:
        reasons = ", ".join(f"{count} {reason}" for reason, count in excluded.items())
        notes.append(f"Left out of references: {reasons}.")
    if failed:
        notes.append(f"Images that could not be compared: {len(failed)}; the report says why.")
    return " ".join(notes)


def _set_text(difference: Mapping[str, Any]) -> str:
    if is_large_enough(difference):
        return f"{verdict_on(difference)}, {_gain_text(difference)}"
    gain = f", Dice {difference['mean']:+.4f}" if difference["n"] else ""
    return f"{TOO_FEW}{gain}, {_count_text(difference, 'image')}"


def _gain_text(difference: Mapping[str, Any]) -> str:
    low, high = difference["ci95"]
    images = _count_text(difference, "image")
    return f"Dice {difference['mean']:+.4f} (95 % interval {low:+.4f} to {high:+.4f}) over {images}"


def _count_text(difference: Mapping[str, Any], what: str) -> str:
    images, patients = difference["n"], difference["patients"]
    text = f"{images} {what}{'' if images == 1 else 's'}"
    return f"{text} of {patients} patient{'' if patients == 1 else 's'}" if images else text


# --- JSON ---


def as_json(judgement: Judgement) -> dict[str, Any]:
    """The content of `gate.json`."""
    pairs = judgement.pairs
    patients = [pair.patient for pair in pairs]
    return {
        "verdict": judgement.decision.verdict,
        "text": judgement.decision.text,
        "lost": judgement.decision.lost,
        "strays": judgement.decision.strays,
        "n": len(pairs),
        "candidate": judgement.candidate,
        "incumbent": judgement.incumbent,
        "difference": dice_difference(pairs),
        "candidate_dice": summarize([pair.candidate for pair in pairs], patients),
        "incumbent_dice": summarize([pair.incumbent for pair in pairs], patients),
        "sets": {
            name: {
                "n": len(part),
                "verdict": verdict_on(dice_difference(part)),
                "difference": dice_difference(part),
                "sources": {
                    source: {"n": len(subset), "difference": dice_difference(subset)}
                    for source, subset in group_pairs(part, lambda image: image.source).items()
                },
            }
            for name, part in by_set(pairs).items()
        },
        "worst": [
            {"id": p.image.id, "set": p.image.set, "candidate": p.candidate, "incumbent": p.incumbent}
            for p in worst(pairs)
        ],
        "unedited": {"n": len(judgement.unedited), "agreement": agreement(judgement.unedited)},
        "left_out": dict(judgement.excluded),
        "failed": [vars(failure) for failure in judgement.failed],
    }

"""Better, no better, worse, or too few to tell: what paired differences say, and the same in plain words.

With few patients an interval over them is no interval. In a simulation of no difference (patients' own means
and images around them normal, 2000 times each) a plain percentile bootstrap over patients, meant to be wrong
in 5 %, was so in 50 % with 2 patients of 8 images, 25 % with 3 of 5, 17 % with 5 of 3, 12 % with 8 of 2, 10 %
with 10 of 2, 10 % with 12 of whom one has ten images, 8 % with 15 and 7 % with 40 of one image. The expanded
one that is used here (Hesterberg, The American Statistician 69:371, 2015: the percentiles are those at which
a normal interval would be as wide as Student's) was so in 5 % with 10 of 2 and each larger of these, but in
8 % with 5 and 25 % with 3. Below FEWEST_PATIENTS there is none, therefore. Of strongly skewed differences it
was wrong in 8 to 10 %.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from .gate_samples import SESSION, Pair, Sample

FEWEST, FEWEST_PATIENTS = 15, 10  # validation images and their patients, below which nothing is said
AGREED = 0.947  # union Dice of two annotators (README); below it a model strays from what was approved
RESAMPLES = 4000
BETTER, NO_BETTER, WORSE, TOO_FEW = ("better", "no better", "worse", "too few to tell")


def difference(pairs: Sequence[Pair], seed: int = 0) -> dict[str, Any]:
    """`mean` over images of candidate minus incumbent, `ci95`, `n` and `patients`.

    The interval is an expanded cluster bootstrap: whole patients are drawn; nan below FEWEST_PATIENTS.
    """
    patients = list(dict.fromkeys(map(patient, pairs)))
    found = {"mean": float("nan"), "ci95": [float("nan")] * 2, "n": len(pairs), "patients": len(patients)}
    if not pairs:
        return found
    gains = np.array([pair.gain for pair in pairs])
    found["mean"] = float(gains.mean())
    count = len(patients)
    if count < FEWEST_PATIENTS:
        return found
    place = {name: index for index, name in enumerate(patients)}
    clusters = np.array([place[patient(pair)] for pair in pairs])
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    means = (drawn @ np.bincount(clusters, weights=gains)) / (drawn @ np.bincount(clusters))
    tail = stats.norm.cdf(-np.sqrt(count / (count - 1)) * stats.t.ppf(0.975, count - 1))
    found["ci95"] = [float(end) for end in np.quantile(means, [tail, 1 - tail])]
    return found


def patient(pair: Pair) -> tuple[str, str]:
    """Who is drawn as one: of different sets, people are taken for others."""
    return pair.sample.set, pair.sample.patient


def by(pairs: Sequence[Pair], part: Callable[[Sample], str]) -> dict[str, list[Pair]]:
    """The pairs by set or source, in their order."""
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        found.setdefault(part(pair.sample), []).append(pair)
    return found


def enough(found: Mapping[str, Any]) -> bool:
    """Whether a `difference` rests on images and patients enough to say something."""
    return found["n"] >= FEWEST and found["patients"] >= FEWEST_PATIENTS


def plain(found: Mapping[str, Any]) -> str:
    """The verdict on a `difference` alone."""
    if not enough(found):
        return TOO_FEW
    low, high = found["ci95"]
    return BETTER if low > 0 else WORSE if high < 0 else NO_BETTER


def verdict(pairs: Sequence[Pair], unedited: Sequence[Pair], incumbent: str) -> tuple[str, str]:
    """Verdict and plain words. Worse in any set outweighs a gain over all of them; a loss in a set of too few
    images to be sure of it does not prove harm, but a gain is not claimed against it, nor where the candidate
    strays from masks that were approved as a model made them.

    Args:
        pairs: that count.
        unedited: of such approved masks. They do not count: their model would have Dice 1 by construction.
        incumbent: its name.
    """
    whole = difference(pairs)
    if not enough(whole):
        return TOO_FEW, (
            f"Too few to tell: {_count(whole, 'validation image')}, and at least {FEWEST} images and "
            f"{FEWEST_PATIENTS} patients are needed. Correct radiographs that are set aside for validation "
            "too, or name a reference set. It can be promoted nonetheless."
        )
    sets = {name: difference(part) for name, part in by(pairs, lambda sample: sample.set).items()}
    lost = {name: found for name, found in sets.items() if found["ci95"][1] < 0}
    for name, found in lost.items():
        if enough(found) and len(sets) > 1:
            return WORSE, f"Worse than {incumbent} on {name}: {_words(found)}. In all: {_words(whole)}."
    told = plain(whole)
    if told == WORSE:
        return WORSE, f"Worse than {incumbent}: {_words(whole)}."
    if told == NO_BETTER:
        return NO_BETTER, f"No better than {incumbent}: {_words(whole)}; the interval includes no change."
    but = [f"it loses on {name}, too few to tell: {_words(found)}" for name, found in lost.items()]
    if unedited and agreement(unedited) < AGREED:
        but.append(f"it strays from masks that were approved as they were: Dice {agreement(unedited):.3f}")
    if but:
        return NO_BETTER, f"No better than {incumbent} for certain: {_words(whole)}, but {'; '.join(but)}."
    return BETTER, f"Better than {incumbent}: {_words(whole)}."


def agreement(unedited: Sequence[Pair]) -> float:
    """Mean Dice of the candidate with masks that were approved as a model made them; nan of none."""
    return float(np.mean([pair.candidate for pair in unedited])) if unedited else float("nan")


def remarks(
    pairs: Sequence[Pair], unedited: Sequence[Pair], left_out: Mapping[str, int], of_session: bool
) -> str:
    """What must be known beside the verdict, in sentences: the session apart from references, and what does
    not count; "" for nothing.

    of_session: whether there is a session, with images to compare on or none.
    """
    sets = by(pairs, lambda sample: sample.set)
    if of_session:
        sets = {SESSION: sets.get(SESSION, []), **sets}
    said = []
    if len(sets) > 1:
        said = [f"Of {name} alone: {_alone(difference(part))}." for name, part in sets.items()]
    if unedited:
        said.append(
            f"Approved as a model made them: {len(unedited)}. These do not count, for that model is right "
            f"there by construction; the candidate agrees with them to Dice {agreement(unedited):.3f}."
        )
    if left_out:
        reasons = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        said.append(f"Left out of references: {reasons}.")
    return " ".join(said)


def _alone(found: Mapping[str, Any]) -> str:
    if enough(found):
        return f"{plain(found)}, {_words(found)}"
    gain = f", Dice {found['mean']:+.4f}" if found["n"] else ""
    return f"{TOO_FEW}{gain}, {_count(found, 'image')}"


def _words(found: Mapping[str, Any]) -> str:
    low, high = found["ci95"]
    return (
        f"Dice {found['mean']:+.4f} (95 % interval {low:+.4f} to {high:+.4f}) over {_count(found, 'image')}"
    )


def _count(found: Mapping[str, Any], what: str) -> str:
    images, patients = found["n"], found["patients"]
    told = f"{images} {what}{'' if images == 1 else 's'}"
    return f"{told} of {patients} patient{'' if patients == 1 else 's'}" if images else told

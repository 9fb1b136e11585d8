"""The gate: is a candidate better than the model it began as? Paired on the same radiographs.

Compared are masks by the student: on the session's patients that are set aside, and on reference sets. The
verdict is advice; what is put in use the user decides.

Masks that were approved as a model made them are looked at apart. What is left were corrected, where the
incumbent had erred, so a gain there is one on what was hard.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..datasets import DatasetError
from ..evaluation.evaluate import at_size
from ..evaluation.metrics import dice, summarize
from ..imaging.radiograph import RadiographError
from ..models.segmenter import Segmenter
from ..sessions.records import RecordError, pixel_key
from .gate_samples import Pair, Sample
from .gate_verdict import agreement, by, difference, patient, plain, remarks, verdict
from .overlap import TWICE, Excluded


@dataclass(frozen=True)
class Failure:
    """A sample that could not be compared on, and why."""

    id: str
    set: str
    why: str


@dataclass(frozen=True)
class Judgement:
    """What was found: the verdict, the same in plain words, and all that it rests on.

    pairs: that count. unedited: those that do not, of masks that were approved as a model made them.
    left_out: of references, how many by why ("that ...").
    """

    verdict: str
    text: str
    candidate: str
    incumbent: str
    pairs: tuple[Pair, ...]
    models: tuple[Path, Path]
    device: str
    unedited: tuple[Pair, ...] = ()
    failed: tuple[Failure, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()


def judge(
    candidate: Path,
    incumbent: Path,
    samples: Sequence[Sample],
    device: str = "auto",
    progress: Callable[[int, int], None] = lambda done, total: None,
    of_session: bool = False,
) -> Judgement:
    """Compare two models' folders on samples; one that cannot be read is left out and told of, and of several
    with the same pixels the first counts.

    of_session: say how it stands with the session apart, even where no sample is of it.
    Raises ModelError and DeviceError.
    """
    models = [Segmenter(folder, device) for folder in (candidate, incumbent)]
    pairs: list[Pair] = []
    failed: list[Failure] = []
    left_out: Counter[str] = Counter()
    seen: set[str] = set()
    for index, sample in enumerate(samples):
        try:
            shown, truth = sample.read()
            key = pixel_key(shown.pixels)
            if key in seen:
                raise Excluded(TWICE)
            if not truth.any():
                raise DatasetError("its mask is empty, so there is nothing to compare with.")
            found = [at_size(model.predict(shown).labels, truth.shape) for model in models]
            pairs.append(Pair(sample, *(dice(labels > 0, truth > 0) for labels in found)))
            seen.add(key)
        except Excluded as reason:
            left_out[str(reason)] += 1
        except (RadiographError, RecordError, DatasetError, ValueError, OSError) as error:
            failed.append(Failure(sample.id, sample.set, str(error)))
        finally:
            progress(index + 1, len(samples))
    counted = [pair for pair in pairs if not pair.sample.unedited]
    unedited = [pair for pair in pairs if pair.sample.unedited]
    told, text = verdict(counted, unedited, models[1].model_id)
    beside = remarks(counted, unedited, left_out, of_session)
    return Judgement(
        told,
        f"{text} {beside}".strip(),
        models[0].model_id,
        models[1].model_id,
        tuple(counted),
        (Path(candidate), Path(incumbent)),
        device,
        tuple(unedited),
        tuple(failed),
        tuple(left_out.items()),
    )


def worst(pairs: Sequence[Pair], count: int = 10) -> list[Pair]:
    """Where the candidate loses most, the worst first."""
    return sorted(pairs, key=lambda pair: pair.gain)[:count]


# --- written down ---


def as_json(judgement: Judgement) -> dict[str, Any]:
    """What `gate.json` says."""
    pairs = judgement.pairs
    groups = [patient(pair) for pair in pairs]
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
                "verdict": plain(difference(part)),
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
        "unedited": {"n": len(judgement.unedited), "agreement": agreement(judgement.unedited)},
        "left_out": dict(judgement.left_out),
        "failed": [vars(failure) for failure in judgement.failed],
    }

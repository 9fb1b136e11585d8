"""An experiment: how much do rounds of training on a simulated radiologist's corrections gain?

The session holds radiographs that the base model has seen without labels. The simulated radiologist corrects
k of them to their known masks, chosen at random or by the lowest quality score. Each choice trains one round,
and both development splits are evaluated before and after.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets import DatasetImage, images_of_split, read_mask
from ..evaluation.evaluate import compare, evaluate
from ..files import markdown_table, write_json, write_text
from ..imaging.radiograph import Radiograph
from ..models.folders import CARD, weights_hash
from ..models.segmenter import Prediction, Segmenter
from ..models.tasks import MODES
from ..sessions.folder import REFERENCES
from ..sessions.records import CORRECTED, MODEL, SessionError, SessionImage
from ..sessions.segmenting import images_to_segment, segment
from ..sessions.sources import add_file
from ..sessions.store import Session
from ..training import MODEL as MODEL_FOLDER
from ..training.ablation import interval_text
from .run import RoundRequest, run_round

SPLITS = ("dev_abnormal", "dev_normal")
POOL, ORACLE = "train_abnormal_unlabelled", "oracle_masks"
OTHERS = 100  # radiographs of the session without a known mask
RANDOM, USEFUL, NONE = ("random", "quality", "unlabelled only")


@dataclass(frozen=True)
class Plan:
    """One round: how its corrections are chosen (order), how many, and the seed of choice and training."""

    order: str
    corrections: int
    seed: int = 0

    @property
    def name(self) -> str:
        return f"{self.order.replace(' ', '-')}-{self.corrections:02}-{self.seed}"


PLANS = (
    *(Plan(order, 20) for order in (RANDOM, USEFUL)),
    Plan(NONE, 0),
    *(Plan(order, k) for k in (5, 10, 40) for order in (RANDOM, USEFUL)),
    *(Plan(order, 20, seed) for seed in (1, 2) for order in (RANDOM, USEFUL)),
)


def run_experiment(
    recipe: RoundRequest,
    data: Path,
    out: Path,
    base: Path,
    plans: Sequence[Plan] = PLANS,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    report: Callable[[str], None] = lambda message: None,
) -> list[dict[str, Any]] | None:
    """Run the missing rounds of an experiment; writes `experiment.json` and `experiment.md` after each.

    Args:
        recipe: how to train the rounds; the experiment sets session, out, base, readers, seed and resume.
        data: a data set's folder (`datasets`), with the simulated radiologist's masks in `oracle_masks`. It
            is replayed if `recipe.data` names it.
        out: folder for the session, the rounds and the results. Existing ones are kept.
        should_stop: as in `run_round`. report: called with a message for each round.

    Returns the rows of the table, or None if stopped. Raises CxradainError, as `run_round` does.
    """
    session = _segmented_session(data, out, base)
    before = _measured(base, data, out / "base")
    rows: list[dict[str, Any]] = []
    for plan in plans:
        _correct(session, data, plan)
        model = out / plan.name / MODEL_FOLDER
        if not (model / CARD).is_file():
            result = run_round(_request(recipe, plan, session, base, out), should_stop=should_stop)
            if result is None:
                return None
            report(f"{plan.name}: {result.judgement.decision.text}")
        after = _measured(model, data, model.parent)
        hours = json.loads((model / CARD).read_bytes())["training"]["hours"]
        rows.append({**vars(plan), "minutes": 60 * hours, **_gains(after, before)})
        write_json(out / "experiment.json", {"rounds": rows})
        write_text(out / "experiment.md", table(rows))
    return rows


def _segmented_session(data: Path, out: Path, base: Path) -> Path:
    """The session's folder; created and segmented by the base model if it is missing."""
    folder, part = out / "session", out / "session.part"
    if folder.exists():
        return folder
    shutil.rmtree(part, ignore_errors=True)
    known = _known_cases(data)
    others = [case for case in images_of_split(data, POOL) if case.id not in known]
    chosen = [*known.values(), *others[:: max(1, len(others) // OTHERS)][:OTHERS]]
    segmenter, weights, mode = Segmenter(base), weights_hash(base), MODES[0]

    def predict(radiograph: Radiograph) -> Prediction:
        return segmenter.predict(radiograph, mode)

    with Session.create(part, REFERENCES) as session:
        for case in chosen:
            add_file(session, case.image, patient_name=case.patient_group)
        images = images_to_segment(session, weights, mode)
        for image, outcome in segment(session, images, predict, weights, mode):
            if isinstance(outcome, Exception):
                raise SessionError(f"{part}: {image.name} could not be segmented: {outcome}")
    part.rename(folder)
    return folder


def _known_cases(data: Path) -> dict[str, DatasetImage]:
    """The cases of the pool for which the simulated radiologist has a mask, by id."""
    known = (replace(case, mask=data / ORACLE / f"{case.id}.png") for case in images_of_split(data, POOL))
    return {case.id: case for case in known if case.mask and case.mask.is_file()}


def _correct(folder: Path, data: Path, plan: Plan) -> None:
    """Correct the images of a plan, in the name of the plan."""
    known = _known_cases(data)
    with Session(folder) as session:
        done = {version.image for version in session.versions() if version.reader == plan.name}
        for image in _images_to_correct(session, known, plan):
            if image.key not in done:
                session.add_mask(image.key, read_mask(known[_case_id(image)]), plan.name, CORRECTED)


def _images_to_correct(session: Session, known: dict[str, DatasetImage], plan: Plan) -> list[SessionImage]:
    candidates = [i for i in session.images() if _case_id(i) in known and not session.is_held_out(i)]
    if plan.order == USEFUL:
        place = {row.key: index for index, row in enumerate(session.worklist(order="useful"))}
        ordered = sorted(candidates, key=lambda image: place[image.key])
    else:
        ordered = [candidates[i] for i in np.random.default_rng(plan.seed).permutation(len(candidates))]
    return ordered[: plan.corrections]


def _case_id(image: SessionImage) -> str:
    return Path(image.reference or "").stem


def _request(recipe: RoundRequest, plan: Plan, session: Path, base: Path, out: Path) -> RoundRequest:
    """The request for a plan's round; its command line does the same."""
    folder = out / plan.name
    reader = plan.name if plan.corrections else MODEL  # without labels
    command = ["train", "round", "--session", str(session), "--base", str(base), "--out", str(folder)]
    command += ["--reader", reader, "--seed", str(plan.seed), *recipe.command]
    command += [] if recipe.data is None else ["--data", str(recipe.data)]
    return replace(
        recipe,
        session=session,
        out=folder,
        base=base,
        readers=(reader,),
        options=replace(recipe.options, seed=plan.seed),
        resume=folder.exists(),
        command=command,
    )


def _measured(model: Path, data: Path, out: Path) -> dict[str, Any]:
    """The evaluations on the development splits, by split; cached in files."""
    results = {}
    for split in SPLITS:
        path = out / f"{split}.json"
        if not path.is_file():
            write_json(path, evaluate(Segmenter(model), images_of_split(data, split), quality=False))
        results[split] = json.loads(path.read_text(encoding="utf-8"))
    return results


def _gains(after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """By split, the union Dice before and after, and the paired difference."""
    gains = {split: compare(after[split], before[split]) for split in SPLITS}
    return {
        split: {
            "before": before[split]["overall"]["union"]["dice"]["mean"],
            "after": after[split]["overall"]["union"]["dice"]["mean"],
            "gain": gain["overall"]["union"]["dice"],
            "sources": {name: of["union"]["dice"] for name, of in gain["sources"].items()},
        }
        for split, gain in gains.items()
    }


def table(rows: list[dict[str, Any]]) -> str:
    """The rounds as a Markdown table."""
    head = ["corrections", "chosen", "seed", "minutes"]
    for split in SPLITS:
        head += [split, "gain (95 % interval)"]
    lines: list[list[object]] = []
    for row in sorted(rows, key=lambda row: (row["corrections"], row["order"], row["seed"])):
        cells: list[object] = [row["corrections"], row["order"], row["seed"], f"{row['minutes']:.1f}"]
        for split in SPLITS:
            gain = row[split]["gain"]
            gain_text = f"{gain['mean']:+.4f} ({interval_text(gain['ci95'], '+')})"
            cells += [f"{row[split]['after']:.4f}", gain_text]
        lines.append(cells)
    return markdown_table(head, lines)

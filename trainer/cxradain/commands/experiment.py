"""`cxradain experiment`: does the loop work? Rounds on a simulated radiologist's corrections, measured.

The session's radiographs are ones that the base model has seen without labels. The simulated radiologist
draws the known mask of k of them, chosen at random or by the greatest disagreement; one round each is
trained, and both development splits are measured before and after.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import UsageError

if TYPE_CHECKING:
    from ..datasets import Case
    from ..sessions.records import Image
    from ..sessions.store import Session

SPLITS = ("dev_abnormal", "dev_normal")
POOL, ORACLE = "train_abnormal_unlabelled", "oracle_masks"
OTHERS = 100  # radiographs of the session that nobody has a mask of
RANDOM, USEFUL, NONE = ORDERS = ("random", "disagreement", "unlabelled only")


@dataclass(frozen=True)
class Plan:
    """One round: how many corrections, chosen how, and the seed of choice and training."""

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


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "experiment",
        help="measure what rounds on a simulated radiologist's corrections give",
        description="Makes a session of radiographs that the base model has seen without labels, lets a "
        "simulated radiologist correct 5, 10, 20 or 40 of them, trains a round on each and measures it on "
        "both development splits. What is there already is kept, so that a stopped run goes on.",
    )
    add = parser.add_argument
    add("--data", required=True, metavar="DIR", type=Path, help="folder with manifest.csv and oracle_masks")
    add("--out", required=True, metavar="DIR", type=Path, help="folder for the session, rounds and figures")
    add("--base", metavar="MODEL", type=Path, help="the model to begin with (default: the one in use)")
    add("--rounds", type=int, default=len(PLANS), metavar="N", help="do the first N rounds alone")
    add("--no-replay", action="store_true", help="without the base data: by what the model knows of them")
    add("--recipe", nargs=argparse.REMAINDER, default=[], help="last: options for `train round`")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what is missing; prints the table and writes `experiment.json` and `experiment.md`."""
    from ..datasets import DatasetError
    from ..files import write_json, write_text
    from ..models.registry import default_model
    from ..sessions.records import SessionError

    base = options.base or default_model()
    try:
        folder = _session(options.data, options.out, base)
        before = _measured(base, options.data, options.out / "base")
        results = []
        for plan in PLANS[: options.rounds]:
            _correct(folder, options.data, plan)
            found = _round(plan, folder, base, options)
            results.append(_compared(plan, found, before))
            write_json(options.out / "experiment.json", {"rounds": results})
            write_text(options.out / "experiment.md", table(results))
    except (DatasetError, SessionError) as error:
        raise UsageError(error) from error
    print(table(results))
    return 0


def _session(data: Path, out: Path, base: Path) -> Path:
    """The session, segmented by the base model."""
    from .. import cli

    folder = out / "session"
    if not folder.exists():
        part = out / "session.part"
        shutil.rmtree(part, ignore_errors=True)
        _made(data, part)
        if cli.main(["session", "segment", str(part), "--model", str(base)]):
            raise UsageError(f"{part}: could not be segmented; see above")
        part.rename(folder)
    return folder


def _made(data: Path, folder: Path) -> None:
    from ..datasets import cases
    from ..sessions.sources import add_file
    from ..sessions.store import REFERENCES, Session

    with_masks = _with_masks(data)
    others = [case for case in cases(data, POOL) if case.id not in with_masks]
    chosen = [*with_masks.values(), *others[:: max(1, len(others) // OTHERS)][:OTHERS]]
    with Session.create(folder, REFERENCES) as session:
        for case in chosen:
            add_file(session, case.image, patient_name=case.patient_group)


def _with_masks(data: Path) -> dict[str, Case]:
    """The cases of the pool that the simulated radiologist knows the mask of, by id."""
    from dataclasses import replace

    from ..datasets import cases

    known = (replace(case, mask=data / ORACLE / f"{case.id}.png") for case in cases(data, POOL))
    return {case.id: case for case in known if case.mask and case.mask.is_file()}


def _correct(folder: Path, data: Path, plan: Plan) -> None:
    """The simulated radiologist, named like the plan, corrects as many as it says."""
    from ..datasets import read_mask
    from ..sessions.records import CORRECTED
    from ..sessions.store import Session

    known = _with_masks(data)
    with Session(folder) as session:
        if plan.name in session.readers():
            done = {version.image for version in session.versions() if version.reader == plan.name}
        else:
            done = set()
        for image in _chosen(session, known, plan):
            if image.key not in done:
                session.add_mask(image.key, read_mask(known[_id(image)]), plan.name, CORRECTED)


def _chosen(session: Session, known: dict[str, Case], plan: Plan) -> list[Image]:
    import numpy as np

    trained = [image for image in session.images() if _id(image) in known and not session.is_held_out(image)]
    if plan.order == USEFUL:
        order = {row.key: place for place, row in enumerate(session.worklist(order="useful"))}
        ordered = sorted(trained, key=lambda image: order[image.key])
    else:
        ordered = [trained[i] for i in np.random.default_rng(plan.seed).permutation(len(trained))]
    return ordered[: plan.corrections]


def _id(image: Image) -> str:
    return Path(image.reference or "").stem


def _round(plan: Plan, session: Path, base: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The round's figures, trained and measured unless they are there."""
    from .. import cli
    from ..sessions.records import MODEL

    out = options.out / plan.name
    if not (out / "model" / "card.json").is_file():
        words = ["train", "round", "--session", str(session), "--base", str(base), "--out", str(out)]
        reader = plan.name if plan.corrections else MODEL  # nobody: without labels
        words += ["--reader", reader, "--seed", str(plan.seed), "--progress", "quiet", *options.recipe]
        words += [] if options.no_replay else ["--data", str(options.data)]
        words += ["--resume"] if out.exists() else []
        code = cli.main(words)
        if code:
            raise UsageError(f"{out}: the round did not end well (exit code {code})")
    card = json.loads((out / "model" / "card.json").read_bytes())
    return {**_measured(out / "model", options.data, out), "minutes": 60 * card["training"]["hours"]}


def _measured(model: Path, data: Path, out: Path) -> dict[str, Any]:
    """Evaluations on the development splits, by split."""
    from ..datasets import cases
    from ..evaluation.evaluate import evaluate
    from ..files import write_json
    from ..models.segmenter import Segmenter

    found = {}
    for split in SPLITS:
        path = out / f"{split}.json"
        if not path.is_file():
            write_json(path, evaluate(Segmenter(model), cases(data, split)))
        found[split] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _compared(plan: Plan, after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """A row: Dice of both lungs together, before, after, and the paired difference."""
    from ..evaluation.evaluate import compare

    row: dict[str, Any] = {**vars(plan), "minutes": after["minutes"]}
    for split in SPLITS:
        gain = compare(after[split], before[split])
        row[split] = {
            "before": before[split]["overall"]["union"]["dice"]["mean"],
            "after": after[split]["overall"]["union"]["dice"]["mean"],
            "gain": gain["overall"]["union"]["dice"],
            "sources": {name: of["union"]["dice"] for name, of in gain["sources"].items()},
        }
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """The rounds in Markdown."""
    head = ["corrections", "chosen", "seed", "minutes"]
    for split in SPLITS:
        head += [split, "gain (95 % interval)"]
    lines = [head, ["---"] * len(head)]
    for row in sorted(rows, key=lambda row: (row["corrections"], row["order"], row["seed"])):
        cells = [row["corrections"], row["order"], row["seed"], f"{row['minutes']:.1f}"]
        for split in SPLITS:
            gain = row[split]["gain"]
            low, high = gain["ci95"]
            cells += [f"{row[split]['after']:.4f}", f"{gain['mean']:+.4f} ({low:+.4f} to {high:+.4f})"]
        lines.append(cells)
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines) + "\n"

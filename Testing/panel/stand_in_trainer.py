"""A trainer without torch, for tests of what watches one: `python stand_in_trainer.py round --out DIR ...`.

It writes what the real one writes. The variable STAND_IN_TRAINER holds words: steps=N; pause=SECONDS of each
step; die=N, by SIGKILL in step N; hang, when it is asked to stop.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import time
from pathlib import Path

from cxradain.models.registry import GATE
from cxradain.rounds.folder import REPORT, RoundStatus, StatusWriter
from cxradain.rounds.selection import select_images
from cxradain.sessions.store import Session
from cxradain.training import MODEL, PROGRESS

CHECKPOINT = "checkpoint.txt"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["round"])
    parser.add_argument("--session", type=Path, required=True)
    for name in ("--base", "--out"):
        parser.add_argument(name, type=Path)
    for name in ("--resume", "--plan"):
        parser.add_argument(name, action="store_true")
    options, _others = parser.parse_known_args()
    how = dict(f"{word}=".split("=")[:2] for word in os.environ.get("STAND_IN_TRAINER", "").split())
    steps, pause = int(how.get("steps") or 30), float(how.get("pause") or 0.01)
    with Session(options.session, write=False) as session:
        selection = select_images(session)
    if options.plan:
        told = {"steps": steps, "seconds": 95, "device": "no device", "threads": 0, "precision": "32-true"}
        print(json.dumps({**selection.counts(), **told}))
        return 0
    begun_with = RoundStatus(
        session=str(options.session),
        base=str(options.base),
        used=[version.id for _, version in selection.labelled],
        references=[],
        command=sys.argv,
    )
    status = StatusWriter(options.out, begun_with, options.resume)
    print("the stand-in begins", flush=True)
    done = int((options.out / CHECKPOINT).read_text()) if options.resume else 0
    status.set_state("training", "begins")
    while done < steps:
        done += 1
        time.sleep(pause)
        tell(options.out, done, steps)
        status.set_state("training", f"round, step {done} of {steps}")
        if done == int(how.get("die") or 0):
            print("no room left", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if status.stop_requested():
            while "hang" in how:
                time.sleep(1)
            (options.out / CHECKPOINT).write_text(str(done))
            status.set_state("stopped", "a checkpoint is kept")
            return 143
    finish(options.out, options.base)
    status.set_state("finished", "no better")
    return 0


def tell(out: Path, step: int, steps: int) -> None:
    line = {"time": time.time(), "stage": "round", "step": step, "steps": steps}
    with (out / PROGRESS).open("a") as file:
        loss = {"segmentation": 1 / step, "cycle": 0.5, "identity": 0.25}
        file.write(json.dumps({**line, "loss": loss, "remaining_seconds": 0.01 * (steps - step)}) + "\n")
        if step % 10 == 0:
            file.write(json.dumps({**line, "validation": {"student_plain": 0.9, "score": 0.9}}) + "\n")


def finish(out: Path, base: Path) -> None:
    """The base model under another version, and a comparison."""
    model = out / MODEL
    model.mkdir(exist_ok=True)
    for file in base.iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    card = json.loads((model / "card.json").read_text())
    (model / "card.json").write_text(json.dumps(card | {"version": f"{card.get('version', '1')}-round"}))
    gate = {"verdict": "too few to tell", "text": "Too few to tell: 2 validation images.", "n": 2}
    gate |= {"candidate_dice": {"mean": 0.9512}, "incumbent_dice": {"mean": 0.9401}}
    gate["difference"] = {"mean": 0.0111, "ci95": [math.nan, math.nan], "patients": 2}
    (out / GATE).write_text(json.dumps(gate))
    (out / REPORT).write_text("<p>Side by side</p>")


if __name__ == "__main__":
    if "hang" in os.environ.get("STAND_IN_TRAINER", ""):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(main())

"""Latency of a click, and the Dice gained by up to five clicks: `run.py bench clicks`.

Latency: clicks on a bundled radiograph enlarged to 2500 x 2000 pixels, to the engine and back.
Gain (needs --data or CXRADAIN_DATA): on the third of a split's radiographs with the lowest Dice, a simulated
user clicks at the deepest point of the largest wrong region, to add or to remove, and repeats this on the
result. On the same radiographs, a wrong click and the opposite one at nearly the same place: how much of the
model's mask is there again. Choose parameters on `--splits train_abnormal_unlabelled`, whose masks 0.2.0 has
not seen; report on the default splits.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from cxradain.datasets import DatasetImage, images_of_split, read_mask
from cxradain.imaging.lungs import BACKGROUND, LEFT, RIGHT
from cxradain.imaging.measurements import dice
from cxradain.imaging.radiograph import Radiograph, read_radiograph
from cxradain.models.clicks import ACTIONS, Action, Click
from cxradain.models.refinement import Evidence, Refinement, refine
from cxradain.models.segmenter import Segmenter
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "trainer"))
from click_shapes import hangs, pieces
from engine_client import Engine

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "Resources" / "SampleData" / "kermany_normal__IM-0459-0001.jpeg"
SHAPE = (2500, 2000)
LEAST_SHARE = 5e-4  # of the image; nobody clicks at smaller regions
CLICKS = 5
SHOWN = (0, 1, 2, 3, 5)  # clicks after which the Dice is printed


def union_dice(a: np.ndarray, b: np.ndarray) -> float:
    """The Dice of both lungs together, 0..1."""
    return dice(a != BACKGROUND, b != BACKGROUND)


def next_click(truth: np.ndarray, labels: np.ndarray) -> Click | None:
    """A click at the deepest point of the largest wrong region, or None if all regions are small."""
    largest, best = LEAST_SHARE * truth.size, None
    for lung in (RIGHT, LEFT):
        missing = (truth == lung) & (labels != lung)
        too_much = (truth == BACKGROUND) & (labels == lung)
        for action, wrong in (("add", missing), ("remove", too_much)):
            numbered, count = ndimage.label(wrong)
            sizes = np.bincount(numbered.ravel(), minlength=count + 1)[1:]
            if count and sizes.max() >= largest:
                largest, best = sizes.max(), (numbered == 1 + sizes.argmax(), action, lung)
    if best is None:
        return None
    region, action, lung = best
    depth = ndimage.distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return Click(int(row), int(column), action, lung)


def wrong_click(labels: np.ndarray, lung: int, action: Action, rng: np.random.Generator) -> Click:
    """A click well outside the lung that adds to it, or one well inside that removes."""
    inside, size = labels == lung, len(labels)
    depth = ndimage.distance_transform_edt(inside if action == "remove" else ~inside)
    nearest, farthest = (0.02, 1) if action == "remove" else (0.03, 0.12)
    places = (depth > nearest * size) & (depth < farthest * size) & (inside | (labels == BACKGROUND))
    row, column = rng.choice(np.argwhere(places))
    return Click(int(row), int(column), action, lung)


def opposite_click(click: Click, shape: tuple[int, ...], rng: np.random.Generator) -> Click:
    """The click that a user makes to take this one back, up to three pixels off."""
    place = np.array([click.row, click.column]) + rng.integers(-3, 4, 2)
    row, column = place.clip(0, np.array(shape) - 1).tolist()
    return Click(row, column, "remove" if click.action == "add" else "add", click.lung)


def with_patch(labels: np.ndarray, refinement: Refinement) -> np.ndarray:
    """The labels after a click."""
    r0, r1, c0, c1 = refinement.box
    after = labels.copy()
    after[r0:r1, c0:c1] = refinement.patch
    return after


def taken_back(found: Sequence[tuple[np.ndarray, Evidence]]) -> None:
    """Print the Dice with the model's mask after a wrong click on each lung, and after the opposite one."""
    rng = np.random.default_rng(0)
    for action in ACTIONS:
        dices = []
        for labels, evidence in found:
            for lung in sorted({RIGHT, LEFT} & set(np.unique(labels).tolist())):
                wrong = wrong_click(labels, lung, action, rng)
                once = with_patch(labels, refine(labels, evidence, wrong))
                back = opposite_click(wrong, labels.shape, rng)
                twice = with_patch(once, refine(once, evidence, back, [wrong]))
                dices.append([dice(each == lung, labels == lung) for each in (once, twice)])
        (wrong_mean, mean), (_, least) = np.mean(dices, 0), np.min(dices, 0)
        print(
            f"{len(dices)} wrong clicks to {action}: Dice with the model's lung {wrong_mean:.4f}; "
            f"taken back {mean:.4f} (least {least:.4f})"
        )


@dataclass
class Clicked:
    """A click of the simulated user: radiograph, number (from 1) and effect."""

    id: str
    number: int
    action: str
    before: float
    """Union Dice, 0..1."""
    after: float
    more_pieces: int
    hangs: bool
    seconds: float


def simulate(truth: np.ndarray, labels: np.ndarray, evidence: Evidence, name: str) -> Iterator[Clicked]:
    """Yields up to CLICKS clicks on a radiograph."""
    earlier: list[Click] = []
    for number in range(1, CLICKS + 1):
        click = next_click(truth, labels)
        if click is None:
            return
        started = time.perf_counter()
        refinement = refine(labels, evidence, click, earlier)
        seconds = time.perf_counter() - started
        after = with_patch(labels, refinement)
        yield Clicked(
            id=name,
            number=number,
            action=click.action,
            before=union_dice(labels, truth),
            after=union_dice(after, truth),
            more_pieces=pieces(after) - pieces(labels),
            hangs=click.action == "add" and hangs(labels, after, click.lung),
            seconds=seconds,
        )
        labels = after
        earlier.append(click)


def worst_third(
    segmenter: Segmenter, cases: list[DatasetImage]
) -> list[tuple[DatasetImage, np.ndarray, np.ndarray, Evidence, float]]:
    """The third with the lowest union Dice: image, mask, the model's labels and evidence, Dice."""
    found = []
    for case in cases:
        radiograph, truth = read_radiograph(case.image), read_mask(case)
        prediction = segmenter.predict(radiograph)
        evidence = Evidence(radiograph.intensities(), prediction.canvas_probability)
        found.append((case, truth, prediction.labels, evidence, union_dice(prediction.labels, truth)))
    return sorted(found, key=lambda each: each[-1])[: len(found) // 3]


def gain(cases: list[DatasetImage], model: str | None, out: Path | None) -> None:
    """Print the Dice gained by clicks on the worst third of a split."""
    worst = worst_third(Segmenter(model, "cpu"), cases)
    clicks = [clicked for case, *given, _ in worst for clicked in simulate(*given, case.id)]
    after = {case.id: [value] for case, *_, value in worst}
    for clicked in clicks:
        after[clicked.id].append(clicked.after)
    values = np.array([dices + dices[-1:] * (CLICKS + 1 - len(dices)) for dices in after.values()])
    print(f"{len(worst)} radiographs, the worst third of {len(cases)}; union Dice in the mean")
    print("clicks  " + "".join(f"{number:>8}" for number in SHOWN))
    print("Dice    " + "".join(f"{values[:, number].mean():8.4f}" for number in SHOWN))
    print("action   clicks   made it worse   left pieces   hang on a neck   ms a click (95th percentile)")
    for action in ("add", "remove"):
        of_action = [clicked for clicked in clicks if clicked.action == action]
        if not of_action:
            continue
        worse, apart, neck = (
            np.mean([test(clicked) for clicked in of_action])
            for test in (lambda c: c.after < c.before, lambda c: c.more_pieces > 0, lambda c: c.hangs)
        )
        times = np.array([clicked.seconds for clicked in of_action]) * 1000
        print(
            f"{action:8} {len(of_action):6} {worse:15.1%} {apart:13.1%} {neck:16.1%}   "
            f"{np.median(times):.0f} ({np.percentile(times, 95):.0f})"
        )
    taken_back([(labels, evidence) for _case, _truth, labels, evidence, _value in worst])
    if out:
        out.write_text(json.dumps([asdict(clicked) for clicked in clicks], indent=1))


def latency(repeats: int) -> None:
    """Print the latency of clicks that fill a hole cut into a lung, at full size."""
    radiograph = read_radiograph(SAMPLE)
    rows, columns = (
        np.linspace(0, old - 1, new).round().astype(int)
        for old, new in zip(radiograph.shape, SHAPE, strict=True)
    )
    large = Radiograph(radiograph.pixels[np.ix_(rows, columns)], "large")
    with Engine() as engine:
        engine.request("load", device="cpu")
        fields = large.to_json() | {"name": "large"}
        labels = engine.request("predict", {"pixels": large.pixels}, key="large", **fields).arrays["labels"]
        lung = np.pad(labels == RIGHT, 1)
        depth = ndimage.distance_transform_edt(lung)[1:-1, 1:-1]
        point = np.unravel_index(depth.argmax(), depth.shape)
        rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1]]
        bite = (rows - point[0]) ** 2 + (columns - point[1]) ** 2 < (0.8 * depth.max()) ** 2
        labels[bite] = 0
        click = Click(int(point[0]), int(point[1]), "add", RIGHT).to_json()
        whole, inside = [], []
        for _ in range(repeats + 2):
            started = time.perf_counter()
            got = engine.request("refine", {"labels": labels}, key="large", click=click)
            whole.append(time.perf_counter() - started)
            inside.append(got.header["seconds"])
        print(f"CPU, {os.cpu_count()} cores")
    print(f"a click at {SHAPE[0]} x {SHAPE[1]}, warm, median of {repeats}: ", end="")
    print(f"{statistics.median(whole[2:]):.3f} s to the engine and back, ", end="")
    print(f"{statistics.median(inside[2:]):.3f} s of it in the engine (least {min(inside[2:]):.3f} s)")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--data", type=Path, default=os.environ.get("CXRADAIN_DATA"))
    parser.add_argument("--splits", nargs="+", default=["dev_abnormal", "dev_view"])
    parser.add_argument("--model", help="a model's folder; else the one in use")
    parser.add_argument("--out", type=Path, help="a JSON file for every click")
    asked = parser.parse_args()
    latency(asked.repeats)
    if asked.data is None:
        print("gain: not measured; --data names the prepared radiographs")
        return
    cases = [case for split in asked.splits for case in images_of_split(asked.data, split) if case.mask]
    print(f"{' and '.join(asked.splits)}: ", end="")
    gain(cases, asked.model, asked.out)


if __name__ == "__main__":
    main()

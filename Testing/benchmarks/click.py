"""Latency and gain of a click: `run.py bench click`.

Latency: clicks on a bundled radiograph enlarged to 2500 x 2000 pixels, all the way to the engine and back.
Gain: on the radiographs with masks of a split, where the shared data is given (--data, or CXRADAIN_DATA), a
person is simulated who clicks once, in the middle of the largest region that the model missed in a lung, or
of the largest that it found too much.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from cxradain.datasets import images_of_split, read_mask
from cxradain.imaging.lungs import LEFT, RIGHT
from cxradain.imaging.radiograph import Radiograph, read_radiograph
from cxradain.models.clicks import Action, Click
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "trainer"))
from engine_client import Engine

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "Resources" / "SampleData" / "kermany_normal__IM-0459-0001.jpeg"
SHAPE = (2500, 2000)
LEAST_SHARE = 5e-4  # of the image: nobody clicks at regions of fewer pixels


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Of two masks, 0..1."""
    return 2 * np.count_nonzero(a & b) / max(1, np.count_nonzero(a) + np.count_nonzero(b))


def middle_of_largest(wrong: np.ndarray) -> tuple[int, int] | None:
    """The pixel deepest in the largest connected region, or None where all are small."""
    numbered, count = ndimage.label(wrong)
    if not count:
        return None
    sizes = np.bincount(numbered.ravel())[1:]
    if sizes.max() < LEAST_SHARE * wrong.size:
        return None
    region = np.pad(numbered == 1 + sizes.argmax(), 1)
    depth = ndimage.distance_transform_edt(region)[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return int(row), int(column)


def predict(engine: Engine, key: str, radiograph: Radiograph) -> np.ndarray:
    """The model's labels, (H, W)."""
    fields = radiograph.to_json() | {"name": key}
    return engine.request("predict", {"pixels": radiograph.pixels}, key=key, **fields).arrays["labels"]


def click(
    engine: Engine, key: str, labels: np.ndarray, point: tuple[int, int], action: Action, lung: int
) -> tuple[np.ndarray, float]:
    """The labels after a click, and the seconds it took in the engine."""
    fields = Click(*point, action, lung).to_json()
    got = engine.request("refine", {"labels": labels}, key=key, click=fields)
    r0, r1, c0, c1 = got.header["box"]
    after = labels.copy()
    after[r0:r1, c0:c1] = got.arrays["patch"]
    return after, got.header["seconds"]


def latency(engine: Engine, repeats: int) -> None:
    """Clicks into a bite taken from a lung, at full size."""
    radiograph = read_radiograph(SAMPLE)
    rows, columns = (
        np.linspace(0, old - 1, new).round().astype(int)
        for old, new in zip(radiograph.shape, SHAPE, strict=True)
    )
    large = Radiograph(radiograph.pixels[np.ix_(rows, columns)], "large")
    labels = predict(engine, "large", large)
    lung = np.pad(labels == RIGHT, 1)
    depth = ndimage.distance_transform_edt(lung)[1:-1, 1:-1]
    point = np.unravel_index(depth.argmax(), depth.shape)
    rows, columns = np.ogrid[: SHAPE[0], : SHAPE[1]]
    bite = (rows - point[0]) ** 2 + (columns - point[1]) ** 2 < (0.8 * depth.max()) ** 2
    labels[bite] = 0
    whole, inside = [], []
    for _ in range(repeats + 2):
        started = time.perf_counter()
        _, seconds = click(engine, "large", labels, (int(point[0]), int(point[1])), "add", RIGHT)
        whole.append(time.perf_counter() - started)
        inside.append(seconds)
    print(f"a click at {SHAPE[0]} x {SHAPE[1]}, warm, median of {repeats}: ", end="")
    print(f"{statistics.median(whole[2:]):.3f} s to the engine and back, ", end="")
    print(f"{statistics.median(inside[2:]):.3f} s of it in the engine (least {min(inside[2:]):.3f} s)")


def gains(engine: Engine, data: Path, split: str) -> Iterator[tuple[str, float, float]]:
    """Action, Dice of the lung before, and after the click."""
    for case in images_of_split(data, split):
        if case.mask is None:
            continue
        truth = read_mask(case)
        labels = predict(engine, case.id, read_radiograph(case.image))
        for lung in (RIGHT, LEFT):
            real, found = truth == lung, labels == lung
            for action, wrong in (("add", real & ~found), ("remove", found & ~real)):
                point = middle_of_largest(wrong)
                if point is not None:
                    after, _ = click(engine, case.id, labels, point, action, lung)
                    yield action, dice(real, found), dice(real, after == lung)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--data", type=Path, default=os.environ.get("CXRADAIN_DATA"))
    parser.add_argument("--split", default="dev_abnormal")
    asked = parser.parse_args()
    with Engine() as engine:
        engine.request("load", device="cpu")
        print(f"CPU, {engine.info['threads']} threads")
        latency(engine, asked.repeats)
        if asked.data is None:
            print("gain: not measured; --data names the prepared radiographs")
            return
        found = list(gains(engine, Path(asked.data), asked.split))
    print(f"{asked.split}: one click, Dice of the lung in percent")
    print("action   clicks   before   after   gain   5th percentile   clicks that raised it")
    for action in ("add", "remove"):
        pairs = np.array([pair for name, *pair in found if name == action]) * 100
        gained = pairs[:, 1] - pairs[:, 0]
        print(
            f"{action:8} {len(pairs):6} {pairs[:, 0].mean():8.2f} {pairs[:, 1].mean():7.2f} "
            f"{gained.mean():6.2f} {np.percentile(gained, 5):16.2f} {np.mean(gained > 0):20.1%}"
        )


if __name__ == "__main__":
    main()

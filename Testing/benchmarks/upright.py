"""How well turned and mirrored radiographs and other images are detected: `run.py bench upright`.

Measures the shipped detector on the development splits and on 200 adults; `--write` first fits its
coefficients again on the training splits (minutes, one thread). No patient of a development split or of the
200 adults is fitted to; a fifth of the other patients sets the limits.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import skimage
from cxradain.datasets import TRAINING_SPLITS, DatasetImage, read_manifest
from cxradain.files import write_bytes
from cxradain.imaging import upright
from cxradain.imaging.image_data import color_warnings, luminance
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.radiograph import Radiograph, read_radiograph
from cxradain.imaging.turn import TURNS, Turn
from cxradain.imaging.upright import Coefficients, Looks, describe_turns, judge, look, small
from PIL import Image
from safetensors.numpy import save
from scipy import ndimage
from scipy.optimize import minimize

ADULTS, ADULT_SPLIT = 200, "train_normal_unlabelled"
UPSIDE_DOWN = {"nih_normal__00003490_011"}  # in the data set; found by this detector
LIMITS_SHARE = 0.2  # of the patients
HAZY = 0.5  # share of these views with a hazy lung
VIEWS = 4  # more per radiograph: slightly rotated, scaled, shifted, with changed contrast
PENALTY = 1e-4  # on the squared weights
COMPONENTS = 64
# Limits: log odds of 20 to 1 for a turn, and of 1000 to 1 for a flip, which only the heart shows; and just
# beyond the farthest and the lowest of the patients that set the limits.
TURN_ODDS, MIRROR_ODDS = 3.0, 7.0
FARTHER, LOWER = 1.1, 0.6


def lot(patient: str) -> float:
    """A number in 0..1, always the same for a patient."""
    return int(hashlib.sha256(f"upright {patient}".encode()).hexdigest()[:8], 16) / 2**32


def parts(data: Path) -> dict[str, list[DatasetImage]]:
    """The images to fit to, to set the limits by, and to report on."""
    images = read_manifest(data)
    adults: list[DatasetImage] = []
    for image in sorted((i for i in images if i.split == ADULT_SPLIT), key=lambda i: lot(i.patient_group)):
        if len(adults) < ADULTS or image.patient_group == adults[-1].patient_group:
            adults.append(image)
    apart = {image.patient_group for image in adults}
    rest = [i for i in images if i.split in TRAINING_SPLITS and i.patient_group not in apart]
    rest = [image for image in rest if image.id not in UPSIDE_DOWN]
    of: dict[str, list[DatasetImage]] = {
        "fit": [i for i in rest if lot(f"limits {i.patient_group}") >= LIMITS_SHARE],
        "limits": [i for i in rest if lot(f"limits {i.patient_group}") < LIMITS_SHARE],
        f"{ADULTS} adults": adults,
    }
    for image in images:
        if image.split not in TRAINING_SPLITS:
            of.setdefault(image.split, []).append(image)
    return of


def described(images: list[DatasetImage]) -> np.ndarray:
    """The features (N, 8, FEATURES) of N images in the eight turns."""
    return np.stack([describe_turns(small(read_radiograph(image.image))) for image in images])


def varied(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A square image, randomly varied as between patients and technologists."""
    angle, scale = np.deg2rad(generator.normal(0, 5)), np.exp(generator.normal(0, 0.1, 2))
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.array([[cosine, -sine], [sine, cosine]]) @ np.diag(scale)
    middle = (np.array(image.shape) - 1) / 2
    shift = middle - matrix @ middle + generator.normal(0, 0.04 * len(image), 2)
    outside = "constant" if generator.random() < 0.5 else "nearest"
    moved = ndimage.affine_transform(image, matrix, shift, order=1, mode=outside)
    if generator.random() < HAZY:
        # A white lung on either side, so that its shade does not tell right from left.
        side, level = generator.integers(2), generator.uniform(0.3, 1)
        row, column = generator.normal([0.55, 0.3 + 0.4 * side], 0.08) * len(image)
        rows, columns = np.ogrid[: len(image), : len(image)]
        sizes = generator.uniform([0.15, 0.1], [0.45, 0.22]) * len(image)
        haze = level * np.exp(-(((rows - row) / sizes[0]) ** 2 + ((columns - column) / sizes[1]) ** 2) / 2)
        moved = moved + (max(0.75, moved.max() * 0.9) - moved).clip(0) * haze
    return (np.clip(moved, 0, 1) ** np.exp(generator.normal(0, 0.3))).astype(np.float32)


def fit(of: dict[str, list[DatasetImage]]) -> Coefficients:
    """Fit the coefficients, and set the limits, each on its own images."""
    generator = np.random.default_rng(0)
    images = [small(read_radiograph(image.image)) for image in of["fit"]]
    views = [
        describe_turns(view)
        for image in images
        for view in (image, *(varied(image, generator) for _ in range(VIEWS)))
    ]
    turned = np.stack(views)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        """The conditional logit's loss and gradient; the first of `TURNS` is upright."""
        scores = turned @ weights.astype(np.float32)
        scores -= scores.max(1, keepdims=True)
        share = np.exp(scores)
        share /= share.sum(1, keepdims=True)
        value = -np.log(share[:, 0] + 1e-30).mean() + PENALTY * weights @ weights
        share[:, 0] -= 1
        gradient = np.tensordot(share, turned, ([0, 1], [0, 1])) / len(turned)
        return float(value), (gradient + 2 * PENALTY * weights).astype(np.float64)

    found = minimize(loss, np.zeros(upright.FEATURES), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    mean = turned[:, 0].mean(0)
    _u, _s, components = np.linalg.svd(turned[:, 0] - mean, full_matrices=False)
    # Rounded as in the file that will be read.
    kept = components[:COMPONENTS].astype(np.float16).astype(np.float32)
    no_limits = Coefficients(found.x.astype(np.float32), mean, kept, TURN_ODDS, MIRROR_ODDS, np.inf, -np.inf)
    looks = [judge(each, no_limits) for each in described(of["limits"])]
    distances, scores = (np.array([getattr(each, name) for each in looks]) for name in ("distance", "score"))
    return replace(no_limits, most_distance=distances.max() * FARTHER, least_score=scores.min() * LOWER)


def write(fitted: Coefficients) -> None:
    """Write the coefficients into the package."""
    limits = (fitted.turn_odds, fitted.mirror_odds, fitted.most_distance, fitted.least_score)
    arrays = {
        "weights": fitted.weights,
        "mean": fitted.mean,
        "components": fitted.components.astype(np.float16),
        "limits": np.array(limits, np.float32),
    }
    write_bytes(upright.FILE, save(arrays))


def foreign_images(folder: Path) -> Iterator[tuple[str, np.ndarray, bool]]:
    """Images (H, W) of no chest, and whether each is in color: noise, shades, a folder's pictures and
    their quarters."""
    generator = np.random.default_rng(0)
    for number in range(5):
        yield f"noise {number}", generator.random((300, 300)), False
        yield (
            f"shades {number}",
            ndimage.gaussian_filter(generator.random((300, 300)), 15 + 10 * number),
            False,
        )
    for path in sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg")):
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
        quarters = [pixels[r : r + rows, c : c + columns] for r in (0, rows) for c in (0, columns)]
        for number, part in enumerate((pixels, *quarters)):
            gray = luminance(part).astype(np.float64)
            if gray.std() > 5:  # of 255; skips plain quarters
                yield f"{path.name}{f' {number}' if number else ''}", gray, bool(color_warnings(part))


def report(of: dict[str, list[DatasetImage]]) -> None:
    """Print the false alarms on the radiographs, and how many are caught once they are turned."""
    fitted = upright.coefficients()
    turns = " ".join(f"{turn.degrees}{' flip' if turn.flipped else ''}".rjust(8) for turn in TURNS[1:])
    print(f"{'':15}    n  alarms   no chest  turned  mirrored | caught of those turned by {turns}")
    for part, images in of.items():
        alarms: list[tuple[str, Looks]] = []
        caught = np.zeros(len(TURNS))
        for image, turned in zip(images, described(images), strict=True):
            of_turn = [judge(turned[_order(turn)], fitted) for turn in TURNS]
            caught += [_suspected(looks) for looks in of_turn]
            if _suspected(of_turn[0]):
                alarms.append((image.id, of_turn[0]))
        foreign, askew, mirrored = (
            sum(test(looks) for _, looks in alarms)
            for test in (
                lambda looks: not looks.chest,
                lambda looks: looks.turn.degrees != 0,
                lambda looks: looks.turn == Turn(0, True),
            )
        )
        counts = f"{len(alarms) / len(images):7.1%} {foreign:10} {askew:7} {mirrored:9}"
        shares = " ".join(f"{share:8.1%}" for share in caught[1:] / len(images))
        print(f"{part:15} {len(images):4} {counts} |{'':26}{shares}")
        for name, looks in alarms:
            print(f"    {name}: {looks}")


def report_foreign(folder: Path) -> None:
    """Print how many images of no chest are detected."""
    missed = {"their looks": [], "their looks or color": []}
    rows = list(foreign_images(folder))
    for name, pixels, colored in rows:
        if look(Radiograph(pixels, name)).chest:
            missed["their looks"].append(name)
            if not colored:
                missed["their looks or color"].append(name)
    for how, names in missed.items():
        print(f"no chest: {len(rows) - len(names)} of {len(rows)} found out by {how}; not {', '.join(names)}")


def report_inverted(images: list[DatasetImage]) -> None:
    """Print how many inverted pictures are detected whose file does not declare the inversion."""
    read = [read_radiograph(image.image) for image in images]
    seen = [look(replace(each, pixels=255 - each.pixels)) for each in read]
    print(f"grays exchanged: {sum(map(_suspected, seen))} of {len(seen)} detected")
    facts = ImageFacts(inverted=True)
    seen = [look(replace(each, pixels=255 - each.pixels, facts=facts)) for each in read]
    print(f"the same as MONOCHROME1: {sum(map(_suspected, seen))} of {len(seen)} suspected")


def _order(turn: Turn) -> list[int]:
    """The index, among an image's features, of the features of a turned image's turns."""
    return [TURNS.index(turn.then(other)) for other in TURNS]


def _suspected(looks: Looks) -> bool:
    return not looks.chest or bool(looks.turn)


def main() -> None:
    """Fit if asked, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("CXRADAIN_DATA"), help="the shared radiographs"
    )
    parser.add_argument(
        "--write", action="store_true", help="fit anew, and put the coefficients in the package"
    )
    asked = parser.parse_args()
    if asked.data is None:
        parser.error("--data names the prepared radiographs")
    of = parts(Path(asked.data))
    print(", ".join(f"{part}: {len(images)}" for part, images in of.items()))
    if asked.write:
        write(fit(of))
        upright.coefficients.cache_clear()
        print(f"{upright.FILE.name}: {upright.FILE.stat().st_size / 1000:.0f} kB")
    report({part: images for part, images in of.items() if part != "fit"})
    for image in read_manifest(Path(asked.data)):
        if image.id in UPSIDE_DOWN:
            print(f"{image.id}, which is upside down: {look(read_radiograph(image.image))}")
    report_foreign(Path(skimage.__file__).parent / "data")
    report_inverted(of["dev_abnormal"])
    if (package := find_spec("data_store")) is not None and package.origin is not None:  # pydicom-data
        leg = Path(package.origin).parent / "data" / "RG3_UNCR.dcm"
        print(f"{leg.name}, a leg: {look(read_radiograph(leg))}")


if __name__ == "__main__":
    main()

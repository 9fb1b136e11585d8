"""`python -m cxradain.commands.demo_page`: the lungs of sample radiographs, or of yours, on one HTML page."""

from __future__ import annotations

import argparse
import csv
import sys
import time
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.evaluate import resize_labels
from ..evaluation.pictures import grayscale, heat_map, overlay
from ..evaluation.report import Picture, Report
from ..files import reason_of
from ..imaging.lungs import FLAG_TEXT, LEFT, RIGHT
from ..imaging.measurements import dice
from ..imaging.radiograph import Radiograph
from ..models.folders import samples_folder
from ..setup.libraries import has_screen
from .batch import find_inputs, process
from .options import UsageError, add_flag, add_shared, open_segmenter
from .process import make_output_plain, run_command

if TYPE_CHECKING:
    from ..models.segmenter import Prediction

SAMPLES = samples_folder()


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the page; returns the exit code: 0 success, 1 some images failed, 2 wrong use, 130 stopped."""
    parser = argparse.ArgumentParser(
        prog="cxradain.commands.demo_page", description=__doc__.partition(": ")[2]
    )
    parser.add_argument(
        "--image", nargs="+", action="extend", metavar="PATH", type=Path, help="your own instead of samples"
    )
    parser.add_argument("--output", default=Path("demo-report.html"), metavar="FILE", type=Path)
    add_flag(parser, "--no-open", "do not open the page in the browser")
    add_shared(parser, "--model", "--device", "--backend")
    options = parser.parse_args(arguments)
    make_output_plain()
    return run_command(parser.prog, lambda: run(options))


def run(options: argparse.Namespace) -> int:
    """Segment, draw, write and show the page; returns how many radiographs failed."""
    known = {} if options.image else samples()
    segmenter = open_segmenter(options)
    report = Report(
        "Both lungs, found by CXRAdaINSeg",
        f"Model {segmenter.model_id} on {segmenter.device}. The as-normal translation is the model's idea of "
        "the chest without disease: a means, not a finding. Look twice where the mask drawn from it "
        "(teacher) and the mask drawn from the radiograph itself (student) disagree.",
    )
    found, without_radiographs = find_inputs(options.image or list(known))

    def add_row(index: int, radiograph: Radiograph) -> None:
        start = time.perf_counter()
        segmentation = segmenter.predict(radiograph, explain=True)
        seconds = time.perf_counter() - start
        sample = known.get(found.files[index], Sample())
        reference = read_reference(sample.mask, radiograph.shape) if sample.mask is not None else None
        texts = notes(segmentation, seconds, reference) + ([sample.credit] if sample.credit else [])
        report.row(found.files[index].name, pictures(segmentation, reference), texts)

    failed = without_radiographs + process(found, add_row)
    try:
        report.write(options.output)
    except OSError as error:
        raise UsageError(f"{options.output}: cannot be written ({reason_of(error)})") from error
    page = options.output.resolve()
    print(page)
    if not options.no_open and can_show():
        webbrowser.open(page.as_uri())
    return failed


@dataclass(frozen=True)
class Sample:
    """A bundled radiograph's reference mask, and its finding, attribution and licence."""

    mask: Path | None = None
    credit: str = ""


def samples() -> dict[Path, Sample]:
    """The bundled radiographs, in the order of their table. Raises UsageError."""
    table = SAMPLES / "samples.csv"
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise UsageError(
            f"{table}: cannot be read ({reason_of(error)}); name radiographs with --image"
        ) from error
    return {
        SAMPLES / row["file"]: Sample(
            SAMPLES / row["mask"] if row["mask"] else None,
            f"{row['finding']}. {row['attribution']}. {row['licence']}",
        )
        for row in rows
        if Path(row["file"]).name == row["file"]  # not the one with invented spacing, in a folder of its own
    }


def pictures(segmentation: Prediction, reference: np.ndarray | None) -> list[Picture]:
    """The upright radiograph, outlines, translation, probability and disagreement."""
    assert segmentation.as_normal is not None and segmentation.disagreement is not None  # with explain=True
    upright = segmentation.radiograph.facts.turn.apply
    intensities = upright(segmentation.radiograph.intensities())
    labels, reference = upright(segmentation.labels), None if reference is None else upright(reference)
    probability, disagreement = upright(segmentation.probability), upright(segmentation.disagreement)
    dashed = "; dashed: the reference" if reference is not None else ""
    return [
        Picture(grayscale(intensities), "Radiograph"),
        Picture(overlay(intensities, labels, reference), f"Right (R) and left (L) lung{dashed}"),
        Picture(grayscale(upright(segmentation.as_normal)), "As-normal translation"),
        Picture(heat_map(probability, over=intensities), "Probability of lung: dark 0, light 1"),
        Picture(heat_map(disagreement, over=intensities), "Teacher against student: dark 0, light 1"),
    ]


def notes(segmentation: Prediction, seconds: float, reference: np.ndarray | None) -> list[str]:
    """Size, time, Dice (with a reference), disagreement, quality and warnings, a line each."""
    height, width = segmentation.radiograph.shape
    texts = [f"{width} x {height} pixels, {seconds:.2f} s on {segmentation.device}"]
    if reference is not None:
        right, left, both = (
            dice(np.isin(segmentation.labels, lungs), np.isin(reference, lungs))
            for lungs in ((RIGHT,), (LEFT,), (RIGHT, LEFT))
        )
        texts.append(f"Dice against the reference: {both:.3f} (right {right:.3f}, left {left:.3f})")
    texts.append(f"Disagreement of teacher and student: {segmentation.disagreement_score:.3f}, of 0 to 1")
    if segmentation.quality is not None:
        texts.append(f"Quality of the worse mask: {segmentation.quality.worse.text}")
    texts += [FLAG_TEXT[flag] for flag in segmentation.flags]
    return [*texts, *segmentation.notes, *segmentation.radiograph.warnings]


def read_reference(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """A bundled mask resized to a radiograph's (H, W): uint8, 0 to 2. Raises OSError and ValueError."""
    from PIL import Image

    with Image.open(path, formats=("PNG", "JPEG")) as image:
        return resize_labels(np.asarray(image), shape)


def can_show() -> bool:
    """Whether somebody sits at a screen: there is a display, and standard output is a terminal."""
    return has_screen() and sys.stdout.isatty()


if __name__ == "__main__":
    sys.exit(main())

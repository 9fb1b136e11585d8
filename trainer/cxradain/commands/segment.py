"""`cxradain segment`: masks of both lungs as files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .options import (
    add_device,
    add_inputs,
    add_mode,
    add_model,
    add_output,
    open_segmenter,
    refuse_to_overwrite,
)

if TYPE_CHECKING:
    import numpy as np

    from ..imaging.radiograph import Radiograph

OVERLAY = "-overlay.png"
OVERLAY_PIXELS = 1600  # the longest side: a screenful


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "segment",
        help="write a mask of both lungs for every radiograph",
        description="Writes for every radiograph a label map of its own size, named after it: 0 background, "
        "1 the patient's right lung, 2 the left. Prints one line for each, with what to look at.",
    )
    add_inputs(parser)
    add_output(parser)
    parser.add_argument(
        "--format",
        choices=("nrrd", "nifti", "png"),
        default="nrrd",
        help="nrrd (default) and nifti keep the geometry; png holds the values 0, 1, 2 and looks black",
    )
    parser.add_argument(
        "--overlay", action="store_true", help=f"also a picture with outlines, NAME{OVERLAY}, for people"
    )
    add_model(parser)
    add_mode(parser)
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Segment the inputs; returns how many failed."""
    from ..imaging.file_formats import output_names
    from ..imaging.lungs import FLAG_TEXT
    from ..imaging.mask_files import EXTENSIONS, write_mask
    from .batch import process

    segmenter = open_segmenter(options)
    ending = EXTENSIONS[options.format]
    endings = (ending, OVERLAY) if options.overlay else (ending,)

    def prepare(paths: list[Path]) -> Callable[[int, Radiograph], None]:
        names = output_names(paths, endings)
        refuse_to_overwrite(paths, [options.output / (n + e) for n in names for e in endings])

        def work(index: int, radiograph: Radiograph) -> None:
            found = segmenter.predict(radiograph, options.mode)
            path = options.output / (names[index] + ending)
            write_mask(path, found.labels, radiograph)
            if options.overlay:
                write_overlay(options.output / (names[index] + OVERLAY), radiograph, found.labels)
            remarks = [FLAG_TEXT[flag] for flag in found.flags] + list(found.notes)
            print(" ".join([f"{path}:", *(remarks or ["both lungs found."])]), flush=True)

        return work

    return process(options.inputs, prepare)


def write_overlay(path: Path, radiograph: Radiograph, labels: np.ndarray) -> None:
    """The radiograph with the outlines of its labels (H, W), shrunk to a screenful, as a PNG."""
    from ..evaluation.pictures import overlay
    from ..files import replace_atomically

    picture = overlay(radiograph.intensities(), labels, longest=OVERLAY_PIXELS)
    replace_atomically(path, lambda temporary: picture.save(temporary, "PNG"))

"""`cxradain segment`: write masks of both lungs as files."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ..evaluation.pictures import overlay
from ..files import write_bytes
from ..imaging.file_formats import OVERLAY, output_names
from ..imaging.mask_files import EXTENSIONS, write_mask
from ..imaging.radiograph import Radiograph
from ..imaging.raster_files import png_bytes
from .batch import find_inputs, print_line, process, remarks_on
from .options import SKIP, add_flag, add_shared, open_segmenter, refuse_to_overwrite

OVERLAY_PIXELS = 1600  # the longest side; fits a screen


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Writes a label map for every radiograph, of the same size and named after it: 0 background, 1 the "
        "patient's right lung, 2 the left. Prints a line for each, with what to check."
    )
    add_shared(parser, "inputs", "--output")
    parser.add_argument(
        "--format",
        choices=("nrrd", "nifti", "png"),
        default="nrrd",
        help="nrrd (default) and nifti keep the geometry; png has the values 0, 1, 2, which look black",
    )
    add_flag(parser, "--overlay", f"also write a picture with outlines, NAME{OVERLAY}")
    add_shared(parser, "--model", "--mode", "--device", "--backend", "--on-suspect")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Segment the inputs; returns how many failed."""
    segmenter = open_segmenter(arguments)
    extension = EXTENSIONS[arguments.format]
    extensions = (extension, OVERLAY) if arguments.overlay else (extension,)
    found, without_radiographs = find_inputs(arguments.inputs)
    paths = found.files
    names = output_names(paths, extensions)
    refuse_to_overwrite(paths, [arguments.output / (n + e) for n in names for e in extensions])

    def segment(index: int, radiograph: Radiograph) -> None:
        prediction = segmenter.predict(radiograph, arguments.mode)
        path = arguments.output / (names[index] + extension)
        write_mask(path, prediction.labels, radiograph)
        if arguments.overlay:
            write_overlay(arguments.output / (names[index] + OVERLAY), radiograph, prediction.labels)
        remarks = remarks_on(prediction.quality) + list(prediction.notes)
        print_line(" ".join([f"{path}:", *remarks]))

    return without_radiographs + process(found, segment, arguments.on_suspect == SKIP)


def write_overlay(path: Path, radiograph: Radiograph, labels: np.ndarray) -> None:
    """Write a PNG of the upright radiograph with the outlines of its labels (H, W), shrunk to fit a
    screen."""
    upright = radiograph.facts.turn.apply(labels)
    picture = overlay(radiograph.upright().intensities(), upright, longest=OVERLAY_PIXELS)
    write_bytes(path, png_bytes(np.asarray(picture), marked=True))

"""`cxradain info`: the model, the machine, or how files are read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from .. import __version__
from ..imaging.radiograph import Radiograph
from ..setup.packages import installed_version
from .batch import find_inputs, print_line, process
from .options import SHARED, add_shared, open_segmenter

PACKAGES = ("onnxruntime", "torch", "numpy", "scipy", "pydicom", "SimpleITK", "monai", "lightning-fabric")


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Without inputs: versions, the device and the model's card. With inputs: how each was read, with "
        "warnings, and nothing about the patient."
    )
    parser.add_argument("inputs", **SHARED["inputs"] | {"nargs": "*"})
    add_shared(parser, "--model", "--device", "--backend")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the facts; returns how many inputs failed."""
    if arguments.inputs:
        found, without_radiographs = find_inputs(arguments.inputs)

        def describe(index: int, radiograph: Radiograph) -> None:
            radiograph.intensities()  # fails without contrast, as segmentation would
            print_line(f"{found.files[index]}: {describe_radiograph(radiograph)}")

        return without_radiographs + process(found, describe)

    segmenter = open_segmenter(arguments)
    print("For research, not for diagnosis.\n")
    print(f"cxradain: {__version__}\nPython: {sys.version.split()[0]}")
    for package in PACKAGES:
        print(f"{package}: {installed_version(package) or 'not installed'}")
    print(f"computed by: {segmenter.backend.name}\ndevice: {segmenter.device}")
    print(f"model: {segmenter.model_id}\n")
    print("\n".join(lines(segmenter.card)))
    return 0


def describe_radiograph(radiograph: Radiograph) -> str:
    """How a file was read, without warnings: "2500 x 2000 pixels, uint16, 0..4095, ..."."""
    height, width = radiograph.shape
    pixels = radiograph.pixels
    parts = [f"{width} x {height} pixels", str(pixels.dtype), f"{pixels.min():g}..{pixels.max():g}"]
    if radiograph.spacing is None:
        parts.append("uncalibrated")
    else:
        row, column = radiograph.spacing
        parts.append(f"{row:.4g} x {column:.4g} mm (row, column)")
    if radiograph.facts.center_width is not None:
        parts.append("window center {:g}, width {:g}".format(*radiograph.facts.center_width))
    if radiograph.inverted:
        parts.append("shown inverted (high values are dark)")
    if radiograph.facts.turn:
        parts.append(f"shown {radiograph.facts.turn} for its header")
    return ", ".join(parts)


def lines(value: Any, indent: str = "") -> Iterator[str]:
    """A card's content as indented text."""
    items = value.items() if isinstance(value, dict) else (("-", item) for item in value)
    for key, item in items:
        label = "- " if key == "-" else f"{key}: "
        if isinstance(item, (dict, list)) and item:
            yield f"{indent}{label}".rstrip()
            yield from lines(item, indent + "  ")
        else:
            yield f"{indent}{label}{item}"

"""`cxradain translate`: write radiographs translated to normal, as the teacher segments them."""

from __future__ import annotations

import argparse

from ..imaging.file_formats import output_names
from ..imaging.mask_files import write_gray
from ..imaging.radiograph import Radiograph
from .batch import find_inputs, print_line, process
from .options import SKIP, add_shared, open_segmenter, refuse_to_overwrite


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.description = (
        "Writes the as-normal translation of every radiograph, an 8-bit PNG of the same size, named after "
        "it. It is what the teacher segments: a means, not a finding."
    )
    add_shared(parser, "inputs", "--output", "--model", "--device", "--backend", "--on-suspect")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Translate the inputs; returns how many failed."""
    segmenter = open_segmenter(arguments)
    found, without_radiographs = find_inputs(arguments.inputs)
    paths = found.files
    outputs = [arguments.output / f"{name}.png" for name in output_names(paths, (".png",))]
    refuse_to_overwrite(paths, outputs)

    def translate(index: int, radiograph: Radiograph) -> None:
        prediction = segmenter.predict(radiograph, explain=True, quality=False)
        assert prediction.as_normal is not None  # with explain=True
        write_gray(outputs[index], prediction.as_normal)
        print_line(" ".join([f"{outputs[index]}:", *(prediction.notes or ["translated."])]))

    return without_radiographs + process(found, translate, arguments.on_suspect == SKIP)

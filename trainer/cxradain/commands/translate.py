"""`cxradain translate`: radiographs as the teacher sees them, as if normal."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .options import add_device, add_inputs, add_model, add_output, open_segmenter, refuse_to_overwrite

if TYPE_CHECKING:
    from ..imaging.radiograph import Radiograph


def add_parser(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "translate",
        help="write every radiograph translated to the look of normal ones",
        description="Writes for every radiograph its as-normal translation, a PNG of 8 bits and of the "
        "radiograph's own size, named after it. It is what the teacher segments: a means, not a finding.",
    )
    add_inputs(parser)
    add_output(parser)
    add_model(parser)
    add_device(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Translate the inputs; returns how many failed."""
    from ..imaging.file_names import output_names
    from ..imaging.mask_files import write_gray
    from .batch import process

    segmenter = open_segmenter(options)

    def prepare(paths: list[Path]) -> Callable[[int, Radiograph], None]:
        outputs = [options.output / f"{name}.png" for name in output_names(paths, (".png",))]
        refuse_to_overwrite(paths, outputs)

        def work(index: int, radiograph: Radiograph) -> None:
            found = segmenter.predict(radiograph, explain=True)
            assert found.as_normal is not None  # explanations were asked for
            write_gray(outputs[index], found.as_normal)
            print(" ".join([f"{outputs[index]}:", *(found.notes or ["translated."])]), flush=True)

        return work

    return process(options.inputs, prepare)

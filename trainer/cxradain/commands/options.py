"""Arguments that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import CxradainError
from ..models.devices import BACKENDS
from ..models.tasks import MODES

if TYPE_CHECKING:
    from ..models.segmenter import Segmenter


class UsageError(CxradainError):
    """The command was used wrongly; the message says how, and what to do."""


Run = Callable[[argparse.Namespace], int]


def add_command(commands: Any, name: str, run: Run, help: str) -> argparse.ArgumentParser:
    """Add a subcommand, such as `list` of `models`."""
    parser = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    parser.set_defaults(run=run)
    return parser


WARN, SKIP = "warn", "skip"

# The arguments that several commands share: name -> keyword arguments of add_argument.
SHARED: dict[str, dict[str, Any]] = {
    "inputs": {
        "nargs": "+",
        "metavar": "INPUT",
        "type": Path,
        "help": "DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD, NIfTI or MetaImage; a folder stands for all files "
        "in it",
    },
    "--output": {"required": True, "metavar": "DIR", "type": Path, "help": "folder for the results"},
    "--model": {"metavar": "DIR", "type": Path, "help": "a model's folder (default: the one in use)"},
    "--mode": {
        "choices": MODES,
        "default": MODES[0],
        "help": "student (default): one pass; teacher: translate to normal, then segment; direct: segment "
        "as if normal",
    },
    "--on-suspect": {
        "choices": (WARN, SKIP),
        "default": WARN,
        "help": "what to do with an image that seems turned, mirrored, lateral, in color or not a chest: "
        "warn (default), or skip it",
    },
    "--device": {
        "default": "auto",
        "help": "auto (a usable GPU, else the CPU), cpu, cuda, cuda:N, mps, directml or coreml",
    },
    "--backend": {
        "choices": BACKENDS,
        "default": BACKENDS[0],
        "help": "auto (ONNX Runtime, or torch if only torch is installed or reaches the device), "
        "onnxruntime or torch",
    },
}


def add_shared(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add the arguments of SHARED with these names."""
    for name in names:
        parser.add_argument(name, **SHARED[name])


def add_flag(parser: argparse.ArgumentParser, name: str, help: str) -> None:
    """Add a flag: an argument without a value, False by default."""
    parser.add_argument(name, action="store_true", help=help)


def open_segmenter(arguments: argparse.Namespace) -> Segmenter:
    """A segmenter with the model, device and backend asked for. Raises ModelError and DeviceError."""
    from ..models.segmenter import Segmenter

    return Segmenter(arguments.model, arguments.device, backend=arguments.backend)


def refuse_to_overwrite(inputs: list[Path], outputs: list[Path]) -> None:
    """Raise UsageError if an output would overwrite an input."""
    for path in {p.resolve() for p in inputs} & {p.resolve() for p in outputs}:
        raise UsageError(f"{path}: would be overwritten by its own result; choose another --output folder")


def check_output(path: Path) -> None:
    """Raise UsageError if no file can be written at `path`; called before the work, not after."""
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file")
    folder = next(p for p in path.resolve().parents if p.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UsageError(f"{path}: cannot be written; {folder} takes no files")


def _number(
    convert: Callable[[str], float], kind: str, in_range: Callable[[float], bool]
) -> Callable[[str], Any]:
    """A `type` for argparse: finite numbers within a range, which `kind` names in error messages."""

    def parse(text: str) -> float:
        try:
            value = convert(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or not in_range(value):
            raise argparse.ArgumentTypeError(f"{text!r} is not {kind}")
        return value

    return parse


count = _number(int, "a whole number from 0 on", lambda value: value >= 0)
positive_int = _number(int, "a whole number from 1 on", lambda value: value >= 1)
positive = _number(float, "a finite number above 0", lambda value: value > 0)
not_negative = _number(float, "a finite number from 0 on", lambda value: value >= 0)

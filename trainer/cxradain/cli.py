"""The command line: `cxradain COMMAND ...`, or `python -m cxradain COMMAND ...`.

Each command is a module of that name in `commands/`, imported only when it is called, so that help appears at
once. Its `configure(parser)` declares the arguments and sets `run`, which takes the parsed arguments and
returns the number of inputs that failed. Exit codes: 0 success, 1 some input failed, 2 wrong usage, 130
stopped by Ctrl-C, 143 by SIGTERM, 141 the output was closed (`| head`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from . import __version__
from .commands.process import make_output_plain, run_command

COMMANDS = {
    "segment": "write a mask of both lungs for every radiograph",
    "translate": "write every radiograph translated to the look of normal ones",
    "info": "describe the model and the machine, or how files are read",
    "evaluate": "measure a model on a split of a data set",
    "quality": "fit and evaluate the quality score of masks",
    "session": "keep radiographs with every version of their masks",
    "train": "train a model",
    "models": "list, compare, promote and roll back models",
    "ablation": "train and evaluate the parts of the method side by side",
    "experiment": "measure what rounds of training gain from simulated corrections",
    "card": "enter results into a model's card",
}


class CommandParser(argparse.ArgumentParser):
    """A command's parser; the command's module configures it on first use."""

    module = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        name, self.module = self.module, ""
        if name:
            import_module(f".commands.{name}", __package__).configure(self)
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; its result has the command's function as `run`."""
    top = argparse.ArgumentParser(
        prog="cxradain",
        description="Segments right and left lung in chest radiographs. For research, not for diagnosis.",
        epilog="Exit codes: 0 success, 1 some input failed, 2 wrong usage, 130 stopped by Ctrl-C, "
        "143 by SIGTERM, 141 the output was closed.",
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=CommandParser)
    for name, help in COMMANDS.items():
        commands.add_parser(name, help=help).module = name
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (argparse exits by itself with 2, or 0 after help)."""
    make_output_plain()
    options = parser().parse_args(arguments)
    options.command = list(sys.argv[1:] if arguments is None else arguments)
    return run_command("cxradain", lambda: options.run(options))

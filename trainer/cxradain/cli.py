"""The command line: `cxradain COMMAND ...`, or `python -m cxradain COMMAND ...`.

A command is a module of its name in `commands/`, imported when it is called, so that help comes at once. Its
`configure(parser)` describes the arguments and sets `run`, which takes them parsed and returns how many
inputs failed.
Exit codes: 0 all is well, 1 some input failed, 2 wrong use, 130 stopped by Ctrl-C, 143 by SIGTERM, 141 nobody
reads the output any more (`| head`).
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
    "session": "keep radiographs with every version of their masks",
    "train": "make a model",
    "models": "list, compare, promote and roll back models",
    "ablation": "train and measure the method's parts side by side",
    "experiment": "measure what rounds on a simulated radiologist's corrections give",
    "card": "enter figures into a model's card",
}


class CommandParser(argparse.ArgumentParser):
    """A command's parser, which its module configures when the command is called."""

    module = ""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        name, self.module = self.module, ""
        if name:
            import_module(f".commands.{name}", __package__).configure(self)
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; what it parses has `run`, the command's function."""
    top = argparse.ArgumentParser(
        prog="cxradain",
        description="Segments right and left lung in chest radiographs. For research, not for diagnosis.",
        epilog="Exit codes: 0 all is well, 1 some input failed, 2 wrong use, 130 stopped by Ctrl-C, "
        "143 by SIGTERM, 141 nobody reads the output any more.",
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

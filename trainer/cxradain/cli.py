"""The command line: `cxradain COMMAND ...`, or `python -m cxradain COMMAND ...`.

Each command is a file in `commands/` that imports torch only when it runs, so that help is at once there.
Exit codes: 0 all is well, 1 some input failed, 2 wrong use, 130 stopped by Ctrl-C, 143 by SIGTERM, 141 nobody
reads the output any more (`| head`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import CxradainError, __version__
from .commands import ablation, card, evaluate, experiment, info, models, segment, session, train, translate
from .commands.process import NOBODY_READS, Stopped, give_up_output, show_every_name

SUCCESS, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; each sets `run`, which takes the arguments and returns how many failed."""
    top = argparse.ArgumentParser(
        prog="cxradain",
        description="Segments right and left lung in chest radiographs. For research, not for diagnosis.",
        epilog="Exit codes: 0 all is well, 1 some input failed, 2 wrong use, 130 stopped by Ctrl-C, "
        "143 by SIGTERM, 141 nobody reads the output any more.",
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for command in (segment, translate, info, evaluate, session, train, models, ablation, experiment, card):
        command.add_parser(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (argparse exits by itself with 2, or 0 after help)."""
    show_every_name()
    options = parser().parse_args(arguments)
    options.command = list(sys.argv[1:] if arguments is None else arguments)
    try:
        failed = options.run(options)
        sys.stdout.flush()
        return SOME_FAILED if failed else SUCCESS
    except BrokenPipeError:
        give_up_output()
        return NOBODY_READS
    except (CxradainError, OSError) as error:
        print(f"cxradain: {error}", file=sys.stderr)
        return WRONG_USE
    except Stopped as stop:
        print(f"cxradain: {stop}", file=sys.stderr)
        return stop.exit_code
    except KeyboardInterrupt:
        print("cxradain: stopped.", file=sys.stderr)
        return INTERRUPTED

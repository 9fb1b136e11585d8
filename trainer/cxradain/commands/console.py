"""Where the words go: a console that cannot show every name, a reader who has seen enough."""

from __future__ import annotations

import io
import os
import sys

NOBODY_READS = 141  # what a shell says of a program that ended by SIGPIPE


def show_every_name() -> None:
    """Letters that the console's encoding lacks are printed by their codes; else they end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def give_up_output() -> None:
    """Nobody reads standard output any more: what is left of it goes nowhere, without a word about it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

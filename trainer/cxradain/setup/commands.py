"""The subcommands of run.py: the requirements that each needs, and what it starts."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from .. import CxradainError
from . import SetupError, demo, libraries
from .environment import Environment

ROOT = Path(__file__).resolve().parents[3]
BENCHMARKS = ROOT / "Testing" / "benchmarks"
HELP = """\
CXRAdaINSeg: right and left lung in chest radiographs. For research, not for diagnosis.

    python3 run.py demo               open a window with a bundled radiograph, and segment it
                                      --image PATH: another one; --screenshot FILE: draw the window into
                                      a picture, with no screen; --report: write and open a report instead
    python3 run.py test [PYTEST ...]  run the tests
    python3 run.py bench [NAME ...]   run a benchmark; alone, it lists them
    python3 run.py cxradain ...       the command line; see cxradain --help
    python3 run.py clean              remove the environment, .venv

The first run makes the environment, .venv, with what the subcommand needs; later runs start at once.
    --recreate before the subcommand  makes .venv anew
    CXRADAIN_TORCH                    another build of torch, as pip is told of it; see README.md. The
                                      demo, and segmenting on a CPU, need no torch
"""
WITH_TRAINING = {"train", "evaluate", "ablation", "experiment"}
MAKING_MODELS = {"average", "resize", "compress"}  # subcommands of `models`
NEEDS_MORE = re.compile(r"dicom-seg|torch|mps|cuda(:\d+)?")  # a format, a backend, and devices of torch
WITH_WINDOW = {"panel", "reader", "worklist"}  # benchmarks


class UnknownSubcommand(CxradainError):
    """run.py has no such subcommand or benchmark; the message names the existing ones."""


def main(arguments: list[str]) -> int:
    """Run a subcommand; returns its exit code, 1 if its environment cannot be created, 2 for wrong usage."""
    recreate = arguments[:1] == ["--recreate"]
    command, *rest = arguments[recreate:] or ["help"]
    environment = Environment(ROOT / ".venv", ROOT / "requirements", os.environ.get("CXRADAIN_TORCH"))
    try:
        if command in ("help", "-h", "--help"):
            print(HELP, end="")
        elif command == "clean":
            environment.remove()
        elif command == "bench" and not rest:
            print("Benchmarks:", *benchmarks(), sep="\n    ")
        else:
            needed, python_arguments = plan(command, rest)
            environment.prepare(needed, recreate)
            if needed in ("desktop", "test") and demo.has_window():
                libraries.provide(on_screen(command, rest), required=needed == "desktop")
            return start([str(environment.python), *python_arguments], ROOT if command == "test" else None)
    except UnknownSubcommand as error:
        print(f"run.py: {error}\n\n{HELP}", end="", file=sys.stderr)
        return 2
    except SetupError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("run.py: stopped. The next run repairs what is unfinished.", file=sys.stderr)
        return 130
    return 0


def plan(command: str, arguments: list[str]) -> tuple[str, list[str]]:
    """The set of requirements that a subcommand needs, and the arguments of `python` that start it. Raises
    UnknownSubcommand."""
    if command == "demo":
        return demo.plan(arguments)
    if command == "test":
        return "test", ["-m", "pytest", *arguments]
    if command == "bench":
        if arguments[0] not in benchmarks():
            raise UnknownSubcommand(f"there is no benchmark {arguments[0]!r}, but {', '.join(benchmarks())}")
        needed = "desktop" if arguments[0] in WITH_WINDOW else "train"
        return needed, [str(BENCHMARKS / f"{arguments[0]}.py"), *arguments[1:]]
    if command == "cxradain":
        only_help = not {"-h", "--help"}.isdisjoint(arguments)
        trains = not only_help and needs_torch(arguments)
        return "train" if trains else "run", ["-m", "cxradain", *arguments]
    raise UnknownSubcommand(f"there is no subcommand {command!r}")


def needs_torch(arguments: list[str]) -> bool:
    """Whether a `cxradain` command needs the requirements of training."""
    command, subcommand = (*arguments, "", "")[:2]
    if command in WITH_TRAINING or (command == "models" and subcommand in MAKING_MODELS):
        return True
    if command == "quality" and any(word.startswith("--u") for word in arguments):  # --unets, also shortened
        return True
    values = [word.rpartition("=")[2] for word in arguments]  # also --format=...
    return any(map(NEEDS_MORE.fullmatch, values))


def on_screen(command: str, arguments: list[str]) -> bool:
    """Whether a subcommand shows a window on a screen; the tests do if there is an X server."""
    if command == "test":
        import shutil  # slow to import, and not needed by other commands

        return libraries.has_screen() or shutil.which("xvfb-run") is not None
    return command == "demo" and "--screenshot" not in " ".join(arguments)


def benchmarks() -> list[str]:
    """The names of the scripts in Testing/benchmarks."""
    return sorted(path.stem for path in BENCHMARKS.glob("[a-z]*.py"))


def start(command: list[str], folder: Path | None) -> int:
    """Run a command; on POSIX it replaces this process, so that signals and exit codes are its own."""
    variables = child_variables()
    sys.stdout.flush()
    sys.stderr.flush()
    if folder:
        os.chdir(folder)
    if os.name == "posix":
        os.execve(command[0], command, variables)
    import subprocess

    with subprocess.Popen(command, env=variables) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue  # the child received it too, and ends with its own exit code


def child_variables() -> dict[str, str]:
    """The environment variables for a child: the package on PYTHONPATH, and no PYTHONHOME."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    variables["PYTHONPATH"] = os.pathsep.join(str(ROOT / name) for name in ("trainer", "desktop"))
    return variables

"""Install what the engine needs: an environment of its own, or packages for this Python.

    python -m cxradain.setup.install --environment FOLDER     make or mend it, with the pinned versions
    python -m cxradain.setup.install --target FOLDER          the same, for a Python that can make none
    python -m cxradain.setup.install --remove FOLDER          delete either
    python -m cxradain.setup.install --packages NAME>=1.0 ...

Standard library only. Progress is a line per package on standard output; errors go to standard error.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from importlib.metadata import distributions
from pathlib import Path

from . import SetupError
from .environment import Environment
from .installer import pip_install
from .package_folder import PackageFolder


def requirements() -> Path:
    """The folder of the pinned requirements, in a checkout or beside the installed package.

    Raises SetupError.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package.parents[1] / "requirements", package.parent / "requirements"):
        if (folder / "run.txt").is_file():
            return folder
    raise SetupError(f"there are no requirements beside {package}; install the extension again")


def install_here(packages: list[str]) -> None:
    """Install into this Python without changing any other package, as an application may be using them.
    Raises SetupError if that is impossible."""
    print(f"Installing {', '.join(packages)}.", flush=True)
    named = {canonical(requirement) for requirement in packages}
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        kept = sorted(
            f"{package.name}=={package.version}"
            for package in distributions()
            if package.name and canonical(package.name) not in named
        )
        constraints.write_text("\n".join([*kept, ""]), encoding="utf-8")
        arguments = ["--no-input", "-c", str(constraints), *packages]
        pip_install(Path(sys.executable), arguments, environment=dict(os.environ))


def canonical(requirement: str) -> str:
    """The normalized package name in a requirement such as `NAME>=1.0`."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~\[;]", requirement, maxsplit=1)[0]).lower()


def end_with_input() -> None:
    """From now on, end with all children when standard input does, as when a window cancels or dies."""
    if os.name == "posix":
        os.setpgid(0, 0)

    def watch() -> None:
        while os.read(0, 4096):  # not sys.stdin, whose lock would abort Python at exit
            pass
        if os.name == "posix":
            os.killpg(0, signal.SIGKILL)
        else:
            subprocess.call(["taskkill", "/T", "/F", "/PID", str(os.getpid())])

    threading.Thread(target=watch, daemon=True).start()


def main() -> int:
    """Run the command line; returns the exit code, 1 for failure."""
    parser = argparse.ArgumentParser(prog="cxradain.setup.install", description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--environment", type=Path, metavar="FOLDER", help="make or mend it")
    what.add_argument(
        "--target", type=Path, metavar="FOLDER", help="make or mend packages for this Python, no environment"
    )
    what.add_argument("--remove", type=Path, metavar="FOLDER", help="delete either")
    what.add_argument("--packages", nargs="+", metavar="NAME>=1.0", help="install into this Python")
    parser.add_argument("--training", action="store_true", help="also what only a training needs")
    parser.add_argument("--end-with-input", action="store_true", help="stop when standard input ends")
    arguments = parser.parse_args()
    if arguments.end_with_input:
        end_with_input()
    try:
        if arguments.packages:
            install_here(arguments.packages)
        elif arguments.remove:
            Environment(arguments.remove, requirements()).remove()
        else:
            folder = arguments.target or arguments.environment
            folder.parent.mkdir(parents=True, exist_ok=True)
            make = PackageFolder if arguments.target else Environment
            environment = make(folder, requirements(), os.environ.get("CXRADAIN_TORCH"))
            environment.prepare("train" if arguments.training else "run")
    except (SetupError, OSError) as error:
        print(f"This failed: {error}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The Python that runs the engine: its choice, its commands, and installing what it lacks. No widgets.

There are four kinds: the application's own Python (3D Slicer's), an environment in a folder of the extension,
an interpreter that the user chose, and a command such as `ssh host python -m cxradain.engine`. The
environment is a virtual environment if there is a Python that can create one; 3D Slicer's cannot, and uses a
folder of packages instead (`cxradain.setup.package_folder`).
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cxradain
import qt
import slicer
from cxradain.models.registry import data_folder
from cxradain.setup.package_folder import complete_packages
from cxradain.setup.packages import NEEDED, TRAINING, download_megabytes
from slicer.i18n import tr as _

from .BackgroundJob import lastJson
from .ChildProcess import Command

APPLICATION, OWN, INTERPRETER, COMMAND = KINDS = ("application", "own", "interpreter", "command")
SETTING = "CXRAdaINSeg/engine"
PACKAGE_PARENT = str(Path(cxradain.__file__).resolve().parents[1])

VERSIONS = ("3.12", "3.11", "3.13")  # Python versions that the pinned packages exist for
IDENTIFY = (
    "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2], sys.maxsize > 1 << 32, "
    "sys.executable, sep='\\n')"
)
PATIENCE = 20  # seconds to wait for a Python's answer
HIDDEN = 0
if sys.platform == "win32":
    HIDDEN = subprocess.CREATE_NO_WINDOW


class NoPython(cxradain.CxradainError, ValueError):
    """The chosen Python cannot run the engine, or cannot train; str() says what to choose instead."""


@dataclass(frozen=True)
class Choice:
    """What runs the engine. value: the path of an INTERPRETER, or the command line of a COMMAND."""

    kind: str
    value: str = ""


@dataclass(frozen=True)
class Remedy:
    """How to install what the setup lacks.

    label: the button's. question: to confirm first. choice: what runs the engine afterwards.
    command(): returns the background command, once the user has agreed, because it may search for a Python.
    here(): instead of a command, installs in this process, which blocks the window; returns the arguments of
    a BackgroundJob's onEnd.
    """

    label: str
    question: str
    choice: Choice
    command: Callable[[], Command] | None
    here: Callable[[], tuple[bool, str, str]] | None = None


# --- the choice ---------------------------------------------------------------------------------------------


def chosen() -> Choice:
    """The choice in the settings; by default the application's Python."""
    kind = slicer.util.settingsValue(f"{SETTING}Kind", "")
    return Choice(kind, rememberedValue(kind)) if kind in KINDS else Choice(APPLICATION)


def choose(choice: Choice) -> None:
    """Store the choice in the settings."""
    settings = qt.QSettings()
    settings.setValue(f"{SETTING}Kind", choice.kind)
    if choice.kind in (INTERPRETER, COMMAND):
        settings.setValue(f"{SETTING}{choice.kind.capitalize()}", choice.value)


def rememberedValue(kind: str) -> str:
    """The path or command line last chosen for a kind; "" for the other kinds."""
    if kind not in (INTERPRETER, COMMAND):
        return ""
    return str(slicer.util.settingsValue(f"{SETTING}{kind.capitalize()}", ""))


def ownFolder() -> Path:
    """The folder of the extension's own environment, which may not exist."""
    return data_folder() / "engine"


def ownExists() -> bool:
    """Whether the extension's own environment exists."""
    return (ownFolder() / "cxradain.json").is_file()


def hasTorchExtension() -> bool:
    """Whether 3D Slicer's PyTorch extension is installed; does not load it."""
    return importlib.util.find_spec("PyTorchUtils") is not None


# --- commands -----------------------------------------------------------------------------------------------


def engineCommand(choice: Choice | None = None) -> Command:
    """The command that starts the engine. Raises NoPython if the choice is incomplete or not installed."""
    choice = choice or chosen()
    if choice.kind == COMMAND:
        arguments = shlex.split(choice.value, posix=os.name == "posix")
        if not arguments:
            raise NoPython(_("No command is given. Enter one in the Setup section."))
        return arguments[0], arguments[1:], _plainEnvironment()
    return pythonCommand(choice, ["-m", "cxradain.engine"])


def trainCommand(arguments: list[str], choice: Choice | None = None) -> Command:
    """The command for `cxradain train`. Raises NoPython if the choice cannot train or is not installed."""
    choice = choice or chosen()
    if choice.kind == COMMAND:
        raise NoPython(
            _("A model is trained by a Python on this computer, not by a command. Choose one in Setup.")
        )
    return pythonCommand(choice, ["-m", "cxradain", "train", *arguments])


def inspectCommand(choice: Choice, training: bool = False) -> Command | None:
    """The command that prints the installed packages for `reportOf`; None for a COMMAND, which only runs the
    engine. Raises NoPython.

    training: also report the packages that only training needs.
    """
    arguments = ["-m", "cxradain.setup.packages", *(["--training"] if training else [])]
    return None if choice.kind == COMMAND else pythonCommand(choice, arguments)


def reportOf(succeeded: bool, reason: str, output: str) -> dict[str, Any]:
    """The report in the output of `inspectCommand`, from its BackgroundJob's onEnd. Raises NoPython."""
    if not succeeded:
        raise NoPython(reason)
    report = lastJson(output)
    if not isinstance(report, dict) or not isinstance(report.get("missing"), list):
        raise NoPython(_("That program is no Python that can run the engine."))
    return report


def diskCommand(folders: list[str]) -> Command:
    """The command that prints the sizes of folders, as JSON."""
    return pythonCommand(Choice(APPLICATION), ["-m", "cxradain.setup.disk", *folders])


def removeCommand() -> Command:
    """The command that deletes the extension's own environment."""
    return installCommand(Choice(APPLICATION), ["--remove", str(ownFolder())])


def _makeCommand(training: bool) -> Command:
    """The command that creates or completes the extension's environment; training: also for training."""
    folder, more = str(ownFolder()), ["--training"] if training else []
    # An existing folder of packages is completed: a virtual environment would download everything again.
    if os.environ.get("SLICER_HOME") and complete_packages(ownFolder()) is None:
        if python := plainPython(_plainEnvironment()):
            return installCommand(Choice(INTERPRETER, python), ["--environment", folder, *more])
    elif not os.environ.get("SLICER_HOME"):
        return installCommand(Choice(APPLICATION), ["--environment", folder, *more])
    return installCommand(Choice(APPLICATION), ["--target", folder, *more])


def installCommand(choice: Choice, arguments: list[str]) -> Command:
    """The command for `cxradain.setup.install` with a Python."""
    return pythonCommand(choice, ["-m", "cxradain.setup.install", "--end-with-input", *arguments])


def pythonCommand(choice: Choice, arguments: list[str]) -> Command:
    """The command that runs a Python. Raises NoPython, saying what to choose, if there is none."""
    if choice.kind == APPLICATION:
        return sys.executable, arguments, withPackage(dict(os.environ))
    if choice.kind == INTERPRETER:
        if not choice.value:
            raise NoPython(_("No Python is chosen. Choose one in the Setup section."))
        return choice.value, arguments, withPackage(_plainEnvironment())
    python = ownFolder() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if python.exists():
        return str(python), arguments, withPackage(_plainEnvironment())
    packages = complete_packages(ownFolder())
    if packages is None:
        raise NoPython(_("The engine is not installed yet. Install it in the Setup section."))
    wrapped = ["-m", "cxradain.setup.run_with_path", str(packages), *arguments[1:]]
    return pythonCommand(Choice(APPLICATION), wrapped)


def _plainEnvironment() -> dict[str, str]:
    """The environment variables without those of 3D Slicer's launcher, PYTHONHOME and PYTHONPATH."""
    variables = slicer.util.startupEnvironment().items()
    return {name: value for name, value in variables if name not in ("PYTHONHOME", "PYTHONPATH")}


def withPackage(variables: dict[str, str]) -> dict[str, str]:
    """Add the package `cxradain` to PYTHONPATH; changes and returns the variables."""
    paths = [PACKAGE_PARENT, variables.get("PYTHONPATH", "")]
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    variables["PYTHONIOENCODING"] = "utf-8"
    return variables


# --- remedies -----------------------------------------------------------------------------------------------


def remedyFor(choice: Choice, report: dict[str, Any] | None, training: bool = False) -> Remedy | None:
    """How to install what is missing; None if nothing is, or if it cannot be installed from here.

    report: from `reportOf`; None if the interpreter could not be inspected. training: whether it includes
    what training needs.
    """
    missing = report["missing"] if report is not None else None
    if choice.kind == COMMAND or missing == []:
        return None
    if choice.kind == OWN:
        return environmentRemedy(training)
    if choice.kind == APPLICATION:
        names = [name.partition(">=")[0] for name in missing or ()]
        # The application may have loaded an outdated package, and other extensions may need that version.
        tooOld = any(report["packages"].get(name) is not None for name in names)
        if "torch" in names and not tooOld and hasTorchExtension():
            return torchRemedy(report)
        if missing is None or report["old"] or tooOld or "torch" in names:
            return environmentRemedy(training)
    if missing is None or report["old"]:
        return None
    return installRemedy(choice, report)


def environmentRemedy(training: bool) -> Remedy:
    """Creating or completing the extension's own environment."""
    if training:
        question = _(
            "PyTorch and what else a training needs, up to several gigabytes, are fetched from the Python "
            "Package Index into an environment in\n{folder}\nIt can be removed here. Install?"
        )
    else:
        question = _(
            "About {size} MB are fetched from the Python Package Index into an environment in\n{folder}\n"
            "It can be removed here. Install?"
        )
    size = download_megabytes(["onnxruntime", *NEEDED])
    return Remedy(
        _("Make an environment..."),
        question.format(size=size, folder=ownFolder()),
        Choice(OWN),
        partial(_makeCommand, training),
    )


def torchRemedy(report: dict[str, Any]) -> Remedy:
    """Installing torch into the application's Python with 3D Slicer's PyTorch extension."""
    return Remedy(
        _("Install PyTorch..."),
        _(
            "The PyTorch extension fetches PyTorch, up to several gigabytes, and installs it into\n{python}\n"
            "The window does not answer until that is done. To leave that Python as it is, cancel, and "
            "choose an environment of its own. Install here?"
        ).format(python=report["executable"]),
        Choice(APPLICATION),
        None,
        installTorch,
    )


def installRemedy(choice: Choice, report: dict[str, Any]) -> Remedy:
    """Installing the packages that a report lists as missing into its Python."""
    missing = report["missing"]
    if any(name.startswith("torch>") for name in missing):
        size = _("up to several gigabytes")
    else:
        size = _("about {size} MB, a minute or two").format(size=download_megabytes(missing))
    return Remedy(
        _("Install what is missing..."),
        _(
            "{packages} are installed into\n{python}\nfrom the Python Package Index, {size}. Nothing that is "
            "there is replaced. To leave that Python as it is, cancel, and choose an environment of its own. "
            "Install?"
        ).format(packages=", ".join(missing), python=report["executable"], size=size),
        choice,
        lambda: installCommand(choice, ["--packages", *missing]),
    )


def installTorch() -> tuple[bool, str, str]:
    """Install torch, which blocks the application; returns (whether that succeeded, why not, "").

    The extension runs pip, waits for it, and then imports torch. Its own confirmation is skipped: the user
    has already confirmed, and it is not shown while Slicer is being tested.
    """
    from PyTorchUtils import PyTorchUtilsLogic

    version = f">={TRAINING['torch']}"
    try:
        with slicer.util.WaitCursor():
            PyTorchUtilsLogic().installTorch(askConfirmation=False, torchVersionRequirement=version)
    except Exception as error:  # the extension and pip may raise anything
        logging.exception("CXRAdaINSeg: PyTorch was not installed.")
        return False, str(error), ""
    return True, "", ""


# --- a Python that can create environments ------------------------------------------------------------------


def plainPython(variables: dict[str, str]) -> str | None:
    """The path of a Python that can create virtual environments, or None. Each candidate is run, which takes
    a moment, because a name on PATH may be only a stub.

    variables: the environment to run it with, and whose PATH is searched.
    """
    places = next((value for name, value in variables.items() if name.upper() == "PATH"), "")
    for name, *arguments in _candidates():
        program = shutil.which(name, path=places)
        if program and (path := _interpreterPath([program, *arguments], variables)):
            return path
    return None


def _candidates() -> list[list[str]]:
    named = [[f"python{version}"] for version in VERSIONS]
    if os.name != "nt":
        return named  # a Mac's python3 may be a stub that offers to install developer tools
    return [*named, *(["py", f"-{version}"] for version in VERSIONS), ["python"], ["python3"]]


def _interpreterPath(arguments: list[str], variables: dict[str, str]) -> str | None:
    """The path of the Python that the arguments start, or None if it is unsuitable."""
    quiet = {"PYTHONIOENCODING": "utf-8", "PYTHON_MANAGER_AUTOMATIC_INSTALL": "false"}
    try:
        completed = subprocess.run(
            [*arguments, "-c", IDENTIFY],
            env=variables | quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            creationflags=HIDDEN,
            check=True,
        )
        version, is64Bit, program = completed.stdout.decode("utf-8").splitlines()
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    # Other programs do not see the files that a Microsoft Store Python writes to the user's folders.
    store = "WindowsApps" in program
    return program if version in VERSIONS and is64Bit == "True" and not store else None

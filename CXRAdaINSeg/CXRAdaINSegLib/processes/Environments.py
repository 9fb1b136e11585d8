"""Which Python runs the engine, how it is started, what it lacks, and the commands that mend it. No widgets.

Of four kinds: the application's own Python (3D Slicer's), an environment in a folder of the extension's, an
interpreter that the user chose, and a command such as `ssh host python -m cxradain.engine`. The environment
is a virtual one where there is a Python that can make one; 3D Slicer's cannot, and gets a folder of packages
instead (`cxradain.setup.package_folder`).
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

VERSIONS = ("3.12", "3.11", "3.13")  # of Python, for which there are the pinned packages
ASK = (
    "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2], sys.maxsize > 1 << 32, "
    "sys.executable, sep='\\n')"
)
PATIENCE = 20  # seconds that a Python gets to answer
HIDDEN = 0
if sys.platform == "win32":
    HIDDEN = subprocess.CREATE_NO_WINDOW


class NoPython(cxradain.CxradainError, ValueError):
    """What is chosen cannot run the engine, or not train; str() says what to choose instead."""


@dataclass(frozen=True)
class Choice:
    """What runs the engine; `value` is the interpreter's path, or the command line, of the last two kinds."""

    kind: str
    value: str = ""


@dataclass(frozen=True)
class Remedy:
    """What would mend the setup.

    label: for the button. question: what is asked before it is done. choice: what runs the engine afterwards.
    command(): what does it, beside the window; called once that is agreed to, for it may look for a Python.
    here(): in place of a command, does it in the window, which stands still meanwhile; returns what a
    BackgroundJob gives its onEnd.
    """

    label: str
    question: str
    choice: Choice
    command: Callable[[], Command] | None
    here: Callable[[], tuple[bool, str, str]] | None = None


# --- which one runs the engine ------------------------------------------------------------------------------


def chosen() -> Choice:
    """As the settings have it; at first the application's Python."""
    kind = slicer.util.settingsValue(f"{SETTING}Kind", "")
    return Choice(kind, rememberedValue(kind)) if kind in KINDS else Choice(APPLICATION)


def choose(choice: Choice) -> None:
    """Keep the choice in the settings."""
    settings = qt.QSettings()
    settings.setValue(f"{SETTING}Kind", choice.kind)
    if choice.kind in (INTERPRETER, COMMAND):
        settings.setValue(f"{SETTING}{choice.kind.capitalize()}", choice.value)


def rememberedValue(kind: str) -> str:
    """The path or command line that was last chosen for a kind."""
    if kind not in (INTERPRETER, COMMAND):
        return ""
    return str(slicer.util.settingsValue(f"{SETTING}{kind.capitalize()}", ""))


def ownFolder() -> Path:
    """Where the extension's own environment is, or would be."""
    return data_folder() / "engine"


def ownExists() -> bool:
    """Whether there is anything in the folder of the extension's own environment."""
    return (ownFolder() / "cxradain.json").is_file()


def hasTorchExtension() -> bool:
    """Whether it is installed. Nothing is loaded."""
    return importlib.util.find_spec("PyTorchUtils") is not None


# --- commands -----------------------------------------------------------------------------------------------


def engineCommand(choice: Choice | None = None) -> Command:
    """How to start the engine. Raises NoPython, saying what to choose, where that cannot be told."""
    choice = choice or chosen()
    if choice.kind == COMMAND:
        arguments = shlex.split(choice.value, posix=os.name == "posix")
        if not arguments:
            raise NoPython(_("No command is given. Enter one in the Setup section."))
        return arguments[0], arguments[1:], _plainEnvironment()
    return pythonCommand(choice, ["-m", "cxradain.engine"])


def trainCommand(arguments: list[str], choice: Choice | None = None) -> Command:
    """How to start `cxradain train`. Raises NoPython, saying what to choose, where that cannot be told."""
    choice = choice or chosen()
    if choice.kind == COMMAND:
        raise NoPython(
            _("A model is trained by a Python on this computer, not by a command. Choose one in Setup.")
        )
    return pythonCommand(choice, ["-m", "cxradain", "train", *arguments])


def inspectCommand(choice: Choice, training: bool = False) -> Command | None:
    """What prints the packages that are there, read by `reportOf`; None for a command, which only runs.

    training: also those that only a training needs.
    """
    arguments = ["-m", "cxradain.setup.packages", *(["--training"] if training else [])]
    return None if choice.kind == COMMAND else pythonCommand(choice, arguments)


def reportOf(succeeded: bool, reason: str, output: str) -> dict[str, Any]:
    """The last line of `inspectCommand`'s output; as its job ended. Raises NoPython."""
    if not succeeded:
        raise NoPython(reason)
    report = lastJson(output)
    if not isinstance(report, dict) or not isinstance(report.get("missing"), list):
        raise NoPython(_("That program is no Python that can run the engine."))
    return report


def diskCommand(folders: list[str]) -> Command:
    """What prints the sizes of folders, as JSON."""
    return pythonCommand(Choice(APPLICATION), ["-m", "cxradain.setup.disk", *folders])


def removeCommand() -> Command:
    """What deletes the extension's own environment."""
    return installCommand(Choice(APPLICATION), ["--remove", str(ownFolder())])


def _makeCommand(training: bool) -> Command:
    """What makes or mends the extension's own environment, with what a training needs where that is asked."""
    folder, more = str(ownFolder()), ["--training"] if training else []
    # Where there are packages already, these are added to, for an environment would be made from nothing.
    if os.environ.get("SLICER_HOME") and complete_packages(ownFolder()) is None:
        if python := plainPython(_plainEnvironment()):
            return installCommand(Choice(INTERPRETER, python), ["--environment", folder, *more])
    elif not os.environ.get("SLICER_HOME"):
        return installCommand(Choice(APPLICATION), ["--environment", folder, *more])
    return installCommand(Choice(APPLICATION), ["--target", folder, *more])


def installCommand(choice: Choice, arguments: list[str]) -> Command:
    """How to run `cxradain.setup.install` with a Python."""
    return pythonCommand(choice, ["-m", "cxradain.setup.install", "--end-with-input", *arguments])


def pythonCommand(choice: Choice, arguments: list[str]) -> Command:
    """How to run a Python. Raises NoPython, saying what to choose, where there is none."""
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
    words = ["-m", "cxradain.setup.run_with_path", str(packages), *arguments[1:]]
    return pythonCommand(Choice(APPLICATION), words)


def _plainEnvironment() -> dict[str, str]:
    """This process's variables without what 3D Slicer's launcher put there, or leads Python elsewhere."""
    variables = slicer.util.startupEnvironment().items()
    return {name: value for name, value in variables if name not in ("PYTHONHOME", "PYTHONPATH")}


def withPackage(variables: dict[str, str]) -> dict[str, str]:
    """Put the package `cxradain` on a Python's path; changes and returns the variables."""
    paths = [PACKAGE_PARENT, variables.get("PYTHONPATH", "")]
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    variables["PYTHONIOENCODING"] = "utf-8"
    return variables


# --- what mends it ------------------------------------------------------------------------------------------


def remedyFor(choice: Choice, report: dict[str, Any] | None, training: bool = False) -> Remedy | None:
    """What mends it: None where nothing is missing, or where this cannot mend it.

    :param report: of `reportOf`; None where the interpreter could not be asked.
    :param training: whether the report is on what a training needs.
    """
    missing = report["missing"] if report is not None else None
    if choice.kind == COMMAND or missing == []:
        return None
    if choice.kind == OWN:
        return environmentRemedy(training)
    if choice.kind == APPLICATION:
        names = [name.partition(">=")[0] for name in missing or ()]
        # The application may have loaded what is too old, and other extensions may need it as it is.
        tooOld = any(report["packages"].get(name) is not None for name in names)
        if "torch" in names and not tooOld and hasTorchExtension():
            return torchRemedy(report)
        if missing is None or report["old"] or tooOld or "torch" in names:
            return environmentRemedy(training)
    if missing is None or report["old"]:
        return None
    return installRemedy(choice, report)


def environmentRemedy(training: bool) -> Remedy:
    """What makes or mends the extension's own environment."""
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
    """What has 3D Slicer's PyTorch extension install torch into the application's Python."""
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
    """What installs the packages that a report says are missing into the Python that it is of."""
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
    """Install torch; whether that succeeded, why not, and "". The application stands still meanwhile.

    That is the extension's way: it runs pip and waits, and then imports torch. Its own question would be the
    second one, says less, and is left out where Slicer is being tested.
    """
    from PyTorchUtils import PyTorchUtilsLogic

    version = f">={TRAINING['torch']}"
    try:
        with slicer.util.WaitCursor():
            PyTorchUtilsLogic().installTorch(askConfirmation=False, torchVersionRequirement=version)
    except Exception as error:  # whatever that extension and pip may raise
        logging.exception("CXRAdaINSeg: PyTorch was not installed.")
        return False, str(error), ""
    return True, "", ""


# --- a Python that can make environments --------------------------------------------------------------------


def plainPython(variables: dict[str, str]) -> str | None:
    """The path of one, or None. Each is asked, which takes a moment: a name on the path may be but a stub.

    variables: that it runs with, and on whose PATH it is looked for.
    """
    places = next((value for name, value in variables.items() if name.upper() == "PATH"), "")
    for name, *arguments in _candidates():
        program = shutil.which(name, path=places)
        if program and (path := _answer([program, *arguments], variables)):
            return path
    return None


def _candidates() -> list[list[str]]:
    named = [[f"python{version}"] for version in VERSIONS]
    if os.name != "nt":
        return named  # a Mac's python3 may be a stub that offers to install developer tools
    return [*named, *(["py", f"-{version}"] for version in VERSIONS), ["python"], ["python3"]]


def _answer(arguments: list[str], variables: dict[str, str]) -> str | None:
    """The path of the Python behind the arguments, where it will do."""
    quiet = {"PYTHONIOENCODING": "utf-8", "PYTHON_MANAGER_AUTOMATIC_INSTALL": "false"}
    try:
        completed = subprocess.run(
            [*arguments, "-c", ASK],
            env=variables | quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            creationflags=HIDDEN,
            check=True,
        )
        version, wide, program = completed.stdout.decode("utf-8").splitlines()
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    # What the Microsoft Store's writes into the user's folders, other programs do not see.
    store = "WindowsApps" in program
    return program if version in VERSIONS and wide == "True" and not store else None

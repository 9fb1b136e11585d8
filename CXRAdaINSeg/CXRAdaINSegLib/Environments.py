"""Which Python runs the engine, how it is started, what it lacks, and the commands that mend it. No widgets.

Of four kinds: the application's own Python (3D Slicer's, with the PyTorch extension), an environment in a
folder of the extension's, an interpreter that the user chose, and a command such as `ssh host python -m
cxradain.engine`.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import cxradain
import qt
import slicer
from slicer.i18n import tr as _

APPLICATION, OWN, INTERPRETER, COMMAND = KINDS = ("application", "own", "interpreter", "command")
SETTING = "CXRAdaINSeg/engine"
PACKAGE_PARENT = str(Path(cxradain.__file__).resolve().parents[1])
PYTHONS = ("python3.12", "python3.11", "python3.13")  # that the pinned packages are there for

Command = tuple[str, list[str], dict[str, str]]
"""Program, arguments, environment."""


@dataclass(frozen=True)
class Choice:
    """What runs the engine; `value` is the interpreter's path, or the command line, of the last two kinds."""

    kind: str
    value: str = ""


@dataclass(frozen=True)
class Remedy:
    """What would mend the setup."""

    label: str
    """For the button."""
    question: str
    """What is asked before it is done."""
    command: Command
    choice: Choice
    """What runs the engine afterwards."""


def chosen() -> Choice:
    """As the settings have it; at first the application's Python where torch is there, else an own one."""
    kind = slicer.util.settingsValue(f"{SETTING}Kind", "")
    if kind not in KINDS:
        return Choice(APPLICATION if hasPackage("torch") else OWN)
    return Choice(kind, rememberedValue(kind))


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


def hasPackage(name: str) -> bool:
    """Whether the application's Python has a package. It is not imported."""
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def ownFolder() -> Path:
    """Where the extension's own environment is, or would be."""
    place = qt.QStandardPaths.writableLocation(qt.QStandardPaths.GenericDataLocation)
    return Path(place) / "CXRAdaINSeg" / "engine"


def engineCommand(choice: Choice | None = None) -> Command:
    """How to start the engine. Raises ValueError, saying what to choose, where that cannot be told."""
    choice = choice or chosen()
    if choice.kind == COMMAND:
        words = shlex.split(choice.value, posix=os.name == "posix")
        if not words:
            raise ValueError(_("No command is given. Enter one in the Setup section."))
        return words[0], words[1:], _plainEnvironment()
    return _python(choice, ["-m", "cxradain.engine"])


def trainCommand(arguments: list[str], choice: Choice | None = None) -> Command:
    """How to start `cxradain train`. Raises ValueError, saying what to choose, where that cannot be told."""
    choice = choice or chosen()
    if choice.kind == COMMAND:
        raise ValueError(
            _("A model is trained by a Python on this computer, not by a command. Choose one in Setup.")
        )
    return _python(choice, ["-m", "cxradain", "train", *arguments])


def inspectCommand(choice: Choice, training: bool = False) -> Command | None:
    """What prints the packages that are there, read by `reportOf`; None for a command, which only runs.

    training: also those that only a training needs.
    """
    words = ["-m", "cxradain.engine.packages", *(["--training"] if training else [])]
    return None if choice.kind == COMMAND else _python(choice, words)


def removeCommand() -> Command:
    """What deletes the extension's own environment."""
    return _installCommand(_basePython(), ["--remove", str(ownFolder())])


def diskCommand(folders: list[str]) -> Command:
    """What prints the sizes of folders, as JSON."""
    program, arguments, environment = _basePython()
    return program, [*arguments, "-m", "cxradain.engine.disk", *folders], environment


def ownExists() -> bool:
    """Whether there is anything in the folder of the extension's own environment."""
    return (ownFolder() / "cxradain.json").is_file()


def reportOf(output: str) -> dict[str, Any]:
    """The last line of `inspectCommand`'s output. Raises ValueError."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    report = json.loads(lines[-1]) if lines else None
    if not isinstance(report, dict) or not isinstance(report.get("missing"), list):
        raise ValueError(_("That program is no Python that can run the engine."))
    return report


def remedyFor(choice: Choice, report: dict[str, Any] | None) -> Remedy | None:
    """What mends it: None where nothing is missing, or where this cannot mend it.

    :param report: of `reportOf`; None where the interpreter could not be asked.
    """
    missing = report["missing"] if report is not None else None
    if choice.kind == COMMAND or missing == []:
        return None
    lacksTorch = missing is None or any(name.startswith("torch") for name in missing)
    if choice.kind == OWN or (choice.kind == APPLICATION and lacksTorch):
        folder = str(ownFolder())
        return Remedy(
            _("Make an environment..."),
            _(
                "An environment with PyTorch is made in\n{folder}\nIt is fetched from the Python Package "
                "Index, up to several gigabytes, and can be removed here. Go on?"
            ).format(folder=folder),
            _installCommand(_basePython(), ["--environment", folder]),
            Choice(OWN),
        )
    if missing is None or report["old"]:
        return None
    return installRemedy(choice, report)


def installRemedy(choice: Choice, report: dict[str, Any]) -> Remedy:
    """What installs the packages that a report says are missing into the Python that it is of."""
    missing, program = report["missing"], report["executable"]
    return Remedy(
        _("Install what is missing..."),
        _("{packages} are installed into\n{python}\nfrom the Python Package Index. Go on?").format(
            packages=", ".join(missing), python=program
        ),
        _installCommand(_python(choice, []), ["--packages", *missing]),
        choice,
    )


def _python(choice: Choice, arguments: list[str]) -> Command:
    if choice.kind == APPLICATION:
        return sys.executable, arguments, _withPackage(dict(os.environ))
    if choice.kind == INTERPRETER:
        if not choice.value:
            raise ValueError(_("No Python is chosen. Choose one in the Setup section."))
        return choice.value, arguments, _withPackage(_plainEnvironment())
    python = ownFolder() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        raise ValueError(_("The engine is not installed yet. Install it in the Setup section."))
    return str(python), arguments, _withPackage(_plainEnvironment())


def _basePython() -> Command:
    """A Python that can make environments: a plain one first, for 3D Slicer's lives in its launcher."""
    if not os.environ.get("SLICER_HOME"):
        return _python(Choice(APPLICATION), [])
    plain = _plainEnvironment()
    for name in PYTHONS:
        if found := shutil.which(name, path=plain.get("PATH")):
            return found, [], _withPackage(plain)
    return _python(Choice(APPLICATION), [])


def _installCommand(python: Command, arguments: list[str]) -> Command:
    program, first, environment = python
    return program, [*first, "-m", "cxradain.engine.install", "--end-with-input", *arguments], environment


def _plainEnvironment() -> dict[str, str]:
    """This process's variables without what 3D Slicer's launcher put there, or leads Python elsewhere."""
    variables = dict(slicer.util.startupEnvironment())
    return {name: value for name, value in variables.items() if name not in ("PYTHONHOME", "PYTHONPATH")}


def _withPackage(variables: dict[str, str]) -> dict[str, str]:
    paths = [PACKAGE_PARENT, variables.get("PYTHONPATH", "")]
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    variables["PYTHONIOENCODING"] = "utf-8"
    return variables

"""What `run.py demo` starts: the window if possible, otherwise the report."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from . import libraries

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "Resources" / "SampleData" / "nih_normal__00001281_000.png"
REPORT = ["-m", "cxradain.commands.demo_page"]
# Platforms with wheels of slicer-core, for Python 3.10 to 3.13. As in requirements/desktop.txt.
WHEELS = {("linux", "x86_64"), ("win32", "AMD64"), ("darwin", "arm64")}


def has_window(system: str | None = None, machine: str | None = None) -> bool:
    """Whether the window is available on a platform, by default this one."""
    return (system or sys.platform, machine or _machine()) in WHEELS


def plan(arguments: list[str]) -> tuple[str, list[str]]:
    """The set of requirements that the demo needs, and the arguments of `python` that start it."""
    if "--report" in arguments:
        return "run", [*REPORT, *(each for each in arguments if each != "--report")]
    if not {"-h", "--help"}.isdisjoint(arguments):
        return (
            ("desktop", ["-m", "embedded_slicer", "--help"]) if has_window() else ("run", [*REPORT, "--help"])
        )
    reason = ""
    if not has_window():
        reason = (
            "The window cannot be had on this platform (there is no slicer-core for "
            f"{sys.platform} {_machine()}): the demo writes its report."
        )
    elif not libraries.has_screen() and not _asks(arguments, "--screenshot"):
        reason = (
            "There is no screen here: the demo writes its report. "
            "`python3 run.py demo --screenshot FILE` draws the window without a screen."
        )
    if reason:
        print(reason, flush=True)
        return "run", [*REPORT, *_for_report(arguments)]
    image = [] if _asks(arguments, "--image") else ["--image", str(SAMPLE)]
    return "desktop", ["-m", "embedded_slicer", "--segment", *image, *arguments]


def _machine() -> str:
    """As platform.machine(), which is slow to import."""
    return os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")


def _asks(arguments: list[str], option: str) -> bool:
    return any(each == option or each.startswith(f"{option}=") for each in arguments)


def _for_report(arguments: list[str]) -> list[str]:
    """The arguments without --screenshot FILE, which the report does not have."""
    kept, skip = [], False
    for each in arguments:
        if skip or each == "--screenshot":
            skip = each == "--screenshot" and not skip
        elif not each.startswith("--screenshot="):
            kept.append(each)
    return kept

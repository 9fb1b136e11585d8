"""A small desktop window that runs a scripted module of 3D Slicer without 3D Slicer.

The scene, its logics and what is drawn are 3D Slicer's own (slicer-core); Qt's side of 3D Slicer, which a
module meets as `qt`, `ctk`, `slicer.app` and the qMRML widgets, is imitated here. Docs/embedded-desktop.md
says which is which.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .desktop import Desktop


def boot(
    modulePaths: list[Path], headless: bool = True, testing: bool = False, settings: Path | None = None
) -> Desktop:
    """Start the desktop with scripted modules, the first of them shown. Once in a process.

    headless: draw into memory, with no screen (nor X server) asked. testing: message boxes are logged and
    answer themselves, as in 3D Slicer's testing mode. settings: the folder to keep settings in.
    """
    from . import display

    display.choose(headless)
    from .desktop import Desktop

    return Desktop(modulePaths, testing, settings)

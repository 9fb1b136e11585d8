"""A small desktop application that runs a scripted module of 3D Slicer without 3D Slicer.

The scene, its logics and the rendering are 3D Slicer's own (slicer-core). The Qt part of 3D Slicer, which a
module uses as `qt`, `ctk`, `slicer.app` and the qMRML widgets, is reimplemented here.
Docs/embedded-desktop.md says which part is which.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .desktop import Desktop


def boot(
    modulePaths: list[Path], headless: bool = True, testing: bool = False, settings: Path | None = None
) -> Desktop:
    """Start the desktop with scripted modules and show the first one. Only once per process.

    headless: render offscreen, without a display or X server. testing: message boxes are logged and answered
    automatically, as in 3D Slicer's testing mode. settings: the folder for the settings.
    """
    from . import display

    display.choose(headless)
    from .desktop import Desktop

    return Desktop(modulePaths, testing, settings)

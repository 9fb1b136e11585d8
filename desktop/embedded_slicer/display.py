"""Where the window goes: to a screen, or to memory alone."""

from __future__ import annotations

import os
import sys


def has_screen() -> bool:
    """Whether this machine offers a screen to this process."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def choose(headless: bool) -> None:
    """Set the variables that Qt and VTK read when first used: call it before either is imported.

    Headless means Qt's offscreen platform and, on Linux, OpenGL by EGL: no X server is asked.
    """
    if not headless:
        return
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform.startswith("linux"):
        os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"

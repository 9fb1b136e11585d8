"""Choice between a screen and offscreen rendering."""

from __future__ import annotations

import os
import sys


def has_screen() -> bool:
    """Whether a screen is available to this process."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def choose(headless: bool) -> None:
    """Set the environment variables that Qt and VTK read when first used. Call this before importing either.

    headless: use Qt's offscreen platform and, on Linux, OpenGL through EGL, which need no X server.
    """
    if not headless:
        return
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform.startswith("linux"):
        os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"

"""The desktop as a process of its own: with no display at all, and on an X server's screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cxradain.setup.libraries import missing
from places import ROOT, SAMPLES

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X and EGL are of Linux")
# Debian's xvfb does without xauth, xvfb-run does not.
lacking = [name for name in ("xvfb-run", "xauth") if shutil.which(name) is None] + missing(screen=True)
on_a_screen = pytest.mark.skipif(bool(lacking), reason=f"a window on a screen lacks {', '.join(lacking)}")


def desktop(*words: str, **variables: str) -> subprocess.CompletedProcess:
    """Run `python -m embedded_slicer`, with settings of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    paths = os.pathsep.join(str(ROOT / name) for name in ("trainer", "desktop"))
    return subprocess.run(
        [sys.executable, "-m", "embedded_slicer", *words],
        env=kept | {"PYTHONPATH": paths} | variables,
        capture_output=True,
        text=True,
        timeout=300,
    )


@linux
def test_a_picture_of_the_window_needs_no_display(tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "window.png"
    done = desktop(
        "--image",
        str(SAMPLES / "v7cohen__53c9be49.jpg"),
        "--screenshot",
        str(picture),
        XDG_CONFIG_HOME=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(picture)
    shown = Image.open(picture)
    assert shown.width > 1000 and shown.height > 600
    grays = np.unique(np.asarray(shown.crop((600, 200, 1200, 600)).convert("L")))
    assert len(grays) > 100, "a radiograph is there"


def test_an_image_that_cannot_be_loaded_is_named(window, tmp_path: Path, monkeypatch, capsys) -> None:
    """In the window that is there."""
    from embedded_slicer import __main__ as program

    there = SimpleNamespace(process=window.process, screenshot=window.screenshot, close=lambda: None)
    monkeypatch.setattr(program, "boot", lambda *arguments, **more: there)
    assert program.main(["--image", "nowhere.png", "--screenshot", str(tmp_path / "a.png")]) == 1
    assert "There is no file nowhere.png" in capsys.readouterr().err


@linux
def test_without_a_screen_the_window_is_not_tried() -> None:
    done = desktop("--image", "a.png")
    assert done.returncode == 2 and "no screen here" in done.stderr


SCRIPT = """
import sys
from pathlib import Path
import embedded_slicer
desktop = embedded_slicer.boot([], headless=False, settings=Path(sys.argv[1]))
import slicer
from PySide6 import QtCore, QtGui
volume = slicer.util.loadVolume(sys.argv[2])
view = desktop.sliceView("Red")
desktop.process(0.3)
assert QtGui.QGuiApplication.platformName() == "xcb"
assert view.pixels().max() > 200
desktop.window.tools.adjust_window(True)
before = volume.GetDisplayNode().GetWindow()
view.dragIjk([(500, 300), (520, 350), (600, 500)])
assert volume.GetDisplayNode().GetWindow() != before
desktop.close()
"""


@linux
@on_a_screen
def test_on_an_x_servers_screen(tmp_path: Path) -> None:
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "desktop")}
    variables.pop("QT_QPA_PLATFORM", None)
    variables.pop("VTK_DEFAULT_OPENGL_WINDOW", None)
    words = [
        sys.executable,
        "-c",
        SCRIPT,
        str(tmp_path),
        str(SAMPLES / "nih_normal__00001281_000.png"),
    ]
    done = subprocess.run(
        ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *words],
        env=variables,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@linux
@on_a_screen
def test_the_panel_on_an_x_servers_screen(tmp_path: Path) -> None:
    """The tests that drive it by mouse and keys, which all others here do with no display."""
    names = ("test_clicks_in_view.py", "test_desktop_editing.py", "test_main_job.py")
    files = [str(ROOT / "Testing" / "panel" / name) for name in names]
    places = os.pathsep.join(str(ROOT / name) for name in ("trainer", "desktop", "CXRAdaINSeg"))
    variables = {**os.environ, "PYTHONPATH": places, "CXRADAIN_TEST_SCREEN": "1"}
    variables.pop("QT_QPA_PLATFORM", None)
    variables.pop("VTK_DEFAULT_OPENGL_WINDOW", None)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(
        ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *words],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]

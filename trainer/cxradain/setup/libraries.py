"""The system libraries that the window needs and no wheel brings: which are missing, and how to get them.

Only for Linux; Windows and macOS have them. Package names are those of Debian and Ubuntu. `python -m
cxradain.setup.libraries` prints the packages that the tests lack, including programs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from . import SetupError

DRAWING = {  # for any window, even one that is only drawn into memory
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libX11.so.6": "libx11-6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
}
SCREEN = {  # for a window on an X server's screen
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libGLX_mesa.so.0": "libglx-mesa0",
}
# Not loadable libraries: one of the files must exist.
FILES = {
    "libegl-mesa0": ("/usr/lib/*/libEGL_*.so.0", "/usr/lib*/libEGL_*.so.0"),
    "libgl1-mesa-dri": ("/usr/lib/*/dri/*", "/usr/lib*/dri/*", "/usr/lib/*/libEGL_nvidia.so.0"),
    "fonts-dejavu-core": ("/usr/share/fonts/**/*.[to]tf", "/usr/local/share/fonts/**/*.[to]tf"),
}

# Programs that some tests run: an X server, and a validator of DICOM files.
PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth", "dciodvfy": "dicom3tools"}


def has_screen() -> bool:
    """Whether this process can show a window on a screen."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def loads(name: str) -> bool:
    """Whether a shared library can be loaded."""
    import ctypes

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def any_exists(patterns: Iterable[str]) -> bool:
    """Whether a file matches one of the absolute patterns."""
    return any(next(Path("/").glob(pattern.lstrip("/")), None) is not None for pattern in patterns)


def missing(
    screen: bool,
    loads: Callable[[str], bool] = loads,
    any_exists: Callable[[Iterable[str]], bool] = any_exists,
) -> list[str]:
    """The packages whose libraries are missing for a window; `screen`: shown on a screen, not only drawn in
    memory."""
    if not sys.platform.startswith("linux"):
        return []
    needed = DRAWING | (SCREEN if screen else {})
    lacking = [package for name, package in needed.items() if not loads(name)]
    lacking += [package for package, patterns in FILES.items() if not any_exists(patterns)]
    return sorted(set(lacking))


def missing_for_tests() -> list[str]:
    """The packages without which some tests are skipped."""
    import shutil

    if not sys.platform.startswith("linux"):
        return []
    programs = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    return sorted([*missing(screen=True), *programs])


def provide(screen: bool, required: bool = True) -> None:
    """Install the missing libraries, if root. Otherwise raise SetupError with the command to do so, or only
    print it if they are not `required`."""
    packages = missing(screen)
    if not packages:
        return
    import shutil

    from .installer import apt_install

    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"The window lacks libraries: installing {', '.join(packages)} with apt-get.", flush=True)
        try:
            apt_install(packages)
            return
        except SetupError as error:
            message = f"{error}\n"
    elif shutil.which("apt-get"):
        command = f"sudo apt-get install {' '.join(packages)}"
        message = f"the window lacks libraries of the system. Run:\n\n    {command}\n"
    else:
        message = (
            "the window lacks libraries of the system. Install what your system calls these packages of "
            f"Debian, then try again:\n\n    {' '.join(packages)}\n"
        )
    if required:
        raise SetupError(message)
    print(f"run.py: {message}Without them, the tests of the window are left out.", file=sys.stderr)


if __name__ == "__main__":
    print(*missing_for_tests())

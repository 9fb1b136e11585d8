"""The system's libraries that the window needs and no wheel brings: which are missing, and how they come.

Looked for on Linux alone; Windows and macOS have what it takes. Debian's and Ubuntu's package names.
`python -m cxradain.setup.libraries` prints those that the tests lack, programs included.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from .installer import SetupError

DRAWING = {  # for any window, also one that is drawn into memory alone
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
# Not libraries that can be loaded: one of the files has to be there.
FILES = {
    "libegl-mesa0": ("/usr/lib/*/libEGL_*.so.0", "/usr/lib*/libEGL_*.so.0"),
    "libgl1-mesa-dri": ("/usr/lib/*/dri/*", "/usr/lib*/dri/*", "/usr/lib/*/libEGL_nvidia.so.0"),
    "fonts-dejavu-core": ("/usr/share/fonts/**/*.[to]tf", "/usr/local/share/fonts/**/*.[to]tf"),
}

# Programs that some tests run: an X server's screen, and a judge of DICOM files.
PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth", "dciodvfy": "dicom3tools"}


def has_screen() -> bool:
    """Whether there is a screen for this process to show a window on."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def loads(name: str) -> bool:
    """Whether a shared library is there and can be loaded."""
    import ctypes

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def there(patterns: Iterable[str]) -> bool:
    """Whether a file matches one of the patterns, which are absolute."""
    return any(next(Path("/").glob(pattern.lstrip("/")), None) is not None for pattern in patterns)


def missing(
    screen: bool,
    loads: Callable[[str], bool] = loads,
    there: Callable[[Iterable[str]], bool] = there,
) -> list[str]:
    """The packages whose libraries the window lacks; `screen`: on a screen, not in memory alone."""
    if not sys.platform.startswith("linux"):
        return []
    needed = DRAWING | (SCREEN if screen else {})
    lacking = [package for name, package in needed.items() if not loads(name)]
    lacking += [package for package, patterns in FILES.items() if not there(patterns)]
    return sorted(set(lacking))


def lacking_for_tests() -> list[str]:
    """The packages without which some tests are left out."""
    import shutil

    if not sys.platform.startswith("linux"):
        return []
    programs = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    return sorted([*missing(screen=True), *programs])


def provide(screen: bool, required: bool = True) -> None:
    """Install the missing libraries as root; else say how: by SetupError, or printed where not required."""
    packages = missing(screen)
    if not packages:
        return
    import shutil

    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"The window lacks libraries: installing {', '.join(packages)} with apt-get.", flush=True)
        try:
            _apt(install)
            return
        except SetupError as error:
            if required:
                raise
            word = f"{error}\n"
    elif shutil.which("apt-get"):
        command = f"sudo apt-get install {' '.join(packages)}"
        word = f"the window lacks libraries of the system. Run:\n\n    {command}\n"
    else:
        word = (
            "the window lacks libraries of the system. Install what your system calls these packages of "
            f"Debian, then try again:\n\n    {' '.join(packages)}\n"
        )
    if required:
        raise SetupError(word)
    print(f"run.py: {word}Without them, the tests of the window are left out.", file=sys.stderr)


def _apt(install: list[str]) -> None:
    import subprocess

    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["apt-get", "update", "--quiet"], install):
        done = subprocess.run(words, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            said = done.stdout.decode(errors="replace").strip().splitlines()
            tail = "\n    ".join(said[-10:])
            raise SetupError(
                f"'{' '.join(words)}' failed with exit code {done.returncode}:\n    {tail}\n"
                "Mend the cause, then try again."
            )


if __name__ == "__main__":
    print(*lacking_for_tests())

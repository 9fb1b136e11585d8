"""A Python as 3D Slicer's is: another prefix is compiled in, and its launcher alone knows where all is.

`PythonSlicer` sets what CTK's launcher sets by Slicer's settings (SuperBuild/External_python.cmake), its own
paths before those that are there; `python-real` dies without. Both are scripts around the running Python.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path

import pip
from cxradain.setup.packages import NEEDED, TRAINING
from places import ROOT

REAL = """#!/bin/bash
case ":$LD_LIBRARY_PATH:" in *":{tree}/lib/Python/lib:"*) ;;
    *) echo "error while loading shared libraries: libpython.so" >&2; exit 127;;
esac
if [ "$PYTHONHOME" != "{tree}/lib/Python" ]; then
    echo "Fatal Python error: init_fs_encoding. ModuleNotFoundError: No module named 'encodings'" >&2; exit 1
fi
exec -a "$0" "{python}" "$@"
"""
LAUNCHER = """#!/bin/bash
export PYTHONHOME="{tree}/lib/Python" PYTHONNOUSERSITE=1
export LD_LIBRARY_PATH="{tree}/lib/Python/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
export PYTHONPATH="{tree}/site-packages${{PYTHONPATH:+:$PYTHONPATH}}"
"{tree}/bin/python-real" "$@" <&0
"""
PROBE = """import subprocess, sys, numpy
child = subprocess.run([sys.executable, "-c", "import numpy; print(numpy.VERSION)"], capture_output=True)
print(numpy.VERSION, child.stdout.decode().strip(), *sys.argv[1:])
"""


def make_tree(tree: Path) -> Path:
    """Slicer's Python with pip and an old numpy of its own; returns PythonSlicer."""
    library = tree / "lib" / "Python" / "lib"
    library.mkdir(parents=True)
    (library / f"python{sys.version_info[0]}.{sys.version_info[1]}").symlink_to(sysconfig.get_path("stdlib"))
    site = tree / "site-packages"
    site.mkdir()
    (site / "pip").symlink_to(Path(pip.__file__).parent)
    (site / "numpy.py").write_text("VERSION = '1.0'\n")
    (site / "numpy-1.0.dist-info").mkdir()
    (site / "numpy-1.0.dist-info" / "METADATA").write_text("Name: numpy\nVersion: 1.0\n")
    (tree / "bin").mkdir()
    for name, text in (("python-real", REAL), ("PythonSlicer", LAUNCHER)):
        script = tree / "bin" / name
        script.write_text(text.format(tree=tree, python=getattr(sys, "_base_executable", sys.executable)))
        script.chmod(0o755)
    return tree / "bin" / "PythonSlicer"


def make_extension(folder: Path, wheels: Path) -> Path:
    """The package with requirements that tiny wheels meet; returns what goes onto the path."""
    wheels.mkdir()
    light = ("onnxruntime", *NEEDED)
    hashes = {name: make_wheel(wheels, name) for name in (*light, *TRAINING)}
    requirements = folder / "requirements"
    requirements.mkdir(parents=True)
    (requirements / "run.txt").write_text("".join(f"{name}==99.0\n" for name in light))
    (requirements / "train.txt").write_text("-r run.txt\n" + "".join(f"{name}==99.0\n" for name in TRAINING))
    for name in ("test", "desktop"):
        (requirements / f"{name}.txt").write_text("")
    lock = ["# As lock.py makes it."]
    for name in (*light, *TRAINING):
        if name != "torch":
            sets = "run desktop train test" if name in light else "train test"
            lock += [f"# {sets}", f"{name}==99.0 \\", f"    --hash=sha256:{hashes[name]}"]
    (requirements / "lock.txt").write_text("\n".join([*lock, ""]))
    package = folder / "trainer" / "cxradain"
    package.mkdir(parents=True)
    for name in ("__init__.py", "files.py", "file_lock.py"):
        shutil.copy(ROOT / "trainer" / "cxradain" / name, package)
    for room in ("setup", "engine"):
        shutil.copytree(ROOT / "trainer" / "cxradain" / room, package / room)
    (package / "probe.py").write_text(PROBE)
    return package.parent


def make_wheel(folder: Path, name: str) -> str:
    """A wheel with one module; returns its hash."""
    module = name.replace("-", "_")
    record = f"{module}-99.0.dist-info"
    path = folder / f"{module}-99.0-py3-none-any.whl"
    needs = "" if name == "torch" else "Requires-Dist: torch\n"  # what would fetch torch again
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}.py", "VERSION = '99.0'\n")
        wheel.writestr(f"shared/{module}.txt", name)  # a folder that all share, as a namespace is
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 99.0\n{needs}"
        wheel.writestr(f"{record}/METADATA", metadata)
        wheel.writestr(f"{record}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{record}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def offline(wheels: Path) -> dict[str, str]:
    """What keeps pip to the wheels."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}

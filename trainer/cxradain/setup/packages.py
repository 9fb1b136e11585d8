"""`python -m cxradain.setup.packages`: which of the engine's packages this Python has, as a line of JSON.

{"python", "executable", "old", "packages": {name: version or null}, "missing": [requirements]}. `--training`
includes what only a training needs. Standard library only; the packages are not imported, which takes seconds
and may fail.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

OLDEST = (3, 11)
# Minimum versions; requirements/*.txt pin those that are installed. One of the two backends is enough to
# segment.
BACKENDS = {"onnxruntime": "1.20", "torch": "2.11"}
NEEDED = {
    "numpy": "2.0",
    "scipy": "1.14",
    "scikit-image": "0.24",
    "safetensors": "0.4.5",
    "pydicom": "3.0",
    "SimpleITK": "2.4",
    "pillow": "10.4",
}
TRAINING = {"torch": BACKENDS["torch"], "lightning-fabric": "2.4", "monai": "1.4", "tensorboard": "2.18"}
# Approximate download of a package with its dependencies, in megabytes, for Linux wheels.
MEGABYTES = {
    "onnxruntime": 29,
    "numpy": 17,
    "scipy": 36,
    "scikit-image": 17,
    "pydicom": 3,
    "SimpleITK": 53,
    "pillow": 8,
}


def report(training: bool = False) -> dict[str, Any]:
    """The versions of the required packages, and which are missing or too old; `training` includes what only
    a training needs. To segment, onnxruntime counts as missing only if torch is missing too."""
    needed = BACKENDS | NEEDED | (TRAINING if training else {})
    packages = {name: installed_version(name) for name in needed}
    lacking = {
        name: least for name, least in needed.items() if _numbers(packages[name] or "") < _numbers(least)
    }
    if not BACKENDS.keys() <= lacking.keys():
        lacking.pop("onnxruntime", None)
    if not training:
        lacking.pop("torch", None)
    missing = [f"{name}>={least}" for name, least in lacking.items()]
    return {
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "old": sys.version_info[:2] < OLDEST,
        "packages": packages,
        "missing": missing,
    }


def download_megabytes(missing: Iterable[str]) -> int:
    """The approximate download for the missing requirements of `report`, on a platform with large wheels."""
    return sum(MEGABYTES.get(requirement.partition(">=")[0], 1) for requirement in missing)


def installed_version(name: str) -> str | None:
    """The version of a package in this Python; None if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    """The leading numbers of a version: (2, 13, 0) for "2.13.0+cpu"."""
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[^\d.]", text)[0]))


if __name__ == "__main__":
    print(json.dumps(report("--training" in sys.argv[1:])))

"""`python -m cxradain.setup.packages`: what of the engine's needs this Python has, as a line of JSON.

{"python", "executable", "old", "packages": {name: version or null}, "missing": [requirements]}. With
`--training`, also of what only a training needs. Standard library alone, and nothing of what it asks for is
imported: that takes seconds, and may fail.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

OLDEST = (3, 11)
# The least versions that the project asks for; requirements/*.txt pin those that are installed. Of the first
# two, one is enough to segment.
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
# About what is fetched for a package and what it brings along, in megabytes, by the wheels for Linux.
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
    """The versions of the needed packages and which are missing or too old; `training`: also what only a
    training needs. To segment, onnxruntime is missing where there is no torch either."""
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
    """About what is fetched for requirements as of `report`, on a platform with large files."""
    return sum(MEGABYTES.get(requirement.partition(">=")[0], 1) for requirement in missing)


def installed_version(name: str) -> str | None:
    """Of a package in this Python; None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    """The leading numbers of a version: (2, 13, 0) of "2.13.0+cpu"."""
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[^\d.]", text)[0]))


if __name__ == "__main__":
    print(json.dumps(report("--training" in sys.argv[1:])))

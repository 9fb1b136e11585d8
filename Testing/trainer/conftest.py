"""Where the tests find real radiographs; a test that lacks them skips and says why."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "cxr"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of prepared radiographs with its manifest."""
    folder = Path(os.environ.get("CXRADAIN_DATA") or BESIDE)
    if not (folder / "manifest.csv").is_file():
        pytest.skip(f"no shared radiographs in {folder}; name their folder in CXRADAIN_DATA")
    return folder


@pytest.fixture(scope="session")
def dicom_file() -> Callable[[str], Path]:
    """Finds a DICOM file by name among those installed with pydicom and pydicom-data; downloads nothing."""
    folders = []
    for package, below in (("data_store", "data"), ("pydicom", "data/test_files")):
        spec = find_spec(package)
        if spec and spec.submodule_search_locations:
            folders += [Path(place) / below for place in spec.submodule_search_locations]

    def find(name: str) -> Path:
        found = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if found is None:
            pytest.skip(f"{name} is not installed; it comes with pydicom-data or pydicom")
        return found

    return find


@pytest.fixture(params=["RG1_UNCR.dcm", "RG1_UNCI.dcm", "RG1_J2KR.dcm", "RG1_J2KI.dcm"])
def chest_file(request: pytest.FixtureRequest, dicom_file: Callable[[str], Path]) -> Path:
    """A computed radiograph of a chest, PA: plain and JPEG 2000, reversible and not."""
    return dicom_file(request.param)


@pytest.fixture(params=["RG3_UNCR.dcm", "RG3_UNCI.dcm", "RG3_J2KR.dcm", "RG3_J2KI.dcm"])
def leg_file(request: pytest.FixtureRequest, dicom_file: Callable[[str], Path]) -> Path:
    """A computed radiograph of a leg."""
    return dicom_file(request.param)

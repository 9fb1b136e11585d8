"""The bundled radiographs as Slicer's Sample Data module is given them; that module itself is Slicer's."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from conftest import SAMPLES


@pytest.fixture
def registered(window, monkeypatch) -> list[dict]:
    """What the module registers, with the logic's signature of Slicer 5.12."""
    sources: list[dict] = []

    class SampleDataLogic:
        @staticmethod
        def registerCustomSampleDataCategory(category, title):
            assert category == "CXRAdaINSeg" and title

        @staticmethod
        def registerCustomSampleDataSource(
            category="Custom",
            sampleName=None,
            uris=None,
            fileNames=None,
            nodeNames=None,
            customDownloader=None,
            thumbnailFileName=None,
            loadFileTypes=None,
            loadFiles=None,
            loadFileProperties={},  # noqa: B006 (Slicer's)
            checksums=None,
            loadFileType=None,
        ):
            sources.append({"uri": uris, "name": sampleName, "file": fileNames, "picture": thumbnailFileName})

    module = ModuleType("SampleData")
    module.SampleDataLogic = SampleDataLogic
    module.__spec__ = sys.__spec__
    monkeypatch.setitem(sys.modules, "SampleData", module)
    from CXRAdaINSegLib.SampleRadiographs import registerSampleRadiographs

    registerSampleRadiographs()
    return sources


def test_every_sample_is_on_the_disk_and_names_who_to_thank(registered):
    assert len(registered) == 6
    for source in registered:
        path = Path(url2pathname(urlparse(source["uri"]).path))
        assert path.parent == SAMPLES and path.is_file() and path.name == source["file"]
        assert "CC BY" in source["name"] or "NIH" in source["name"]
    pictures = [source["picture"] for source in registered if source["picture"]]
    assert len(pictures) == 5 and all(Path(picture).is_file() for picture in pictures)


def test_without_sample_data_nothing_happens(window):
    from CXRAdaINSegLib.SampleRadiographs import registerSampleRadiographs

    assert "SampleData" not in sys.modules
    registerSampleRadiographs()

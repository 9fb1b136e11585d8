"""The bundled radiographs as Slicer's Sample Data module is given them; that module itself is Slicer's."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from PIL import Image
from places import SAMPLES


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
            sources.append(
                {
                    "uri": uris,
                    "name": sampleName,
                    "file": fileNames,
                    "node": nodeNames,
                    "picture": thumbnailFileName,
                    "properties": loadFileProperties,
                }
            )

    module = ModuleType("SampleData")
    module.SampleDataLogic = SampleDataLogic
    module.__spec__ = sys.__spec__
    monkeypatch.setitem(sys.modules, "SampleData", module)
    from CXRAdaINSegLib.scene.ImageFiles import registerSampleRadiographs

    registerSampleRadiographs()
    return sources


def test_every_sample_is_on_the_disk_and_is_loaded_alone(registered):
    assert len(registered) == 6
    attributed = (SAMPLES / "ATTRIBUTION.md").read_text("utf-8")
    for source in registered:
        path = Path(url2pathname(urlparse(source["uri"]).path))
        made_up = "made_up" in source["file"]
        assert path.resolve().parent == (SAMPLES.parent / "SampleCalibrated" if made_up else SAMPLES)
        assert path.is_file() and path.name == source["file"] and f"{source['file']}`" in attributed
        assert source["properties"] == {"singleFile": True}


def test_the_names_fit_buttons_and_each_is_its_own(registered):
    names = [source["name"] for source in registered]
    # SampleDataLogic.sourceForSampleName takes the first of a name, of all categories.
    assert len(set(names)) == 6 and all(len(name) <= 40 for name in names)
    assert all(name.startswith("Chest X-ray, ") for name in names)
    assert [source["node"] for source in registered if "(DICOM)" in source["name"]] == [
        "hannover__88859dc1",
        "with_spacing_made_up__00001281_000",
    ]


def test_each_has_a_small_picture_on_its_button(registered):
    pictures = [Path(source["picture"]) for source in registered]
    assert len(set(pictures)) == 6
    for picture in pictures:
        assert picture.suffix == ".png" and picture.stat().st_size < 12_000
        with Image.open(picture) as shown:
            assert min(shown.size) >= 100 and max(shown.size) <= 256


def test_without_sample_data_nothing_happens(window, monkeypatch, tmp_path):
    from CXRAdaINSegLib.scene.ImageFiles import registerSampleRadiographs

    monkeypatch.delitem(sys.modules, "SampleData", raising=False)  # a stand-in of another test
    registerSampleRadiographs()
    (tmp_path / "SampleData").mkdir()  # what Python takes for a package without files
    monkeypatch.syspath_prepend(tmp_path)
    registerSampleRadiographs()
    monkeypatch.delitem(sys.modules, "SampleData", raising=False)

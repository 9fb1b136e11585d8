"""Radiographs of the DICOM module: each by itself, described by its header, shown as our reader has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dicom_files import drawing, real_dicom, write
from module_panel import standing_in
from places import SAMPLES
from pydicom.uid import DigitalXRayImageStorageForPresentation, generate_uid

SCALAR_VOLUME = 0.5  # DICOMLoadable's confidence, which Slicer's scalar volume plugin leaves as it is
SERIES, STUDY = generate_uid(), generate_uid()
IN_ONE_SERIES = {"SeriesInstanceUID": SERIES, "StudyInstanceUID": STUDY, "StudyDescription": "Chest, 2 views"}


@pytest.fixture
def database(window, tmp_path):
    """3D Slicer's database, open and empty."""
    import slicer

    (tmp_path / "database").mkdir()
    slicer.dicomDatabase.openDatabase(tmp_path / "database")
    yield slicer.dicomDatabase
    slicer.dicomDatabase.closeDatabase()


@pytest.fixture
def plugin(database):
    """The plugin as the DICOM module makes it."""
    import slicer

    return slicer.modules.dicomPlugins["DICOMChestRadiographPlugin"]()


def put(database, path: Path) -> str:
    """Import a file; returns where the database has it."""
    from pydicom import dcmread

    database.insert(str(path))
    return database.fileForInstance(dcmread(path, stop_before_pixels=True).SOPInstanceUID)


@pytest.fixture
def two_views(database, tmp_path) -> list[str]:
    """A series of a lateral and a PA image, the PA one inverted, of 0.2 mm."""
    lateral = write(
        tmp_path / "b.dcm", drawing(), ViewPosition="LL", InstanceNumber=2, PatientOrientation=["P", "F"]
    )
    frontal = write(
        tmp_path / "a.dcm",
        drawing(height=120),
        InstanceNumber=1,
        PhotometricInterpretation="MONOCHROME1",
        BitsStored=12,
        WindowCenter=2000,
        WindowWidth=3001,
        PixelSpacing=[0.2, 0.2],
    )
    files = []
    for path in (lateral, frontal):
        stamp(path, **IN_ONE_SERIES)
        files.append(put(database, path))
    return files


def stamp(path: Path, **attributes) -> None:
    """Set attributes of a file."""
    from pydicom import dcmread

    dataset = dcmread(path)
    for name, value in attributes.items():
        setattr(dataset, name, value)
    dataset.save_as(path)


def test_a_series_of_two_views_is_two_radiographs_and_no_stack(plugin, two_views):
    lateral, frontal = two_views
    loadables = plugin.examineForImport([two_views])
    assert [each.files for each in loadables] == [[frontal], [lateral]]
    assert [each.name for each in loadables] == ["PA, Chest, 2 views", "LL, Chest, 2 views"]
    assert all(each.selected and each.confidence > SCALAR_VOLUME for each in loadables)
    assert loadables[0].confidence == loadables[1].confidence, "or the DICOM module would load one alone"
    assert loadables[0].warning == "" and "lateral" in loadables[1].warning


def test_a_study_is_examined_without_opening_a_file(plugin, two_views, monkeypatch):
    for file in two_views:
        Path(file).unlink()
    assert len(plugin.examineForImport([two_views])) == 2
    asked = {tag.upper() for tag in plugin.tags.values()}
    assert {"0018,5101", "0020,0020", "0008,1030"} <= asked, "which the DICOM module has the database keep"


def test_a_radiograph_is_loaded_with_polarity_window_calibration_and_its_place_in_the_study(
    plugin, two_views
):
    import slicer
    from CXRAdaINSegLib.scene.VolumeImages import radiographOf, sourceFile

    for loadable in plugin.examineForImport([two_views]):
        assert plugin.load(loadable)
    volumes = slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")
    frontal, lateral = volumes
    assert frontal.GetImageData().GetDimensions() == (80, 120, 1)
    assert lateral.GetImageData().GetDimensions() == (80, 96, 1)
    assert frontal.GetSpacing()[:2] == pytest.approx((0.2, 0.2))
    facts = radiographOf(frontal).facts
    assert facts.inverted and facts.window == pytest.approx((499.5, 3499.5)) and facts.spacing == (0.2, 0.2)
    display = frontal.GetDisplayNode()
    assert display.GetInvertDisplayScalarRange() and display.GetWindow() == pytest.approx(3000)
    assert sourceFile(frontal) == Path(two_views[1]) and sourceFile(lateral) == Path(two_views[0])
    assert "lateral" in " ".join(radiographOf(lateral).warnings)
    selection = slicer.app.applicationLogic().GetSelectionNode()
    assert selection.GetActiveVolumeID() == frontal.GetID(), "a lateral view does not take its place"
    assert lineage(frontal) == lineage(lateral) == ["Chest, 2 views", "Doe^Jane (4711)"]


def lineage(node) -> list[str]:
    """Names of the items that a node's lies below, the nearest first."""
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item, names = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)), []
    while item != hierarchy.GetSceneItemID():
        names.append(hierarchy.GetItemName(item))
        item = hierarchy.GetItemParent(item)
    return names


def test_the_panel_segments_what_the_dicom_module_has_loaded(window, plugin, two_views):
    with standing_in(window) as panel:
        (loadable, _lateral) = plugin.examineForImport([two_views])
        volume = plugin.load(loadable)
        panel.until(lambda: panel.volume is volume, 10)
        panel.press_segment()
        assert panel.lungs == (1, 2)
        assert lineage(panel.segmentation) == lineage(volume)


@pytest.mark.parametrize(
    ("changes", "offered", "warned"),
    [
        ({}, True, False),
        ({"SOPClassUID": DigitalXRayImageStorageForPresentation, "Modality": "DX"}, True, False),
        ({"ViewPosition": None, "PatientOrientation": ["A", "F"]}, True, True),
        ({"BodyPartExamined": "HAND"}, False, True),
        ({"PresentationIntentType": "FOR PROCESSING"}, True, True),
    ],
    ids=["CR", "DX", "lateral by orientation", "a hand", "raw"],
)
def test_what_the_model_does_not_know_is_warned_of(plugin, database, tmp_path, changes, offered, warned):
    file = put(database, write(tmp_path / "a.dcm", drawing(), **changes))
    (loadable,) = plugin.examineForImport([[file]])
    assert (loadable.confidence > SCALAR_VOLUME) is offered, "of other parts Slicer's own plugin goes first"
    assert bool(loadable.warning) is warned


@pytest.mark.parametrize(
    "changes",
    [{"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "Modality": "CT"}, {"NumberOfFrames": 2}],
    ids=["CT", "several frames"],
)
def test_what_is_no_radiograph_is_left_to_others(plugin, database, tmp_path, changes):
    file = put(database, write(tmp_path / "a.dcm", np.stack([drawing()] * 2), **changes))
    assert plugin.examineForImport([[file]]) == []


def test_a_header_with_next_to_nothing_in_it_still_has_a_name(plugin, database, tmp_path):
    bare = {"ViewPosition": None, "BodyPartExamined": None, "PatientOrientation": None}
    paths = [write(tmp_path / f"{index}.dcm", drawing(), **bare) for index in range(2)]
    loadables = plugin.examineForImport([[put(database, path) for path in paths]])
    assert [each.name for each in loadables] == ["Radiograph", "Radiograph (2)"]


def test_a_name_keeps_out_what_paths_are_made_of(plugin, database, tmp_path):
    path = write(tmp_path / "a.dcm", drawing(), StudyDescription="Chest a/p | bed*")
    (loadable,) = plugin.examineForImport([[put(database, path)]])
    assert loadable.name == "PA, Chest a-p - bed-"


def test_a_damaged_file_is_told_of_and_leaves_no_node(plugin, database, tmp_path, caplog):
    import slicer

    path = write(tmp_path / "a.dcm", drawing())
    file = put(database, path)
    Path(file).write_bytes(path.read_bytes()[:-9000])
    (loadable,) = plugin.examineForImport([[file]])
    assert plugin.load(loadable) is None
    assert not slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")


REAL = [real_dicom("RG1_UNCR.dcm"), real_dicom("RG3_J2KR.dcm"), *SAMPLES.glob("*.dcm")]


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_radiographs_are_offered_and_loaded(plugin, database, path):
    import slicer
    from cxradain.imaging.radiograph import read_radiograph

    read = read_radiograph(path)
    (loadable,) = plugin.examineForImport([[put(database, path)]])
    volume = plugin.load(loadable)
    assert (slicer.util.arrayFromVolume(volume)[0] == read.pixels).all()
    assert volume.GetName() == loadable.name and len(lineage(volume)) == 2

"""Masks saved to the DICOM database: as DICOM SEG of their image, and the window does not wait."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import write
from module_panel import chest, standing_in
from pydicom.uid import generate_uid
from test_dicom_plugin import database, lineage, plugin, put, stamp  # noqa: F401

pytest.importorskip("highdicom", reason="highdicom, which writes DICOM SEG, is not installed")


@pytest.fixture
def panel(window, database, plugin, tmp_path):  # noqa: F811
    """The panel with a segmented radiograph from the database."""
    uids = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    file = put(database, write(tmp_path / "chest.dcm", chest(), **uids))
    with standing_in(window) as panel:
        volume = plugin.load(plugin.examineForImport([[file]])[0])
        panel.segment.input.choose(volume)
        panel.press_segment()
        yield panel
        panel.measure.dicom.saving.stop()


def segmentations(database) -> list[pydicom.Dataset]:  # noqa: F811
    found = [pydicom.dcmread(path) for path in Path(database.databaseDirectory).glob("*.dcm")]
    return [each for each in found if each.Modality == "SEG"]


def save(panel) -> str:
    """Press the button, and wait; returns the message."""
    box = panel.measure.dicom
    box.saveButton.click()
    assert box.saving.running and not box.saveButton.enabled
    assert box.progressBar.isVisibleTo(box.widget) and box.cancelButton.isVisibleTo(box.widget)
    panel.until(lambda: not box.saving.running)
    return box.message.text


def test_masks_are_saved_as_they_are_with_the_study_they_are_of(panel, database):  # noqa: F811
    assert "Saved" in save(panel)
    (made,) = segmentations(database)
    image = pydicom.dcmread(database.fileForInstance(panel.volume.GetAttribute("DICOM.instanceUIDs")))
    assert (made.StudyInstanceUID, made.PatientID) == (image.StudyInstanceUID, image.PatientID)
    masks = np.stack([panel.labels == lung for lung in (1, 2)])
    assert (made.pixel_array > 0).tolist() == masks.tolist()
    assert {each.SegmentAlgorithmType for each in made.SegmentSequence} == {"AUTOMATIC"}
    assert "auto" in made.SeriesDescription and panel.measure.dicom.saveButton.enabled


def test_a_corrected_lung_is_called_so(panel, database):  # noqa: F811
    panel.segment.clickButton.click()
    panel.click(40, 50)
    panel.segment.clickButton.click()
    assert "Saved" in save(panel)
    (made,) = segmentations(database)
    kinds = {each.SegmentLabel: each.SegmentAlgorithmType for each in made.SegmentSequence}
    assert kinds == {"Right lung": "SEMIAUTOMATIC", "Left lung": "AUTOMATIC"}
    assert "corrected" in made.SeriesDescription


def test_masks_that_were_changed_after_their_approval_are_not_called_approved(panel, database):  # noqa: F811
    from CXRAdaINSegLib.scene.MaskProvenance import markAsApproved

    markAsApproved(panel.segmentation)
    assert "Saved" in save(panel)
    panel.segment.clickButton.click()
    panel.click(40, 50)
    panel.segment.clickButton.click()
    assert "Saved" in save(panel)
    described = sorted(made.SeriesDescription for made in segmentations(database))
    assert ["approved" in each for each in described] == [True, False] and "corrected" in described[1]


def test_cancelled_nothing_is_added(panel, database):  # noqa: F811
    box = panel.measure.dicom
    box.saveButton.click()
    box.cancelButton.click()
    panel.until(lambda: not box.saving.running)
    panel.window.process(0.2)
    assert segmentations(database) == [] and "Cancelled" in box.message.text and box.saveButton.enabled


def test_a_file_that_is_gone_is_told_of(panel, database):  # noqa: F811
    Path(database.fileForInstance(panel.volume.GetAttribute("DICOM.instanceUIDs"))).unlink()
    assert "is not a DICOM image" in save(panel) and segmentations(database) == []


def test_only_images_of_the_open_database_with_masks_can_be_saved(panel, database):  # noqa: F811
    button, volume = panel.measure.dicom.saveButton, panel.volume
    assert button.enabled
    panel.add_pixels(chest())
    assert not button.enabled
    panel.press_segment()
    assert not button.enabled, "it is from elsewhere"
    panel.segment.input.choose(volume)
    assert button.enabled
    database.closeDatabase()
    button.click()
    assert not button.enabled and not panel.measure.dicom.saving.running


def test_an_application_without_a_database_has_no_button(panel, monkeypatch):
    import slicer

    box = panel.measure.dicom
    assert box.widget.isVisibleTo(panel.measure.widget)
    monkeypatch.delattr(slicer, "dicomDatabase")
    panel.measure.update()
    assert not box.widget.isVisibleTo(panel.measure.widget)


def saved_masks(database) -> str:  # noqa: F811
    """The file of the one segmentation in the database."""
    (made,) = segmentations(database)
    return database.fileForInstance(made.SOPInstanceUID)


def test_saved_masks_are_offered_and_come_back_with_their_radiograph(panel, database, plugin):  # noqa: F811
    import slicer
    from CXRAdaINSegLib.scene.LungSegments import labelsOf, volumeOf
    from CXRAdaINSegLib.scene.MaskProvenance import isCorrected

    save(panel)
    labels = panel.labels
    slicer.mrmlScene.Clear(0)
    (loadable,) = plugin.examineForImport([[saved_masks(database)]])
    assert loadable.confidence > 0.95, "of Slicer's own plugin for SEG, which cannot read it"
    segmentation = plugin.load(loadable)
    volume = volumeOf(segmentation)
    assert (labelsOf(segmentation, volume) == labels).all()
    assert isCorrected(segmentation, 1), "so that no model writes over them unasked"
    assert lineage(segmentation) == lineage(volume) != []
    panel.widget.exit()
    panel.widget.enter()
    panel.until(
        lambda: panel.volume is volume and panel.correct.editor.segmentationNode() is segmentation, 10
    )


def test_masks_of_an_image_that_is_not_offered_bring_it_too(panel, database, plugin):  # noqa: F811
    """As a Secondary Capture that Slicer's own plugin has loaded."""
    import slicer
    from CXRAdaINSegLib.scene.LungSegments import volumeOf

    file = database.fileForInstance(panel.volume.GetAttribute("DICOM.instanceUIDs"))
    stamp(Path(file), SOPClassUID="1.2.840.10008.5.1.4.1.1.7", Modality="OT")
    database.insert(file, storeFile=False)
    assert "Saved" in save(panel)
    slicer.mrmlScene.Clear(0)
    (loadable,) = plugin.examineForImport([[saved_masks(database)]])
    assert volumeOf(plugin.load(loadable)).GetName() == "Radiograph"


def test_saved_masks_never_replace_others(panel, database, plugin):  # noqa: F811
    save(panel)
    (loadable,) = plugin.examineForImport([[saved_masks(database)]])
    before = panel.labels
    assert plugin.load(loadable) is None
    assert (panel.labels == before).all()


def test_masks_of_other_programs_are_left_to_slicer(panel, database, plugin):  # noqa: F811
    save(panel)
    file = saved_masks(database)
    stamp(Path(file), Manufacturer="Another")
    database.insert(file, storeFile=False)
    assert plugin.examineForImport([[file]]) == []

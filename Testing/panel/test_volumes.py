"""Radiographs of every kind in the scene: files, colors, transforms, directions, and how they are shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from cxradain.imaging.image_facts import ImageFacts
from module_panel import chest, drop_files, standing_in
from PIL import Image
from places import SAMPLES

AS_SAVED_BEFORE = {"inverted": True, "window": [1000, 1000], "spacing": [0.3, 0.2], "warnings": []}
RIGHT, LEFT = (120, 50), (120, 150)


@pytest.fixture
def panel(window):
    with standing_in(window) as panel:
        yield panel


def monochrome1():
    """A real radiograph of that kind, which comes with pydicom-data."""
    data = pytest.importorskip("data_store")
    path = next(iter(data.__path__)) + "/data/RG1_UNCR.dcm"
    return path


def test_monochrome1_is_shown_with_dark_surroundings_and_its_data_untouched(panel):
    import pydicom
    import slicer
    from CXRAdaINSegLib.scene.VolumeImages import radiographFields, radiographOf

    panel.add(monochrome1())
    stored = pydicom.dcmread(monochrome1())
    assert stored.PhotometricInterpretation == "MONOCHROME1"
    pixels = slicer.util.arrayFromVolume(panel.volume)[0]
    turned = np.corrcoef(stored.pixel_array.ravel()[::97], pixels.ravel()[::97])[0, 1] < 0
    fields, sent = radiographFields(panel.volume)
    assert fields["facts"]["inverted"] is not turned, "inverted once, by the reader or by us"
    assert (sent == pixels).all()
    display = panel.volume.GetDisplayNode()
    assert bool(display.GetInvertDisplayScalarRange()) == fields["facts"]["inverted"]
    center, width = radiographOf(panel.volume).facts.center_width
    assert (display.GetLevel(), display.GetWindow()) == pytest.approx((center, width))
    # What is bright in the stored values is dark on film, and so on the screen.
    rows, columns = stored.pixel_array.shape
    grid = [(row, column) for row in range(20, rows, 97) for column in range(20, columns, 97)]
    shown = panel.view.pixels().astype(int)
    places = [tuple(round(v) for v in panel.view.ijkToView(*pixel)) for pixel in grid]
    seen = [shown[y, x, 0] for x, y in places]
    assert np.corrcoef(seen, [stored.pixel_array[pixel] for pixel in grid])[0, 1] < -0.8


@pytest.mark.parametrize("flipped", [False, True])
def test_a_reader_that_leaves_monochrome1_as_it_is_is_inverted_for_display(panel, tmp_path, flipped):
    """As DCMTK's does; GDCM's turns the values over."""
    import slicer
    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf

    path = tmp_path / "mono1.dcm"
    stored = write_monochrome1(path)
    panel.add(path)
    pixels = stored if flipped is False else 4095 - stored
    volume = panel.volume
    slicer.util.updateVolumeFromArray(volume, pixels[np.newaxis])
    volume.RemoveAttribute(ATTRIBUTE)
    facts = radiographOf(volume).facts
    assert facts.inverted is not flipped
    center = 1000 if not flipped else 4095 - 1000
    assert facts.center_width == pytest.approx((center - 0.5 if not flipped else center + 0.5, 1999))
    assert facts.spacing == pytest.approx((0.2, 0.2))
    volume.SetAttribute(ATTRIBUTE, json.dumps(AS_SAVED_BEFORE))
    facts = radiographOf(volume).facts
    assert facts == ImageFacts(True, (500.0, 1500.0), (0.3, 0.2)), "a scene that was saved before"


def write_monochrome1(path):
    """A 64 x 48 radiograph of 12 bits as MONOCHROME1, window 1000/2000, 0.2 mm; returns its values."""
    import pydicom
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

    values = np.linspace(0, 4095, 64 * 48).reshape(64, 48).astype(np.uint16)
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = ComputedRadiographyImageStorage, generate_uid()
    dataset.StudyInstanceUID = dataset.SeriesInstanceUID = generate_uid()
    dataset.Modality, dataset.PhotometricInterpretation = "CR", "MONOCHROME1"
    dataset.Rows, dataset.Columns = values.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.WindowCenter, dataset.WindowWidth = 1000, 2000
    dataset.PixelSpacing = [0.2, 0.2]
    dataset.PixelData = values.tobytes()
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return values


def test_a_picture_is_uncalibrated_and_a_dicom_file_is_not(panel, tmp_path):
    from CXRAdaINSegLib.scene.VolumeImages import radiographOf

    write_monochrome1(tmp_path / "a.dcm")
    panel.add(SAMPLES / "nih_normal__00001281_000.png")
    assert radiographOf(panel.volume).facts.spacing is None
    panel.add(tmp_path / "a.dcm")
    assert radiographOf(panel.volume).facts.spacing == (0.2, 0.2)


def test_images_of_one_name_can_each_be_chosen(panel):
    """3D Slicer's selector goes by names, and is silent when another of the same name is chosen."""
    first, second = (panel.add_pixels(chest(), "frontal") for _ in range(2))
    composite = panel.view.widget.mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == second.GetID()
    panel.press_segment()
    assert panel.correct.editor.sourceVolumeNode() is second
    selector = panel.segment.input.selector
    selector.setCurrentNode(first)
    selector.nodeActivated.emit(first)
    assert panel.volume is first and composite.GetBackgroundVolumeID() == first.GetID()
    assert panel.correct.editor.segmentationNode() is None


def test_a_file_that_is_dropped_again_is_the_radiograph_that_is_open_already(panel, tmp_path):
    import slicer

    path, other = tmp_path / "a" / "frontal.png", tmp_path / "b" / "frontal.png"
    for seed, each in enumerate((path, other)):
        each.parent.mkdir()
        pixels = np.random.default_rng(seed).integers(0, 255, (120, 100), np.uint8)
        Image.fromarray(pixels).save(each)

    def drop(each):
        drop_files(panel.segment.area, [each])
        panel.until(lambda: panel.segment.input.reading, 10)
        panel.until(lambda: not panel.segment.input.reading, 60)
        panel.settle()

    drop(path)
    first = panel.volume
    panel.press_segment()
    drop(other)
    drop(path)
    assert panel.volume is first and panel.lungs == (1, 2), "with its masks"
    assert "frontal was open already" in panel.segment.message.text
    pixels[0, 0] += 1
    Image.fromarray(pixels).save(path)
    drop(path)
    names = [each.GetName() for each in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")]
    assert names == ["frontal", "frontal_1", "frontal_2"], "the file is another one now"


def test_renaming_the_image_changes_nothing_else(panel):
    volume = panel.add_pixels(chest(), "before")
    slice_node = panel.view.widget.mrmlSliceNode()
    slice_node.SetFieldOfView(90.0, 90.0, 1.0)
    panel.segment.showMessage("a message")
    volume.SetName("after")
    panel.window.process()
    assert slice_node.GetFieldOfView()[0] == 90.0 and panel.segment.message.text == "a message"


def test_a_color_picture_is_segmented_by_its_luminance(panel):
    from CXRAdaINSegLib.scene.VolumeImages import pixelsOf

    gray = (chest() / 16).astype(np.uint8)
    panel.add_pixels(np.stack([gray, gray // 2, gray // 4], axis=-1))
    assert panel.volume.IsA("vtkMRMLVectorVolumeNode")
    expected = 0.299 * gray + 0.587 * (gray // 2) + 0.114 * (gray // 4)
    assert np.abs(pixelsOf(panel.volume) - expected).max() <= 0.5
    panel.press_segment()
    assert panel.lungs == (1, 2)


def test_a_color_png_is_loaded_by_the_panel(panel, tmp_path):
    gray = (chest() / 16).astype(np.uint8)
    Image.fromarray(np.stack([gray] * 3, axis=-1)).save(tmp_path / "color.png")
    panel.add(tmp_path / "color.png")
    panel.press_segment()
    assert panel.lungs == (1, 2) and panel.labels[RIGHT] == 1


@pytest.mark.parametrize(
    "directions",
    [
        ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),  # as without orientation
        ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((-1, 0, 0), (0, 0, -1), (0, 1, 0)),  # coronal, as a patient stands
        ((0, 0, -1), (0, -1, 0), (-1, 0, 0)),
        ((-0.8, 0.6, 0), (-0.6, -0.8, 0), (0, 0, 1)),  # oblique
    ],
)
def test_a_volume_is_upright_and_clicked_at_the_right_place_whatever_its_directions(panel, directions):
    from CXRAdaINSegLib.scene.Display import isUpright, redSliceNode

    volume = panel.add_pixels(chest(), directions=directions)
    assert isUpright(redSliceNode(), volume)
    x0, y0 = panel.view.ijkToView(0, 0)
    x1, y1 = panel.view.ijkToView(239, 199)
    assert x1 > x0 and y1 > y0, "row 0 is on top, column 0 on the left"
    panel.segment.clickButton.click()
    panel.click(*LEFT)
    assert panel.lungs == (2,)
    panel.click(40, 150)
    assert panel.labels[40, 150] == 2


def test_a_volume_under_a_transform(panel):
    import slicer
    import vtk
    from CXRAdaINSegLib.scene.Display import isUpright, redSliceNode, showRadiograph

    volume = panel.add_pixels(chest())
    turned = vtk.vtkTransform()
    turned.Translate(30, -80, 12)
    turned.RotateX(35)
    turned.RotateZ(20)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    node.SetMatrixTransformToParent(turned.GetMatrix())
    volume.SetAndObserveTransformNodeID(node.GetID())
    showRadiograph(volume)
    panel.window.process()
    assert isUpright(redSliceNode(), volume)
    panel.segment.clickButton.click()
    before = panel.view.pixels().astype(int)
    panel.click(*LEFT)
    panel.click(40, 150)
    assert panel.labels[40, 150] == 2 and panel.segmentation.GetTransformNodeID() == node.GetID()
    x, y = (round(value) for value in panel.view.ijkToView(*LEFT))
    change = panel.view.pixels().astype(int)[y, x] - before[y, x]
    assert change[0] > change[2] + 20, "the mask lies over the transformed image"


def test_paths_with_spaces_and_of_any_script(panel, tmp_path):
    folder = tmp_path / "Röntgen Bilder 胸部"
    folder.mkdir()
    path = folder / "Brust köpf 1.png"
    shutil.copy(SAMPLES / "nih_normal__00001281_000.png", path)
    panel.add(path)
    assert panel.volume is not None and panel.volume.GetName() == "Brust köpf 1"
    panel.press_segment()
    assert panel.lungs == (1, 2)


def test_a_file_that_ends_its_decoder_is_named_and_the_window_and_its_masks_live(
    panel, tmp_path, monkeypatch
):
    from cxradain.imaging import decoder, radiograph

    at_work = panel.add_pixels(chest(), "at work")
    panel.press_segment()
    masks = panel.labels.copy()
    (tmp_path / "ends.png").write_bytes((SAMPLES / "nih_normal__00001281_000.png").read_bytes())
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "trainer"))
    monkeypatch.setattr(radiograph, "READER", "decoder_readers:by_name")
    decoder.stop()
    panel.add(tmp_path / "ends.png", SAMPLES / "nih_normal__00001281_000.png")
    decoder.stop()
    assert "ends.png: cannot be decoded: it ended the process" in panel.segment.message.text
    assert panel.volume.GetName() == "nih_normal__00001281_000", "the next file is read"
    panel.segment.input.choose(at_work)
    assert (panel.labels == masks).all()


def test_the_volume_of_a_file_knows_it_and_saving_the_scene_does_not_write_over_it(panel, tmp_path):
    from CXRAdaINSegLib.scene.VolumeImages import ATTRIBUTE, radiographOf, sourceFile

    write_monochrome1(tmp_path / "a.dcm")
    panel.add(tmp_path / "a.dcm")
    volume = panel.volume
    assert sourceFile(volume) == tmp_path / "a.dcm" and volume.GetStorageNode() is None
    assert volume.GetSpacing() == pytest.approx((0.2, 0.2, 1.0))
    kept = radiographOf(volume).facts
    volume.RemoveAttribute(ATTRIBUTE)
    assert radiographOf(volume).facts == kept and kept.inverted


def test_numbered_files_are_images_of_their_own(panel, tmp_path):
    for index in range(3):
        Image.fromarray((chest() / 16).astype(np.uint8)).save(tmp_path / f"case_{index:03d}.png")
    panel.add(tmp_path)
    assert panel.segment.input.selector.nodeCount() == 3
    assert panel.volume.GetImageData().GetDimensions()[2] == 1


def test_the_folder_of_samples_is_five_radiographs_and_masks_are_none(panel):
    panel.add(SAMPLES)
    assert panel.segment.input.selector.nodeCount() == 5
    panel.add(SAMPLES.parent / "SampleMasks")
    assert panel.segment.input.selector.nodeCount() == 5
    assert "Passed over: masks (3)." in panel.segment.message.text
    panel.add(SAMPLES.parent / "SampleMasks" / "v7cohen__53c9be49.png")
    assert "v7cohen__53c9be49.png: looks like a mask, not a radiograph" in panel.segment.message.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.png", b"\x89PNG\r\n\x1a\nnothing", "damaged"),
        ("empty.dcm", b"", "empty"),
        ("none.txt", b"words", "cannot be read as an image"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_what_to_do(panel, tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    panel.add(tmp_path / name)
    assert panel.volume is None
    assert said in panel.segment.message.text and name in panel.segment.message.text


def test_a_volume_of_several_slices_is_refused_with_a_message(panel):
    import slicer

    volume = slicer.util.addVolumeFromArray(np.zeros((3, 40, 40), np.int16), name="CT")
    panel.segment.input.choose(volume)
    panel.window.process()
    assert "3 slices" in panel.segment.message.text
    panel.press_segment()
    assert panel.segmentation is None and "3 slices" in panel.segment.message.text


def test_window_and_level_set_by_hand_stay(panel):
    first = panel.add_pixels(chest(), "first")
    first.GetDisplayNode().SetWindowLevel(123, 456)
    panel.add_pixels(chest(), "second")
    panel.segment.input.choose(first)
    panel.window.process()
    assert (first.GetDisplayNode().GetWindow(), first.GetDisplayNode().GetLevel()) == (123, 456)


def test_dropped_files_are_added(panel, tmp_path):
    path = tmp_path / "dropped here.png"
    Image.fromarray((chest() / 16).astype(np.uint8)).save(path)
    drop_files(panel.segment.area, [path])
    panel.until(lambda: panel.volume is not None, 5)
    assert panel.volume.GetName() == "dropped here"

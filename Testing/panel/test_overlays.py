"""Masks and lines are drawn over no radiograph but their own, not for one repaint: it is looked at what is
drawn right after each act, before the window has done anything else."""

from __future__ import annotations

import numpy as np
import pytest
from module_panel import chest, standing_in
from test_right_image import composite, drawn, other_volume


@pytest.fixture
def panel(window):
    """Two radiographs with masks; the first one is in the view."""
    with standing_in(window) as panel:
        for name in ("second", "first"):
            panel.add_pixels(chest(), name)
            panel.press_segment()
        panel.window.process()
        yield panel


def made_by_another(segment: str = "another's"):
    """A segmentation as a script or another module makes it, of one segment that covers the image."""
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "stray")
    node.CreateDefaultDisplayNodes()
    node.GetSegmentation().AddEmptySegment(segment, segment)
    return node


def masks_of(name: str):
    import slicer
    from CXRAdaINSegLib.scene.LungSegments import lungsOf

    return lungsOf(slicer.util.getNode(name))


def test_masks_that_another_program_makes_are_drawn_over_no_other_radiograph(panel):
    import slicer
    from CXRAdaINSegLib.scene.LungSegments import IDS

    before = panel.view.pixels()
    stray = made_by_another(IDS[1])
    assert not drawn(stray), "masks of lungs that belong to no radiograph"
    stray.GetSegmentation().GetSegment(IDS[1]).DeepCopy(
        masks_of("second").GetSegmentation().GetSegment(IDS[1])
    )
    stray.GetDisplayNode().SetVisibility(True)
    assert not drawn(stray), "though it is shown by hand"
    stray.SetName("renamed")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    first = hierarchy.GetItemByDataNode(panel.volume)
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(stray), first)
    assert not drawn(stray) and np.array_equal(panel.view.pixels(), before)
    panel.settle()
    assert not drawn(stray) and "Hidden: renamed" in panel.segment.message.text
    other = made_by_another()
    assert drawn(other), "nothing says that it is of a radiograph"
    other.SetReferenceImageGeometryParameterFromVolumeNode(slicer.util.getNode("second"))
    assert not drawn(other)
    composite().SetBackgroundVolumeID(slicer.util.getNode("second").GetID())
    assert drawn(other) and not drawn(stray)


def test_masks_that_are_given_to_another_radiograph_leave_this_one_at_once(panel):
    import slicer

    masks, second = panel.segmentation, slicer.util.getNode("second")
    slicer.mrmlScene.RemoveNode(masks_of("second"))
    assert drawn(masks) and panel.measure.rows
    masks.SetReferenceImageGeometryParameterFromVolumeNode(second)
    assert not drawn(masks)
    panel.settle()
    assert panel.segmentation is None and panel.measure.rows == [] and not drawn(masks)
    composite().SetBackgroundVolumeID(second.GetID())
    assert drawn(masks)
    panel.settle()
    assert panel.segmentation is masks and panel.measure.rows


@pytest.mark.parametrize("act", ["shown by hand", "sent to the view", "its radiograph is removed"])
def test_masks_of_another_radiograph_stay_hidden_whatever_is_done_to_them(panel, act):
    import slicer

    masks = masks_of("second")
    display = masks.GetDisplayNode()
    assert not drawn(masks)
    if act == "shown by hand":
        display.SetVisibility(True)
    elif act == "sent to the view":
        display.SetViewNodeIDs(["vtkMRMLSliceNodeRed"])
        display.SetVisibility(True)
    else:
        slicer.mrmlScene.RemoveNode(slicer.util.getNode("second"))
    assert not drawn(masks) and drawn(panel.segmentation)


def test_the_masks_of_a_radiograph_that_is_removed_are_drawn_no_more(panel):
    import slicer

    masks = panel.segmentation
    slicer.mrmlScene.RemoveNode(panel.volume)
    assert not drawn(masks)


def test_lines_of_another_radiograph_stay_hidden(panel):
    from CXRAdaINSegLib.scene.ChestLines import heartOf, setHeartPoints

    setHeartPoints(panel.volume, ((40.0, 20.0), (40.0, 60.0)))
    heart = heartOf(panel.volume)
    assert drawn(heart)
    composite().SetBackgroundVolumeID(other_volume("third").GetID())
    assert not drawn(heart)
    heart.GetDisplayNode().SetVisibility(True)
    assert not drawn(heart)

"""The developer's reload: a new panel of new code over the same scene, and nothing left of the old one."""

from __future__ import annotations

import sys

import numpy as np
from module_panel import Panel, chest, standing_in
from PySide6 import QtCore, QtTest
from test_look import SECTIONS, WIDEST, narrowest


def reload(window) -> None:
    window.module("CXRAdaINSeg").onReload()
    window.process()


def test_the_panel_is_made_anew_and_takes_up_the_scene(window):
    with standing_in(window) as panel:
        panel.add_pixels(chest())
        panel.press_segment()
        panel.segment.clickButton.click()
        panel.click(40, 50)
        old, volume, labels = panel.widget, panel.volume, panel.labels
        old_code = sys.modules["CXRAdaINSegLib.logic.Segmenting"]
        reload(window)
    with standing_in(window) as panel:
        assert panel.widget is not old and panel.volume is volume
        assert sys.modules["CXRAdaINSegLib.logic.Segmenting"] is not old_code, "the parts, too"
        assert old.logic.engine.state == "off" and not old.segmentSection.clicks.active
        assert panel.lungs == (1, 2) and (panel.labels == labels).all() and len(panel.clicks) == 1
        shown = panel.widget.parent.findChildren(QtCore.QObject, "SegmentButton")
        assert [button.isVisibleTo(panel.widget.parent) for button in shown].count(True) == 1


def test_mouse_and_keys_are_the_new_panels_alone(window):
    reload(window)
    with standing_in(window) as panel:
        panel.add_pixels(chest())
        panel.press_segment()
        made = panel.labels
        panel.correct.widget.collapsed = False
        QtTest.QTest.keyClick(window.window, QtCore.Qt.Key_1)
        assert panel.correct.editor.activeEffect() is not None, "one owner of the key"
        panel.correct.editor.setActiveEffect(None)
        panel.segment.clickButton.click()
        panel.click(40, 50)
        assert len(panel.clicks) == 1 and (panel.labels != made).sum() == 11 * 11, "made once"
        QtTest.QTest.keyClick(window.window, QtCore.Qt.Key_Z, QtCore.Qt.ControlModifier)
        assert (panel.labels == made).all()


def test_the_new_panel_is_open_and_the_old_one_follows_the_scene_no_longer(window):
    import slicer

    with standing_in(window) as panel:
        first = panel.add_pixels(chest(), "first")
        old = panel.widget
        reload(window)
    with standing_in(window) as panel:
        second = panel.add_pixels(chest(), "second")
        assert panel.view.widget.mrmlSliceCompositeNode().GetBackgroundVolumeID() == second.GetID()
        panel.press_segment()
        slicer.mrmlScene.RemoveNode(first)
        window.process()
        assert panel.correct.editor.segmentationNode() is panel.segmentation is not None
        panel.correct.widget.collapsed = False
        QtTest.QTest.keyClick(window.window, QtCore.Qt.Key_1)
        assert panel.correct.editor.activeEffect() is not None
        assert old.correctSection.editor.mrmlSegmentEditorNode() is None
        panel.correct.editor.setActiveEffect(None)


def test_a_panel_that_was_left_is_not_opened_by_a_reload(window):
    window.module("CXRAdaINSeg").exit()
    reload(window)
    widget = window.module("CXRAdaINSeg")
    assert not widget.entered
    widget.enter()


def test_the_panel_is_narrow_in_german_too(window):
    from embedded_slicer.modules import i18n

    i18n.choose("de")
    try:
        reload(window)
        found = [getattr(window.module("CXRAdaINSeg"), f"{name}Section").widget for name in SECTIONS]
        for section in found:
            section.collapsed = False
        window.process()
        assert found[SECTIONS.index("segment")].text == "Segmentieren"
        assert narrowest(found[0]) <= WIDEST
    finally:
        i18n.choose("en")
        reload(window)


def test_reloading_again_and_again_leaves_one_of_each(window):
    import slicer

    for _ in range(3):
        reload(window)
    panel = Panel(window, None)
    editors = slicer.util.getNodesByClass("vtkMRMLSegmentEditorNode")
    assert len([node for node in editors if node.GetSingletonTag() == "CXRAdaINSegEditor"]) == 1
    panel.add_pixels(np.ones((40, 30), np.uint8))
    assert panel.volume is not None

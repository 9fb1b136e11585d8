"""The main job inside 3D Slicer, with a stand-in engine: a picture from a file, lungs by clicks, undo, a
table, a saved scene. No torch and no network are needed."""

import tempfile
import time
import unittest
from pathlib import Path

import numpy as np
import slicer
import vtk

LEFT = (120, 150)  # a pixel in the stand-in's left lung
MISSED = (40, 150)
PATIENCE = 30  # seconds


class CXRAdaINSegMainJobTest(unittest.TestCase):
    def setUp(self):
        slicer.mrmlScene.Clear(0)
        from in_process_engine import StandInEngine

        self.widget = slicer.util.getModuleWidget("CXRAdaINSeg")
        self.widget.enter()
        segmenting = self.widget.logic.segmenting
        self.engine = StandInEngine()
        self._real = segmenting.engine
        segmenting.predictions.engine = self.engine

    def tearDown(self):
        segmenting = self.widget.logic.segmenting
        segmenting.abandon()
        segmenting.predictions.engine = self._real
        self.widget.exit()
        slicer.mrmlScene.Clear(0)

    def addPicture(self):
        """A PNG of noise, through the panel."""
        from PIL import Image

        folder = Path(tempfile.mkdtemp(dir=slicer.app.temporaryPath))
        path = folder / "chest 1.png"
        pixels = np.random.default_rng(0).integers(0, 255, (240, 200), np.uint8)
        Image.fromarray(pixels).save(path)
        row = self.widget.segmentSection.input
        row.addFiles([str(path)])
        end = time.monotonic() + PATIENCE
        while row.reading:
            self.assertLess(time.monotonic(), end, "the picture is not read")
            slicer.app.processEvents()
        return self.widget.segmentSection.volume

    def settle(self):
        """Wait until the panel has taken note of the masks; till then it offers nothing that changes them."""
        end = time.monotonic() + PATIENCE
        while self.widget.masks.waiting:
            self.assertLess(time.monotonic(), end, "the masks do not settle")
            slicer.app.processEvents()

    def labels(self, volume):
        from CXRAdaINSegLib.scene.LungSegments import labelsOf, lungsOf

        return labelsOf(lungsOf(volume), volume)

    def test_button(self):
        from CXRAdaINSegLib.scene.LungSegments import lungsOf, presentLungs

        volume = self.addPicture()
        self.assertIsNotNone(volume)
        self.assertEqual(volume.GetImageData().GetDimensions()[2], 1)
        self.widget.segmentSection.segmentButton.click()
        self.engine.answer()
        self.assertEqual(presentLungs(lungsOf(volume)), (1, 2))
        before = self.labels(volume)
        self.settle()
        self.widget.segmentSection.overlay.swapButton.click()
        self.assertFalse((self.labels(volume) == before).all())
        self.widget.correctSection.undo()
        self.assertTrue((self.labels(volume) == before).all())
        self.widget.measureSection.update()
        self.assertEqual(len(slicer.util.getNodesByClass("vtkMRMLTableNode")), 1)

    def test_clicks_in_the_view(self):
        from CXRAdaINSegLib.scene.LungSegments import lungsOf, presentLungs

        if slicer.app.layoutManager() is None:
            self.skipTest("there are no views without a main window")
        volume = self.addPicture()
        self.widget.segmentSection.setClickMode(True)
        self.click(volume, *LEFT)
        self.assertEqual(presentLungs(lungsOf(volume)), (2,))
        self.click(volume, *MISSED)
        self.assertEqual(self.labels(volume)[MISSED], 2)
        self.widget.correctSection.undo()
        self.assertEqual(self.labels(volume)[MISSED], 0)
        self.widget.segmentSection.setClickMode(False)
        self.click(volume, *MISSED)
        self.assertEqual(self.labels(volume)[MISSED], 0)

    def click(self, volume, row, column):
        """Press and release the left button over a pixel of the image."""
        from CXRAdaINSegLib.scene.VolumeImages import worldAt

        widget = slicer.app.layoutManager().sliceWidget("Red")
        toView = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(widget.mrmlSliceNode().GetXYToRAS(), toView)
        x, y = toView.MultiplyPoint((*worldAt(volume, row, column), 1.0))[:2]
        interactor = widget.sliceView().interactor()
        interactor.SetEventInformation(round(x), round(y), 0, 0)
        interactor.InvokeEvent("LeftButtonPressEvent")
        interactor.InvokeEvent("LeftButtonReleaseEvent")
        self.engine.answer()
        slicer.app.processEvents()

    def test_scene_comes_back(self):
        from CXRAdaINSegLib.scene.LungSegments import lungsOf, presentLungs

        volume = self.addPicture()
        self.widget.segmentSection.segmentButton.click()
        self.engine.answer()
        before = self.labels(volume)
        path = str(Path(tempfile.mkdtemp(dir=slicer.app.temporaryPath)) / "case.mrb")
        self.assertTrue(slicer.util.saveScene(path))
        slicer.mrmlScene.Clear(0)
        slicer.util.loadScene(path)
        slicer.app.processEvents()
        volume = self.widget.segmentSection.volume
        self.assertEqual(presentLungs(lungsOf(volume)), (1, 2))
        self.assertTrue((self.labels(volume) == before).all())

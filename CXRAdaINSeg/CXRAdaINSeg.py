"""CXRAdaINSeg: right and left lung in chest radiographs, by a click. For research, not for diagnosis."""

from __future__ import annotations

import logging
import sys

import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

VOLUME = "InputVolume"  # node reference of the parameter node


class CXRAdaINSeg(ScriptedLoadableModule):
    """The module's name, place and help."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("Lungs in Chest Radiographs (CXRAdaINSeg)")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        parent.dependencies = ["Segmentations", "SubjectHierarchy"]
        parent.contributors = ["The CXRAdaINSeg contributors"]
        parent.helpText = _(
            "Finds the right and the left lung in frontal chest radiographs with one AdaIN network, by a "
            "button or by clicks, and lets you correct and measure them. For research, not for diagnosis."
        )
        parent.acknowledgementText = _(
            "The method is that of Oh and Ye, CXR Segmentation by AdaIN-based Domain Adaptation and "
            "Knowledge Distillation (arXiv 2104.05892), implemented independently."
        )
        slicer.app.connect("startupCompleted()", _registerSamples)


def _registerSamples():
    from CXRAdaINSegLib.scene.SampleRadiographs import registerSampleRadiographs

    registerSampleRadiographs()


class CXRAdaINSegWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Puts the sections together and follows the scene."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self._entered = False

    def setup(self):
        """Called once, when the module is opened for the first time."""
        ScriptedLoadableModuleWidget.setup(self)
        from CXRAdaINSegLib.scene.MaskWatch import MaskWatch
        from CXRAdaINSegLib.sections.CorrectSection import CorrectSection
        from CXRAdaINSegLib.sections.MeasureSection import MeasureSection
        from CXRAdaINSegLib.sections.SegmentSection import SegmentSection
        from CXRAdaINSegLib.sections.SetupSection import SetupSection
        from CXRAdaINSegLib.sections.TrainSection import TrainSection
        from CXRAdaINSegLib.sections.WorklistSection import WorklistSection

        self.logic = CXRAdaINSegLogic()
        notice = qt.QLabel(_("For research, not for diagnosis."))
        notice.objectName = "ResearchNotice"
        self.layout.addWidget(notice)
        segmenting = self.logic.segmenting
        self.setupSection = SetupSection(
            self.logic.engine, self._sessionFolder, lambda: self.trainSection.models.removeAll()
        )
        self.segmentSection = SegmentSection(segmenting, self.onVolume, self.onClickMode)
        self.correctSection = CorrectSection(
            segmenting,
            lambda: self.segmentSection.mode,
            self.segmentSection.say,
            lambda: self.segmentSection.setClickMode(False),
        )
        self.measureSection = MeasureSection(lambda: self.segmentSection.volume)
        self.worklistSection = WorklistSection(
            self.logic.cases,
            lambda: self.segmentSection.mode,
            lambda: self.segmentSection.volume,
            self._onCase,
        )
        self.trainSection = TrainSection(self.logic.cases)
        for section in (
            self.setupSection,
            self.worklistSection,
            self.segmentSection,
            self.correctSection,
            self.measureSection,
            self.trainSection,
        ):
            self.layout.addWidget(section.widget)
        self.layout.addStretch(1)
        segmenting.history = self.correctSection
        segmenting.onChanged.append(self._onResult)
        self.masks = MaskWatch(self._onMasksSettled)
        # A scene's events come while it is still being filled or emptied: it is looked at when that is done.
        self._next = qt.QTimer()
        self._next.setSingleShot(True)
        self._next.setInterval(0)
        self._next.connect("timeout()", self._takeUpScene)
        self._observeScene()
        self.segmentSection.input.setScene(slicer.mrmlScene)
        self._fromParameterNode()
        self.segmentSection.sayOfResult()

    def cleanup(self):
        """Called when the module goes: on reload, and when the application closes."""
        self.exit()
        self._next.stop()
        self.masks.stop()
        self.removeObservers()
        self.setupSection.close()
        self.trainSection.close()
        self.logic.close()
        self.worklistSection.close()
        self.correctSection.close()
        self.segmentSection.input.close()

    def onReload(self):
        """Developer's reload: the parts too, not the main file alone."""
        entered = self._entered
        for name in [name for name in sys.modules if name.split(".")[0] == "CXRAdaINSegLib"]:
            del sys.modules[name]
        ScriptedLoadableModuleWidget.onReload(self)
        if entered:  # 3D Slicer makes the new panel without saying that it is open
            slicer.modules.CXRAdaINSegWidget.enter()

    def enter(self):
        """Called each time the module is opened."""
        self._entered = True
        self.setupSection.enter()
        self.correctSection.enter()
        self.worklistSection.enter()
        self._fromParameterNode()
        self._show(self.segmentSection.volume)

    def exit(self):
        """Called each time another module is opened: mouse, keys and views are its own."""
        self._entered = False
        self.segmentSection.setClickMode(False)
        self.correctSection.exit()
        self.worklistSection.exit()
        self._hideClicks()

    # --- the chosen radiograph ----------------------------------------------------------------------------

    def onVolume(self, volume):
        """Another radiograph was chosen, or None."""
        if volume is not None:
            self.logic.getParameterNode().SetNodeReferenceID(VOLUME, volume.GetID())
        self.segmentSection.overlay.hideViews()
        self._bind(volume)
        if self._entered:
            self._show(volume)

    def _onCase(self, case):
        """Another image of the session is in the scene, or its masks are another reader's."""
        if case is None:
            return
        if self.segmentSection.volume is case.volume:
            self.onVolume(case.volume)
        else:
            self.segmentSection.input.choose(case.volume)

    def _bind(self, volume):
        from CXRAdaINSegLib.scene.LungSegments import lungsOf

        self.correctSection.setVolume(volume)
        segmentation = lungsOf(volume) if volume is not None else None
        self.masks.watch(segmentation)
        if segmentation is None:
            self.measureSection.update()
            self.segmentSection.overlay.update()
        else:
            self.masks.touch()  # which measures, once the image has been painted

    def _show(self, volume):
        from CXRAdaINSegLib.scene.ClickMarkers import showClicks
        from CXRAdaINSegLib.scene.Display import showRadiograph
        from CXRAdaINSegLib.scene.LungSegments import lungsOf, showOnly
        from CXRAdaINSegLib.scene.VolumeImages import UnfitVolume

        if volume is None:
            showOnly(None)
            return
        try:
            showRadiograph(volume)
        except UnfitVolume as problem:
            self.segmentSection.say(str(problem))
            return
        showOnly(volume)
        showClicks(lungsOf(volume), volume)

    def onClickMode(self, on):
        """Click-to-segment begins or has ended: the editor leaves it mouse and keys."""
        self.correctSection.pause(on)

    def _hideClicks(self):
        from CXRAdaINSegLib.scene.ClickMarkers import hideClicks

        hideClicks()

    def _sessionFolder(self):
        session = self.logic.cases.session
        return session.path if session is not None else None

    # --- the masks ----------------------------------------------------------------------------------------

    def _onResult(self, volume):
        from CXRAdaINSegLib.scene.LungSegments import showOnly

        if volume is not self.segmentSection.volume:
            showOnly(self.segmentSection.volume)  # another radiograph was chosen meanwhile
        else:
            self._bind(volume)
            self.segmentSection.sayOfResult()
            self.masks.touch()

    def _onMasksSettled(self):
        """Say of the masks what they are now: the model's or corrected, their clicks, their sizes."""
        from CXRAdaINSegLib.scene.ClickMarkers import showClicks
        from CXRAdaINSegLib.scene.LungSegments import lungsOf

        volume = self.segmentSection.volume
        if volume is None:
            return
        self.logic.segmenting.corrected(volume)
        self.logic.cases.touched()
        if self._entered:
            showClicks(lungsOf(volume), volume)
        self.correctSection.update()
        self.measureSection.update()
        self.segmentSection.overlay.update()

    # --- the scene ----------------------------------------------------------------------------------------

    def _observeScene(self):
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self._onStartClose)
        self.addObserver(scene, scene.EndCloseEvent, self._onSceneNew)
        self.addObserver(scene, scene.EndImportEvent, self._onSceneNew)
        self.addObserver(scene, scene.NodeRemovedEvent, self._onNodeRemoved)

    def _onStartClose(self, caller, event):
        self.segmentSection.setClickMode(False)
        self.logic.cases.sceneCloses()
        self.logic.segmenting.abandon()
        self.masks.stop()
        self.correctSection.release()

    def _onSceneNew(self, caller, event):
        self._next.start()

    def _onNodeRemoved(self, caller, event):
        if self.masks.isGone:
            self._next.start()

    def _takeUpScene(self):
        """The scene is empty, or holds what a file had: take up its radiograph and masks."""
        self.correctSection.renew()
        self._fromParameterNode()
        self._bind(self.segmentSection.volume)
        if self._entered:
            self._show(self.segmentSection.volume)
        self.segmentSection.sayOfResult()

    def _fromParameterNode(self):
        volume = self.logic.getParameterNode().GetNodeReference(VOLUME)
        if volume is not None:
            self.segmentSection.input.choose(volume)
        else:
            self.segmentSection.input.chooseSome()


class CXRAdaINSegLogic(ScriptedLoadableModuleLogic):
    """What scripts use: `segmenting` finds and refines lungs, `engine` is the process with the model, `cases`
    has the session and keeps the masks of its images."""

    def __init__(self):
        ScriptedLoadableModuleLogic.__init__(self)
        from CXRAdaINSegLib.logic.Cases import Cases
        from CXRAdaINSegLib.logic.Segmenting import Segmenting
        from CXRAdaINSegLib.processes.EngineProcess import EngineProcess
        from CXRAdaINSegLib.processes.Environments import engineCommand

        self.engine = EngineProcess(engineCommand)
        self.segmenting = Segmenting(self.engine)
        self.cases = Cases(self.segmenting)
        slicer.app.connect("aboutToQuit()", self.close)

    def close(self):
        """Keep the mask at hand, close the session and end the engine."""
        slicer.app.disconnect("aboutToQuit()", self.close)
        if not self.cases.close():
            logging.error("CXRAdaINSeg: the last changes of the mask at hand were not saved.")
        self.engine.stop()


class CXRAdaINSegTest(ScriptedLoadableModuleTest):
    """The main job with a stand-in engine; run by Slicer's "Reload and Test" and by ctest."""

    def setUp(self):
        slicer.mrmlScene.Clear()

    def runTest(self):
        self.setUp()
        self.test_click_makes_a_lung()

    def test_click_makes_a_lung(self):
        import numpy as np
        from CXRAdaINSegLib.logic.Segmenting import Segmenting
        from CXRAdaINSegLib.processes.StandInEngine import StandInEngine
        from CXRAdaINSegLib.scene.LungSegments import labelsOf, lungsOf, presentLungs

        pixels = np.random.default_rng(0).integers(0, 4000, (1, 120, 100), np.uint16)
        volume = slicer.util.addVolumeFromArray(pixels)
        engine = StandInEngine()
        segmenting = Segmenting(engine)
        segmenting.click(volume, 60.0, 25.0, "student")
        engine.answer()
        segmentation = lungsOf(volume)
        self.assertEqual(presentLungs(segmentation), (1,))
        segmenting.click(volume, 60.0, 75.0, "student")
        self.assertEqual(presentLungs(segmentation), (1, 2))
        before = labelsOf(segmentation, volume)
        self.assertEqual(set(np.unique(before)), {0, 1, 2})
        segmenting.click(volume, 60.0, 25.0, "student", removes=True)
        engine.answer()
        self.assertEqual(labelsOf(segmentation, volume)[60, 25], 0)
        segmenting.history.undo()
        self.assertTrue((labelsOf(segmentation, volume) == before).all())

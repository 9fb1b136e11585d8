"""CXRAdaINSeg: segments the right and left lung in chest radiographs. For research, not for diagnosis.

3D Slicer imports this file at startup, so everything else is imported only when the module is opened.
"""

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

VOLUME = "InputVolume"  # node reference of the parameter node


class CXRAdaINSeg(ScriptedLoadableModule):
    """The module's name, place and help."""

    def __init__(self, parent):
        from CXRAdaINSegLib import addTrainerToPath

        ScriptedLoadableModule.__init__(self, parent)
        addTrainerToPath()  # here, so that importing a file of the module runs nothing
        parent.title = _("Lungs in Chest Radiographs (CXRAdaINSeg)")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        parent.dependencies = ["Segmentations", "SubjectHierarchy"]
        parent.contributors = ["The CXRAdaINSeg contributors"]
        parent.helpText = _(
            "Segments both lungs in frontal chest radiographs, even severely abnormal ones, with one click, "
            "and lets you correct and measure them. For research, not for diagnosis."
        )
        parent.acknowledgementText = _(
            "The method is that of Oh and Ye, CXR Segmentation by AdaIN-based Domain Adaptation and "
            "Knowledge Distillation (arXiv 2104.05892), implemented independently."
        )
        slicer.app.connect("startupCompleted()", _registerSamples)


def _registerSamples():
    from CXRAdaINSegLib.scene.ImageFiles import registerSampleRadiographs

    registerSampleRadiographs()


class CXRAdaINSegWidget(ScriptedLoadableModuleWidget):
    """The module's panel: assembles the sections and follows the scene."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        self.logic = None
        self.entered = False

    def setup(self):
        """Build the panel; Slicer calls this once, when the module is first opened."""
        from CXRAdaINSegLib import Events, Timers
        from CXRAdaINSegLib.logic import ClosingWindow
        from CXRAdaINSegLib.scene import MaskWatch, Overlays, SceneWatch, SliceViews
        from CXRAdaINSegLib.sections import (
            CorrectSection,
            MeasureSection,
            SegmentSection,
            SetupSection,
            TrainSection,
            ViewLabels,
            ViewSection,
            WorklistSection,
        )

        ScriptedLoadableModuleWidget.setup(self)
        self.logic = CXRAdaINSegLogic()
        notice = qt.QLabel(_("For research, not for diagnosis."))
        notice.objectName = "ResearchNotice"
        self.layout.addWidget(notice)
        segmenting = self.logic.segmenting
        self.trainSection = TrainSection.TrainSection(self.logic.worklist)
        removeModels = self.trainSection.models.removeAll
        self.setupSection = SetupSection.SetupSection(
            self.logic.engine, self._sessionFolder, removeModels, self._isIdle
        )
        self.trainSection.setup.choose = self.setupSection.choose
        self.setupSection.chosen.connect(self.trainSection.pythonChanged)
        self.segmentSection = SegmentSection.SegmentSection(segmenting, self.onVolume, self.logic.worklist)
        self.correctSection = CorrectSection.CorrectSection(segmenting, self.segmentSection)
        self.viewSection = ViewSection.ViewSection(
            self.segmentSection, self.correctSection, self.logic.worklist
        )
        self.measureSection = MeasureSection.MeasureSection(self.segmentSection)
        self.segmentSection.turning.turned.connect(self._onTurned)
        self.measureSection.heartPlaced.connect(self.logic.worklist.saveHeart)
        self.correctSection.undoOther = self.measureSection.undoHeart
        self.correctSection.redoOther = self.measureSection.redoHeart
        self.correctSection.leaveOther = self.measureSection.leavePlacing
        self.logic.worklist.readerLeaves.connect(self.measureSection.leave)
        self.logic.worklist.hasOpenOutline = self.correctSection.hasOpenOutline
        self.worklistSection = WorklistSection.WorklistSection(
            self.logic.worklist, self.segmentSection, self._onImage
        )
        self.correctSection.nothingToUndo.connect(self.worklistSection.explainUndo)
        self.viewLabels = ViewLabels.ViewLabels(
            self.logic.worklist, self.worklistSection.table.model, self.worklistSection.inView.copies
        )
        self.worklistSection.messages.told.connect(self.viewLabels.say)
        self.segmentSection.told.connect(self.viewLabels.say)
        segmenting.failed.connect(self.viewLabels.say)
        segmenting.busyChanged.connect(lambda busy: self.viewLabels.say(""))
        self.logic.worklist.versionSaved.connect(lambda version: self._updateLabels())
        self.worklistSection.table.model.connect("modelReset()", self._updateLabels)  # new count
        for section in (
            self.setupSection,
            self.worklistSection,
            self.segmentSection,
            self.viewSection,
            self.correctSection,
            self.measureSection,
            self.trainSection,
        ):
            self.layout.addWidget(section.widget)
        self.layout.addStretch(1)
        self._controls = Events.PanelControls(self.parent)
        segmenting.history = self.correctSection
        segmenting.masksChanged.connect(self._onResult)
        self.masks = MaskWatch.MaskWatch(self._onMasksSettled)
        self.views = SliceViews.SliceViewsWatch(self._onViews)
        self._closing = ClosingWindow.ClosingWindow(
            self.logic.worklist, self.worklistSection.inView.copies, self._onClosing
        )
        self._followViews = Timers.singleShotTimer(0, self.followViews)
        self.scene = SceneWatch.SceneWatch(
            self._onSceneCloses,
            self._takeUpScene,
            lambda: self.masks.isGone,
            self.logic.worklist.nodeLeaves,
        )
        self.overlays = Overlays.OverlayWatch(self._onMasksMoved)
        self.segmentSection.input.setScene(slicer.mrmlScene)
        self._fromParameterNode()
        self.segmentSection.showResult()

    def cleanup(self):
        """Release everything; Slicer calls this on reload and when the application closes."""
        self.exit()
        self.scene.stop()
        self.overlays.stop()
        self._followViews.stop()
        self.views.stop()
        self._closing.stop()
        self._controls.stop()
        self.masks.stop()
        self.measureSection.close()
        self.logic.close()  # before the sections, which follow its signals
        self.setupSection.close()
        self.trainSection.close()
        self.worklistSection.close()
        self.correctSection.close()
        self.viewSection.close()
        self.viewLabels.close()
        self.segmentSection.input.close()

    def onReload(self):
        """Reload the library's files too, not only this one (Slicer's developer mode)."""
        entered = self.entered
        for name in [name for name in sys.modules if name.split(".")[0] == "CXRAdaINSegLib"]:
            del sys.modules[name]
        ScriptedLoadableModuleWidget.onReload(self)
        if entered:  # 3D Slicer creates the new panel without calling enter()
            slicer.modules.CXRAdaINSegWidget.enter()

    def enter(self):
        """Activate keys, labels and views; Slicer calls this each time the module is opened."""
        from cxradain.imaging.decoder import warm_up

        self.entered = True
        warm_up()  # so that the image decoder is ready when the first image is added
        self.setupSection.enter()
        self.correctSection.enter()
        self.segmentSection.overlay.hideKey.activate(True)
        self.viewSection.enter()
        self.measureSection.enter()
        self.viewLabels.active = True
        self._updateLabels()  # whose strip takes its room before a radiograph is fitted
        self.worklistSection.enter()
        self._fromParameterNode()
        self._bind(self.segmentSection.volume)  # other modules may have changed the masks
        self._show(self.segmentSection.volume)

    def exit(self):
        """Give mouse, keys and views back; Slicer calls this each time another module is opened."""
        from CXRAdaINSegLib.scene.ImageMarks import hideMarks

        self.entered = False
        self.segmentSection.setClickMode(False)
        self.segmentSection.overlay.hideKey.activate(False)
        self.viewSection.exit()
        self.measureSection.exit()
        self.viewLabels.active = False
        self._updateLabels()
        self.correctSection.exit()
        self.worklistSection.exit()
        hideMarks()

    # --- the chosen radiograph ----------------------------------------------------------------------------

    def onVolume(self, volume):
        """Show the radiograph that was chosen, with its masks; None: no radiograph."""
        self.logic.worklist.noteChoice(volume)
        if volume is not None:
            self.logic.getParameterNode().SetNodeReferenceID(VOLUME, volume.GetID())
        self.segmentSection.overlay.hideViews()
        self._bind(volume)
        self._show(volume)
        self.worklistSection.showCurrent()

    def followViews(self):
        """Choose the radiograph that the slice view shows; none if it shows none."""
        from CXRAdaINSegLib.scene import SliceViews

        SliceViews.clearEmpty()
        volume = self.segmentSection.volume
        if not self.entered or (volume is not None and SliceViews.isShown(volume)):
            return
        shown = SliceViews.shownRadiograph()
        self._putToolsDown()
        self.segmentSection.input.choose(shown)
        if shown is None and volume is not None:
            self.segmentSection.showMessage(SliceViews.whyNoneIsShown())

    def _onViews(self):
        """A slice view may show another image: hide other images' masks and markers at once; the panel
        follows when the change is complete."""
        from CXRAdaINSegLib.scene import Overlays

        Overlays.showOverlays()
        self._updateLabels()
        self.viewSection.comparison.followViews()
        self._followViews.start()

    def _onImage(self, current):
        """Another image of the session is in the scene, or the reader changed. It is not brought into the
        view if the reader has chosen another radiograph since. None: the session was closed, or the chosen
        image cannot be read; in that case the view stays empty."""
        from CXRAdaINSegLib.logic.ImageNodes import IMAGE_KEY

        worklist, shown = self.logic.worklist, self.segmentSection.volume
        self.measureSection.settle()
        if current is None:
            self._putToolsDown()
            isFormer = worklist.session is not None and shown is not None and shown.GetAttribute(IMAGE_KEY)
            if worklist.isUnreadable or isFormer:
                self._showNone()
            return
        if self.segmentSection.volume is current.volume:
            self.onVolume(current.volume)
            self.segmentSection.showAnew()
        elif self.logic.worklist.isAskedFor:
            self.segmentSection.input.choose(current.volume)
        else:
            return
        if not worklist.opened.onlyReads and current.version is not None:
            self.segmentSection.turning.resume(current.version)

    def _putToolsDown(self):
        """Show a radiograph, or none, that the reader has not started to correct."""
        self.segmentSection.setClickMode(False)
        self.correctSection.putToolDown()

    def _showNone(self):
        """Empty the view and choose no radiograph, now and when the module is opened again."""
        from CXRAdaINSegLib.scene import Display

        Display.showNothing()
        self.logic.getParameterNode().SetNodeReferenceID(VOLUME, None)
        self.segmentSection.input.choose(None)
        self._updateLabels()

    def _bind(self, volume):
        from CXRAdaINSegLib.scene import StrayMasks
        from CXRAdaINSegLib.scene.LungSegments import lungsOf

        StrayMasks.adopt(volume)
        self.correctSection.setVolume(volume)
        segmentation = lungsOf(volume)
        self.masks.watch(segmentation)
        if segmentation is None:
            self.measureSection.update()
            self.segmentSection.overlay.update()
        else:
            self.measureSection.update(later=True)
            self.masks.touch()  # measures once the image has been rendered

    def _show(self, volume):
        from CXRAdaINSegLib.scene import Display, ImageMarks, Overlays, VolumeImages

        if not self.entered:
            return
        if volume is None:
            ImageMarks.hideMarks()
            self.viewSection.setVolume(None)
            self._updateLabels()
            return
        try:
            Display.showRadiograph(volume)
        except VolumeImages.UnfitVolume as problem:
            self.segmentSection.showMessage(str(problem))
            return
        self.viewSection.setVolume(volume)
        Overlays.showOverlays()
        ImageMarks.showMarks(volume)
        self._updateLabels()

    def _onTurned(self, volume):
        """The radiograph was rotated or mirrored: update side labels and measurements."""
        self._updateLabels()
        self.measureSection.update()

    def _updateLabels(self):
        self.viewLabels.update(self.segmentSection.volume)

    def _sessionFolder(self):
        session = self.logic.worklist.session
        return session.path if session is not None else None

    def _isIdle(self):
        return self.segmentSection.volume is None and self.logic.worklist.session is None

    def _onClosing(self, text):
        """Show why the window does not close yet; "": it closes."""
        self.viewLabels.say(text)
        if text:
            self.segmentSection.showMessage(text)
        else:
            self.segmentSection.showResult()

    # --- the masks ----------------------------------------------------------------------------------------

    def _onResult(self, volume):
        if volume is self.segmentSection.volume:  # otherwise another radiograph was chosen meanwhile
            self._bind(volume)
            self.segmentSection.showResult()
            self.viewSection.comparison.renew()
            self.masks.touch()

    def _onMasksMoved(self, segmentation):
        """Masks were added to the scene, or belong to another radiograph: work on those of the radiograph in
        the view."""
        from CXRAdaINSegLib.scene import LungSegments, StrayMasks

        volume = self.segmentSection.volume
        if StrayMasks.isStray(segmentation) or not self.masks.follows(LungSegments.lungsOf(volume)):
            self._bind(volume)
            self.segmentSection.showResult()
        if StrayMasks.isStray(segmentation) and not StrayMasks.straysText(volume):  # then it is said once
            self.segmentSection.answer(StrayMasks.hiddenText())

    def _onMasksSettled(self):
        """The masks have stopped changing: update their status, click markers and measurements."""
        from CXRAdaINSegLib.scene.ImageMarks import showMarks
        from CXRAdaINSegLib.scene.LungSegments import lungsOf
        from CXRAdaINSegLib.scene.ToolAtWork import forgetTools

        volume = self.segmentSection.volume
        if volume is None:
            return
        if not self.logic.segmenting.corrected(volume):
            forgetTools(lungsOf(volume))
        self.logic.worklist.noteMaskChange(volume)
        if self.entered:
            showMarks(volume)
        self.segmentSection.showQuality()
        self.correctSection.update()
        self.measureSection.update()
        self.segmentSection.overlay.update()
        self.segmentSection.turning.update()
        self._updateLabels()

    # --- the scene ----------------------------------------------------------------------------------------

    def _onSceneCloses(self):
        self.segmentSection.setClickMode(False)
        self.measureSection.settle()
        self.viewSection.release()
        self.logic.worklist.sceneCloses()
        self.logic.segmenting.abandon()
        self.masks.stop()
        self.correctSection.release()

    def _takeUpScene(self):
        """The scene was closed or loaded from a file: show the radiograph and masks it has now."""
        self.views.renew()
        self.correctSection.renew()
        self._fromParameterNode()
        self._bind(self.segmentSection.volume)
        self._show(self.segmentSection.volume)
        self.segmentSection.showResult()

    def _fromParameterNode(self):
        volume = self.logic.getParameterNode().GetNodeReference(VOLUME)
        if volume is not None:
            self.segmentSection.input.choose(volume)
        elif not self.logic.worklist.isUnreadable:
            self.segmentSection.input.chooseSome()


class CXRAdaINSegLogic(ScriptedLoadableModuleLogic):
    """The module's interface for scripts: `segment` segments the lungs of a volume.

    `segmenting` creates and refines masks, `engine` is the process that runs the model, and `worklist` holds
    the session and saves its masks.
    """

    def __init__(self):
        from CXRAdaINSegLib.logic import Scripting, Segmenting, Worklist
        from CXRAdaINSegLib.processes import EngineProcess, Environments

        ScriptedLoadableModuleLogic.__init__(self)
        self.engine = EngineProcess.EngineProcess(Environments.engineCommand)
        self.segmenting = Segmenting.Segmenting(self.engine)
        self.scripts = Scripting.SegmentingScripts(self.segmenting)
        self.worklist = Worklist.Worklist(self.segmenting)
        slicer.app.connect("aboutToQuit()", self.close)

    def segment(self, volumeNode, mode="student", model=None, callback=None):
        """Segment both lungs of a volume node that holds a frontal chest radiograph.

        mode: "student", "direct" or "teacher". model: a model's id, as in `cxradain models list`, or its
        folder; None: the one in use. Masks that were corrected by hand or approved are not replaced.

        Without a callback, runs the event loop until done and returns the segmentation node; raises
        SegmentingFailed. With a callback, returns at once; callback(segmentationNode, "") is called when the
        masks are ready, or callback(None, message) if it failed. Volumes are segmented one at a time.

        In both cases it raises UnfitVolume at once for a volume that is not a radiograph, ValueError for an
        unknown mode, and RegistryError for an unknown model. All but ValueError derive from
        cxradain.CxradainError.
        """
        if callback is None:
            return self.scripts.wait(volumeNode, mode, model)
        self.scripts.start(volumeNode, mode, model, callback)
        return None

    def close(self):
        """Save the current mask, close the session and stop the engine."""
        slicer.app.disconnect("aboutToQuit()", self.close)
        if not self.worklist.close():
            logging.error("CXRAdaINSeg: the last changes of the current mask were not saved.")
        self.engine.stop()


class CXRAdaINSegTest(ScriptedLoadableModuleTest):
    """Segment and refine by clicks, with a mock engine; run by Slicer's "Reload and Test" and by ctest."""

    def setUp(self):
        slicer.mrmlScene.Clear()

    def runTest(self):
        self.setUp()
        self.test_click_makes_a_lung()

    def test_click_makes_a_lung(self):
        from unittest.mock import Mock

        import numpy as np
        from CXRAdaINSegLib.logic.Segmenting import Segmenting
        from CXRAdaINSegLib.scene.LungSegments import labelsOf, lungsOf, presentLungs

        pixels = np.random.default_rng(0).integers(0, 4000, (1, 120, 100), np.uint16)
        volume = slicer.util.addVolumeFromArray(pixels)
        lungs = np.zeros((120, 100), np.uint8)
        lungs[30:90, 12:37], lungs[30:90, 62:87] = 1, 2
        segmenting = Segmenting(engine := Mock())
        segmenting.click(volume, 60.0, 25.0, "student")
        header = {"mode": "student", "model_id": "a model", "device": "cpu"}
        engine.request.call_args.args[2](header, {"labels": lungs})
        segmentation = lungsOf(volume)
        self.assertEqual(presentLungs(segmentation), (1,))
        segmenting.click(volume, 60.0, 75.0, "student")
        self.assertEqual(presentLungs(segmentation), (1, 2))
        self.assertTrue((labelsOf(segmentation, volume) == lungs).all())
        segmenting.click(volume, 60.0, 25.0, "student", removes=True)
        refined = {"changed": 1, "box": [60, 61, 25, 26], "probability": 0.0}
        engine.request.call_args.args[2](refined, {"patch": np.zeros((1, 1), np.uint8)})
        self.assertEqual(labelsOf(segmentation, volume)[60, 25], 0)
        segmenting.history.undo()
        self.assertTrue((labelsOf(segmentation, volume) == lungs).all())

"""The MRML scene with 3D Slicer's own logics over it: slicer-core alone, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import slicer
from vtkmodules.vtkCommonCore import vtkCollection

# The modules of 3D Slicer whose logics are there, in the order in which they meet the scene.
# Terminologies is not: without its .term.json files its logic only complains. Nor is Colors' own logic, for
# want of its color files: the application logic's has the built-in ones.
LOGICS = {
    "Units": "vtkSlicerUnitsLogic",
    "SubjectHierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "Volumes": "vtkSlicerVolumesLogic",
    "Transforms": "vtkSlicerTransformLogic",
    "Markups": "vtkSlicerMarkupsLogic",
    "Models": "vtkSlicerModelsLogic",
    "Tables": "vtkSlicerTablesLogic",
    "Texts": "vtkSlicerTextsLogic",
    "Plots": "vtkSlicerPlotsLogic",
    "Segmentations": "vtkSlicerSegmentationsModuleLogic",
}


@dataclass
class SceneAndLogics:
    """The scene, the application logic, and the modules' logics by the module's name."""

    scene: Any
    application: Any
    modules: dict[str, Any] = field(default_factory=dict)


def make(temporaryPath: str) -> SceneAndLogics:
    """A new scene with all its logics, empty but for what every scene of Slicer has."""
    scene = slicer.vtkMRMLScene()
    application = slicer.vtkSlicerApplicationLogic()
    application.SetTemporaryPath(temporaryPath)
    application.SetSliceLogics(vtkCollection())
    application.SetViewLogics(vtkCollection())
    remote, data = slicer.vtkMRMLRemoteIOLogic(), slicer.vtkDataIOManagerLogic()
    made = SceneAndLogics(scene, application)
    made.modules["RemoteIO"] = remote  # kept alive: the application logic does not
    made.modules["DataIO"] = data
    # Patient's right at the screen's left, before there is any slice node; without this, images are mirrored.
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    application.SetMRMLScene(scene)
    application.SetMRMLSceneDataIO(scene, remote, data)
    colors = application.GetColorLogic()
    colors.SetMRMLScene(scene)
    colors.AddDefaultColorNodes()
    made.modules["Colors"] = colors
    application.SetModuleLogic("Colors", colors)  # the Volumes logic asks for it by this name
    for name, className in LOGICS.items():
        logic = getattr(slicer, className)()
        logic.SetMRMLApplicationLogic(application)
        logic.SetMRMLScene(scene)
        application.SetModuleLogic(name, logic)
        made.modules[name] = logic
    for className, tag in (("vtkMRMLCrosshairNode", "default"), ("vtkMRMLLayoutNode", "vtkMRMLLayoutNode")):
        if scene.GetSingletonNode(tag, className) is None:
            node = scene.CreateNodeByClass(className)
            node.UnRegister(None)
            node.SetSingletonTag(tag)
            scene.AddNode(node)
    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    return made

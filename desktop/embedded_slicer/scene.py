"""The MRML scene with 3D Slicer's own logics: slicer-core only, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import slicer
from vtkmodules.vtkCommonCore import vtkCollection

# The modules of 3D Slicer whose logics are used, in the order in which the scene is set. Terminologies is
# left out: without its .term.json files its logic only logs errors. So is the Colors module's logic, whose
# color files are missing; the application logic's color logic has the built-in tables.
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
    """The scene, the application logic, and the modules' logics by module name."""

    scene: Any
    application: Any
    modules: dict[str, Any] = field(default_factory=dict)


def make(temporaryPath: str) -> SceneAndLogics:
    """Create a scene with its logics; it has only the nodes that every scene of Slicer has."""
    scene = slicer.vtkMRMLScene()
    application = slicer.vtkSlicerApplicationLogic()
    application.SetTemporaryPath(temporaryPath)
    application.SetSliceLogics(vtkCollection())
    application.SetViewLogics(vtkCollection())
    remote, data = slicer.vtkMRMLRemoteIOLogic(), slicer.vtkDataIOManagerLogic()
    made = SceneAndLogics(scene, application)
    made.modules["RemoteIO"] = remote  # keeps a reference, as the application logic does not
    made.modules["DataIO"] = data
    # Before any slice node exists: the patient's right is on the left of the screen. Otherwise images are
    # mirrored.
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    application.SetMRMLScene(scene)
    application.SetMRMLSceneDataIO(scene, remote, data)
    colors = application.GetColorLogic()
    colors.SetMRMLScene(scene)
    colors.AddDefaultColorNodes()
    made.modules["Colors"] = colors
    application.SetModuleLogic("Colors", colors)  # the Volumes logic looks it up by this name
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

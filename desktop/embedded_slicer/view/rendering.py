"""Offscreen rendering of a slice: only VTK and MRML, no Qt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import slicer
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkCommand, vtkUnsignedCharArray
from vtkmodules.vtkInteractionStyle import vtkInteractorStyleUser
from vtkmodules.vtkRenderingCore import (
    vtkActor2D,
    vtkImageMapper,
    vtkRenderer,
    vtkRenderWindow,
)
from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

MANAGERS = (
    "vtkMRMLVolumeGlyphSliceDisplayableManager",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLScalarBarDisplayableManager",  # it also handles window/level by mouse
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLTransformsDisplayableManager2D",
)
# The colors of the views' controller bars, from vtkMRMLLayoutLogic.cxx.
COLORS = {"Red": (0xF3 / 255, 0x4A / 255, 0x33 / 255)}


class SliceRendering:
    """The logic, displayable managers and offscreen render window of a slice view.

    onChange: called when the picture is out of date, possibly several times.
    """

    def __init__(self, scene: Any, applicationLogic: Any, name: str, onChange: Callable[[], None]) -> None:
        self._onChange = onChange
        self.renderer = vtkRenderer()
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        self.window = offscreen_window(self.renderer)
        self.interactor = vtkGenericRenderWindowInteractor()
        self.interactor.SetRenderWindow(self.window)
        self.interactor.SetInteractorStyle(vtkInteractorStyleUser())  # replaced by MRML's style
        self.interactor.EnableRenderOff()

        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(applicationLogic)
        applicationLogic.GetSliceLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(scene)
        self.node = self.logic.AddSliceNode(name)
        self.node.SetLayoutLabel(name[0])
        self.node.SetLayoutColor(*COLORS.get(name, self.node.GetLayoutColor()))
        self.node.SetMappedInLayout(1)
        self.node.SetDefaultOrientation("Axial")
        self.node.SetOrientation("Axial")
        # Closing the scene leaves a rotated view without an orientation, and mirrored.
        scene.AddObserver(scene.EndCloseEvent, lambda *_: self.node.SetOrientation("Axial"))
        # What was loaded with a scene is drawn by managers once the view is touched; theirs hear it first.
        scene.AddObserver(scene.EndBatchProcessEvent, lambda *_: self.node.Modified(), -1.0)

        self.group = slicer.vtkMRMLDisplayableManagerGroup()
        self.group.Initialize(_factory(applicationLogic), self.renderer)
        self.group.SetMRMLDisplayableNode(self.node)
        self.group.AddObserver(vtkCommand.UpdateEvent, lambda *_: self._onChange())

        self.style = slicer.vtkMRMLSliceViewInteractorStyle()
        self.style.SetSliceLogic(self.logic)
        self.style.SetDisplayableManagers(self.group)
        self.style.SetInteractor(self.interactor)
        self.interactor.Initialize()
        self._image = self._show_image()
        self.logic.AddObserver(vtkCommand.ModifiedEvent, lambda *_: self._onChange())

    def resize(self, width: int, height: int) -> None:
        """Set the size in device pixels, keeping the image's scale and center."""
        width, height = max(width, 1), max(height, 1)
        if tuple(self.window.GetSize()) != (width, height):
            self.interactor.UpdateSize(width, height)
            self.window.SetSize(width, height)
        if tuple(self.node.GetDimensions()[:2]) != (width, height):
            self.logic.ResizeSliceNode(width, height)

    def pixels(self) -> np.ndarray:
        """Render, and return (height, width, 3) uint8, top row first; a view of VTK's memory."""
        self._update_image()
        return window_pixels(self.window)

    def close(self) -> None:
        """Release the graphics resources. Call this before the process ends."""
        self.group.SetMRMLDisplayableNode(None)
        self.window.Finalize()

    def _show_image(self) -> vtkActor2D:
        mapper = vtkImageMapper()
        mapper.SetColorWindow(255)
        mapper.SetColorLevel(127.5)
        actor = vtkActor2D()
        actor.SetMapper(mapper)
        actor.GetProperty().SetDisplayLocationToBackground()
        actor.VisibilityOff()
        self.renderer.AddViewProp(actor)
        return actor

    def _update_image(self) -> None:
        connection = self.logic.GetImageDataConnection()
        if connection is not self._image.GetMapper().GetInputConnection(0, 0):
            self._image.GetMapper().SetInputConnection(connection)
        self._image.SetVisibility(connection is not None)


def offscreen_window(renderer: vtkRenderer) -> vtkRenderWindow:
    """A window in memory for a renderer."""
    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)  # lines are smooth anyway, and multisampling doubles a frame's time
    window.ShowWindowOff()
    window.AddRenderer(renderer)
    return window


def window_pixels(window: vtkRenderWindow) -> np.ndarray:
    """Render, and return (height, width, 3) uint8, top row first; a view of VTK's memory."""
    window.Render()
    width, height = window.GetSize()
    bytes_ = vtkUnsignedCharArray()
    window.GetPixelData(0, 0, width - 1, height - 1, 0, bytes_, 0)
    return vtk_to_numpy(bytes_).reshape(height, width, 3)[::-1]


def _factory(applicationLogic: Any) -> Any:
    factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
    factory.SetMRMLApplicationLogic(applicationLogic)
    for name in MANAGERS:
        if not factory.IsDisplayableManagerRegistered(name):
            factory.RegisterDisplayableManager(name)
    return factory

"""The slice views of the layout: which image they show, and what may be drawn over it.

The radiograph in the view is the panel's radiograph. The view's background can be changed from anywhere, so
masks and clicks are drawn only in views that show their own image. The view for comparison (`CompareView`)
is none of the panel's: what it shows is never taken up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from .VolumeImages import MADE_FROM, VOLUME_CLASSES, isImage

COMPARE = "Compare"  # the name of the view for comparison


def _actedOn() -> list[Any]:
    """Those of the visible views whose radiograph can be the panel's."""
    return [widget for widget in _visibleViews() if widget.mrmlSliceNode().GetLayoutName() != COMPARE]


def isCompareShown() -> bool:
    """Whether the layout has the view for comparison; False without a main window."""
    return len(_actedOn()) < len(_visibleViews())


def setLayers(**layers: Any) -> None:
    """As slicer.util.setSliceViewerLayers, of all views but that for comparison."""
    compared = [w.mrmlSliceCompositeNode() for w in _visibleViews() if w not in _actedOn()]
    kept = [(each, each.GetBackgroundVolumeID(), each.GetForegroundVolumeID()) for each in compared]
    slicer.util.setSliceViewerLayers(**layers)
    for composite, background, foreground in kept:
        composite.SetBackgroundVolumeID(background)
        composite.SetForegroundVolumeID(foreground)


def _visibleViews() -> list[Any]:
    """The widgets of the slice views that the layout has, Red first; none without a main window."""
    manager = slicer.app.layoutManager()
    names = sorted(manager.sliceViewNames(), key=lambda name: name != "Red") if manager is not None else ()
    widgets = [manager.sliceWidget(name) for name in names]
    return [widget for widget in widgets if widget.mrmlSliceNode().IsMappedInLayout()]


def _background(widget):
    return _node(widget.mrmlSliceCompositeNode().GetBackgroundVolumeID())


def _cover(widget):
    """The volume that is shown over the background; None where there is none, or where it is made from it."""
    composite = widget.mrmlSliceCompositeNode()
    cover = _node(composite.GetForegroundVolumeID()) if composite.GetForegroundOpacity() > 0 else None
    isOurs = cover is not None and cover.GetNodeReference(MADE_FROM) is _background(widget)
    return None if isOurs else cover


def _node(identity):
    return slicer.mrmlScene.GetNodeByID(identity) if identity else None


def viewsOf(volume) -> list[str]:
    """IDs of the slice nodes of the views that show a volume, with no other image over it."""
    return [
        widget.mrmlSliceNode().GetID()
        for widget in _visibleViews()
        if volume is not None and _background(widget) is volume and _cover(widget) is None
    ]


def isShown(volume) -> bool:
    """Whether a view shows a volume. Without a main window nothing is shown, and so nothing else."""
    return slicer.app.layoutManager() is None or bool(viewsOf(volume))


def shownRadiograph():
    """The volume in the first view that shows one which can be a radiograph, or None."""
    for widget in _actedOn():
        volume = _background(widget)
        isOffered = volume is not None and volume.GetClassName() in VOLUME_CLASSES
        if isOffered and not volume.GetHideFromEditors() and isImage(volume) and _cover(widget) is None:
            return volume
    return None


def whyNoneIsShown() -> str:
    """What the view shows in place of a radiograph, and what to do."""
    for widget in _actedOn():
        volume, cover = _background(widget), _cover(widget)
        if volume is not None and cover is not None:
            return _(
                "In the view, {cover} lies over {name}. Choose the radiograph again to show it alone."
            ).format(cover=cover.GetName(), name=volume.GetName())
        if volume is not None:
            return _("The view shows {name}, which is not a radiograph. Choose a radiograph.").format(
                name=volume.GetName()
            )
    return _("The view shows no radiograph. Choose one.")


def showWithImage(display, volume) -> None:
    """Draw what a display node is of in the views that show a volume, and nowhere else.

    What was hidden by hand there stays hidden as long as the same views show the volume.
    """
    if slicer.app.layoutManager() is None:
        return
    views = viewsOf(volume)
    if not views:
        display.SetVisibility(False)
        display.RemoveAllViewNodeIDs()
    elif [display.GetNthViewNodeID(number) for number in range(display.GetNumberOfViewNodeIDs())] != views:
        display.SetViewNodeIDs(views)
        display.SetVisibility(True)


class SliceViewsWatch(VTKObservationMixin):
    """onChange(): a slice view may show another image, or the layout has other views."""

    def __init__(self, onChange: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        self._onChange = onChange
        manager = slicer.app.layoutManager()
        if manager is not None:
            manager.connect("layoutChanged(int)", self._onLayoutChanged)
        self.renew()

    def renew(self) -> None:
        """Follow the views of the scene as it is now."""
        self.removeObservers()
        for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
            self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._onComposite)

    def stop(self) -> None:
        """Follow none any more."""
        self.removeObservers()
        manager = slicer.app.layoutManager()
        if manager is not None:
            manager.disconnect("layoutChanged(int)", self._onLayoutChanged)

    def _onComposite(self, caller, event) -> None:
        self._onChange()

    def _onLayoutChanged(self, _layout) -> None:
        self.renew()  # views are made when a layout first has them
        self._onChange()

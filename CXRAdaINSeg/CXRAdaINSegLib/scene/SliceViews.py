"""The layout's slice views: which image each shows, and what may be drawn over it.

The radiograph in the view is the panel's radiograph. Any module can change a view's background, so masks and
clicks are drawn only in views that show their own image. The panel ignores what the comparison view
(`CompareView`) shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from .VolumeImages import MADE_FROM, VOLUME_CLASSES, isImage

COMPARE = "Compare"  # the name of the comparison view


def _panelViews() -> list[Any]:
    """The visible views without the comparison view: the panel follows these."""
    return [widget for widget in _visibleViews() if widget.mrmlSliceNode().GetLayoutName() != COMPARE]


def isCompareShown() -> bool:
    """Whether the layout has the comparison view; False without a main window."""
    return len(_panelViews()) < len(_visibleViews())


def setLayers(**layers: Any) -> None:
    """Like slicer.util.setSliceViewerLayers, but without changing the comparison view."""
    compared = [w.mrmlSliceCompositeNode() for w in _visibleViews() if w not in _panelViews()]
    kept = [(each, each.GetBackgroundVolumeID(), each.GetForegroundVolumeID()) for each in compared]
    slicer.util.setSliceViewerLayers(**layers)
    for composite, background, foreground in kept:
        composite.SetBackgroundVolumeID(background)
        composite.SetForegroundVolumeID(foreground)


def _visibleViews() -> list[Any]:
    """The widgets of the layout's slice views, Red first; none without a main window."""
    manager = slicer.app.layoutManager()
    names = sorted(manager.sliceViewNames(), key=lambda name: name != "Red") if manager is not None else ()
    widgets = [manager.sliceWidget(name) for name in names]
    return [widget for widget in widgets if widget.mrmlSliceNode().IsMappedInLayout()]


def _background(widget):
    return _node(widget.mrmlSliceCompositeNode().GetBackgroundVolumeID())


def _cover(widget):
    """The volume shown over the background; None if there is none, or it is derived from the background."""
    composite = widget.mrmlSliceCompositeNode()
    cover = _node(composite.GetForegroundVolumeID()) if composite.GetForegroundOpacity() > 0 else None
    isOurs = cover is not None and cover.GetNodeReference(MADE_FROM) is _background(widget)
    return None if isOurs else cover


def _node(identity):
    return slicer.mrmlScene.GetNodeByID(identity) if identity else None


def viewsOf(volume) -> list[str]:
    """Slice node IDs of the views that show a volume, with no other image over it."""
    return [
        widget.mrmlSliceNode().GetID()
        for widget in _visibleViews()
        if volume is not None and _background(widget) is volume and _cover(widget) is None
    ]


def isShown(volume) -> bool:
    """Whether a view shows a volume; True without a main window, where no view shows another one."""
    return slicer.app.layoutManager() is None or bool(viewsOf(volume))


def shownRadiograph():
    """The first view's volume that can be a radiograph, or None."""
    for widget in _panelViews():
        volume = _background(widget)
        isOffered = volume is not None and volume.GetClassName() in VOLUME_CLASSES
        if isOffered and not volume.GetHideFromEditors() and isImage(volume) and _cover(widget) is None:
            return volume
    return None


def clearEmpty() -> None:
    """Take volumes without pixels out of the panel's views, which would go on showing the picture before: a
    scene may be saved without its data."""
    for widget in _panelViews():
        volume = _background(widget)
        if volume is not None and volume.GetImageData() is None:
            widget.mrmlSliceCompositeNode().SetBackgroundVolumeID(None)


def whyNoneIsShown() -> str:
    """A message that says what the view shows instead of a radiograph, and what to do."""
    for widget in _panelViews():
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
    """Show a display node only in the views that show a volume.

    If the user hides it, it stays hidden as long as the same views show the volume.
    """
    if slicer.app.layoutManager() is None:
        return
    views = viewsOf(volume)
    if not views:
        display.SetVisibility(False)
        if display.GetNumberOfViewNodeIDs():
            display.RemoveAllViewNodeIDs()
    elif [display.GetNthViewNodeID(number) for number in range(display.GetNumberOfViewNodeIDs())] != views:
        display.SetViewNodeIDs(views)
        display.SetVisibility(True)


class SliceViewsWatch(VTKObservationMixin):
    """onChange(): a slice view may show another image, or the layout has changed."""

    def __init__(self, onChange: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        self._onChange = onChange
        manager = slicer.app.layoutManager()
        if manager is not None:
            manager.connect("layoutChanged(int)", self._onLayoutChanged)
        self.renew()

    def renew(self) -> None:
        """Follow the slice views that the scene has now."""
        self.removeObservers()
        for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
            self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self._onComposite)

    def stop(self) -> None:
        """Stop following the views."""
        self.removeObservers()
        manager = slicer.app.layoutManager()
        if manager is not None:
            manager.disconnect("layoutChanged(int)", self._onLayoutChanged)

    def _onComposite(self, caller, event) -> None:
        self._onChange()

    def _onLayoutChanged(self, _layout) -> None:
        self.renew()  # a view is created when a layout first contains it
        self._onChange()

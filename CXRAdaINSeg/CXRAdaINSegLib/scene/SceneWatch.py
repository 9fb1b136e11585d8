"""Follows the scene as a whole: closing, importing, and the removal of nodes.

The scene's events come while it is still being filled or emptied, so `onNew` is called afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

import slicer
import vtk
from slicer.util import VTKObservationMixin

from ..Timers import singleShotTimer


class SceneWatch(VTKObservationMixin):
    """onClosing(): the nodes are about to be removed. onNew(): the scene was closed or imported, or nodes of
    the panel were removed, as `isMissed()` says. onLeaving(node): a single node is about to be removed."""

    def __init__(
        self,
        onClosing: Callable[[], None],
        onNew: Callable[[], None],
        isMissed: Callable[[], bool],
        onLeaving: Callable[[object], None],
    ):
        VTKObservationMixin.__init__(self)
        self._onClosing, self._isMissed, self._onLeaving = onClosing, isMissed, onLeaving
        self._next = singleShotTimer(0, onNew)
        self._missing = singleShotTimer(0, lambda: onNew() if isMissed() else None)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self._onStartClose)
        self.addObserver(scene, scene.EndCloseEvent, self._onSceneNew)
        self.addObserver(scene, scene.EndImportEvent, self._onSceneNew)
        self.addObserver(scene, scene.NodeAboutToBeRemovedEvent, self._onNodeLeaves)
        self.addObserver(scene, scene.NodeRemovedEvent, self._onNodeRemoved)

    def stop(self) -> None:
        """Stop following the scene."""
        self._next.stop()
        self._missing.stop()
        self.removeObservers()

    def _onStartClose(self, _caller, _event) -> None:
        self._onClosing()

    def _onSceneNew(self, _caller, _event) -> None:
        self._next.start()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _onNodeLeaves(self, _caller, _event, node) -> None:
        self._onLeaving(node)

    def _onNodeRemoved(self, _caller, _event) -> None:
        if self._isMissed():
            self._missing.start()  # others may take their place till then

"""Follows one segmentation's masks: notes the tools that change them, and reports when they are at rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.util import VTKObservationMixin

from ..Timers import singleShotTimer
from .LungSegments import labelmapChecksum, labelmapsOf, volumeOf
from .MaskProvenance import withdrawApproval
from .ToolAtWork import ToolHistory, toolAtWork

PAUSE = 200  # ms; painting changes masks many times a second, and measuring each time would be slow


class MaskWatch(VTKObservationMixin):
    """onSettled(): the masks changed, and then stayed as they are for a while. Tools are noted at once."""

    def __init__(self, onSettled: Callable[[], None]):
        VTKObservationMixin.__init__(self)
        self._watched: Any = None
        self._times: list[int] = []  # when the labelmaps last changed, and what they were
        self._pixels: list[tuple[int, ...]] = []
        self._tools: ToolHistory | None = None
        self._timer = singleShotTimer(PAUSE, onSettled)

    def watch(self, segmentation) -> None:
        """Follow a segmentation node, or none (None)."""
        if segmentation is self._watched:
            return
        self.removeObservers()
        self._watched = segmentation
        if segmentation is None:
            return
        kind = slicer.vtkSegmentation
        # Undo invokes SegmentModified, editing SourceRepresentationModified.
        for event in (
            kind.SourceRepresentationModified,
            kind.SegmentModified,
            kind.SegmentAdded,
            kind.SegmentRemoved,
        ):
            self.addObserver(segmentation.GetSegmentation(), event, self._onChange)
        self._haveChanged()
        self._tools = ToolHistory(segmentation, self._pixels)
        volume = volumeOf(segmentation)
        if volume is not None:
            self.addObserver(volume, slicer.vtkMRMLTransformableNode.TransformModifiedEvent, self._follow)

    def follows(self, segmentation) -> bool:
        """Whether it follows this segmentation node, or none (None)."""
        return segmentation is self._watched

    def _follow(self, volume, event) -> None:
        """Apply the radiograph's transform to its masks."""
        self._watched.SetAndObserveTransformNodeID(volume.GetTransformNodeID())

    @property
    def isGone(self) -> bool:
        """Whether the segmentation was removed from the scene."""
        return self._watched is not None and self._watched.GetScene() is None

    def _onChange(self, caller, event) -> None:
        tool = toolAtWork(self._watched)
        if self._haveChanged():
            self._tools.changed(self._pixels, tool)
            if tool:  # undo and redo bring back the approval of their state
                withdrawApproval(self._watched)
        self.touch()

    def _haveChanged(self) -> bool:
        """Whether any pixel has changed since the last call: a tool may write the same pixels again."""
        before, self._times = self._times, maskTimes(self._watched)
        if before == self._times:  # only tags changed
            return False
        pixels, self._pixels = self._pixels, [labelmapChecksum(image) for image in labelmapsOf(self._watched)]
        return pixels != self._pixels

    def touch(self) -> None:
        """Report a change of the masks."""
        self._timer.start()

    def stop(self) -> None:
        """Stop following and reporting."""
        self._timer.stop()
        self.watch(None)

    @property
    def waiting(self) -> bool:
        """Whether `onSettled` is due; for tests."""
        return self._timer.isActive()


def maskTimes(segmentation) -> list[int]:
    """When each labelmap of a segmentation node, or of none (None), was last changed."""
    return [] if segmentation is None else [image.GetMTime() for image in labelmapsOf(segmentation)]

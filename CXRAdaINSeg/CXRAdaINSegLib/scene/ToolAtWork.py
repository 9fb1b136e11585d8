"""By which tool a mask is being changed, for whoever hears of a change while it is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import slicer

TOOL = "CXRAdaINSeg.Tool"  # of segmentation nodes, while the panel itself writes their masks


@contextmanager
def writing(segmentation, tool: str) -> Iterator[None]:
    """What changes the masks meanwhile is a tool of the panel, or with "" nobody's, as the model; not the
    tool that the editor has in hand."""
    segmentation.SetAttribute(TOOL, tool)
    try:
        yield
    finally:
        segmentation.RemoveAttribute(TOOL)


def toolAtWork(segmentation) -> str:
    """The tool by which a segmentation's masks are changed just now: of the panel, or the one in hand in a
    segment editor, whosever; "" for none."""
    ours = segmentation.GetAttribute(TOOL)
    if ours is not None:
        return ours
    editors = slicer.util.getNodesByClass("vtkMRMLSegmentEditorNode")
    active = (node.GetActiveEffectName() for node in editors if node.GetSegmentationNode() is segmentation)
    return next(filter(None, active), "")

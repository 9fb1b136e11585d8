"""By which tools a person has changed masks: noted on their segmentation while that is done, so that whoever
keeps the masks, however soon, can say so.

A tool is named as the segment editor names its effect, or as the panel's button that changes masks is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import slicer

TOOL = "CXRAdaINSeg.Tool"  # attribute of segmentation nodes while the panel writes their masks
TOOLS = "CXRAdaINSeg.Tools"  # that have changed them since `forgetTools`


@contextmanager
def writing(segmentation, tool: str) -> Iterator[None]:
    """Attribute changes of the masks within the block to a tool of the panel, or with "" to no tool (the
    model), rather than to the editor's active effect."""
    segmentation.SetAttribute(TOOL, tool)
    try:
        yield
    finally:
        segmentation.RemoveAttribute(TOOL)


def toolAtWork(segmentation) -> str:
    """The tool that is changing a segmentation's masks: the panel's, or the active effect of any segment
    editor; "" for none."""
    ours = segmentation.GetAttribute(TOOL)
    if ours is not None:
        return ours
    editors = slicer.util.getNodesByClass("vtkMRMLSegmentEditorNode")
    active = (node.GetActiveEffectName() for node in editors if node.GetSegmentationNode() is segmentation)
    return next(filter(None, active), "")


def toolsOf(segmentation) -> set[str]:
    """The tools that were noted; none without a segmentation."""
    noted = segmentation.GetAttribute(TOOLS) if segmentation is not None else None
    return set(noted.split("|")) if noted else set()


def noteTool(segmentation, tool: str) -> None:
    """A tool has changed the masks."""
    tools = toolsOf(segmentation)
    if tool not in tools:
        segmentation.SetAttribute(TOOLS, "|".join(sorted(tools | {tool})))


def forgetTools(segmentation) -> None:
    """The masks, if there are any, are kept as they are, or are another's, or nothing of the tools' work is
    left."""
    if segmentation is not None:
        segmentation.RemoveAttribute(TOOLS)

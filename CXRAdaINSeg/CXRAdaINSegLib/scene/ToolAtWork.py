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
UNDONE = "CXRAdaINSeg.ToolsUndone"  # whose work was undone since; redo brings them back


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
    return _noted(segmentation, TOOLS) if segmentation is not None else set()


def noteTool(segmentation, tool: str) -> None:
    """A tool has changed the masks, so that nothing can be redone."""
    _note(segmentation, TOOLS, toolsOf(segmentation) | {tool})
    segmentation.RemoveAttribute(UNDONE)


def noteUndo(segmentation) -> None:
    """A change is about to be undone: remember the tools, in case nothing of their work is left."""
    if segmentation is not None:
        _note(segmentation, UNDONE, _noted(segmentation, UNDONE) | toolsOf(segmentation))


def noteRedo(segmentation) -> None:
    """A change was made again: the tools that may have made it have changed the masks."""
    _note(segmentation, TOOLS, _noted(segmentation, UNDONE) | toolsOf(segmentation))


def forgetTools(segmentation) -> None:
    """Forget the tools: the masks, if there are any, have been saved, replaced, or restored."""
    if segmentation is not None:
        segmentation.RemoveAttribute(TOOLS)


def _noted(segmentation, name: str) -> set[str]:
    noted = segmentation.GetAttribute(name)
    return set(noted.split("|")) if noted else set()


def _note(segmentation, name: str, tools: set[str]) -> None:
    if tools and tools != _noted(segmentation, name):
        segmentation.SetAttribute(name, "|".join(sorted(tools)))

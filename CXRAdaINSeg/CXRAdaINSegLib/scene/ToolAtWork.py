"""By which tools a person has changed masks: noted on their segmentation while that is done, so that whoever
keeps the masks, however soon, can say so. A note counts only while the hand that made it works: until another
reader comes, or the program ends. A scene from a file does not say who changed its masks.

A tool is named as the segment editor names its effect, or as the panel's button that changes masks is named.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import slicer

CLICK = "Click"  # click-to-segment, as a tool

TOOL = "CXRAdaINSeg.Tool"  # attribute of segmentation nodes while the panel writes their masks
TOOLS = "CXRAdaINSeg.Tools"  # that have changed them since `forgetTools`, after the hand

_hand = secrets.token_hex(8)


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
    hand, *tools = (noted or "").split("|")
    return set(tools) if hand == _hand else set()


def changeHand() -> None:
    """Another person works from now on: what was noted before is not theirs."""
    global _hand
    _hand = secrets.token_hex(8)


def setTools(segmentation, tools: Iterable[str]) -> None:
    """Note these tools instead of those that were noted."""
    noted = "|".join([_hand, *sorted(tools)])
    if noted != segmentation.GetAttribute(TOOLS):
        segmentation.SetAttribute(TOOLS, noted)


def forgetTools(segmentation) -> None:
    """Forget the tools: the masks, if there are any, have been saved, replaced, or restored."""
    if segmentation is not None:
        segmentation.RemoveAttribute(TOOLS)


class ToolHistory:
    """The tools that had changed a segmentation's masks at each of its states: undo, redo and a model that
    makes the same mask again bring back those of that state. state: what `changed` compares."""

    def __init__(self, segmentation, state: object):
        self._segmentation = segmentation
        self._states = [(state, toolsOf(segmentation))]
        self._place = 0

    def changed(self, state: object, tool: str) -> None:
        """The masks are in another state, by a tool or, if that is "", by no tool."""
        tools = toolsOf(self._segmentation)
        known = [place for place, (each, _tools) in enumerate(self._states) if each == state]
        if not tool and known:
            self._place = min(known, key=lambda place: abs(place - self._place))
            tools = self._states[self._place][1]
        elif tool:
            tools |= {tool}
            self._place += 1
            self._states[self._place :] = [(state, tools)]  # nothing can be redone
        else:
            self._place += 1
            self._states.insert(self._place, (state, tools))
        setTools(self._segmentation, tools)

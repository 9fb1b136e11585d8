"""Masks and heart points that could not be written to disk, kept in memory with what they were made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from cxradain.sessions.hearts import Points

from ..scene.ChestLines import heartPoints, setHeartPoints
from ..scene.LungSegments import labelsOf, lungsOf, setTags, tagsOf, writeLabels
from ..scene.ToolAtWork import forgetTools, noteTool, toolsOf


@dataclass(frozen=True)
class UnsavedWork:
    """labels: the (H, W) mask, with its segments' tags by lung and the tools that have changed it. points: of
    the heart. None of either: the session has it."""

    labels: np.ndarray | None
    tags: dict[int, dict[str, str]]
    tools: frozenset[str]
    points: Points | None


def takeWork(volume, mask: bool, heart: bool) -> UnsavedWork:
    """What is in the scene of a volume. mask, heart: whether they are unsaved."""
    segmentation = lungsOf(volume) if mask else None
    return UnsavedWork(
        None if segmentation is None else labelsOf(segmentation, volume),
        {} if segmentation is None else tagsOf(segmentation),
        frozenset(toolsOf(segmentation)),
        heartPoints(volume) if heart else None,
    )


def putWork(volume, work: UnsavedWork) -> None:
    """Put it into the scene again, in the place of what is saved."""
    if work.points is not None:
        setHeartPoints(volume, work.points)
    if work.labels is None:
        return
    segmentation = lungsOf(volume, create=True)
    writeLabels(segmentation, volume, work.labels, tuple(work.tags))
    setTags(segmentation, work.tags)
    forgetTools(segmentation)
    for tool in work.tools:
        noteTool(segmentation, tool)

"""Masks and heart points that could not be written to disk, kept in memory with what they were made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from cxradain.sessions.hearts import Points
from cxradain.sessions.records import SessionImage

from ..scene.ChestLines import heartOf, heartPoints, setHeartPoints
from ..scene.LungSegments import labelsOf, lungsOf, writeLabels
from ..scene.MaskProvenance import setTags, tagsOf
from ..scene.ToolAtWork import setTools, toolsOf
from ..scene.VolumeImages import imageVolumes
from .ImageNodes import IMAGE_KEY
from .LoadedImage import LoadedImage


@dataclass(frozen=True)
class UnsavedWork:
    """labels: the (H, W) mask of `image`, with its segments' tags by lung and the tools that have changed it.
    points: of the heart. None of either: the session has it."""

    image: SessionImage
    labels: np.ndarray | None
    tags: dict[int, dict[str, str]]
    tools: frozenset[str]
    points: Points | None

    @property
    def isInScene(self) -> bool:
        """Whether the image's nodes are in the scene still, so that the application asks before it drops
        them."""
        return any(
            (self.labels is None or lungsOf(volume) is not None)
            and (self.points is None or heartOf(volume) is not None)
            for volume in imageVolumes()
            if volume.GetAttribute(IMAGE_KEY) == self.image.key
        )


def takeWork(current: LoadedImage, mask: bool, heart: bool) -> UnsavedWork:
    """What is in the scene of an image. mask, heart: whether they are unsaved."""
    volume = current.volume
    segmentation = lungsOf(volume) if mask else None
    return UnsavedWork(
        current.image,
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
    setTools(segmentation, work.tools)

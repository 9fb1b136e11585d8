"""The clicks that shaped a mask, in a tag of its segment: undo takes them along, and scenes keep them."""

from __future__ import annotations

from dataclasses import dataclass

from .LungSegments import CLICKS, presentLungs, segmentOf, tagOf

MOST = 200  # a lung; the oldest are dropped, for a tag is text in every saved state


@dataclass(frozen=True)
class Click:
    """One click: where, in pixels of the image, and whether it added to the lung or removed."""

    row: float
    column: float
    adds: bool


def clicksOf(segment) -> list[Click]:
    """The clicks on a segment, oldest first."""
    found = []
    for entry in filter(None, tagOf(segment, CLICKS).split(";")):
        row, column, action = entry.split(",")
        found.append(Click(float(row), float(column), action == "+"))
    return found


def addClick(segment, click: Click) -> None:
    """Note one more click."""
    kept = [*clicksOf(segment), click][-MOST:]
    segment.SetTag(CLICKS, ";".join(f"{c.row:.1f},{c.column:.1f},{'+' if c.adds else '-'}" for c in kept))


def allClicks(segmentation) -> list[Click]:
    """The clicks on both lungs."""
    return [click for lung in presentLungs(segmentation) for click in clicksOf(segmentOf(segmentation, lung))]

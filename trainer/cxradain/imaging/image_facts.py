"""How to display and measure an image's stored values, according to its file or its user."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .orientation import OPPOSITE, Orientation, turn_to_display, usable_orientation
from .turn import Turn

# By ITK's reader.
VOLUME_SOURCES = {"NrrdImageIO": "NRRD", "NiftiImageIO": "NIfTI", "MetaImageIO": "MetaImage"}
FRONTAL = ("PA", "AP")

Outline = tuple[tuple[float, float], ...]  # (row, column) of a polygon's corners, pixel centers at integers
SQUARE, MOST_ASPECT = 1.01, 4.0  # aspect ratios between these count as not square
MOST_OUTLINES, MOST_CORNERS = 8, 1024


@dataclass(frozen=True)
class ImageFacts:
    """The facts about a radiograph's pixels, common to all formats.

    inverted: high values are dark (DICOM PS3.3 C.7.6.3.1.2, MONOCHROME1; or a decreasing VOI LUT).
    window: the stored values shown as black and white (PS3.3 C.11.2.1.3.2, LINEAR_EXACT); None if the file
        has no window.
    spacing: (row, column) in mm; None if the image is not calibrated.
    orientation: the directions in which columns and rows increase, as in PatientOrientation (PS3.3
        C.7.6.1.1.1), e.g. ("L", "F"): from that attribute, a volume's directions or a picture's tag. None if
        the file has none.
    source: the format that stated these facts, "DICOM", "PNG", "JPEG", "TIFF", "BMP", "WebP", "NRRD", "NIfTI"
        or "MetaImage"; "" if unknown.
    pixel_aspect: height of a pixel divided by its width, if there is no spacing (PS3.3 C.7.6.3.1.7).
    shutter: outlines in stored pixels; pixels outside any of them are unexposed (PS3.3 C.7.6.11, C.8.7.3).
    padding: the least and greatest padding value (PS3.3 C.7.5.1.1.2).
    turn: how the image is turned for the chest to be upright: `stated_turn` unless a user chose another.
    view: ViewPosition (PS3.3 C.8.1.1) of a frontal view, "PA" or "AP"; otherwise "".
    """

    inverted: bool = False
    window: tuple[float, float] | None = None
    spacing: tuple[float, float] | None = None
    orientation: Orientation | None = None
    source: str = ""
    turn: Turn = Turn()
    pixel_aspect: float = 1.0
    shutter: tuple[Outline, ...] = ()
    padding: tuple[float, float] | None = None
    view: str = ""

    @property
    def aspect(self) -> float:
        """Height of a pixel divided by its width; 1 if the two are nearly equal or implausibly different."""
        aspect = self.pixel_aspect if self.spacing is None else self.spacing[0] / self.spacing[1]
        different = SQUARE < max(aspect, 1 / aspect) <= MOST_ASPECT
        return aspect if different else 1.0

    @property
    def center_width(self) -> tuple[float, float] | None:
        """The window as center and width, as in DICOM and MRML."""
        return None if self.window is None else (sum(self.window) / 2, self.window[1] - self.window[0])

    @property
    def stated_turn(self) -> Turn:
        """The turn that brings the image to radiological display, according to its file."""
        return turn_to_display(self.orientation)

    @property
    def patients_right(self) -> str:
        """The side of the turned image on which the patient's right is, "left" or "right"; "" if unknown."""
        if self.orientation is None:
            return ""
        origin, beside = (self.turn.to_stored(0, column, (2, 2)) for column in (0, 1))
        along = 0 if origin[0] == beside[0] else 1  # a displayed row is a row or a column of the file
        direction = self.orientation[along][0]
        if sum(beside) < sum(origin):
            direction = OPPOSITE[direction]
        return {"L": "left", "R": "right"}.get(direction, "")

    def upright(self, shape: tuple[int, int]) -> ImageFacts:
        """The facts of the image of (H, W) = `shape` stored pixels after turning it upright."""
        turn = self.turn

        def turned(point: tuple[float, float]) -> tuple[float, float]:
            return turn.inverse.to_stored(*point, turn.pair(shape))

        return replace(
            self,
            spacing=turn.pair(self.spacing) if self.spacing else None,
            pixel_aspect=1 / self.pixel_aspect if turn.degrees % 180 else self.pixel_aspect,
            shutter=tuple(tuple(map(turned, outline)) for outline in self.shutter),
            orientation=None,
            turn=Turn(),
        )

    def thinned(self, rows: int, columns: int) -> ImageFacts:
        """The facts of the image subsampled by so many rows and columns."""
        outlines = (tuple((r / rows, c / columns) for r, c in outline) for outline in self.shutter)
        return replace(self, shutter=tuple(outlines))

    def moved(self, rows: int, columns: int) -> ImageFacts:
        """The facts of the part of the image that starts at this row and column."""
        outlines = (tuple((r - rows, c - columns) for r, c in outline) for outline in self.shutter)
        return replace(self, shutter=tuple(outlines))

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads: for records, requests and MRML attributes."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> ImageFacts:
        """The inverse of `to_json`; unknown fields, of later versions, are ignored. Raises ValueError."""
        if not isinstance(value, Mapping):
            raise ValueError("the facts of an image are no JSON object")
        inverted, source = value.get("inverted", False), value.get("source", "")
        if not isinstance(inverted, bool) or not isinstance(source, str):
            raise ValueError("the facts of an image are of the wrong types")
        window, spacing, padding = (_numbers(value.get(name)) for name in ("window", "spacing", "padding"))
        if not (window is None or is_window(*window)) or not (spacing is None or are_sides(*spacing)):
            raise ValueError("the window or the spacing of an image is none")
        stated = value.get("orientation")
        orientation = None if stated is None else usable_orientation(_pair(stated))
        if orientation is None is not stated:
            raise ValueError("the orientation of an image is none")
        turn, view = Turn.from_json(value.get("turn")), usable_view(value.get("view"))
        aspect = value.get("pixel_aspect", 1.0)
        if not isinstance(aspect, int | float) or not 0 < aspect < math.inf:
            raise ValueError("a fact of an image is none: the sides of its pixels")
        shutter = _outlines(value.get("shutter", ()))
        return cls(
            inverted, window, spacing, orientation, source, turn, float(aspect), shutter, padding, view
        )

    @classmethod
    def from_center_width(cls, center_width: Any, **fields: Any) -> ImageFacts:
        """Facts as older session records and MRML attributes have them. Raises ValueError."""
        pair = _numbers(center_width)
        return cls.from_json(fields | {"window": None if pair is None else window_limits(*pair)})


def window_limits(center: float, width: float) -> tuple[float, float]:
    """The stored values shown as black and white by a LINEAR_EXACT window."""
    return float(center - width / 2), float(center + width / 2)


def is_window(low: float, high: float) -> bool:
    """Whether these limits are a window, whose center and width are finite, too."""
    return low <= high and math.isfinite(high - low) and math.isfinite(low + high)


def are_sides(height: float, width: float) -> bool:
    """Whether a pixel may have these sides: positive, with a finite ratio."""
    return min(height, width) > 0 and 0 < height / width < math.inf


def usable_view(value: Any) -> str:
    """ViewPosition if it is a frontal view's; otherwise ""."""
    view = str(value or "").strip().upper()
    return view if view in FRONTAL else ""


def _outlines(value: Any) -> tuple[Outline, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, list | tuple) for each in value):
        raise ValueError("a fact of an image is no outlines")
    outlines = [[_numbers(point) for point in outline] for outline in value]
    if len(outlines) > MOST_OUTLINES or any(not 3 <= len(each) <= MOST_CORNERS for each in outlines):
        raise ValueError("a fact of an image is no outlines")
    return tuple(tuple(point for point in outline if point is not None) for outline in outlines)


def _pair(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("a fact of an image is no pair")
    return list(value)


def _numbers(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    first, second = _pair(value)
    if not all(isinstance(n, int | float) and math.isfinite(n) for n in (first, second)):
        raise ValueError("a fact of an image is no pair of numbers")
    return float(first), float(second)

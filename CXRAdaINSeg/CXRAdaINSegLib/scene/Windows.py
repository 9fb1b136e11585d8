"""Window and level of a radiograph: presets by its values, inverting, and how another one takes them over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
from cxradain.imaging.radiograph import Radiograph
from slicer.i18n import tr as _

from .LungSegments import labelsOf, lungsOf, presentLungs
from .VolumeImages import pixelsOf, radiographOf, subsample

Limits = tuple[float, float]  # the values at the window's dark and bright end

PERCENTILES = (0.5, 99.5)
LEAST_SHOWN = 0.4  # a header's window that leaves fewer of the pixels between black and white is not used
PRESET = "CXRAdaINSeg.Preset"  # of display nodes: the preset, with the window and level that it gave
FILE, FULL, LUNGS, BONES = PRESETS = ("file", "full", "lungs", "bones")


def presetName(preset: str) -> str:
    """A preset in the user's language."""
    return {
        FILE: _("As in the file"),
        FULL: _("Full range"),
        LUNGS: _("Lungs"),
        BONES: _("Bones and mediastinum"),
    }[preset]


@dataclass(frozen=True)
class WindowChoice:
    """How a radiograph is shown, as another one can be.

    preset: one of PRESETS; "" for a window that was set by hand.
    limits: of a window by hand, in widths of the preset FILE from its lower end.
    inverted: whether dark is bright, against what the file says.
    """

    preset: str = FILE
    limits: Limits = (0.0, 1.0)
    inverted: bool = False


def hasWindow(volume) -> bool:
    """Whether a volume has a window to change; color is shown as it is."""
    return volume is not None and not volume.IsA("vtkMRMLVectorVolumeNode")


def presetLimits(volume, preset: str) -> Limits:
    """The values that a preset makes black and white, the lower first. Raises UnfitVolume."""
    radiograph = radiographOf(volume)
    sign = -1.0 if radiograph.inverted else 1.0
    values = sign * subsample(radiograph.pixels).astype(np.float64)  # the dark ones are the low ones
    if preset == FILE:
        found = _fileLimits(radiograph)
        if found is not None:
            return found
        dark, bright = _percentiles(values, PERCENTILES)
    elif preset == FULL:
        dark, bright = float(values.min()), float(values.max())
    else:
        lungs = values[_lungsIn(volume)]
        if preset == LUNGS:
            dark, bright = _percentiles(lungs, (0.5, 99.5)) if lungs.size else _percentiles(values, (0.5, 65))
        else:
            dark, bright = _percentiles(values, (35, 99.8))
            dark = float(np.median(lungs)) if lungs.size else dark
    if not bright > dark:
        dark, bright = float(values.min()), float(values.max())
    low, high = sorted((sign * dark, sign * bright))
    return low, max(high, low + 1e-6)


def applyChoice(volume, choice: WindowChoice) -> None:
    """Show a radiograph so. Raises UnfitVolume."""
    display, radiograph = volume.GetDisplayNode(), radiographOf(volume)
    low, high = presetLimits(volume, choice.preset or FILE)
    if not choice.preset:
        first, last = choice.limits
        low, high = low + first * (high - low), low + last * (high - low)
    with slicer.util.NodeModify(display):
        display.AutoWindowLevelOff()
        display.SetWindowLevel(high - low, (low + high) / 2)
        display.SetInvertDisplayScalarRange(int(radiograph.inverted != choice.inverted))
        display.SetAttribute(PRESET, f"{choice.preset} {display.GetWindow()} {display.GetLevel()}")


def shownPreset(volume) -> str:
    """The preset that a radiograph is shown by; "" for a window that was set by hand."""
    display = volume.GetDisplayNode()
    preset, _space, shown = (display.GetAttribute(PRESET) or "").partition(" ")
    return preset if shown == f"{display.GetWindow()} {display.GetLevel()}" else ""


def isInverted(volume) -> bool:
    """Whether a radiograph is shown with dark for bright, against what its file says. Raises UnfitVolume."""
    return bool(volume.GetDisplayNode().GetInvertDisplayScalarRange()) != radiographOf(volume).inverted


def choiceOf(volume) -> WindowChoice:
    """How a radiograph is shown. Raises UnfitVolume."""
    display, preset = volume.GetDisplayNode(), shownPreset(volume)
    inverted = isInverted(volume)
    if preset:
        return WindowChoice(preset, inverted=inverted)
    low, high = presetLimits(volume, FILE)
    ends = (display.GetLevel() + side * display.GetWindow() / 2 for side in (-1, 1))
    first, last = ((end - low) / (high - low) for end in ends)
    return WindowChoice("", (first, last), inverted)


def _lungsIn(volume) -> np.ndarray:
    """Where of a volume's subsampled pixels its masks are, (h, w) bool."""
    segmentation = lungsOf(volume)
    if not presentLungs(segmentation):
        return np.zeros(subsample(pixelsOf(volume)).shape, bool)
    return subsample(labelsOf(segmentation, volume)) > 0


def _percentiles(values: np.ndarray, shares: tuple[float, float]) -> Limits:
    low, high = (float(value) for value in np.percentile(values, shares))
    return low, high


def _fileLimits(radiograph: Radiograph) -> Limits | None:
    """The file's window; None where it has none that shows enough of the pixels."""
    if radiograph.facts.window is None:
        return None
    black, white = radiograph.facts.window
    sample = subsample(radiograph.pixels)
    enough = np.mean((sample > black) & (sample < white)) >= LEAST_SHOWN
    return radiograph.facts.window if enough else None

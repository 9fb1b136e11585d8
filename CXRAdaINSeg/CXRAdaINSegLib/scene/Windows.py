"""Window and level: presets computed from the pixels, inversion, and carrying both over to another image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
from cxradain.imaging.image_data import subsample
from slicer.i18n import tr as _

from .LungSegments import labelsOf, lungsOf, presentLungs
from .VolumeImages import pixelsOf, radiographOf

Limits = tuple[float, float]  # the pixel values at the window's lower and upper end

PERCENTILES = (0.5, 99.5)
SIDE = 512  # pixels of the image's subsample, per side, from which windows are computed
PRESET = "CXRAdaINSeg.Preset"  # attribute of display nodes: the preset, and the window and level it set
FILE, FULL, LUNGS, BONES = PRESETS = ("file", "full", "lungs", "bones")


def presetName(preset: str) -> str:
    """A preset's name in the user's language."""
    return {
        FILE: _("As in the file"),
        FULL: _("Full range"),
        LUNGS: _("Lungs"),
        BONES: _("Bones and mediastinum"),
    }[preset]


@dataclass(frozen=True)
class WindowChoice:
    """How a radiograph is shown, in a form that applies to other radiographs too.

    preset: one of PRESETS; "" for a manual window.
    limits: those of a manual window, relative to the FILE preset: 0 is its lower end, 1 its upper.
    inverted: whether the grays are inverted, compared with what the file says.
    """

    preset: str = FILE
    limits: Limits = (0.0, 1.0)
    inverted: bool = False


def hasWindow(volume) -> bool:
    """Whether a volume has a window to change; color images have none."""
    return volume is not None and not volume.IsA("vtkMRMLVectorVolumeNode")


def presetLimits(volume, preset: str) -> Limits:
    """The pixel values at the ends of a preset's window, the lower first. Raises UnfitVolume."""
    radiograph = radiographOf(volume)
    sign = -1.0 if radiograph.inverted else 1.0
    values = sign * subsample(radiograph.pixels, SIDE).astype(np.float64)  # so that low values are dark
    if preset == FILE:
        if window := radiograph.usable_window(subsample(radiograph.pixels, SIDE)):
            return window
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
    """Set a radiograph's window, level and inversion. Raises UnfitVolume."""
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
    """The preset that a radiograph is shown with; "" for a manual window."""
    display = volume.GetDisplayNode()
    preset, _space, shown = (display.GetAttribute(PRESET) or "").partition(" ")
    return preset if shown == f"{display.GetWindow()} {display.GetLevel()}" else ""


def isInverted(volume) -> bool:
    """Whether the grays are inverted, compared with what the file says. Raises UnfitVolume."""
    return bool(volume.GetDisplayNode().GetInvertDisplayScalarRange()) != radiographOf(volume).inverted


def choiceOf(volume) -> WindowChoice:
    """The present window, level and inversion. Raises UnfitVolume."""
    display, preset = volume.GetDisplayNode(), shownPreset(volume)
    inverted = isInverted(volume)
    if preset:
        return WindowChoice(preset, inverted=inverted)
    low, high = presetLimits(volume, FILE)
    ends = (display.GetLevel() + side * display.GetWindow() / 2 for side in (-1, 1))
    first, last = ((end - low) / (high - low) for end in ends)
    return WindowChoice("", (first, last), inverted)


def _lungsIn(volume) -> np.ndarray:
    """Which of a volume's subsampled pixels are in a mask, (h, w) bool."""
    segmentation = lungsOf(volume)
    if not presentLungs(segmentation):
        return np.zeros(subsample(pixelsOf(volume), SIDE).shape, bool)
    return subsample(labelsOf(segmentation, volume), SIDE) > 0


def _percentiles(values: np.ndarray, shares: tuple[float, float]) -> Limits:
    low, high = (float(value) for value in np.percentile(values, shares))
    return low, high

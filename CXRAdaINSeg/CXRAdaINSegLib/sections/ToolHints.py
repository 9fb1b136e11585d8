"""How the segment editor's effects are used on a radiograph."""

from __future__ import annotations

from slicer.i18n import tr as _


def toolHint(tool: str) -> str:
    """How to use an effect, by its name in the segment editor; "" if there is no hint."""
    hints = {
        "Paint": _("Drag to paint. Shift and the mouse wheel: size of the brush."),
        "Erase": _("Drag to erase. Shift and the mouse wheel: size of the brush."),
        "Draw": _(
            "Click corners or drag an outline. Right-click, double-click or Enter closes and fills it; "
            "x removes the last point."
        ),
        "Scissors": _("Drag around a part; the operation above says what becomes of it."),
        "Level tracing": _("Move to see an outline of equal brightness; click to add what it encloses."),
        "Islands": _("Keeps or removes connected pieces. For both lungs: Keep largest pieces."),
        "Smoothing": _(
            "Median, opening, closing or Gaussian, then Apply. Joint smoothing is for volumes, not for one "
            "image."
        ),
        "Margin": _("Grows the mask, or shrinks it, then Apply."),
        "Threshold": _(
            "Choose a range, then Apply: of the chosen lung, what is within it stays. To add outside the "
            "lung, set Editable area to Everywhere."
        ),
    }
    return hints.get(tool, "")

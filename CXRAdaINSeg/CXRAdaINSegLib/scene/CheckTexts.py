"""What may be wrong with an image or a mask, in the user's language, by the codes of the trainer, whose own
texts are English."""

from __future__ import annotations

from collections.abc import Callable

from cxradain.imaging.suspicion import OF_WARNING
from slicer.i18n import tr as _

# Functions, so that a text is translated only when it is shown: translating is slow in Slicer.
TEXTS: dict[str, Callable[[], str]] = {
    "right_missing": lambda: _(
        "No right lung was found. If this is a frontal chest radiograph, draw it by hand."
    ),
    "left_missing": lambda: _(
        "No left lung was found. If this is a frontal chest radiograph, draw it by hand."
    ),
    "sides_swapped": lambda: _(
        "The right lung lies on the right side of the image. Check whether the radiograph is mirrored; if it "
        "is not, exchange the two lungs."
    ),
    "views_disagree": lambda: _(
        "Without the lowest tenth of the image the model draws this lung otherwise. Check whether abdomen "
        "was taken for lung, or lung left out."
    ),
    "low_confidence": lambda: _(
        "The model is unsure where the lung ends. Check the outline before using the mask."
    ),
    "ragged": lambda: _(
        "The outline has a deep notch or a loop. Check whether part of the lung is left out."
    ),
    "unequal": lambda: _("One lung is much smaller than the other. Check whether part of it is left out."),
    "mirrored": lambda: _(
        "The radiograph seems to be mirrored, by the heart. Flip it, unless the heart is on the right."
    ),
    "not_chest": lambda: _("This does not look like a frontal chest radiograph: do not rely on the masks."),
    "header_lateral": lambda: _(
        "The header names a lateral view. The model knows only frontal radiographs: do not rely on the "
        "result."
    ),
    "header_not_chest": lambda: _(
        "The header names another body part than the chest: do not rely on the result."
    ),
    "color": lambda: _(
        "The image is in color, as a photograph is and no radiograph: do not rely on the result."
    ),
}
STANDS: dict[str, Callable[[], str]] = {
    "90": lambda: _("the head points to the left"),
    "180": lambda: _("it is upside down"),
    "270": lambda: _("the head points to the right"),
}


def checkText(code: str) -> str:
    """What to check, by a code of `lungs.FLAG_TEXT` or `suspicion.BY_CODE`."""
    if code in TEXTS:
        return TEXTS[code]()
    _turned, degrees, *mirrored = code.split("_")
    text = (
        _("The radiograph seems to be turned and mirrored: {stands}. Rotate it, and flip it.")
        if mirrored
        else _("The radiograph seems to be turned: {stands}. Rotate it.")
    )
    return text.format(stands=STANDS[degrees]())


def warningText(warning: str) -> str:
    """A warning about a file; in English if it has no code."""
    return checkText(OF_WARNING[warning].code) if warning in OF_WARNING else warning

"""What the worklist answers to a key or a button that cannot act now, and until when that is so."""

from __future__ import annotations

from slicer.i18n import tr as _

from ..logic.Approval import isEmpty, noMaskText
from ..logic.OpenSession import noSessionText, readOnlyText
from ..logic.Segmenting import waitingText, workingText
from ..logic.Worklist import Worklist, openOutlineText
from ..scene.EditHistory import editorNode
from .StandingMessage import Holds


def causesOf(section, worklist: Worklist) -> dict[str, Holds]:
    """Whether the cause of each message is still there, by the message. section: the WorklistSection."""
    table = section.table
    return {
        waitingText(): lambda: worklist.segmenting.writing or worklist.isReading,
        workingText(): lambda: worklist.segmenting.writing,
        openOutlineText(): lambda: worklist.hasOpenOutline(),
        readOnlyText(): lambda: worklist.opened.onlyReads,
        noSessionText(): lambda: worklist.session is None,
        notYetText(): lambda: table.highlighted not in ("", section.shownKey()),
        notShownText(): lambda: not section.isShown(),
        noMaskText(): lambda: section.isShown() and isEmpty(worklist.current.volume),
        emptyListText(): lambda: not table.model.rowCount(),
        lastText(): lambda: not table.beside(section.keyToGoFrom, 1),
        firstText(): lambda: not table.beside(section.keyToGoFrom, -1),
        reviewedText(): lambda: not table.unreviewedAfter(section.keyToGoFrom),
        filteredText(): lambda: not worklist.key and not table.model.rowCount(),
        noneLeftText(): lambda: not worklist.key,
        toolText(): lambda: editorNode().GetActiveEffectName(),
    }


def unseenText() -> str:
    """The message for approving a mask that has appeared or changed just now."""
    return _("Not approved: the mask has just changed. Look at it, then press again.")


def unansweredText() -> str:
    """The message for approving a mask while the model computes another one, and fails."""
    return _("Not approved: the model has given no answer. To approve the mask as it is, press again.")


def notYetText() -> str:
    """The message for a key pressed before its image is in the view."""
    return _("The highlighted image is not in the view yet. Press again once it is.")


def notShownText() -> str:
    """The message for a decision while the view shows no image of the list."""
    return _("No image of the list is in the view. Choose one first.")


def emptyListText() -> str:
    """The message for going on in a list without images."""
    return _("The list has no images. Add some, or change the filter.")


def lastText() -> str:
    """The message at the end of the list."""
    return _("That was the last image of the list.")


def firstText() -> str:
    """The message at the beginning of the list."""
    return _("That is the first image of the list.")


def reviewedText() -> str:
    """The message when no image waits for the reader."""
    return _("You have reviewed all images of the list.")


def filteredText() -> str:
    """The message after the only image that the filter lists was removed."""
    return _("The list has no other image that passes the filter. Change the filter to go on.")


def noneLeftText() -> str:
    """The message after the last image that can be shown was removed."""
    return _("No image that can be shown is left in the session.")


def toolText() -> str:
    """The message for an arrow key while a tool is chosen, which may use it."""
    return _("Arrow keys do not go on while a tool is chosen; N and P do.")

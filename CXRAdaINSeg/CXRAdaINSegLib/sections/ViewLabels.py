"""Labels in the view: which radiograph it shows, the status of its mask, the patient's right side; and for
some seconds the answer to a key or a click."""

from __future__ import annotations

from typing import Any

from cxradain.sessions.records import UNLABELLED, UNREADABLE
from slicer.i18n import tr as _

from ..logic.Approval import flaggedText
from ..logic.Copies import Copies
from ..logic.LoadedImage import statusOf
from ..logic.Worklist import Worklist
from ..scene.LungSegments import lungsOf, presentLungs
from ..scene.MaskProvenance import isApproved, isCorrected
from ..scene.SliceViews import isShown
from ..scene.ViewText import ViewText
from ..scene.VolumeImages import factsOf, isImage
from ..Timers import singleShotTimer
from .WorklistModel import NAMES, WorklistModel, readerName

STAYS = 8000  # ms: a message covers part of the image


class ViewLabels:
    """Labels the Red view. rows: the worklist's model. `active`: whether the module is open."""

    def __init__(self, worklist: Worklist, rows: WorklistModel, copies: Copies):
        self._worklist, self._rows, self._copies = worklist, rows, copies
        self.text = ViewText("Red")
        self.active = False
        self._volume: Any = None  # that `update` was last called for
        self._message = ""
        self.fading = singleShotTimer(STAYS, lambda: self.say(""))

    def say(self, text: str) -> None:
        """Show a message above the labels for some seconds; "" clears it."""
        if text != self._message:
            self._message = text
            self.update(self._volume)
        if text:
            self.fading.start()

    def update(self, volume) -> None:
        """Label the view if it shows this volume, or if it is empty because the chosen image is
        unreadable."""
        self._volume = volume
        row = self._rows.rows.get(self._worklist.key)
        message = self._message.splitlines()
        if not self.active:
            self.text.close()
        elif volume is not None and isShown(volume):
            self.text.show([*message, *self._lines(volume)], *sideMarker(volume))
        elif volume is None and row is not None and self._worklist.isUnreadable:
            self.text.show([*message, row.name, NAMES[UNREADABLE]()])
        else:
            self.text.show(message)

    def close(self) -> None:
        """Remove the labels from the view."""
        self.fading.stop()
        self.text.close()

    def _lines(self, volume) -> list[str]:
        place, standing, flagged = "", maskStanding(volume), ""
        current = self._worklist.current
        if self._copies.isAtHand(volume):
            keys = self._rows.radiographs
            if current.image.key in keys:
                number = keys.index(current.image.key) + 1
                place = _("{number} of {count}").format(number=number, count=len(keys))
            standing = self._standing(current)
            row = self._rows.rows.get(current.image.key)
            flagged = flaggedText(row.flagged_by) if row is not None and row.flagged_by else ""
        where = "  ".join(filter(None, (place, factsOf(volume).view)))
        lines = volume.GetName(), where, standing, flagged, self._notKept(volume)
        return [each for each in lines if each]

    def _notKept(self, volume) -> str:
        """A warning if a session is open and edits of the volume are not saved in it, or ""."""
        if self._worklist.session is None:
            return ""
        if self._copies.isAtHand(volume):
            isKept = not self._worklist.opened.onlyReads
            return "" if isKept else _("opened to read: strokes and points are not kept")
        image = self._copies.imageOf(volume)
        if image is not None:
            return _("copy of {name}: strokes are not kept").format(name=image.name)
        return _("not in the session")

    def _standing(self, current) -> str:
        version, status = current.version, NAMES[UNLABELLED]()
        if version is not None:
            status = f"{NAMES[statusOf(version, self._worklist.reader)]()} ({readerName(version.reader)})"
        return _("{status}, changed").format(status=status) if current.isChanged else status


def sideMarker(volume) -> tuple[str, str]:
    """The marker of the patient's right and the side of the view it belongs on; "R?" if the file does not
    say."""
    if not isImage(volume):  # the Segment section says why
        return "", "left"
    side = factsOf(volume).patients_right
    return ("R", side) if side else ("R?", "left")


def maskStanding(volume) -> str:
    """The status of the masks of a radiograph outside the session; "" without masks."""
    segmentation = lungsOf(volume)
    lungs = presentLungs(segmentation)
    if not lungs:
        return ""
    if all(isApproved(segmentation, lung) for lung in lungs):
        return _("approved")
    corrected = any(isCorrected(segmentation, lung) for lung in lungs)
    return _("corrected") if corrected else _("model's mask")

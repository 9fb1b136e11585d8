"""What the reader decides on the image in the view: approval, a flag, an earlier mask."""

from __future__ import annotations

from functools import partial

import numpy as np
import slicer
from cxradain.sessions.records import APPROVED, FLAGGED
from cxradain.sessions.taking_back import has_other_mask, mask_before
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Approval import doubtOf
from ..logic.LoadedImage import statusOf
from ..logic.OpenSession import readOnlyText
from ..logic.Renewing import Renewing
from ..logic.Segmenting import waitingText
from ..logic.Worklist import Worklist, openOutlineText
from ..scene.LungSegments import labelsOf, lungsOf
from ..scene.MaskWatch import maskTimes
from ..Timers import Slot
from .RefusalTexts import notShownText, notYetText, unansweredText, unseenText
from .VersionsDialog import takenText


class Decisions:
    """Acts on the image in the view, once the model has answered for it; only what has been in the view is
    approved. section: the WorklistSection."""

    def __init__(self, worklist: Worklist, section, renewing: Renewing):
        self._worklist, self._section, self._renewing = worklist, section, renewing

    def approve(self) -> None:
        """Approve the mask."""
        self._decide(self._approve, approves=True)

    def approveAndNext(self) -> None:
        """Approve the mask, then show the next image."""
        self._decide(partial(self._approve, self._section.next), approves=True)

    def flag(self) -> None:
        """Flag the image."""
        self._decide(self._worklist.flag)

    def takeBefore(self) -> None:
        """Restore the mask that the reader had before the current one."""
        self._decide(self._takeBefore)

    def _approve(self, andThen: Slot = lambda: None) -> None:
        if self._mayApprove():
            with slicer.util.RenderBlocker():  # once for both
                if self._worklist.approve():
                    andThen()
                    return
        self._worklist.notApproved.emit()

    def _mayApprove(self) -> bool:
        """Whether the mask has been seen, and nothing speaks against it or the reader says so."""
        if self._renewing.isUnseen():
            self._refuseUnseen()
            return False
        row = self._section.table.model.rows.get(self._worklist.key)
        isAsked = row is not None and row.status != APPROVED  # otherwise the reader has answered that
        doubt = doubtOf(self._worklist.current.volume, row.flagged_by if isAsked else "")
        return not doubt or ui.confirm(doubt, _("Approve these masks?"), _("Approve"), _("Go back"))

    def _takeBefore(self) -> None:
        session, current, tell = self._worklist.session, self._worklist.current, self._section.tellOfImage
        if not self._worklist.save():
            return
        version = current.version
        before = version and mask_before(session, version)
        if before is not None:
            if self._worklist.takeBack(before):
                if statusOf(version, self._worklist.reader) == FLAGGED:
                    self._worklist.flag()
                tell(takenText(before))
        elif has_other_mask(session, current.image.key, version):
            text = _("This was your first mask. {button} has the others.")
            tell(text.format(button=self._section.versionsButton.text))
        else:
            tell(_("There is no mask before this one."))

    def _decide(self, action: Slot, approves: bool = False) -> None:
        """approves: if the model's answer changes the mask, the image stays instead, to be looked at."""
        section, worklist = self._section, self._worklist
        if worklist.opened.onlyReads:
            section.messages.tell(readOnlyText())
        elif worklist.isUnreadable:
            section.messages.tellProblem(worklist.fault)
        elif section.table.highlighted not in ("", section.shownKey()):
            section.tellOfImage(notYetText())
        elif not section.isShown():
            section.messages.tell(notShownText())
        elif worklist.hasOpenOutline():
            section.tellOfImage(openOutlineText())
        elif worklist.segmenting.writing:
            section.tellOfImage(waitingText())
            seen = self._labels() if approves else None
            failures = worklist.segmenting.failures
            worklist.whenAnswered(partial(self._actOnAnswer, action, seen, failures))
        else:
            self._act(action)

    def _actOnAnswer(self, action: Slot, seen: np.ndarray | None, failures: int) -> None:
        """Act, unless that approves and the mask is another one than was seen, or the model has failed. The
        image then stays, also if the reader meant to go on. failures: of the model, until then."""
        if seen is None:
            self._act(action)
        elif self._worklist.segmenting.failures != failures:
            self._section.tellOfImage(unansweredText())
            self._worklist.notApproved.emit()
        elif np.array_equal(seen, self._labels()):
            self._act(action)
        else:
            self._section.show(self._worklist.current.image.key)
            self._refuseUnseen()
            self._worklist.notApproved.emit()

    def _refuseUnseen(self) -> None:
        """Say that the mask has to be looked at, until it is approved or changed, or the image is left."""
        current = self._worklist.current
        version, times = current.version, maskTimes(lungsOf(current.volume))

        def holds() -> bool:
            isSame = self._worklist.current is current and current.version is version
            return isSame and maskTimes(lungsOf(current.volume)) == times

        self._section.tellOfImage(unseenText(), holds)

    def _labels(self) -> np.ndarray:
        volume = self._worklist.current.volume
        return labelsOf(lungsOf(volume), volume)

    def _act(self, action: Slot) -> None:
        self._section.showMessage("")
        action()

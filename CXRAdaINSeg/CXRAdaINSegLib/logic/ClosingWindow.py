"""Closing the application's window: what the session has is saved, and is not asked about."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from cxradain.sessions.records import SessionError
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..Events import WidgetEvents
from ..scene.VolumeImages import imageVolumes
from ..Timers import callWhen
from .Copies import Copies
from .ImageNodes import leaveOutOnClose
from .Segmenting import workingText
from .Worklist import Worklist, openOutlineText

SCENE_ALONE = "closesSceneAlone"  # a property of the main window


class ClosingWindow:
    """Saves the current image's work in the session when the main window is to be closed, so that the
    application asks only about what is nowhere saved. While the model computes masks, the window waits; with
    an outline that is not closed it stays; about work that is only in memory the reader is asked.

    An application may send the event before it closes the scene, too, with the window's property SCENE_ALONE
    set; then nothing waits, and what is in memory stays there.

    showMessage(text): why it does not close; "": it closes.
    """

    def __init__(self, worklist: Worklist, copies: Copies, showMessage: Callable[[str], None]):
        self._worklist, self._copies, self._showMessage = worklist, copies, showMessage
        self._closesLater = False  # once the model has answered
        worklist.notApproved.connect(self._stay)
        self._events = WidgetEvents(slicer.util.mainWindow(), qt.QEvent.Close, self._onClose)

    def stop(self) -> None:
        """Stop watching the window."""
        self._events.stop()

    def _onClose(self) -> bool:
        """Whether it must stay open."""
        worklist = self._worklist
        isWindow = not slicer.util.mainWindow().property(SCENE_ALONE)
        if worklist.isAwaiting:
            if isWindow:
                self._closeLater()
            else:
                self._say(workingText())
            return True
        if worklist.hasOpenOutline():
            self._say(openOutlineText())
            return True
        saved = worklist.save()
        if isWindow and not self._mayLose(worklist.inMemoryOnly()):
            return True
        if worklist.session is not None:
            for volume in imageVolumes():
                if (saved or not self._copies.isAtHand(volume)) and self._isInSession(volume):
                    leaveOutOnClose(volume)
        return False

    def _closeLater(self) -> None:
        if not self._closesLater:
            self._closesLater = True
            callWhen(lambda: not self._worklist.isAwaiting, self._close)
        self._say(_("Closing once the model has answered for this radiograph, or is cancelled here."))

    def _mayLose(self, names: list[str]) -> bool:
        """Whether work on the images of these names, kept only in memory, may be lost; asks, if there is
        any."""
        question = _(
            "Your last changes of {names} could not be saved and are kept in memory only: they are lost when "
            "the window closes. To save them, open the session and show the radiograph again."
        ).format(names=", ".join(names))
        return not names or ui.confirm(question, _("Lose your changes?"), _("Lose them"), _("Stay"))

    def _say(self, text: str) -> None:
        self._showMessage(text)
        slicer.util.showStatusMessage(text, 5000)

    def _stay(self) -> None:
        """What the reader meant to approve before closing is not approved: stay open, to show why."""
        self._closesLater = False

    def _close(self) -> None:
        if not self._closesLater:
            return
        self._closesLater = False
        self._showMessage("")
        slicer.util.mainWindow().close()

    def _isInSession(self, volume) -> bool:
        """Whether the session has a volume's pixels, its masks and the heart's points."""
        atHand = self._copies.isAtHand(volume)
        image = self._worklist.current.image if atHand else self._copies.imageOf(volume)
        try:
            return image is not None and self._copies.has(image.key, volume)
        except SessionError:  # it is damaged
            return False

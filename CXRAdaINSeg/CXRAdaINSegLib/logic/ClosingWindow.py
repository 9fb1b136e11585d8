"""Closing the application's window: what the session has is saved, and is not asked about."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer
from cxradain.sessions.records import SessionError
from slicer.i18n import tr as _

from ..Events import WidgetEvents
from ..scene.VolumeImages import imageVolumes
from ..Timers import callWhen
from .Copies import Copies
from .ImageNodes import leaveOutOnClose
from .Worklist import Worklist, openOutlineText


class ClosingWindow:
    """Saves the current image's work in the session when the main window is to be closed, so that the
    application asks only about masks that are nowhere saved. While the model computes masks, the window
    waits, and with an outline that is not closed it stays. showMessage(text): why; "": it closes."""

    def __init__(self, worklist: Worklist, copies: Copies, showMessage: Callable[[str], None]):
        self._worklist, self._copies, self._showMessage = worklist, copies, showMessage
        self._closesLater = False  # once the model has answered
        self._events = WidgetEvents(slicer.util.mainWindow(), qt.QEvent.Close, self._onClose)

    def stop(self) -> None:
        """Stop watching the window."""
        self._events.stop()

    def _onClose(self) -> bool:
        segmenting = self._worklist.segmenting
        if segmenting.writing:
            if not self._closesLater:
                self._closesLater = True
                callWhen(lambda: not segmenting.writing, self._close)
            self._say(_("Closing once the model has answered for this radiograph, or is cancelled here."))
            return True
        if self._worklist.hasOpenOutline():
            self._say(openOutlineText())
            return True
        if self._worklist.session is not None:
            saved = self._worklist.save()
            for volume in imageVolumes():
                if (saved or not self._copies.isAtHand(volume)) and self._isInSession(volume):
                    leaveOutOnClose(volume)
        return False

    def _say(self, text: str) -> None:
        self._showMessage(text)
        slicer.util.showStatusMessage(text)

    def _close(self) -> None:
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

"""What the Worklist section says, and until when: a message about an image goes with it."""

from __future__ import annotations

from typing import Any

from .. import Widgets as ui
from ..Signal import Signal
from .StandingMessage import Holds, StandingMessage

PROBLEM = "⚠ "  # before what could not be done


class WorklistMessages:
    """The messages in `label`. `causes`: whether the cause of a message is still there, by the message.

    Signal: told(text), what is to be read in the view too, where the reader looks; "": no more.
    """

    def __init__(self):
        self.label = ui.textLabel("WorklistMessage")
        self.told = Signal()
        self.causes: dict[str, Holds] = {}
        self._standing = StandingMessage(self._onCauseGone)
        self._ofImage = ""  # the last message about the image in view
        self._newMask = ""  # that there is a newer mask of it, or that it is shown
        self._volume: Any = None  # which these two are about

    def show(self, text: str, holds: Holds | None = None) -> None:
        """Show a message in the section; "" clears it. holds: whether its cause is still there; by default
        that of `causes`."""
        ui.setMessage(self.label, text)
        self._standing.set(text, holds or self.causes.get(text.removeprefix(PROBLEM)))
        if not text:
            self.told.emit("")

    def tell(self, text: str, holds: Holds | None = None) -> None:
        """Show a message in the section and in the view. holds: as in `show`."""
        self.show(text, holds)
        self.told.emit(text)

    def tellOf(self, volume, text: str, holds: Holds | None = None) -> None:
        """Tell something about the image in view, `volume`. holds: as in `show`."""
        self._ofImage, self._volume = text, volume
        self.tell(text, holds)

    def tellNewMask(self, volume, text: str) -> None:
        """Tell that there is a newer mask of the image in view, above what is said now."""
        self._newMask, self._volume = text, volume
        self._showWithNewMask(self.label.text, self._standing.holds)
        self.told.emit(text)

    def showJob(self, text: str) -> None:
        """Show how a background job ended; "" clears the message."""
        if text:
            self._showWithNewMask(text)
        else:
            self.show("")

    def tellProblem(self, text: str) -> None:
        """Tell what could not be done; "": that is over."""
        self.show(f"{PROBLEM}{text}" if text else self._newMask)
        self.told.emit(text)

    def follow(self, volume) -> None:
        """The view shows this volume."""
        if self._volume is not None and volume is not self._volume:
            self.forgetImage()
        self._standing.check()

    def forgetImage(self) -> None:
        """Clear what was said about the image that was in view, or about what its reader did."""
        if self.label.text == self._ofImage:
            self.show("")
        self.forgetNewMask()
        self._ofImage, self._volume = "", None

    def forgetNewMask(self) -> None:
        """Clear the message about a newer mask."""
        text = self.label.text
        if self._newMask and text.startswith(self._newMask):
            self.show(text[len(self._newMask) :].lstrip(), self._standing.holds)
        self._newMask = ""

    def onBusy(self, _busy: bool) -> None:
        """The model has begun or ended its work."""
        self._standing.check()

    def close(self) -> None:
        """Called when the panel is closed."""
        self.show("")

    def _showWithNewMask(self, text: str, holds: Holds | None = None) -> None:
        self.show("\n".join(filter(None, (self._newMask, text))), holds)

    def _onCauseGone(self, text: str) -> None:
        self.show(self._newMask if text.startswith(f"{self._newMask}\n") else "")
        self.told.emit("")

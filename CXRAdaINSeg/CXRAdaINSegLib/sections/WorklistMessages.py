"""What the Worklist section says, and until when: a message about an image goes with it."""

from __future__ import annotations

from typing import Any

from .. import Widgets as ui
from ..logic.Segmenting import waitingText, workingText
from ..Signal import Signal


class WorklistMessages:
    """The messages in `label`.

    Signal: told(text), what is to be read in the view too, where the reader looks; "": no more.
    """

    def __init__(self):
        self.label = ui.textLabel("WorklistMessage")
        self.told = Signal()
        self._ofImage = ""  # the last message about the image in view
        self._newMask = ""  # that there is a newer mask of it, or that it is shown
        self._volume: Any = None  # which these two are about

    def show(self, text: str) -> None:
        """Show a message in the section; "" clears it."""
        ui.setMessage(self.label, text)
        if not text:
            self.told.emit("")

    def tell(self, text: str) -> None:
        """Show a message in the section and in the view."""
        self.show(text)
        self.told.emit(text)

    def tellOf(self, volume, text: str) -> None:
        """Tell something about the image in view, `volume`."""
        self._ofImage, self._volume = text, volume
        self.tell(text)

    def tellNewMask(self, volume, text: str) -> None:
        """Tell that there is a newer mask of the image in view, above what is said now."""
        self._newMask, self._volume = text, volume
        self._showWithNewMask(self.label.text)
        self.told.emit(text)

    def showJob(self, text: str) -> None:
        """Show how a background job ended; "" clears the message."""
        if text:
            self._showWithNewMask(text)
        else:
            self.show("")

    def tellProblem(self, text: str) -> None:
        """Tell what could not be done; "": that is over."""
        self.show(_problem(text) if text else self._newMask)
        self.told.emit(text)

    def follow(self, volume, isReading: bool) -> None:
        """The view shows this volume. isReading: the next image is still awaited."""
        if self._volume is not None and volume is not self._volume:
            self.forgetImage()
        if self.label.text == waitingText() and not isReading:
            self.show("")

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
            self.show(text[len(self._newMask) :].lstrip())
        self._newMask = ""

    def onBusy(self, busy: bool) -> None:
        """Clear that the model is still working once it is not."""
        if not busy and self.label.text == _problem(workingText()):
            self.show("")

    def _showWithNewMask(self, text: str) -> None:
        self.show("\n".join(filter(None, (self._newMask, text))))


def _problem(text: str) -> str:
    return f"⚠ {text}"

"""Loads the session's images into the scene one at a time and saves their masks as versions. No widgets.

The mask and the heart's points are saved, if they differ from the session's, before another image is shown,
on a timer, when the scene closes and when the application ends. What cannot be saved stays in the scene.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import qt
import slicer
from cxradain.sessions.records import NoSuchImage, SessionError, Version
from cxradain.sessions.sides import are_exchanged_by_turn
from cxradain.sessions.store import Session
from cxradain.sessions.taking_back import take_back
from slicer.i18n import tr as _

from ..scene.ChestLines import heartPoints, setHeartPoints
from ..scene.LungSegments import labelsOf, lungsOf
from ..scene.LungSides import swapSides
from ..scene.ToolAtWork import changeHand
from ..scene.VolumeImages import factsOf, setTurn, shapeOf, turnOf
from ..Signal import Signal
from ..Timers import CallsInOrder, callLater, callWhen
from .CurrentImage import CurrentImage
from .Hearts import isHeartMoved
from .ImageNodes import addImageVolume, nodesOf, removeLater
from .LoadedImage import LoadedImage
from .OwnerTexts import takenOverText
from .ReadAhead import ReadAhead
from .Segmenting import Segmenting, workingText

AUTOSAVE = 30_000  # ms


class Worklist(CurrentImage):
    """`key` is the chosen image, `current` the image in the scene: the chosen one, or the previous one while
    that is being read, or None if it cannot be read.

    Signals: imageChanged(current or None), another image is in the scene; readerLeaves(), before the reader
    changes; readerChanged(), afterwards; notApproved(), the reader's approval was refused.
    """

    def __init__(self, segmenting: Segmenting):
        super().__init__(segmenting)
        self.readAhead = ReadAhead(self.opened.worker)
        self.hasOpenOutline: Callable[[], bool] = lambda: False  # whether one was begun and is in no mask
        self.key = ""
        self.fault = ""  # why the chosen image cannot be read, if it cannot
        self._reading = ""  # the key of the image that is being read, to be shown next
        self._left = False  # whether the reader has since chosen another volume
        self._awaiting = CallsInOrder(lambda: not segmenting.writing)  # what the reader decided meanwhile
        self.imageChanged, self.readerLeaves, self.readerChanged = Signal(), Signal(), Signal()
        self.notApproved = Signal()
        self.imageTurned.connect(lambda key: self.readAhead.drop([key]))
        self.autosaveTimer = qt.QTimer()
        self.autosaveTimer.setInterval(AUTOSAVE)
        self.autosaveTimer.connect("timeout()", self.autosave)

    # --- the session --------------------------------------------------------------------------------------

    def open(self, path, takeOver: bool = False, write: bool = True) -> None:
        """Open a session; the image in the scene stays if it is the same session. Raises SessionError."""
        before, saved = self.session, self.save()
        self.opened.open(path, takeOver, write)
        self._onOpened(before, saved)

    def create(self, path, images: str) -> None:
        """Create a session. Raises SessionError."""
        saved = self.save()
        self.opened.create(path, images)
        self._onOpened(None, saved)

    def close(self) -> bool:
        """Save the mask and close the session.

        Returns False if the mask could not be saved: it stays in the scene, and is restored when its image is
        shown again.
        """
        saved = self.save()
        self.autosaveTimer.stop()
        if saved:
            self._remove()
        else:
            self._keepUnsaved()
        self.current, self.key, self.lost = None, "", False
        self.readAhead.forget()
        self.opened.close()
        self.imageChanged.emit(None)
        return saved

    def _onOpened(self, before: Session | None, saved: bool) -> None:
        self.readAhead.forget()
        self.autosaveTimer.start()
        self.lost = False
        self.problemChanged.emit("")
        current = self._inScene()
        again = before is not None and before.path == self.session.path
        if again and current is not None:
            self._followNewest(current)  # taken over: the reader continues with the image in the scene
        else:
            if saved:
                self._remove()
            self.current, self.key = None, ""
        self.imageChanged.emit(self.current)

    def _followNewest(self, current: LoadedImage) -> None:
        """Save what the reader has changed here, and show the session's newest of the rest: mask and heart
        points may have been changed in another window."""
        isChanged, isMoved = self.isChanged(), isHeartMoved(current)
        self._followTurn(current)
        version, heart, points = current.version, current.heart, heartPoints(current.volume)
        self._takeNewest(current)
        isOther = current.version is not None and (version is None or version.id != current.version.id)
        isDecided = isOther and self._isDecided(current.image.key)
        isHeartOther = current.heart != heart
        if isOther and not isChanged:
            self._showNewest(current)
        setHeartPoints(current.volume, points if isMoved else current.heart)
        if self.save():
            overtaken = [overtakenText(current.image.name)] if isDecided and isChanged else []
            overtaken += [heartOvertakenText(current.image.name)] if isHeartOther and isMoved else []
            if overtaken:
                self.problemChanged.emit("\n".join(overtaken))

    @property
    def isReading(self) -> bool:
        """Whether the chosen image is still being read."""
        return self.key != "" and self.key == self._reading

    @property
    def isUnreadable(self) -> bool:
        """Whether the chosen image cannot be read, so that the view is empty."""
        return self.key != "" and not self.isReading and self.current is None

    @property
    def isAskedFor(self) -> bool:
        """Whether the current image is what the reader has asked for last."""
        return self.current is not None and self.current.image.key == self.key and not self._left

    # --- the current image --------------------------------------------------------------------------------

    def show(self, key: str) -> bool:
        """Load an image into the scene with the reader's newest mask, or else the model's.

        Returns False if the mask of the previous image could not be saved; that image then stays.
        """
        if not self.save():
            return False
        self._left = False
        if self._shows(key):
            self.key = key
            hasMask = self.current.version is not None or self.isUnsaved(key)
            if hasMask and lungsOf(self.current.volume) is None:  # the user has removed it from the scene
                self._showNewest(self.current)
            self.imageChanged.emit(self.current)
            return True
        if not self.segmenting.writing:
            self.segmenting.cancel()
        self.key = self._reading = key

        def arrived(act: Callable[[], None]) -> None:  # in its own event, to keep the window responsive
            slicer.app.pauseRender()  # until then, as the previous image goes
            callLater(partial(whileUnseen, act))

        def whileUnseen(act: Callable[[], None]) -> None:
            try:
                callWhen(self._isAtRest, act)
            finally:
                slicer.app.resumeRender()

        self.readAhead.read(
            key,
            lambda radiograph: arrived(partial(self._arrived, key, radiograph)),
            lambda text, code: arrived(partial(self._failed, key, text, code)),
        )
        return True

    def renew(self, key: str) -> bool:
        """Put a newer mask (`hasNewer`) in the place of the one in the scene; returns whether there was
        one."""
        if not self.hasNewer(key) or not self.saveHeart():
            return False
        isTurned = self._followTurn(self.current)
        self._showNewest(self.current)
        if isTurned:
            self.imageChanged.emit(self.current)
        return True

    def _followTurn(self, current: LoadedImage) -> bool:
        """Turn the image in the scene as the session has it now: another window may have turned it. Returns
        whether that was so."""
        with suppress(NoSuchImage):  # it was removed in another window, which saving its mask will say
            current.image = self.session.image(current.image.key)
        former, turn = turnOf(current.volume), current.image.facts.turn
        if turn == former:
            return False
        setTurn(current.volume, turn)
        self.segmenting.history.forget()  # it has the masks' sides, and not the turn that they belong to
        segmentation = lungsOf(current.volume)
        if are_exchanged_by_turn(labelsOf(segmentation, current.volume), former, turn):
            swapSides(segmentation, current.volume, models=True)
        self.imageTurned.emit(current.image.key)
        return True

    def noteChoice(self, volume) -> None:
        """The reader has chosen a volume, or none (None). If it is another radiograph, an image that is still
        being read is not shown."""
        current = self._inScene()
        self._left = volume is not (None if current is None else current.volume)
        if self._left and volume is not None and self.isReading:
            self._reading, self.key = "", "" if current is None else current.image.key

    def _isAtRest(self) -> bool:
        """Whether nothing is being edited: no stroke is being drawn, and no click or decision waits for an
        answer. All must end on the image they were made on."""
        return not (qt.QApplication.mouseButtons() or self.isAwaiting)

    @property
    def isAwaiting(self) -> bool:
        """Whether masks of the current image are being computed, or a decision waits for that."""
        return self.segmenting.writing or bool(self._awaiting)

    def whenAnswered(self, act: Callable[[], object]) -> None:
        """Call once the engine has no request left for the current image, which stays until then."""
        current = self.current
        self._awaiting.add(lambda: act() if self._inScene() is current else None)

    def isFinished(self) -> bool:
        """Whether the engine has no request left for the current image, and no outline is open; if not, that
        is reported."""
        if self.segmenting.writing:
            self.problemChanged.emit(workingText())
        elif self.hasOpenOutline():
            self.problemChanged.emit(openOutlineText())
        else:
            return True
        return False

    def remove(self, key: str) -> bool:
        """Remove an image from the session; False if that, or saving its mask first, failed."""
        current = self._inScene()
        isCurrent = current is not None and current.image.key == key
        if isCurrent and not self.save():
            return False
        try:
            self.session.remove_image(key)
        except SessionError as error:
            self._report(error)
            return False
        self.readAhead.drop([key])
        # Its nodes may have left the scene.
        isLoaded = self.current is not None and self.current.image.key == key
        if isLoaded:
            self._remove()
        if key == self.key:
            self.key = self.current.image.key if self.current is not None else ""
        if isLoaded:
            self.imageChanged.emit(None)
        return True

    def setReader(self, reader: str) -> bool:
        """Change the reader; False if the previous reader's mask is not saved, or still being computed."""
        if reader == self.reader:
            return True
        if not self.isFinished() or not self.save():
            return False
        self.readerLeaves.emit()
        self.reader = reader
        changeHand()
        if self._inScene() is not None:
            self._showNewest(self.current)
            self.imageChanged.emit(self.current)
        self.readerChanged.emit()
        return True

    def keepWorkOf(self, volume, key: str) -> bool:
        """Save the masks, heart points and manual turn of a volume from outside the session to the session's
        image `key`, which has the same pixels. They are corrected as far as the reader has changed them here,
        and otherwise for the reader to review. A model's masks replace no mask that the reader has corrected,
        approved or flagged. Returns False if that, or saving the current mask first, failed."""
        image = self.session.image(key)
        if tuple(image.shape) != shapeOf(volume):
            self.problemChanged.emit(
                _("{name} in the scene is not as its file: its masks were not added.").format(
                    name=volume.GetName()
                )
            )
            return False
        if not self.save():
            return False
        before, self.current = self.current, LoadedImage(image, volume, isGiven=True)
        try:
            facts = factsOf(volume)
            if facts.turn != facts.stated_turn:
                self._setTurn(self.current, facts.turn)
            else:  # a reader may have turned the session's
                self._followTurn(self.current)
            self._takeNewest(self.current)
            hasMask = self.segmenting.corrected(volume) or not self._isDecided(key)
            return self.save() if hasMask else self.saveHeart()
        except SessionError:  # reported
            return False
        finally:
            self.current = before
            if self._shows(key):
                self._showNewest(before)

    def takeBack(self, version: Version) -> bool:
        """Restore an older version of the current mask as the reader's newest version, and show it; returns
        whether that succeeded. The mask it replaces is saved as a version first."""
        current = self._inScene()
        if current is None or current.image.key != version.image:
            return False
        if not self.isFinished() or not self.save():
            return False
        try:
            taken = take_back(self.session, version, self.reader)
        except SessionError as error:
            self._report(error)
            return False
        self._showNewest(current)
        self.versionSaved.emit(taken)
        self.imageChanged.emit(current)
        return True

    def _arrived(self, key: str, radiograph) -> None:
        if not self._canLeave(key) or self._shows(key):
            return  # chosen twice, for example by a double click
        before, image = self._inScene(), self.session.image(key)
        self.current = LoadedImage(image, addImageVolume(image, radiograph))
        self._followTurn(self.current)  # it may have been read before it was turned
        self._showNewest(self.current)
        self._left = False  # a copy of it may have been taken out of the view
        self.imageChanged.emit(self.current)
        if before is not None:  # once the new one is in the view
            removeLater(nodesOf(before.volume))

    def _failed(self, key: str, text: str, code: str) -> None:
        isTaken = self.session is not None and code == "taken"
        self.lost = self.lost or isTaken
        if self._canLeave(key):
            self._remove()
            self.fault = takenOverText(None) if isTaken else text
            self.imageChanged.emit(None)
            self.problemChanged.emit(self.fault)

    def _canLeave(self, key: str) -> bool:
        """Whether the image `key`, now read or found unreadable, is still the chosen one, and edits made
        meanwhile could be saved. If they could not, the image in the scene stays and is chosen again."""
        if self.session is None or key != self.key:
            return False
        self._reading = ""
        if self.save():
            return True
        self.key = self.current.image.key
        self.imageChanged.emit(self.current)
        return False

    def autosave(self) -> None:
        """Save the mask, but not in the middle of a stroke."""
        if not qt.QApplication.mouseButtons():
            self.save()

    def sceneCloses(self) -> None:
        """Save the image's work before its nodes are removed; if it cannot be saved, keep it in memory."""
        self._saveBeforeItGoes()
        self.current, self.key = None, ""
        self.imageChanged.emit(None)


def openOutlineText() -> str:
    """The message for what would drop an outline that is not closed."""
    return _("The outline is not closed. Double-click or Enter fills it, Escape drops it; then press again.")


def overtakenText(name: str) -> str:
    """The message when changes of a mask were saved over those that its reader made in another window."""
    return _(
        "{name}: your mask was changed in another window. What you changed here is the newest version now; "
        "Versions... has the other."
    ).format(name=name)


def heartOvertakenText(name: str) -> str:
    """The message when heart points were saved over those that their reader placed in another window."""
    return _(
        "{name}: your heart points were changed in another window, too. Those placed here are kept."
    ).format(name=name)

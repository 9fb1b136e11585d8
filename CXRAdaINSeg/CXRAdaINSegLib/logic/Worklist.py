"""Loads the session's images into the scene one at a time and saves their masks as versions. No widgets.

The mask and the heart's points are saved, if they differ from the session's, before another image is shown,
on a timer, when the scene closes and when the application ends. What cannot be saved stays in the scene.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import qt
from cxradain.imaging.turn import Turn
from cxradain.sessions import records
from cxradain.sessions.lock import SessionTaken
from cxradain.sessions.records import (
    NotSaved,
    RecordError,
    SessionError,
    Version,
)
from cxradain.sessions.store import Session
from cxradain.sessions.taking_back import take_back
from slicer.i18n import tr as _

from ..scene.ChestLines import heartPoints, setHeartPoints
from ..scene.LungSegments import (
    areSidesExchanged,
    labelsOf,
    lungsOf,
    markAsApproved,
    swapSides,
)
from ..scene.ToolAtWork import forgetTools
from ..scene.VolumeImages import factsOf, setTurn, shapeOf
from ..Signal import Signal
from ..Timers import CallsInOrder, callLater, callWhen
from .Approval import isEmpty
from .Hearts import isHeartMoved
from .ImageNodes import addImageVolume, nodesOf, putMask, removeImage, removeLater, removeOthers
from .KeepingMasks import keepMask
from .LoadedImage import EditingTime, LoadedImage, statusOf
from .OpenSession import OpenSession
from .ReadAhead import ReadAhead
from .Segmenting import Segmenting, isThere, workingText
from .UnsavedWork import UnsavedWork, putWork, takeWork

AUTOSAVE = 30_000  # ms


class Worklist:
    """`key` is the chosen image, `current` the image in the scene: the chosen one, or the previous one while
    that is being read, or None if it cannot be read.

    Signals: imageChanged(current or None), another image is in the scene; versionSaved(version);
    imageTurned(key), it was rotated or mirrored; readerLeaves(), before the reader changes; readerChanged(),
    afterwards; problemChanged(text), what went wrong and what to do, or "" once the problem is solved.
    """

    def __init__(self, segmenting: Segmenting):
        self.opened = OpenSession()
        self.readAhead = ReadAhead(self.opened.worker)
        self.segmenting = segmenting
        self.hasOpenOutline: Callable[[], bool] = lambda: False  # whether one was begun and is in no mask
        self.reader = ""
        self.key = ""
        self.current: LoadedImage | None = None
        self.lost = False  # whether another application has taken the session over
        self._reading = ""  # the key of the image that is being read, to be shown next
        self._left = False  # whether the reader has since chosen another volume
        self._awaiting = CallsInOrder(lambda: not segmenting.writing)  # what the reader decided meanwhile
        self._replaces = False  # the mask is being replaced, so its removal loses nothing
        self._unsaved: dict[str, UnsavedWork] = {}  # by `_work`
        self.imageChanged, self.versionSaved, self.problemChanged = Signal(), Signal(), Signal()
        self.imageTurned, self.readerLeaves, self.readerChanged = Signal(), Signal(), Signal()
        self.autosaveTimer = qt.QTimer()
        self.autosaveTimer.setInterval(AUTOSAVE)
        self.autosaveTimer.connect("timeout()", self.autosave)

    # --- the session --------------------------------------------------------------------------------------

    @property
    def session(self):
        """The open session, or None."""
        return self.opened.session

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
            # Taken over: the reader continues with the image in the scene.
            base = current.version
            self._takeNewest(current)
            isOther = current.version is not None and (base is None or base.id != current.version.id)
            isDecided = isOther and self._isDecided(current.image.key)
            if saved and isOther:
                self._showNewest(current)
            elif self.save() and isDecided:
                self.problemChanged.emit(overtakenText(current.image.name))
        else:
            if saved:
                self._remove()
            self.current, self.key = None, ""
        self.imageChanged.emit(self.current)

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
            callLater(partial(callWhen, self._isAtRest, act))

        self.readAhead.read(
            key,
            lambda radiograph: arrived(partial(self._arrived, key, radiograph)),
            lambda text, code: arrived(partial(self._failed, key, text, code)),
        )
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
        return not (qt.QApplication.mouseButtons() or self.segmenting.writing or self._awaiting)

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
        if isCurrent:
            self._remove()
        if key == self.key:
            self.key = self.current.image.key if self.current is not None else ""
        if isCurrent:
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
        if self._inScene() is not None:
            self._showNewest(self.current)
            self.imageChanged.emit(self.current)
        self.readerChanged.emit()
        return True

    def hasWork(self, key: str) -> bool:
        """Whether the session has work by the reader on an image: a mask that is corrected, approved or
        flagged, or heart points."""
        try:
            return self._isDecided(key) or bool(self.session.heart(key, self.reader))
        except RecordError:  # reported when the image is shown
            return False

    def _isDecided(self, key: str) -> bool:
        """Whether the reader's newest mask of an image is corrected, approved or flagged."""
        version = self.session.newest(key, self.reader)
        return version is not None and statusOf(version, self.reader) != records.AUTO

    def keepWorkOf(self, volume, key: str) -> bool:
        """Save the masks, heart points and manual turn of a volume from outside the session to the session's
        image `key`, which has the same pixels. A model's masks replace no mask that the reader has corrected,
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
        before, self.current = self.current, LoadedImage(image, volume)
        try:
            facts = factsOf(volume)
            if facts.turn != facts.stated_turn:
                self._setTurn(self.current, facts.turn)
            elif facts.turn != image.facts.turn:  # a reader has turned the session's
                setTurn(volume, image.facts.turn)
                if areSidesExchanged(labelsOf(lungsOf(volume), volume), image.facts.turn):
                    swapSides(lungsOf(volume), volume, models=True)
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

    def hasNewer(self, key: str) -> bool:
        """Whether the session has a newer mask of the current image, if that is `key`, than the one in the
        scene, which the reader has not begun to change."""
        current = self._inScene()
        if not self._shows(key) or current.isBegun or self.isModified():
            return False
        newest = self.session.newest(key, self.reader)
        return newest is not None and (current.version is None or current.version.id != newest.id)

    def renew(self, key: str) -> bool:
        """Put that newer mask in the place of the one in the scene; returns whether there was one."""
        if not self.hasNewer(key) or not self.saveHeart():
            return False
        self._showNewest(self.current)
        return True

    def _arrived(self, key: str, radiograph) -> None:
        if not self._canLeave(key) or self._shows(key):
            return  # chosen twice, for example by a double click
        before, image = self._inScene(), self.session.image(key)
        self.current = LoadedImage(image, addImageVolume(image, radiograph))
        self._showNewest(self.current)
        self._left = False  # a copy of it may have been taken out of the view
        self.imageChanged.emit(self.current)
        if before is not None:  # once the new one is in the view
            removeLater(nodesOf(before.volume))

    def _failed(self, key: str, text: str, code: str) -> None:
        self.lost = self.lost or (self.session is not None and code == "taken")
        if self._canLeave(key):
            self._remove()
            self.imageChanged.emit(None)
            self.problemChanged.emit(text)

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

    def _showNewest(self, current: LoadedImage) -> None:
        self.put(current, self._takeNewest(current), current.labels, current.source)
        version = current.version
        if version is not None and statusOf(version, self.reader) == records.APPROVED:
            markAsApproved(lungsOf(current.volume))
        setHeartPoints(current.volume, current.heart)
        forgetTools(lungsOf(current.volume))
        work = self._unsaved.pop(self._work(current.image.key), None)
        if work is not None:
            putWork(current.volume, work)
            removeOthers(current.volume)
            self.problemChanged.emit(_("What could not be saved before is here again."))
        current.isBegun = current.isChanged = False
        current.time = EditingTime()

    def put(
        self, current: LoadedImage, shown: Version | None, labels: np.ndarray | None, source: Version | None
    ) -> None:
        """Replace the masks in the scene by (H, W) labels of a version as the image is turned now; None: by
        none. source: the version with the model's mask it was derived from, if known."""
        sourceLabels = None
        if source is not None:
            same = shown is not None and source.id == shown.id
            source, sourceLabels = (shown, labels) if same else self._asTurned(source) or (source, None)
        self._replaces = True
        try:
            putMask(current.volume, shown, labels, source, sourceLabels)
        finally:
            self._replaces = False

    def _takeNewest(self, current: LoadedImage) -> Version | None:
        """Note the reader's newest version; returns it as the image is turned now."""
        version = self.session.newest(current.image.key, self.reader)
        shown, current.labels = (version and self._asTurned(version)) or (None, None)
        current.version = shown and version  # a damaged one is not the base of the next
        current.source = None if current.version is None else self.session.source(version)
        try:
            current.heart = self.session.heart(current.image.key, self.reader)
        except RecordError as error:
            current.heart = ()
            self.problemChanged.emit(str(error))
        return shown

    def _asTurned(self, version: Version) -> tuple[Version, np.ndarray] | None:
        """A version with its (H, W) labels, as the image is turned now; None if the file is damaged, which is
        reported."""
        try:
            return self.session.as_turned(version)
        except RecordError as error:
            self.problemChanged.emit(str(error))
            return None

    def _remove(self) -> None:
        current, self.current = self._inScene(), None
        if current is not None:
            removeImage(current.volume)

    def _inScene(self) -> LoadedImage | None:
        """The current image; None if its volume was removed from the scene."""
        return self.current if self.current is not None and isThere(self.current.volume) else None

    def _shows(self, key: str) -> bool:
        current = self._inScene()
        return current is not None and current.image.key == key

    # --- saving -------------------------------------------------------------------------------------------

    def isModified(self) -> bool:
        """As `isChanged`; False in a read-only session, which keeps no changes."""
        return not self.opened.onlyReads and self.isChanged()

    def losesWork(self) -> bool:
        """Whether the reader has changed the mask or the heart's points in a read-only session."""
        current = self._inScene()
        return self.opened.onlyReads and current is not None and (self.isChanged() or isHeartMoved(current))

    def isChanged(self) -> bool:
        """Whether the mask in the scene differs from the newest version."""
        current = self._inScene()
        if current is None or self.session is None:
            return False
        segmentation = lungsOf(current.volume)
        if segmentation is None:
            return False  # removing the segmentation is not a correction
        labels = labelsOf(segmentation, current.volume)
        return bool(labels.any()) if current.labels is None else not np.array_equal(labels, current.labels)

    def save(self, status: str | None = None) -> bool:
        """Save the mask and the heart's points if they differ from the session's; returns False on failure.

        status: approved or flagged; None: determined from the mask.
        """
        return (not self.isModified() or self._write(partial(self._keepMask, status))) and self.saveHeart()

    def saveHeart(self) -> bool:
        """Save the heart's points if they differ from the session's; returns False on failure."""
        current = self._inScene()
        if current is None or self.session is None or self.opened.onlyReads or not isHeartMoved(current):
            return True
        points = heartPoints(current.volume)
        try:
            self.session.set_heart(current.image.key, self.reader, points)
        except SessionError as error:
            self._report(error, _("The heart's points stay in the scene."))
            return False
        current.heart = points
        self.problemChanged.emit("")
        return True

    def autosave(self) -> None:
        """Save the mask, but not in the middle of a stroke."""
        if not qt.QApplication.mouseButtons():
            self.save()

    def approve(self) -> bool:
        """Approve the mask, for the reader; returns whether that was saved."""
        current = self._inScene()
        if current is not None and isEmpty(current.volume):
            self.problemChanged.emit(_("There is no mask to approve. Segment the radiograph first."))
            return False
        approved = self._mark(records.APPROVED)
        if approved:
            markAsApproved(lungsOf(self.current.volume))
        return approved

    def flag(self) -> bool:
        """Flag the image, which excludes it from training; returns whether that was saved."""
        return self._mark(records.FLAGGED)

    def keepTurn(self, volume, turn: Turn) -> bool | None:
        """Save how `volume` is turned, if it is the current image, after its mask, which was made for the
        former turn. Returns whether this exchanges right and left in that mask; None for another volume.
        Raises SessionError, also reported."""
        current = self._inScene()
        if current is None or self.session is None or current.volume is not volume:
            return None
        if not self.save():
            raise NotSaved(_("The radiograph was not turned: its mask could not be saved."))
        self._setTurn(current, turn)
        if current.version is None:
            return False
        before, shown = current.labels, self._asTurned(current.version)
        if shown is not None:
            current.labels = shown[1]
        return not np.array_equal(before, current.labels)

    def _setTurn(self, current: LoadedImage, turn: Turn) -> None:
        try:
            current.image = self.session.set_turn(current.image.key, turn)
        except SessionError as error:
            self._report(error)
            raise
        self.readAhead.drop([current.image.key])
        self.imageTurned.emit(current.image.key)

    def noteMaskChange(self, volume) -> None:
        """Record a change of a volume's masks: editing time, and whether any edit is left."""
        if self.current is not None and self.current.volume is volume:
            self.current.time.touch()
            self.current.isChanged = self.isChanged()
            if self.current.isChanged:
                self.current.isBegun = True
            else:  # all was taken back
                forgetTools(lungsOf(volume))

    def sceneCloses(self) -> None:
        """Save the image's work before its nodes are removed; if it cannot be saved, keep it in memory."""
        self._saveBeforeItGoes()
        self.current, self.key = None, ""
        self.imageChanged.emit(None)

    def nodeLeaves(self, node) -> None:
        """Save the image's work before a node is removed, if that is the current radiograph's volume or
        segmentation; with the volume, remove its derived nodes too."""
        if self.current is None or self._replaces:
            return
        volume = self.current.volume
        if node is volume:
            self._saveBeforeItGoes()
            removeLater(nodesOf(volume)[:-1])
        elif node.IsA("vtkMRMLSegmentationNode") and node is lungsOf(volume):
            self._saveBeforeItGoes()

    def isUnsaved(self, key: str) -> bool:
        """Whether the reader's work on an image could not be saved, and is kept in memory only."""
        return bool(self._unsaved) and self._work(key) in self._unsaved

    def _saveBeforeItGoes(self) -> None:
        if not self.save():
            self._keepUnsaved()
            self.problemChanged.emit(
                _(
                    "The last changes could not be saved and are kept in memory: open the image again to go "
                    "on."
                )
            )

    def _keepUnsaved(self) -> None:
        current = self.current
        work = takeWork(current.volume, mask=self.isModified(), heart=isHeartMoved(current))
        self._unsaved[self._work(current.image.key)] = work

    def _work(self, key: str) -> str:
        """The key in `_unsaved` of the reader's work on an image; the same if the session's folder moves."""
        return self.session.keyed_hash("work", f"{key} {self.reader}")

    def _mark(self, status: str) -> bool:
        current = self._inScene()
        if current is None or self.session is None or self.opened.onlyReads:
            return False
        if self.isModified() or current.version is None:
            return self._write(partial(self._keepMask, status))
        isRecorded = current.version.turn is not None  # older programs left open which side was meant
        if statusOf(current.version, self.reader) == status and isRecorded:
            return True
        seconds = round(current.time.restart(), 1)
        return self._write(
            lambda: (
                self.session.set_status(current.version, self.reader, status, seconds=seconds),
                current.labels,
            )
        )

    def _write(self, write: Callable[[], tuple[Version, np.ndarray]]) -> bool:
        """Write a version; returns False on failure, which is reported, and the mask stays in the scene."""
        try:
            version, labels = write()
        except SessionError as error:  # including NotSaved and SessionTaken
            self._report(error, _("The mask stays in the scene."))
            return False
        current = self.current
        current.version, current.labels, current.isChanged = version, labels, False
        forgetTools(lungsOf(current.volume))
        self.problemChanged.emit("")
        self.versionSaved.emit(version)
        return True

    def _report(self, error: SessionError, stays: str = "") -> None:
        """Report what the session did not take. stays: where it is kept instead."""
        self.lost = self.lost or isinstance(error, SessionTaken)
        self.problemChanged.emit(f"{error}\n{stays}".rstrip())

    def _keepMask(self, status: str | None) -> tuple[Version, np.ndarray]:
        return keepMask(self.session, self.current, self.reader, status, self.segmenting.predictions)


def openOutlineText() -> str:
    """The message for what would drop an outline that is not closed."""
    return _("The outline is not closed. Double-click or Enter fills it, Escape drops it; then press again.")


def overtakenText(name: str) -> str:
    """The message when changes of a mask were saved over those that its reader made in another window."""
    return _(
        "{name}: your mask was changed in another window. What you changed here is the newest version now; "
        "Versions... has the other."
    ).format(name=name)

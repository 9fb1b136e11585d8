"""The session's images, brought into the scene one at a time, and their masks saved as versions. No widgets.

Before another image takes its place, on a timer, when the scene closes and when the application ends, the
mask is saved where it differs from the newest version. What the disk refuses stays in the scene.
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
    RecordError,
    SessionError,
    Version,
)
from cxradain.sessions.store import Session
from cxradain.sessions.taking_back import take_back
from slicer.i18n import tr as _

from ..scene.ChestLines import heartPoints
from ..scene.EditHistory import editorNode
from ..scene.LungSegments import (
    labelsOf,
    lungsOf,
    markAsApproved,
    writeLabels,
)
from ..scene.VolumeImages import factsOf, shapeOf
from ..Signal import Signal
from ..Timers import callLater, callWhen
from .Approval import isEmpty
from .ImageNodes import addImageVolume, putMask, removeImage, removeOthers
from .KeepingMasks import keepMask
from .LoadedImage import EditingTime, LoadedImage, statusOf
from .OpenSession import OpenSession
from .ReadAhead import ReadAhead
from .Segmenting import Segmenting, isThere

AUTOSAVE = 30_000  # ms


class Worklist:
    """`key` is the image that was chosen, `current` what is in the scene: that image, the one before while it
    is being read, None where it cannot be read.

    Signals: imageChanged(current or None), another one is in the scene; versionSaved(version);
    imageTurned(key); readerLeaves(), before another one goes on; readerChanged(), after that;
    problemChanged(text), what went wrong and what to do, "" where all is well again.
    """

    def __init__(self, segmenting: Segmenting):
        self.opened = OpenSession()
        self.readAhead = ReadAhead(self.opened.worker)
        self.segmenting = segmenting
        self.reader = ""
        self.key = ""
        self.current: LoadedImage | None = None
        self.lost = False  # another application has taken the session over
        self._reading = ""  # the key of the image that is to be shown once it has been read
        self._unsaved: dict[str, np.ndarray] = {}  # masks that no disk would take, by `_work`
        self.imageChanged, self.versionSaved, self.problemChanged = Signal(), Signal(), Signal()
        self.imageTurned, self.readerLeaves, self.readerChanged = Signal(), Signal(), Signal()
        self.autosaveTimer = qt.QTimer()
        self.autosaveTimer.setInterval(AUTOSAVE)
        self.autosaveTimer.connect("timeout()", self.autosave)

    # --- the session --------------------------------------------------------------------------------------

    @property
    def session(self):
        """The session that is open, or None."""
        return self.opened.session

    def open(self, path, takeOver: bool = False, write: bool = True) -> None:
        """Open a session; if it is the same one again, the image in the scene stays. Raises SessionError."""
        before, saved = self.session, self.save()
        self.opened.open(path, takeOver, write)
        self._onOpened(before, saved)

    def create(self, path, images: str) -> None:
        """Make a session. Raises SessionError."""
        saved = self.save()
        self.opened.create(path, images)
        self._onOpened(None, saved)

    def close(self) -> bool:
        """Save the mask and close the session; False where it was not saved: then it stays in the scene, and
        is that of its image when this is shown again."""
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
            # Taken over: the reader goes on with what is in the scene.
            self._takeNewest(current)
            self.save()
        else:
            if saved:
                self._remove()
            self.current, self.key = None, ""
        self.imageChanged.emit(self.current)

    @property
    def isReading(self) -> bool:
        """Whether the image that was chosen is still to come."""
        return self.key != "" and self.key == self._reading

    @property
    def isUnreadable(self) -> bool:
        """Whether the image that was chosen cannot be read: nothing stands in the view for it."""
        return self.key != "" and not self.isReading and self.current is None

    # --- the image at hand --------------------------------------------------------------------------------

    def show(self, key: str) -> bool:
        """Bring an image into the scene, with the reader's newest mask, else the model's.

        False where the mask of the one before could not be saved: then that one stays.
        """
        if not self.save():
            return False
        if self._shows(key):
            self.key = key
            self.imageChanged.emit(self.current)
            return True
        if not self.segmenting.writing:
            self.segmenting.cancel()
        self.key = self._reading = key

        def arrived(act: Callable[[], None]) -> None:  # a turn of its own: the window answers in between
            callLater(partial(callWhen, self._isAtRest, act))

        self.readAhead.read(
            key,
            lambda radiograph: arrived(partial(self._arrived, key, radiograph)),
            lambda text, code: arrived(partial(self._failed, key, text, code)),
        )
        return True

    def _isAtRest(self) -> bool:
        """Whether nothing is being done to the image at hand: a stroke ends on the image that it was begun
        on, and clicks are answered on the one that they were made on."""
        return not qt.QApplication.mouseButtons() and not self.segmenting.writing

    def isAnswered(self) -> bool:
        """Whether the model has answered all that was asked for the image at hand; where not, that is
        reported."""
        if self.segmenting.writing:
            self.problemChanged.emit(_("The model is still working on this radiograph. Wait, or cancel it."))
        return not self.segmenting.writing

    def remove(self, key: str) -> bool:
        """Take an image out of the session; False where that, or to save its mask before, failed."""
        current = self._inScene()
        isCurrent = current is not None and current.image.key == key
        if isCurrent and not self.save():
            return False
        try:
            self.session.remove_image(key)
        except SessionError as error:
            self.problemChanged.emit(str(error))
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
        """Another reader goes on; False where the mask of the one before could not be saved, or is still to
        come."""
        if reader == self.reader:
            return True
        if not self.isAnswered() or not self.save():
            return False
        self.readerLeaves.emit()
        self.reader = reader
        if self._inScene() is not None:
            self._showNewest(self.current)
            self.imageChanged.emit(self.current)
        self.readerChanged.emit()
        return True

    def keepWorkOf(self, volume, key: str) -> bool:
        """Keep the masks of a volume that is none of the session's, the heart's points and how it was turned
        by hand as those of an image of the session, which has the same pixels; False where that, or to save
        the mask at hand before, failed."""
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
            facts, points = factsOf(volume), heartPoints(volume)
            if facts.turn != facts.stated_turn:
                self.keepTurn(volume, facts.turn)
            if points:
                self.session.set_heart(key, self.reader, points)
            self._takeNewest(self.current)
            return self.save()
        except SessionError as error:
            self.problemChanged.emit(str(error))
            return False
        finally:
            self.current = before

    def takeBack(self, version: Version) -> bool:
        """Make an older version of the mask at hand the reader's newest one, and show it; whether that went
        well. What was in its place is a version, too."""
        current = self._inScene()
        if current is None or current.image.key != version.image:
            return False
        if not self.isAnswered() or not self.save():
            return False
        try:
            taken = take_back(self.session, version, self.reader)
        except SessionError as error:
            self.problemChanged.emit(str(error))
            return False
        self._showNewest(current)
        self.versionSaved.emit(taken)
        self.imageChanged.emit(current)
        return True

    def renew(self) -> None:
        """A newer mask of the image at hand was made elsewhere: show it, unless the reader has an own one."""
        current = self._inScene()
        if current is None or self.isModified():
            return
        if current.version is None or current.version.reader != self.reader:
            self._showNewest(current)
            self.imageChanged.emit(current)

    def _arrived(self, key: str, radiograph) -> None:
        if not self._canLeave(key) or self._shows(key):
            return  # chosen twice, as by a double click
        before, image = self._inScene(), self.session.image(key)
        self.current = LoadedImage(image, addImageVolume(image, radiograph))
        self._showNewest(self.current)
        self.imageChanged.emit(self.current)
        if before is not None:  # once the new one is in the view
            callLater(lambda: removeImage(before.volume) if isThere(before.volume) else None)

    def _failed(self, key: str, text: str, code: str) -> None:
        self.lost = self.lost or (self.session is not None and code == "taken")
        if self._canLeave(key):
            self._remove()
            self.imageChanged.emit(None)
            self.problemChanged.emit(text)

    def _canLeave(self, key: str) -> bool:
        """Whether an image that was read, or cannot be, is still wanted, and what was painted meanwhile is
        saved; where it is not, that mask stays, and its image is the chosen one again."""
        if self.session is None or key != self.key:
            return False
        self._reading = ""
        if self.save():
            return True
        self.key = self.current.image.key
        self.imageChanged.emit(self.current)
        return False

    def _showNewest(self, current: LoadedImage) -> None:
        self._takeNewest(current)
        version, source = current.version, current.source
        same = source is None or source is version
        sourceLabels = None if source is None else current.labels if same else self._mask(source)
        putMask(current.volume, version, current.labels, source, sourceLabels)
        if version is not None and statusOf(version, self.reader) == records.APPROVED:
            markAsApproved(lungsOf(current.volume))
        unsaved = self._unsaved.pop(self._work(current.image.key), None)
        if unsaved is not None:
            writeLabels(lungsOf(current.volume, create=True), current.volume, unsaved)
            removeOthers(current.volume)
            self.problemChanged.emit(_("What could not be saved is in the mask again."))
        current.tools.clear()
        current.time = EditingTime()

    def _takeNewest(self, current: LoadedImage) -> None:
        version = self.session.newest(current.image.key, self.reader)
        current.labels = None if version is None else self._mask(version)
        current.version = None if current.labels is None else version  # else the next does not build on it
        current.source = None if current.version is None else self.session.source(version)

    def _mask(self, version: Version) -> np.ndarray | None:
        """(H, W) labels; None where the file is damaged, which is reported."""
        try:
            return self.session.mask(version)
        except RecordError as error:
            self.problemChanged.emit(str(error))
            return None

    def _remove(self) -> None:
        if self._inScene() is not None:
            removeImage(self.current.volume)
        self.current = None

    def _inScene(self) -> LoadedImage | None:
        """The current image; None where its volume has been taken out of the scene."""
        return self.current if self.current is not None and isThere(self.current.volume) else None

    def _shows(self, key: str) -> bool:
        current = self._inScene()
        return current is not None and current.image.key == key

    # --- saving ------------------------------------------------------------------------------------------

    def isModified(self) -> bool:
        """Whether the mask in the scene is another than the newest version."""
        current = self._inScene()
        if current is None or self.session is None or self.opened.onlyReads:  # which keeps nothing
            return False
        segmentation = lungsOf(current.volume)
        if segmentation is None:
            return False  # removed from the scene, which is no correction
        labels = labelsOf(segmentation, current.volume)
        return bool(labels.any()) if current.labels is None else not np.array_equal(labels, current.labels)

    def save(self, status: str | None = None) -> bool:
        """Save the mask where it differs from the newest version; False where that failed.

        status: approved or flagged; None: as the mask has become.
        """
        if not self.isModified():
            return True
        return self._write(partial(self._keepMask, status))

    def autosave(self) -> None:
        """Save what has been done so far; not in the middle of a stroke."""
        if not qt.QApplication.mouseButtons():
            self.save()

    def approve(self) -> bool:
        """The reader has looked at the mask and finds it right."""
        current = self._inScene()
        if current is not None and isEmpty(current.volume):
            self.problemChanged.emit(_("There is no mask to approve. Segment the radiograph first."))
            return False
        approved = self._mark(records.APPROVED)
        if approved:
            markAsApproved(lungsOf(self.current.volume))
        return approved

    def flag(self) -> bool:
        """The reader puts the image aside; nothing is trained on it."""
        return self._mark(records.FLAGGED)

    def keepTurn(self, volume, turn: Turn) -> None:
        """Keep in the session how the image at hand is turned, if it is that volume. Raises SessionError."""
        current = self._inScene()
        if current is not None and self.session is not None and current.volume is volume:
            current.image = self.session.set_turn(current.image.key, turn)
            self.readAhead.drop([current.image.key])
            self.imageTurned.emit(current.image.key)

    def noteMaskChange(self, volume) -> None:
        """The masks of a volume have changed and come to rest."""
        if self.current is not None and self.current.volume is volume:
            self.current.time.touch()
            tool = editorNode().GetActiveEffectName()
            if tool and self.isModified():
                self.current.tools.add(tool)

    def sceneCloses(self) -> None:
        """Save the mask before its nodes go; what the disk refuses is kept in memory."""
        self._saveBeforeItGoes()
        self.current, self.key = None, ""
        self.imageChanged.emit(None)

    def nodeLeaves(self, node) -> None:
        """A node is about to be taken out of the scene: the same, where it is the radiograph at hand."""
        if self.current is not None and node is self.current.volume:
            self._saveBeforeItGoes()

    def isUnsaved(self, key: str) -> bool:
        """Whether no disk would take the reader's mask of an image, which was closed so."""
        return bool(self._unsaved) and self._work(key) in self._unsaved

    def _saveBeforeItGoes(self) -> None:
        if not self.save():
            self._keepUnsaved()
            self.problemChanged.emit(
                _("The mask could not be saved and is kept in memory: open its image again to go on.")
            )

    def _keepUnsaved(self) -> None:
        volume, key = self.current.volume, self.current.image.key
        self._unsaved[self._work(key)] = labelsOf(lungsOf(volume), volume)

    def _work(self, key: str) -> str:
        """What names the reader's work on an image of this session, wherever its folder is."""
        return self.session.keyed_hash("work", f"{key} {self.reader}")

    def _mark(self, status: str) -> bool:
        current = self._inScene()
        if current is None or self.session is None or self.opened.onlyReads:
            return False
        if self.isModified() or current.version is None:
            return self._write(partial(self._keepMask, status))
        if statusOf(current.version, self.reader) == status:
            return True
        seconds = round(current.time.restart(), 1)
        return self._write(
            lambda: (
                self.session.set_status(current.version, self.reader, status, seconds=seconds),
                current.labels,
            )
        )

    def _write(self, write: Callable[[], tuple[Version, np.ndarray]]) -> bool:
        """Write a version; what is refused is reported, and the mask stays in the scene as it is."""
        try:
            version, labels = write()
        except SessionError as error:  # NotSaved and SessionTaken are
            self.lost = isinstance(error, SessionTaken)
            self.problemChanged.emit(f"{error}\n{_('The mask stays in the scene.')}")
            return False
        current = self.current
        current.version, current.labels = version, labels
        current.tools.clear()
        self.problemChanged.emit("")
        self.versionSaved.emit(version)
        return True

    def _keepMask(self, status: str | None) -> tuple[Version, np.ndarray]:
        return keepMask(self.session, self.current, self.reader, status, self.segmenting.predictions)

"""The session's image in the scene: its reader's mask and heart points, shown and saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from cxradain.imaging.turn import Turn
from cxradain.sessions import records
from cxradain.sessions.lock import SessionTaken
from cxradain.sessions.records import NotSaved, RecordError, SessionError, Version
from slicer.i18n import tr as _

from ..scene.ChestLines import heartPoints, setHeartPoints
from ..scene.LungSegments import labelsOf, lungsOf
from ..scene.MaskProvenance import markAsApproved
from ..scene.ToolAtWork import forgetTools
from ..Signal import Signal
from .Approval import isEmpty, noMaskText
from .Hearts import isHeartMoved
from .ImageNodes import nodesOf, putMask, removeImage, removeLater, removeOthers
from .KeepingMasks import keepMask, sourcesOf
from .LoadedImage import EditingTime, LoadedImage, statusOf
from .OpenSession import OpenSession
from .OwnerTexts import takenOverText
from .Segmenting import Segmenting, isThere
from .UnsavedWork import UnsavedWork, putWork, takeWork


class CurrentImage:
    """`current` is the image in the scene, or None; `reader` who sees it.

    Signals: versionSaved(version); imageTurned(key), it was rotated or mirrored; problemChanged(text), what
    went wrong and what to do, or "" once the problem is solved.
    """

    def __init__(self, segmenting: Segmenting):
        self.opened = OpenSession()
        self.segmenting = segmenting
        self.reader = ""
        self.current: LoadedImage | None = None
        self.lost = False  # whether another application has taken the session over
        self._replaces = False  # the mask is being replaced, so its removal loses nothing
        self._unsaved: dict[str, UnsavedWork] = {}  # by `_work`
        self.versionSaved, self.imageTurned, self.problemChanged = Signal(), Signal(), Signal()

    @property
    def session(self):
        """The open session, or None."""
        return self.opened.session

    def hasWork(self, key: str) -> bool:
        """Whether the session has work by the reader on an image: a mask that is corrected, approved or
        flagged, or heart points."""
        try:
            return self._isDecided(key) or bool(self.session.heart(key, self.reader))
        except RecordError:  # reported when the image is shown
            return False

    def hasNewer(self, key: str) -> bool:
        """Whether the session has a newer mask of the current image, if that is `key`, than the one in the
        scene, which the reader has not begun to change."""
        current = self._inScene()
        if not self._shows(key) or current.isBegun or self.isModified():
            return False
        newest = self.session.newest(key, self.reader)
        return newest is not None and (current.version is None or current.version.id != newest.id)

    def put(
        self, current: LoadedImage, shown: Version | None, labels: np.ndarray | None, source: Version | None
    ) -> None:
        """Replace the masks in the scene by (H, W) labels of a version as the image is turned now; None: by
        none. source: the version with the model's mask it was derived from, if known."""
        sources = {}
        if shown is not None and source is not None:
            same = source.id == shown.id
            made = (shown, labels) if same else self._asTurned(source)
            sources = {} if made is None else sourcesOf(self.session, shown, labels, made)
        self._replaces = True
        try:
            putMask(current.volume, shown, labels, sources)
        finally:
            self._replaces = False

    def _showNewest(self, current: LoadedImage) -> None:
        self.put(current, self._takeNewest(current), current.labels, current.source)
        version = current.version
        if version is not None and self._isApproved(version):
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

    def _isApproved(self, version: Version) -> bool:
        return statusOf(version, self.reader) == records.APPROVED

    def _isDecided(self, key: str) -> bool:
        """Whether the reader's newest mask of an image is corrected, approved or flagged."""
        version = self.session.newest(key, self.reader)
        return version is not None and statusOf(version, self.reader) != records.AUTO

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

    def approve(self) -> bool:
        """Approve the mask, for the reader; returns whether that was saved."""
        current = self._inScene()
        if current is not None and isEmpty(current.volume):
            self.problemChanged.emit(noMaskText())
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
                if self.current.version is not None and self._isApproved(self.current.version):
                    markAsApproved(lungsOf(volume))

    def nodeLeaves(self, node) -> None:
        """Save the image's work before a node is removed, if that is the current radiograph's volume or
        segmentation; with the volume, remove its derived nodes too. The model's answer for it is not waited
        for: the next image would be shown only after it."""
        self.segmenting.giveUp(node)
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

    def inMemoryOnly(self) -> list[str]:
        """The names of the images with work that could not be saved, and is not in the scene any more."""
        return sorted({work.image.name for work in self._unsaved.values() if not work.isInScene})

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
        work = takeWork(current, mask=self.isModified(), heart=isHeartMoved(current))
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
        if isinstance(error, SessionTaken):
            self.lost = True
            self.problemChanged.emit(takenOverText(error.owner))
        else:
            self.problemChanged.emit(f"{error}\n{stays}".rstrip())

    def _keepMask(self, status: str | None) -> tuple[Version, np.ndarray]:
        return keepMask(self.session, self.current, self.reader, status, self.segmenting.predictions)

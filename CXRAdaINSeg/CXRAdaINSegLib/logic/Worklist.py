"""The session's images, brought into the scene one at a time, and their masks saved as versions. No widgets.

Before another image takes its place, on a timer, when the scene closes and when the application ends, the
mask is saved where it differs from the newest version. What the disk refuses stays in the scene.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import qt
from cxradain.sessions import records
from cxradain.sessions.lock import SessionTaken
from cxradain.sessions.records import Origin, RecordError, SessionError, SessionImage, Version
from cxradain.sessions.store import Session
from slicer.i18n import tr as _

from ..scene.ClickMarkers import clicksOf
from ..scene.EditHistory import editorNode
from ..scene.LungSegments import labelsOf, lungsOf, writeLabels
from ..Signal import Signal
from .ImageNodes import addVolume, modelOf, putMask, removeImage
from .OpenSession import OpenSession
from .ReadAhead import ReadAhead
from .Segmenting import Segmenting, isThere

AUTOSAVE = 30_000  # ms
PAUSE = 60.0  # seconds: a longer gap between two edits counts as this much, for nobody was there
CLICK = "Click"  # beside the segment editor's names of its effects


class EditingTime:
    """Seconds of work on an image, without long pauses. Begins at once; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._last, self._spent = clock(), 0.0

    def touch(self) -> None:
        """Something was edited."""
        now = self._clock()
        self._spent += min(now - self._last, PAUSE)
        self._last = now

    def restart(self) -> float:
        """The seconds since it began, or since this was last called."""
        self.touch()
        spent, self._spent = self._spent, 0.0
        return spent


@dataclass
class LoadedImage:
    """An image of the session in the scene; `version` is the newest one that the reader sees, `labels` its
    (H, W) mask."""

    image: SessionImage
    volume: object
    version: Version | None = None
    labels: np.ndarray | None = None
    tools: set[str] = field(default_factory=set)
    time: EditingTime = field(default_factory=EditingTime)


class Worklist:
    """`key` is the image that was chosen, `current` what of it is in the scene, None while it is being read.

    Signals: imageChanged(current or None), another one is in the scene; versionSaved(version);
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
        self._unsaved: dict[str, np.ndarray] = {}  # by the image's key; masks that no disk would take
        self.imageChanged, self.versionSaved, self.problemChanged = Signal(), Signal(), Signal()
        self.autosaveTimer = qt.QTimer()
        self.autosaveTimer.setInterval(AUTOSAVE)
        self.autosaveTimer.connect("timeout()", self.autosave)

    # --- the session --------------------------------------------------------------------------------------

    @property
    def session(self):
        """The session that is open, or None."""
        return self.opened.session

    def open(self, path, takeOver: bool = False) -> None:
        """Open a session; if it is the same one again, the image in the scene stays. Raises SessionError."""
        before, saved = self.session, self.save()
        self.opened.open(path, takeOver)
        self._onOpened(before, saved)

    def create(self, path, images: str) -> None:
        """Make a session. Raises SessionError."""
        saved = self.save()
        self.opened.create(path, images)
        self._onOpened(None, saved)

    def close(self) -> bool:
        """Save the mask and close the session; False where it was not saved: then it stays in the scene."""
        saved = self.save()
        self.autosaveTimer.stop()
        if saved:
            self._remove()
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
            current.version, current.labels = self._newest(current.image.key)
            self.save()
        else:
            if saved:
                self._remove()
            self.current, self.key = None, ""
        self.imageChanged.emit(self.current)

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
        self.segmenting.cancel()
        self.key = key
        self.readAhead.read(key, partial(self._arrived, key), partial(self._failed, key))
        return True

    def setReader(self, reader: str) -> bool:
        """Another reader goes on; False where the mask of the one before could not be saved."""
        if reader == self.reader:
            return True
        if not self.save():
            return False
        self.reader = reader
        if self._inScene() is not None:
            self._showNewest(self.current)
            self.imageChanged.emit(self.current)
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
        if self.session is None or key != self.key or not self.save():
            return
        if self._shows(key):
            return  # chosen twice, as by a double click
        before, image = self._inScene(), self.session.image(key)
        self.current = LoadedImage(image, addVolume(image, radiograph))
        self._showNewest(self.current)
        self.imageChanged.emit(self.current)
        if before is not None:
            removeImage(before.volume)

    def _failed(self, key: str, text: str, code: str) -> None:
        if key == self.key:
            self.lost = self.lost or code == "taken"
            self._remove()
            self.imageChanged.emit(None)
            self.problemChanged.emit(text)

    def _showNewest(self, current: LoadedImage) -> None:
        current.version, current.labels = self._newest(current.image.key)
        putMask(current.volume, current.version, current.labels)
        unsaved = self._unsaved.pop(current.image.key, None)
        if unsaved is not None:
            writeLabels(lungsOf(current.volume, create=True), current.volume, unsaved)
        current.tools.clear()
        current.time = EditingTime()

    def _newest(self, key: str) -> tuple[Version | None, np.ndarray | None]:
        version = self.session.newest(key, self.reader)
        try:
            return version, None if version is None else self.session.mask(version)
        except RecordError as error:  # the next version does not build on it
            self.problemChanged.emit(str(error))
            return None, None

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
        if current is None or self.session is None:
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
        return self._write(partial(self._addMask, status))

    def autosave(self) -> None:
        """Save what has been done so far; not in the middle of a stroke."""
        if not qt.QApplication.mouseButtons():
            self.save()

    def approve(self) -> bool:
        """The reader has looked at the mask and finds it right."""
        if self.current is not None and self.current.version is None and not self.isModified():
            self.problemChanged.emit(_("There is no mask to approve. Segment the radiograph first."))
            return False
        return self._mark(records.APPROVED)

    def flag(self) -> bool:
        """The reader puts the image aside; nothing is trained on it."""
        return self._mark(records.FLAGGED)

    def noteMaskChange(self) -> None:
        """The masks have changed and come to rest."""
        if self.current is not None:
            self.current.time.touch()
            tool = editorNode().GetActiveEffectName()
            if tool and self.isModified():
                self.current.tools.add(tool)

    def sceneCloses(self) -> None:
        """Save the mask before its nodes go; what the disk refuses is kept in memory."""
        if not self.save():
            volume = self.current.volume
            self._unsaved[self.current.image.key] = labelsOf(lungsOf(volume), volume)
            self.problemChanged.emit(
                _("The mask could not be saved and is kept in memory: open its image again to go on.")
            )
        self.current, self.key = None, ""
        self.imageChanged.emit(None)

    def _mark(self, status: str) -> bool:
        current = self._inScene()
        if current is None or self.session is None:
            return False
        if self.isModified() or current.version is None:
            return self._write(partial(self._addMask, status))
        if statusOf(current.version, self.reader) == status:
            return True
        saved = self._write(
            lambda: (self.session.set_status(current.version, self.reader, status), current.labels)
        )
        if saved:
            current.time.restart()
        return saved

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

    def _addMask(self, status: str | None) -> tuple[Version, np.ndarray]:
        """Write the mask as it is in the scene; returns the version and its labels.

        status: None for what it has become: the model's own whole mask is kept as the model's while the
        reader has none; all else is the reader's, corrected. Raises SessionError.
        """
        current, base = self.current, self.current.version
        segmentation = lungsOf(current.volume)
        labels = labelsOf(segmentation, current.volume)
        model = modelOf(segmentation)
        prediction = self.segmenting.predictions.madeBy(current.volume, model, labels) if model else None
        if prediction is not None:
            origin = Origin(
                model_id=prediction.modelId, model_hash=prediction.modelHash, mode=prediction.mode
            )
        elif base is not None and model in ("", base.model_id):
            origin = Origin(model_id=base.model_id, model_hash=base.model_hash, mode=base.mode)
        else:
            origin = Origin(model_id=model or None)
        own = base is not None and base.reader == self.reader
        models = prediction is not None and np.array_equal(prediction.labels, labels)
        if models and not own and status is None:
            flags = tuple(flag["code"] for flag in prediction.flags)
            origin = replace(origin, flags=flags, disagreement=prediction.score, quality=prediction.quality)
            reader, status = records.MODEL, records.AUTO
        else:
            clicks = tuple(click.to_json() for click in clicksOf(segmentation))
            clicked = len(clicks) > (len(base.clicks) if base is not None else 0)
            tools = tuple(sorted(current.tools | {CLICK} if clicked else current.tools))
            seconds = round(current.time.restart(), 1)
            base_id = base.id if base is not None else None
            origin = replace(origin, base=base_id, clicks=clicks, tools=tools, seconds=seconds)
            reader, status = self.reader, status or records.CORRECTED
        return self.session.add_mask(current.image.key, labels, reader, status, origin), labels


def statusOf(version: Version, reader: str) -> str:
    """A version's status to a reader: of what is another's or a model's, auto."""
    return version.status if version.reader == reader else records.AUTO

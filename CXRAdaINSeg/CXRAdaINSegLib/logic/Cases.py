"""The session's image that is at hand: brought into the scene, its mask kept as versions. No widgets.

Before another image takes its place, on a timer, when the scene closes and when the application ends, the
mask is kept where it differs from the newest version. What the disk refuses stays in the scene.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import qt
from cxradain.sessions.lock import SessionTaken
from cxradain.sessions.records import (
    APPROVED,
    AUTO,
    CORRECTED,
    FLAGGED,
    MODEL,
    Image,
    Origin,
    RecordError,
    SessionError,
    Version,
)
from cxradain.sessions.store import Session
from slicer.i18n import tr as _

from ..scene.ClickMarkers import clicksOf
from ..scene.EditHistory import editorNode
from ..scene.LungSegments import labelsOf, lungsOf, presentLungs, writeLabels
from .CaseNodes import addVolume, modelOf, putMask, removeCase
from .OpenSession import OpenSession
from .ReadAhead import ReadAhead
from .Segmenting import Segmenting, isThere

AUTOSAVE = 30_000  # ms
PAUSE = 60.0  # seconds: longer gaps between two deeds count as this much, for nobody was there
CLICK = "Click"  # beside the segment editor's names of its effects


class WorkTime:
    """Begins at once; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._last, self._spent = clock(), 0.0

    def touch(self) -> None:
        """Something was done."""
        now = self._clock()
        self._spent += min(now - self._last, PAUSE)
        self._last = now

    def take(self) -> float:
        """The seconds since it began, or since they were last taken."""
        self.touch()
        spent, self._spent = self._spent, 0.0
        return spent


@dataclass
class Case:
    """An image of the session in the scene; `version` is the newest one that the reader sees, `labels` its
    (H, W) mask."""

    image: Image
    volume: object
    version: Version | None = None
    labels: np.ndarray | None = None
    tools: set[str] = field(default_factory=set)
    time: WorkTime = field(default_factory=WorkTime)


class Cases:
    """`key` is the image that was chosen, `case` what of it is in the scene, None while it is being read.

    onCase(case or None): another one is in the scene. onVersion(version): one was kept. onProblem(text): what
    went wrong, and what to do; "" where all is well again. Each is a list of callbacks.
    """

    def __init__(self, segmenting: Segmenting):
        self.opened = OpenSession()
        self.reading = ReadAhead(self.opened.worker)
        self.segmenting = segmenting
        self.reader = ""
        self.key = ""
        self.case: Case | None = None
        self.lost = False  # another application has taken the session over
        self._rescued: dict[str, np.ndarray] = {}  # by the image's key; masks that no disk would take
        self.onCase: list[Callable[[Case | None], None]] = []
        self.onVersion: list[Callable[[Version], None]] = []
        self.onProblem: list[Callable[[str], None]] = []
        self._timer = qt.QTimer()
        self._timer.setInterval(AUTOSAVE)
        self._timer.connect("timeout()", self.autosave)

    # --- the session --------------------------------------------------------------------------------------

    @property
    def session(self):
        """The session that is open, or None."""
        return self.opened.session

    def open(self, path, takeOver: bool = False) -> None:
        """Open a session; if it is the same one again, the image in the scene stays. Raises SessionError."""
        before, kept = self.session, self.save()
        self.opened.open(path, takeOver)
        self._settle(before, kept)

    def create(self, path, images: str) -> None:
        """Make a session. Raises SessionError."""
        kept = self.save()
        self.opened.create(path, images)
        self._settle(None, kept)

    def close(self) -> bool:
        """Keep the mask and close the session; False where it was not kept: then it stays in the scene."""
        kept = self.save()
        self._timer.stop()
        if kept:
            self._remove()
        self.case, self.key, self.lost = None, "", False
        self.reading.forget()
        self.opened.close()
        self._tell(self.onCase, None)
        return kept

    def _settle(self, before: Session | None, kept: bool) -> None:
        self.reading.forget()
        self._timer.start()
        self.lost = False
        self._tell(self.onProblem, "")
        case = self.case
        again = before is not None and before.path == self.session.path
        if again and case is not None and isThere(case.volume):
            # Taken over: the reader goes on with what is in the scene.
            case.version, case.labels = self._newest(case.image.key)
            self.save()
        else:
            if kept:
                self._remove()
            self.case, self.key = None, ""
        self._tell(self.onCase, self.case)

    # --- the image at hand --------------------------------------------------------------------------------

    def show(self, key: str) -> bool:
        """Bring an image into the scene, with the reader's newest mask, else the model's.

        False where the mask of the one before could not be kept: then that one stays.
        """
        if not self.save():
            return False
        if self.case is not None and self.case.image.key == key and isThere(self.case.volume):
            self.key = key
            self._tell(self.onCase, self.case)
            return True
        self.segmenting.cancel()
        self.key = key
        self.reading.read(
            key, lambda found: self._arrived(key, found), lambda text, code: self._failed(key, text, code)
        )
        return True

    def prefetch(self, key: str) -> None:
        """Read an image that is likely to be next."""
        self.reading.read(key, lambda found: None, lambda text, code: None)

    def setReader(self, reader: str) -> bool:
        """Another reader goes on; False where the mask of the one before could not be kept."""
        if reader == self.reader:
            return True
        if not self.save():
            return False
        self.reader = reader
        if self.case is not None and isThere(self.case.volume):
            self._putNewest(self.case)
            self._tell(self.onCase, self.case)
        return True

    def renew(self) -> None:
        """A newer mask of the image at hand was made elsewhere: show it, unless the reader has an own one."""
        case = self.case
        if case is None or not isThere(case.volume) or self.differs():
            return
        if case.version is None or case.version.reader != self.reader:
            self._putNewest(case)
            self._tell(self.onCase, case)

    def _arrived(self, key: str, found) -> None:
        if self.session is None or key != self.key or not self.save():
            return
        if self.case is not None and self.case.image.key == key and isThere(self.case.volume):
            return  # chosen twice, as by a double click
        before = self.case.volume if self.case is not None else None
        image = self.session.image(key)
        self.case = Case(image, addVolume(image, found))
        self._putNewest(self.case)
        self._tell(self.onCase, self.case)
        if before is not None and isThere(before):
            removeCase(before)

    def _failed(self, key: str, text: str, code: str) -> None:
        if key == self.key:
            self.lost = self.lost or code == "taken"
            self._remove()
            self._tell(self.onCase, None)
            self._tell(self.onProblem, text)

    def _putNewest(self, case: Case) -> None:
        case.version, case.labels = self._newest(case.image.key)
        putMask(case.volume, case.version, case.labels)
        rescued = self._rescued.pop(case.image.key, None)
        if rescued is not None:
            writeLabels(lungsOf(case.volume, create=True), case.volume, rescued)
        case.tools.clear()
        case.time = WorkTime()

    def _newest(self, key: str) -> tuple[Version | None, np.ndarray | None]:
        version = self.session.newest(key, self.reader)
        try:
            return version, None if version is None else self.session.mask(version)
        except RecordError as error:  # the next version does not build on it
            self._tell(self.onProblem, str(error))
            return None, None

    def _remove(self) -> None:
        if self.case is not None and isThere(self.case.volume):
            removeCase(self.case.volume)
        self.case = None

    # --- keeping ------------------------------------------------------------------------------------------

    def differs(self) -> bool:
        """Whether the mask in the scene is another than the newest version."""
        case = self.case
        if case is None or self.session is None or not isThere(case.volume):
            return False
        segmentation = lungsOf(case.volume)
        if segmentation is None:
            return False  # removed from the scene, which is no correction
        labels = labelsOf(segmentation, case.volume)
        return bool(labels.any()) if case.labels is None else not np.array_equal(labels, case.labels)

    def save(self, status: str | None = None) -> bool:
        """Keep the mask where it differs from the newest version; False where that failed.

        status: approved or flagged; None: as the mask has become.
        """
        if not self.differs():
            return True
        return self._keep(lambda: keepMask(self.session, self.case, self.segmenting, self.reader, status))

    def autosave(self) -> None:
        """Keep what has been done so far; not in the middle of a stroke."""
        if not qt.QApplication.mouseButtons():
            self.save()

    def approve(self) -> bool:
        """The reader has looked at the mask and finds it right."""
        if self.case is not None and self.case.version is None and not self.differs():
            self._tell(self.onProblem, _("There is no mask to approve. Segment the radiograph first."))
            return False
        return self._mark(APPROVED)

    def flag(self) -> bool:
        """The reader puts the image aside; nothing is trained on it."""
        return self._mark(FLAGGED)

    def touched(self) -> None:
        """The masks have changed and come to rest."""
        if self.case is not None:
            self.case.time.touch()
            tool = editorNode().GetActiveEffectName()
            if tool and self.differs():
                self.case.tools.add(tool)

    def sceneCloses(self) -> None:
        """Keep the mask before its nodes go; what the disk refuses is kept in memory."""
        if not self.save():
            self._rescued[self.case.image.key] = labelsOf(lungsOf(self.case.volume), self.case.volume)
            self._tell(
                self.onProblem,
                _("The mask could not be saved and is kept in memory: open its image again to go on."),
            )
        self.case, self.key = None, ""
        self._tell(self.onCase, None)

    def _mark(self, status: str) -> bool:
        if self.case is None or self.session is None or not isThere(self.case.volume):
            return False
        case = self.case
        if self.differs() or case.version is None:
            return self._keep(lambda: keepMask(self.session, case, self.segmenting, self.reader, status))
        if statusOf(case.version, self.reader) == status:
            return True
        return self._keep(
            lambda: (self.session.set_status(case.version, self.reader, status), case.labels), case.time.take
        )

    def _keep(self, write: Callable[[], tuple[Version, np.ndarray]], after=lambda: None) -> bool:
        """Write a version; what is refused is told, and the mask stays in the scene as it is."""
        try:
            version, labels = write()
        except SessionError as error:  # NotSaved and SessionTaken are
            self.lost = isinstance(error, SessionTaken)
            self._tell(self.onProblem, f"{error}\n{_('The mask stays in the scene.')}")
            return False
        case = self.case
        case.version, case.labels = version, labels
        case.tools.clear()
        after()
        self._tell(self.onProblem, "")
        self._tell(self.onVersion, version)
        return True

    def _tell(self, callbacks: list, *arguments) -> None:
        for callback in list(callbacks):
            callback(*arguments)


def keepMask(
    session: Session, case, segmenting: Segmenting, reader: str, status: str | None
) -> tuple[Version, np.ndarray]:
    """Write the mask of a `Cases.Case` as it is in the scene; returns the version and its labels.

    status: None for what it has become: the model's own whole mask is kept as the model's while the reader
    has none; all else is the reader's, corrected. Raises SessionError.
    """
    segmentation = lungsOf(case.volume)
    present = presentLungs(segmentation)
    labels = labelsOf(segmentation, case.volume) if present else np.zeros(case.image.shape, np.uint8)
    model = modelOf(segmentation) if present else ""
    prediction = segmenting.predictions.madeBy(case.volume, model, labels) if model else None
    models = prediction is not None and np.array_equal(prediction.labels, labels)
    own = case.version is not None and case.version.reader == reader
    fields = _modelFields(case.version, prediction, model)
    if status is None and models and not own:
        fields |= {
            "flags": tuple(flag["code"] for flag in prediction.flags),
            "disagreement": prediction.score,
        }
        return session.add_mask(case.image.key, labels, MODEL, AUTO, Origin(**fields)), labels
    clicks = tuple(click.to_json() for click in clicksOf(segmentation)) if present else ()
    before = case.version.clicks if case.version is not None else ()
    tools = set(case.tools) | ({CLICK} if len(clicks) > len(before) else set())
    origin = Origin(
        base=case.version.id if case.version is not None else None,
        clicks=clicks,
        tools=tuple(sorted(tools)),
        seconds=round(case.time.take(), 1),
        **fields,
    )
    return session.add_mask(case.image.key, labels, reader, status or CORRECTED, origin), labels


def statusOf(version: Version, reader: str) -> str:
    """A version's status to a reader: of what is another's or a model's, auto."""
    return version.status if version.reader == reader else AUTO


def _modelFields(version: Version | None, prediction, modelId: str) -> dict:
    """Which model's mask it was at first."""
    if prediction is not None:
        return {"model_id": prediction.modelId, "model_hash": prediction.modelHash, "mode": prediction.mode}
    if version is not None and (not modelId or version.model_id == modelId):
        return {"model_id": version.model_id, "model_hash": version.model_hash, "mode": version.mode}
    return {"model_id": modelId or None}

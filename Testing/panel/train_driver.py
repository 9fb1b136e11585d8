"""The Train section with hands, a session for it, and a stand-in trainer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np

STAND_IN = Path(__file__).with_name("stand_in_trainer.py")


def make_session(path: Path, images: int = 14):
    """A new session, writable, of drawn radiographs; the first is corrected, the second approved."""
    from cxradain.sessions.records import APPROVED, CORRECTED, Origin, SessionImage, pixel_key
    from cxradain.sessions.store import Session

    session = Session.create(path)
    apart = []
    for seed in range(images):
        pixels = np.random.default_rng(seed).integers(0, 4096, (40, 30), dtype=np.uint16)
        image = SessionImage(pixel_key(pixels), f"{seed}.png", pixels.shape, pixels.dtype.str, "", 0)
        session.add_image(image, pixels)
        if not session.is_held_out(image):
            apart.append(image)
    labels = np.zeros((40, 30), np.uint8)
    labels[5:30, 3:12], labels[5:30, 17:27] = 1, 2
    for image, status in zip(apart, (CORRECTED, APPROVED), strict=False):
        session.add_mask(image.key, labels, "reader", status, Origin(tools=("Paint",)))
    return session


class Section:
    """The section with hands; `worklist` stands in for the panel's, `used` counts changes of the model."""

    def __init__(self, window, session):
        from CXRAdaINSegLib.sections.TrainSection import TrainSection
        from CXRAdaINSegLib.Signal import Signal

        self.window, self.used = window, 0
        predictions = SimpleNamespace(modelChanged=self._onModel)
        self.tried, self.refusal = [], ""  # what the engine was asked to try, and what it says against it
        self.engineState = Signal()
        engine = SimpleNamespace(
            state="off", stateChanged=self.engineState, request=self._try, cancel=self._cancelTrial
        )
        segmenting = SimpleNamespace(predictions=predictions, engine=engine)
        self.worklist = SimpleNamespace(
            session=session,
            save=lambda: True,
            opened=SimpleNamespace(changed=Signal(), worker=SimpleNamespace(request=self._work)),
            versionSaved=Signal(),
            segmenting=segmenting,
        )
        self.made = TrainSection(self.worklist)
        self.made.widget.collapsed = self.made.models.widget.collapsed = False
        self.watch = self.made.watch

    def _onModel(self) -> None:
        self.used += 1

    def _try(self, do, onResult, onError, model) -> int:
        """The engine, answering at the next turn of the event loop, or never where `refusal` is None."""
        from CXRAdaINSegLib.processes.ChildProcess import callLater

        assert do == "try"
        self.tried.append(model)
        self._onTrialError = onError
        if self.refusal is not None:
            refusal = self.refusal
            callLater(lambda: onError(refusal, "model") if refusal else onResult({}, {}))
        return 7

    def _cancelTrial(self, identity) -> None:
        assert identity == 7
        self._onTrialError("Cancelled.", "cancelled")

    def _work(self, do, onResult, onError) -> None:
        """The session's worker, answering at once."""
        from cxradain.rounds.readiness import readiness
        from cxradain.rounds.selection import select_images

        assert do == "round_counts"
        counts, ready = select_images(self.session).counts(), vars(readiness(self.session))
        onResult({"counts": counts, "readiness": ready}, {})

    @property
    def session(self):
        return self.worklist.session

    def open(self, session) -> None:
        self.worklist.session = session
        self.worklist.opened.changed.emit()

    @property
    def folder(self):
        return self.watch.folder

    @property
    def state(self) -> str:
        return self.watch.state.text

    def seen(self, widget) -> bool:
        return widget.isVisibleTo(self.made.widget)

    def until(self, condition, seconds: float = 30.0) -> None:
        def looked():
            self.watch.look()
            return condition()

        assert self.window.process(seconds, until=looked), f"{self.state} {self.made.message.text}"

    def until_standing(self, standing: str) -> None:
        self.until(lambda: self.watch.standing == standing)

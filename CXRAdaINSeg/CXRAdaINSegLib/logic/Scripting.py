"""Segmentation for scripts: a queue of volumes, which shares the panel's engine and its predictions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import qt
from cxradain import CxradainError
from cxradain.models.registry import Registry
from cxradain.models.tasks import MODES
from slicer.i18n import tr as _

from ..processes.EngineProcess import OFF
from ..scene.LungSegments import lungsOf
from ..scene.VolumeImages import imageKey, radiographOf
from ..Timers import callLater
from .Segmenting import Segmenting, isThere

OnEnd = Callable[[Any, str], object]  # called with (segmentation node, "") or (None, message)


class SegmentingFailed(CxradainError, RuntimeError):
    """A volume could not be segmented; str() says why."""


@dataclass
class _Job:
    volume: Any
    mode: str
    model: str | None
    onEnd: OnEnd


class SegmentingScripts:
    """Segments volumes one at a time; the panel shows the resulting masks, but no progress."""

    def __init__(self, segmenting: Segmenting):
        self._segmenting = segmenting
        self._waiting: deque[_Job] = deque()
        self._current: _Job | None = None
        segmenting.engine.stateChanged.connect(self._onEngineState)

    def start(self, volume, mode: str, model: str | None, onEnd: OnEnd) -> None:
        """Queue a volume; onEnd is called once, from the event loop.

        model: a model's name or folder; None: the one in use. Raises UnfitVolume, ValueError for an unknown
        mode, and RegistryError for an unknown model.
        """
        if mode not in MODES:
            raise ValueError(f"There is no mode {mode!r}: choose one of {', '.join(MODES)}.")
        radiographOf(volume)  # raises UnfitVolume
        folder = None if model is None else str(Registry().find(str(model)))
        self._waiting.append(_Job(volume, mode, folder, onEnd))
        callLater(self._next)

    def wait(self, volume, mode: str, model: str | None):
        """Segment a volume, running the event loop until done; returns the segmentation node. Raises
        SegmentingFailed, and the errors of `start`."""
        ends: list[tuple[Any, str]] = []
        loop = qt.QEventLoop()

        def onEnd(segmentation, problem: str) -> None:
            ends.append((segmentation, problem))
            loop.quit()

        self.start(volume, mode, model, onEnd)
        loop.exec()
        # The loop ends without a result when the application quits.
        segmentation, problem = ends[0] if ends else (None, _("The application closes."))
        if problem:
            raise SegmentingFailed(problem)
        return segmentation

    def _next(self) -> None:
        if self._current is not None or not self._waiting:
            return
        job = self._current = self._waiting.popleft()
        if not isThere(job.volume):
            self._end(job, problem=_("The radiograph is not in the scene any more."))
            return
        key = imageKey(job.volume)

        def onDone(prediction) -> None:
            if not isThere(job.volume, key):
                self._end(job, problem=_("The radiograph was changed or removed meanwhile."))
                return
            self._segmenting.use(job.volume, prediction)
            self._end(job, lungsOf(job.volume))

        def onError(text: str, code: str) -> None:
            self._end(job, problem=text)

        try:
            predict = self._segmenting.predictions.predict
            predict(job.volume, job.mode, (), onDone, lambda done, text: None, onError, job.model)
        except (CxradainError, OSError) as problem:
            self._end(job, problem=str(problem))

    def _end(self, job: _Job, segmentation=None, problem: str = "") -> None:
        if self._current is not job:
            return  # reported already: if the model cannot be loaded, both "load" and "predict" fail
        self._current = None
        callLater(self._next)
        callLater(lambda: job.onEnd(segmentation, problem))

    def _onEngineState(self, state: str, text: str) -> None:
        if state != OFF:
            return
        jobs = [self._current, *self._waiting]
        self._current = None
        self._waiting.clear()
        for job in filter(None, jobs):  # the engine has dropped their requests without calling back
            job.onEnd(None, text)

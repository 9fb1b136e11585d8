"""Segments a radiograph's lungs with the engine, and refines the masks by clicks.

Nothing here blocks: results arrive in callbacks on the main thread. A result is dropped if its volume has
been removed, for example because the scene was closed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import slicer
from cxradain.models.clicks import Click
from slicer.i18n import tr as _

from ..processes.EngineProcess import OFF
from ..scene.ClickMarkers import addClick, clicksOf
from ..scene.EditHistory import EditHistory
from ..scene.LungSegments import LUNGS, labelsOf, lungsOf, presentLungs, segmentOf, writeLabels
from ..scene.MaskProvenance import isApproved, isCorrected, markAsModels, modelMaskOf, updateAlgorithmType
from ..scene.SliceClicks import lungAt
from ..scene.ToolAtWork import CLICK
from ..scene.VolumeImages import imageKey, radiographFields
from ..Signal import Signal
from .Predictions import CachedPrediction, Predictions

WAITING = 20  # clicks that can be queued while the engine is working
UNLIKELY = 0.02  # lung probability below which adding a region gives a warning


class Segmenting:
    """Creates and refines the masks, one request at a time. No widgets.

    history: saves states for undo; the Correct section replaces it if there is a main window.
    `failures` counts the requests that have failed, apart from those that were cancelled.

    Signals: progressed(done 0..1, text), failed(text), masksChanged(volume), busyChanged(bool).
    """

    def __init__(self, engine):
        self.predictions = Predictions(engine)
        self.history: Any = EditHistory()  # or another object with save, forget, undo and redo
        self.progressed, self.failed, self.masksChanged, self.busyChanged = (Signal() for _signal in range(4))
        self.failures = 0
        self._request: int | None = None
        self._ticket: object = None  # identifies the running request
        self._volume: Any = None  # that of the running request
        self._looks = False  # whether the running request is only for overlays
        self._clicks: deque[Callable[[], None]] = deque()
        engine.stateChanged.connect(self._onEngineState)

    @property
    def engine(self):
        """The EngineProcess, or an object with its interface."""
        return self.predictions.engine

    @property
    def busy(self) -> bool:
        """Whether a request is running."""
        return self._ticket is not None

    @property
    def writing(self) -> bool:
        """Whether masks are still being computed, and not only overlays."""
        return self.busy and (not self._looks or bool(self._clicks))

    def isAnswered(self) -> bool:
        """Whether no masks are being computed; if they are, `failed` says so. Whatever else changes masks as
        a whole must wait: the answer is for the masks as they were."""
        if self.writing:
            self.failed.emit(workingText())
        return not self.writing

    def corrected(self, volume) -> tuple[int, ...]:
        """The lungs of a volume whose masks were corrected or approved."""
        segmentation = lungsOf(volume)
        if segmentation is None:
            return ()
        updateAlgorithmType(segmentation, labelsOf(segmentation, volume))
        lungs = presentLungs(segmentation)
        return tuple(
            lung for lung in lungs if isCorrected(segmentation, lung) or isApproved(segmentation, lung)
        )

    def segment(self, volume, mode: str, lungs=LUNGS, views=(), overwrite: bool = False) -> None:
        """Segment a volume and write the masks of `lungs`.

        overwrite: replace corrected and approved masks too. Raises UnfitVolume.
        """

        def onPrediction(prediction: CachedPrediction) -> None:
            if not self.use(volume, prediction, lungs, overwrite):
                self.failed.emit(correctedText())

        self._ask(volume, mode, tuple(views), onPrediction)

    def use(self, volume, prediction: CachedPrediction, lungs=LUNGS, overwrite: bool = False) -> bool:
        """Write the masks of `lungs` from a prediction for the volume; returns whether any was, as none is
        corrected or approved. overwrite: as in `segment`."""
        kept = () if overwrite else self.corrected(volume)
        written = tuple(lung for lung in lungs if lung not in kept)
        self._write(volume, prediction, written)
        return bool(written)

    def views(
        self,
        volume,
        mode: str,
        views,
        onDone: Callable[[CachedPrediction], None],
        onFailed: Callable[[], None],
    ) -> None:
        """Request overlays without changing the masks. onFailed(): it was cancelled, or failed, which
        `failed` reports. Raises UnfitVolume."""
        self._ask(volume, mode, tuple(views), onDone, onFailed)
        self._looks = True

    def click(self, volume, row: float, column: float, mode: str, removes=False, both=False) -> None:
        """Segment the lung at a point of the image, or refine its mask there. Raises UnfitVolume.

        removes: remove from the mask at the point, or the nearest one. both: segment both lungs.
        """

        refineOrMake = partial(self._refineOrMake, volume, row, column, removes, both)

        def act():
            labels = labelsOf(lungsOf(volume), volume)
            if removes or len(drawnLungs(lungsOf(volume), labels)) == len(LUNGS):
                refineOrMake(None)
            else:
                self._ask(volume, mode, (), refineOrMake)

        if not self.busy:
            act()
        elif len(self._clicks) < WAITING:
            self._clicks.append(act)
        else:
            slicer.util.showStatusMessage(_("Too many clicks wait already: this one was left out."), 3000)

    def resetToModel(self, volume, mode: str) -> None:
        """Restore the model's masks that the lungs' masks were derived from, as one undo step; if none is
        known, segment again in `mode`. Raises UnfitVolume."""
        segmentation = lungsOf(volume)
        present = presentLungs(segmentation)
        made = {lung: mask for lung in present if (mask := modelMaskOf(segmentation, lung, volume))}
        if not made:
            if present:
                self.segment(volume, mode, present, overwrite=True)
            return
        labels = labelsOf(segmentation, volume)
        labels[np.isin(labels, list(made))] = 0
        for lung, mask in made.items():
            labels[(mask.labels == lung) & (labels == 0)] = lung
        self.history.save(segmentation)
        writeLabels(segmentation, volume, labels, ())
        for lung, mask in made.items():
            markAsModels(segmentation, labels, (lung,), mask)
        self.masksChanged.emit(volume)

    def takeBack(self) -> bool:
        """Cancel the latest pending change of masks: the last queued click, or else the running request;
        returns whether there was one."""
        if self._clicks:
            self._clicks.pop()
        elif self.busy and not self._looks:
            self.cancel()
            self._end()  # now: its answer may already be on its way
        else:
            return False
        return True

    def cancel(self) -> None:
        """Cancel the running request and the queued clicks."""
        self._clicks.clear()
        if self._request is not None:
            self.engine.cancel(self._request)

    def giveUp(self, volume) -> None:
        """End the running request, if it is for this volume, without waiting for its answer, and drop the
        queued clicks: the volume is about to be removed."""
        if self.busy and self._volume is volume:
            self.cancel()
            self._end()

    def abandon(self) -> None:
        """Cancel everything and ignore late results: the scene is being closed."""
        self.cancel()
        self._end()
        self.predictions.clear()

    # --- requests -----------------------------------------------------------------------------------------

    def _ask(self, volume, mode: str, views: tuple[str, ...], onDone, onFailed=None) -> None:
        self._send(partial(self.predictions.predict, volume, mode, views), volume, onDone, onFailed)

    def _send(self, request: Callable, volume, onDone, onFailed=None, onUnknownImage=None) -> None:
        """Send a request; `busy` until its result or error arrives.

        request(onResult, onProgress, onError): returns its id. onDone: called with the result, if the image
        is still in the scene. onFailed(): it was cancelled, or failed. onUnknownImage(): called instead if
        the engine does not have the image. Raises UnfitVolume.
        """
        key, ticket = imageKey(volume), object()

        def onResult(*result):
            if self._ticket is ticket:
                self._end()
                if isThere(volume, key):
                    onDone(*result)
                while self._clicks and not self.busy:  # a click that needs no request ends at once
                    self._clicks.popleft()()

        def onProgress(done: float, text: str):
            if self._ticket is ticket:
                self.progressed.emit(done, text)

        def onError(text: str, code: str):
            if self._ticket is not ticket:
                return
            if code == "unknown_image" and onUnknownImage is not None:
                self._end()
                onUnknownImage()
                return
            lost = self._dropClicks()
            self._end()
            if onFailed is not None:
                onFailed()
            if code != "cancelled":
                self.failures += 1
                self.failed.emit("\n".join(filter(None, (text, lost))))

        self._ticket, self._volume, self._looks = ticket, volume, False
        self.busyChanged.emit(True)
        try:
            identity = request(onResult, onProgress, onError)
        except Exception:
            self._end()
            raise
        if self._ticket is ticket:
            self._request = identity

    def _end(self) -> None:
        if self.busy:
            self._request = self._ticket = self._volume = None
            self.busyChanged.emit(False)

    def _onEngineState(self, state: str, text: str) -> None:
        if state == OFF:  # stopped: requests get no callback
            lost = self._dropClicks()
            self._end()
            if lost:
                self.failed.emit(lost)

    def _dropClicks(self) -> str:
        """Drop the queued clicks; returns a message with their number, or ""."""
        count = len(self._clicks)
        self._clicks.clear()
        return _("Clicks that waited and were not applied: {count}.").format(count=count) if count else ""

    # --- writing ------------------------------------------------------------------------------------------

    def _write(self, volume, prediction: CachedPrediction, lungs: tuple[int, ...]) -> None:
        """Write the model's masks of `lungs` as one undo step."""
        if not lungs:
            return
        segmentation = lungsOf(volume, create=True)
        predicted, labels = prediction.labels, labelsOf(segmentation, volume)
        labels[np.isin(labels, lungs)] = 0
        # Lungs that are not written keep their pixels.
        labels = np.where(np.isin(predicted, lungs) & (labels == 0), predicted, labels)
        self.history.save(segmentation)
        writeLabels(segmentation, volume, labels, lungs)
        markAsModels(segmentation, labels, lungs, prediction.mask)
        self.masksChanged.emit(volume)

    def _refineOrMake(self, volume, row, column, removes, both, prediction: CachedPrediction | None) -> None:
        segmentation = lungsOf(volume)
        labels = labelsOf(segmentation, volume)
        predicted = prediction.labels if prediction is not None else None
        present = drawnLungs(segmentation, labels, predicted)
        if removes and not present:
            self.failed.emit(_("There is no mask yet to remove from. Click in a lung without Ctrl first."))
            return
        absent = tuple(lung for lung in LUNGS if lung not in present)
        lung = lungAt(row, column, labels, predicted, present if removes else LUNGS)
        if not removes and both and absent:
            self._write(volume, prediction, absent)
        elif lung in absent:
            self._write(volume, prediction, (lung,))
        else:
            click = Click(row, column, "remove" if removes else "add", lung)
            self._refine(volume, segmentation, labels, click)

    def _refine(self, volume, segmentation, labels, click: Click, withPixels: bool = False) -> None:
        earlier = [each.to_json() for each in clicksOf(segmentation)]
        fields, arrays = {"key": imageKey(volume), "earlier": earlier}, {"labels": labels}
        if withPixels:
            image, arrays["pixels"] = radiographFields(volume)
            fields |= image

        def onDone(header, arrays):
            if isThere(segmentation):
                self._patch(volume, segmentation, labels, header, arrays["patch"], click)

        def onUnknownImage():  # the engine was restarted, or has dropped the image from its cache
            self._refine(volume, segmentation, labels, click, withPixels=True)

        def request(onResult, onProgress, onError):
            self.predictions.ensureModel(onError)  # a script may have loaded another one meanwhile
            send = self.engine.request
            return send("refine", arrays, onResult, onProgress, onError, click=click.to_json(), **fields)

        self._send(request, volume, onDone, onUnknownImage=None if withPixels else onUnknownImage)

    def _patch(self, volume, segmentation, before, header, patch, click: Click) -> None:
        """Write only the pixels that a click changed: the mask may have been edited meanwhile."""
        top, bottom, left, right = header["box"]
        if segmentOf(segmentation, click.lung) is None:
            return  # undone meanwhile
        if not header["changed"]:
            slicer.util.showStatusMessage(
                _("No change: this point is already in (or outside) the mask."), 3000
            )
            return
        labels = labelsOf(segmentation, volume)
        part = labels[top:bottom, left:right]
        differs = patch != before[top:bottom, left:right]
        part[differs] = patch[differs]
        self.history.save(segmentation)
        writeLabels(segmentation, volume, labels, (), CLICK)
        addClick(segmentation, click)
        updateAlgorithmType(segmentation, labels)
        self.masksChanged.emit(volume)
        if click.action == "add" and header["probability"] < UNLIKELY:
            self.failed.emit(_("The model sees no lung where you clicked. If that was a slip, press Ctrl+Z."))


def workingText() -> str:
    """The message for what has to wait for the model."""
    return _("The model is still working on this radiograph. Wait, or cancel it.")


def waitingText() -> str:
    """The message for what the reader wants next, which waits for the model."""
    return _("This follows once the model has answered for this radiograph, or is cancelled there.")


def correctedText() -> str:
    """The message for a model's mask that comes too late."""
    return _("The model's new mask is not shown, as you have corrected the present one. Segment replaces it.")


def drawnLungs(segmentation, labels, predicted=None) -> tuple[int, ...]:
    """Lungs with a mask. A segment erased to nothing counts only if the model finds no such lung either.

    labels, predicted: the present (H, W) masks, and the model's, or None.
    """
    return tuple(
        lung
        for lung in presentLungs(segmentation)
        if (labels == lung).any() or (predicted is not None and not (predicted == lung).any())
    )


def isThere(node, key: str | None = None) -> bool:
    """Whether a node is still in the scene and, if `key` is given, still has the image of that key."""
    if node is None or not node.GetID() or slicer.mrmlScene.GetNodeByID(node.GetID()) is not node:
        return False
    return key is None or imageKey(node) == key

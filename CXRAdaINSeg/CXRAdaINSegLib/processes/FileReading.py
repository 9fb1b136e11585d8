"""Reads the files of radiographs one by one in a thread, without blocking the window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread

import qt
from cxradain.imaging import decoder
from cxradain.imaging.decoder import DecoderError
from cxradain.imaging.folders import MASKS, find_files
from cxradain.imaging.radiograph import LooksLikeMask, Radiograph, RadiographError, read_radiograph

from ..Timers import singleShotTimer

INTERVAL = 20  # ms between two checks of what the thread has read
WAIT = 0.005  # s to wait in each check: Python's threads may run only while the main thread waits
AHEAD = 2  # radiographs that the thread reads ahead of the window


class FileReading:
    """Reads files, and all images in folders, starting at once.

    onRead(radiograph), onProblem(text), which names the file, and finally onEnd(number of skipped files in
    folders, by kind) are called from the event loop on the main thread. The thread itself uses neither Qt nor
    MRML.
    """

    def __init__(
        self,
        paths: Iterable[str | Path],
        onRead: Callable[[Radiograph], None],
        onProblem: Callable[[str], None],
        onEnd: Callable[[Counter[str]], None],
    ):
        self._onRead, self._onProblem, self._onEnd = onRead, onProblem, onEnd
        self._queue: Queue[Radiograph | str | None] = Queue(AHEAD)
        self._passedOver: Counter[str] = Counter()  # read by the main thread only at the end
        self._cancelled, self._closed = Event(), Event()
        self._timer = singleShotTimer(INTERVAL, self._poll)
        Thread(target=self._run, args=(list(paths),), daemon=True).start()
        self._timer.start()

    @property
    def cancelled(self) -> bool:
        """Whether reading was cancelled."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Cancel reading, also of the current file; onEnd is called."""
        self._cancelled.set()
        decoder.interrupt()

    def close(self) -> None:
        """Cancel without calling back."""
        self._timer.stop()
        self._closed.set()
        self.cancel()

    def _run(self, paths: list[str | Path]) -> None:
        with decoder.cancelled_by(self._cancelled):
            self._read(paths)

    def _read(self, paths: list[str | Path]) -> None:
        try:
            found = find_files(paths)
            self._passedOver = found.passed_over
            for path in found.files:
                try:
                    self._put(read_radiograph(path))
                except (RadiographError, DecoderError) as error:
                    if isinstance(error, LooksLikeMask) and path in found.inside:
                        found.passed_over[MASKS] += 1
                    else:
                        self._put(str(error))
                if self._cancelled.is_set():
                    break
        except (RadiographError, DecoderError, OSError) as error:
            self._put(str(error))
        finally:
            self._put(None)

    def _put(self, item: Radiograph | str | None) -> None:
        """Wait until the main thread takes an item. After cancelling, only the end (None) is passed on."""
        while item is None or not self._cancelled.is_set():
            if self._closed.is_set():
                return
            with suppress(Full):
                self._queue.put(item, timeout=0.1)
                return

    def _poll(self) -> None:
        if qt.QApplication.mouseButtons():  # do not change the image during a stroke
            self._timer.start()
            return
        try:
            item = self._queue.get(timeout=WAIT)
        except Empty:
            self._timer.start()
            return
        if item is None:
            self._onEnd(self._passedOver)
            return
        self._timer.start()
        if isinstance(item, str):
            self._onProblem(item)
        else:
            self._onRead(item)

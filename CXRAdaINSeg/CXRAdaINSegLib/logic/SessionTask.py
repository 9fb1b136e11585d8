"""Base class of long tasks on the session, run in a separate process so that reading can continue."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from ..processes.SessionWorker import SessionWorker
from .OpenSession import OpenSession


class SessionTask(ABC):
    """Runs one request at a time. onProgress(done 0..1, text) while it runs, onEnd(text) when it ends."""

    def __init__(self, opened: OpenSession, onProgress: Callable, onEnd: Callable[[str], None]):
        self._opened, self._onProgress, self._onEnd = opened, onProgress, onEnd
        self._worker = SessionWorker(lambda: opened.session)
        self._request: int | None = None

    @property
    def running(self) -> bool:
        """Whether it is running."""
        return self._request is not None

    def cancel(self) -> None:
        """Cancel; onEnd is called."""
        if self._request is not None:
            self._worker.cancel(self._request)

    def stop(self) -> None:
        """Stop without calling onEnd: the session is closed."""
        self._request = None
        self._worker.stop()

    @abstractmethod
    def cancelledText(self) -> str:
        """The text for onEnd when the task is cancelled."""

    def _begin(self, do: str, onResult: Callable, **fields) -> None:
        """Send the request, unless one runs or no session is open."""
        if not self.running and self._opened.session is not None:
            self._request = self._worker.request(
                do, onResult=onResult, onProgress=self._onProgress, onError=self._onError, **fields
            )

    def _onError(self, text: str, code: str) -> None:
        self._end(self.cancelledText() if code == "cancelled" else text)

    def _end(self, text: str) -> None:
        self.stop()
        self._onEnd(text)

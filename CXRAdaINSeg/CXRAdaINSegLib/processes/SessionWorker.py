"""The child process for a session's slow work: adding and reading images, thumbnails, saving masks."""

from __future__ import annotations

from collections.abc import Callable

from cxradain.sessions.store import Session, token_of
from slicer.i18n import tr as _

from .EngineProcess import EngineProcess
from .Environments import APPLICATION, Choice, Command, engineCommand


def workerCommand() -> Command:
    """How to start it: with the application's Python, which bundles all that it needs."""
    program, arguments, environment = engineCommand(Choice(APPLICATION))
    return program, [*arguments, "--sessions"], environment


class SessionWorker(EngineProcess):
    """Sends requests for the session that `session()` gives; started at the first one, as the engine is."""

    def __init__(self, session: Callable[[], Session | None]):
        super().__init__(workerCommand)
        self._session = session

    def request(self, do: str, arrays=None, onResult=None, onProgress=None, onError=None, **fields) -> int:
        """Send a request; callbacks as in EngineProcess. The error code is "taken" where another application
        owns the session now."""
        session = self._session()

        def failed(text: str, code: str):
            if onError is None or self._session() is not session:
                return  # the session was closed meanwhile
            if code == "gone":
                text = _("The process that reads and writes images ended.") + "\n" + text
            onError(text, code)

        def succeeded(header, arrays):
            if onResult is not None and self._session() is session:
                onResult(header, arrays)

        return super().request(
            do,
            arrays,
            onResult=succeeded,
            onProgress=onProgress,
            onError=failed,
            session=str(session.path),
            token=token_of(session),
            **fields,
        )

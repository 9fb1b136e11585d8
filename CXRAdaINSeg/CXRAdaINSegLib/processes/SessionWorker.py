"""The child process for slow work on a session: adding and reading images, thumbnails, saving masks."""

from __future__ import annotations

from collections.abc import Callable

from cxradain.sessions.store import Session
from slicer.i18n import tr as _

from .EngineProcess import EngineProcess
from .Environments import APPLICATION, Choice, Command, engineCommand


def workerCommand() -> Command:
    """The command that starts it, with the application's Python, which has all the packages it needs."""
    program, arguments, environment = engineCommand(Choice(APPLICATION))
    return program, [*arguments, "--sessions"], environment


class SessionWorker(EngineProcess):
    """Sends requests about the session that `session()` returns; started with the first request."""

    def __init__(self, session: Callable[[], Session | None]):
        super().__init__(workerCommand)
        self._session = session

    def request(self, do: str, arrays=None, onResult=None, onProgress=None, onError=None, **fields) -> int:
        """Send a request, as in EngineProcess. The error code is "taken" if another application has taken the
        session over. Nothing is called back once another session is open."""
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
            token=session.token,
            **fields,
        )

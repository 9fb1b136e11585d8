"""The process that works for the window's session: reading, adding, thumbnails and keeping model's masks."""

from __future__ import annotations

from collections.abc import Callable

from cxradain.sessions.store import Session, token_of
from slicer.i18n import tr as _

from .EngineProcess import EngineProcess
from .Environments import APPLICATION, Choice, Command, engineCommand


def workerCommand() -> Command:
    """The application's Python runs it: all that it needs came with the application."""
    program, arguments, environment = engineCommand(Choice(APPLICATION))
    return program, [*arguments, "--sessions"], environment


class SessionWorker:
    """Asks on behalf of `session()`; started at the first request, as the engine is."""

    def __init__(self, session: Callable[[], Session | None]):
        self._session = session
        self._process = EngineProcess(workerCommand)

    def request(self, do: str, arrays=None, onResult=None, onProgress=None, onError=None, **fields) -> int:
        """Ask; callbacks as of EngineProcess. Their code is "taken" where the session is another's now."""
        session = self._session()

        def failed(text: str, code: str):
            if onError is None or self._session() is not session:
                return  # of a session that was closed, nobody is told
            if code == "gone":
                text = _("The process that reads and writes images ended.") + "\n" + text
            onError(text, code)

        def succeeded(header, found):
            if onResult is not None and self._session() is session:
                onResult(header, found)

        return self._process.request(
            do,
            arrays,
            onResult=succeeded,
            onProgress=onProgress,
            onError=failed,
            session=str(session.path),
            token=token_of(session),
            **fields,
        )

    def cancel(self, identity: int) -> None:
        """Want a request no more."""
        self._process.cancel(identity)

    def stop(self) -> None:
        """End the process; who waits is told nothing."""
        self._process.stop()

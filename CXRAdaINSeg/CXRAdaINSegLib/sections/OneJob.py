"""Base class of parts of the panel that run a program in the background, one at a time."""

from __future__ import annotations

from collections.abc import Callable

from ..processes.BackgroundJob import BackgroundJob
from ..processes.ChildProcess import Command


class OneJob:
    """Runs one program; `busy` until it ends."""

    _job: BackgroundJob | None = None

    @property
    def busy(self) -> bool:
        """Whether a program is running."""
        return self._job is not None

    def run(
        self,
        command: Command,
        onEnd: Callable[[bool, str, str], None],
        onLine: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Start a program; onEnd and onLine as in BackgroundJob."""

        def ended(succeeded: bool, reason: str, output: str) -> None:
            self._job = None
            onEnd(succeeded, reason, output)

        self._job = BackgroundJob(command, onLine, ended)

    def cancel(self) -> None:
        """Cancel the program, if one is running; onEnd is called."""
        if self._job is not None:
            self._job.cancel()

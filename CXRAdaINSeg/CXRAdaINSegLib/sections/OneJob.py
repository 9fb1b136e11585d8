"""Base of the parts of the panel that run a program beside the window, one at a time."""

from __future__ import annotations

from collections.abc import Callable

from ..processes.BackgroundJob import BackgroundJob
from ..processes.ChildProcess import Command


class OneJob:
    """`busy` from `run` till the program's end."""

    _job: BackgroundJob | None = None

    @property
    def busy(self) -> bool:
        """Whether the program runs."""
        return self._job is not None

    def run(
        self,
        command: Command,
        onEnd: Callable[[bool, str, str], None],
        onLine: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Start a program; onEnd and onLine as of BackgroundJob."""

        def ended(succeeded: bool, reason: str, output: str) -> None:
            self._job = None
            onEnd(succeeded, reason, output)

        self._job = BackgroundJob(command, onLine, ended)

    def cancel(self) -> None:
        """End the program, if one runs; onEnd follows."""
        if self._job is not None:
            self._job.cancel()

"""A message that goes with its cause: what was refused is said as long as that would be refused again."""

from __future__ import annotations

from collections.abc import Callable

import qt

PERIOD = 250  # ms between two looks at the cause

Holds = Callable[[], object]  # whether the cause of a message is still there


class StandingMessage:
    """Watches the cause of the message that is shown. clear(text): takes that away, its cause has gone."""

    def __init__(self, clear: Callable[[str], object]):
        self._clear = clear
        self._text = ""
        self.holds: Holds | None = None  # None: no cause is watched
        self._timer = qt.QTimer()
        self._timer.setInterval(PERIOD)
        self._timer.connect("timeout()", self.check)

    def set(self, text: str, holds: Holds | None) -> None:
        """Another message is shown. holds: whether its cause is still there; None: it stays."""
        self._text, self.holds = text, holds
        if holds is None:
            self._timer.stop()
        else:
            self._timer.start()

    def check(self) -> None:
        """Take the message away if its cause has gone."""
        if self.holds is not None and not self.holds():
            text = self._text
            self.set("", None)
            self._clear(text)

"""What a client and a server of the engine say to each other, in frames (`cxradain.frames`).

Requests are {"id", "do", ...}, replies {"id", "kind", ...} with the kind ready, progress, result, error or
cancelled. The standard library and numpy only, as the window's process uses it too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from .. import CxradainError
from ..frames import Message

VERSION = 2

Reply = tuple[dict[str, Any], dict[str, np.ndarray]]
Report = Callable[[float, str], None]
"""Reports how much is done (0..1) and what comes next; raises Cancelled if the request was cancelled."""


class Service(Protocol):
    """Answers a server's requests."""

    def info(self) -> dict[str, Any]:
        """What the process reports when it is ready."""

    def do(self, request: Message, report: Report) -> Reply:
        """Answer the request named by `do` in its header; returns the header and arrays of the result.

        Raises RequestError, Cancelled, or any other error for a bug in the service.
        """


class RequestError(CxradainError):
    """A request cannot be answered: str() says what happened and what to do, `code` is the kind of error."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


class Cancelled(Exception):
    """The request was cancelled by its sender."""

"""What a request is for those that meet it: its parts, how far it is, and how it can fail. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Arrays = Mapping[str, np.ndarray]
Reply = tuple[dict[str, Any], dict[str, np.ndarray]]
Report = Callable[[float, str], None]
"""Tells how much is done (0..1) and what comes next; raises Cancelled where that was asked for."""


class RequestError(Exception):
    """A request that cannot be met: str() says what happened and what to do, `code` which kind it is."""

    def __init__(self, text: str, code: str):
        super().__init__(text)
        self.code = code


class Cancelled(Exception):
    """The request at hand is wanted no more."""

"""Serve requests until standard input ends: `python -m cxradain.engine [--backend auto|onnxruntime|torch]`,
with the model kept loaded, or `python -m cxradain.engine --sessions`, for a session's work on the disk."""

from __future__ import annotations

import sys

from .server import INFERENCE, SESSIONS, main


def arguments_of(words: list[str]) -> tuple[str, ...]:
    """The arguments of `server.main` for a command line. Raises SystemExit if it is not understood."""
    match [part for word in words for part in word.split("=", 1)]:
        case ["--sessions"]:
            return (SESSIONS,)
        case []:
            return (INFERENCE,)
        case ["--backend", name]:
            return INFERENCE, name
    sys.exit(f"cxradain.engine: {' '.join(words)} is not understood. {__doc__}")


if __name__ == "__main__":
    sys.exit(main(*arguments_of(sys.argv[1:])))

"""Serve requests until standard input ends: `python -m cxradain.engine`, with the model kept loaded, or
`python -m cxradain.engine --sessions`, for a session's work on the disk, without torch."""

from __future__ import annotations

import sys

from .server import INFERENCE, SESSIONS, main

if __name__ == "__main__":
    sys.exit(main(SESSIONS if "--sessions" in sys.argv[1:] else INFERENCE))

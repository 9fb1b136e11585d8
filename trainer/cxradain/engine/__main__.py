"""`python -m cxradain.engine`: serve requests until standard input ends."""

from __future__ import annotations

import sys

from .server import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m cxradain.sessions`: works for the window that owns a session, over standard input and output."""

import sys

from ..engine.server import main

if __name__ == "__main__":
    sys.exit(main("cxradain.engine.session_service"))

"""An engine without torch, for tests of what speaks to one: `python stand_in_engine.py`.

It is the real server around requests of its own: echo (returns the arrays), sleep (seconds, with progress),
hang, die (by SIGKILL), fail (an error reply), say (to both standard streams) and exit (telling why).
"""

from __future__ import annotations

import os
import signal
import sys
import time

from cxradain.engine import server
from cxradain.engine.protocol import VERSION, RequestError


class StandInService:
    def info(self):
        if "--broken" in sys.argv:
            raise ImportError("half installed")
        return {"protocol": VERSION, "torch": "none", "pid": os.getpid()}

    def do(self, request, report):
        name, fields = request.header["do"], request.header
        if name == "sleep":
            end = time.monotonic() + fields["seconds"]
            while time.monotonic() < end:
                report(0.5, "sleeping")
                time.sleep(0.01)
        elif name == "hang":
            report(0.5, "hanging")
            time.sleep(600)
        elif name == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif name == "fail":
            raise RequestError("This image has no contrast.", "radiograph")
        elif name == "say":
            print("words", flush=True)
            print("more words", file=sys.stderr, flush=True)
        elif name == "exit":
            print("no room left", file=sys.stderr, flush=True)
            os._exit(3)
        return {"pid": os.getpid(), "value": fields.get("value")}, dict(request.arrays)


if __name__ == "__main__":
    sys.exit(server.main("__main__:StandInService"))

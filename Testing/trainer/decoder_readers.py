"""A reader for the decoder's process that does what a damaged or made-up file can make a decoder do."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
from cxradain.imaging.decoder import Decoded
from cxradain.imaging.image_files import decoded_radiograph


def by_name(path: Path) -> Decoded:
    """What the file's name says happens; a radiograph of any other name is read."""
    if "ends" in path.name:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "hangs" in path.name:
        time.sleep(60)
    if "exits" in path.name:
        os._exit(0)
    if "fills" in path.name:
        np.ones(1 << 36, np.uint8)
    if "prints" in path.name:
        os.write(1, b'{"header": {}, "arrays": []}\n')
        print("Jane Roe", flush=True)
    return decoded_radiograph(path)

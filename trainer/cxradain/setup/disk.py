"""`python -m cxradain.setup.disk FOLDER ...`: what folders take up on the disk, as a line of JSON.

{folder: bytes}, 0 for one that is not there. In a process of its own, for an environment has tens of
thousands of files. Standard library alone.
"""

from __future__ import annotations

import json
import os
import sys


def size(folder: str) -> int:
    """Bytes of all files in a folder and below it; links count as themselves."""
    total = 0
    for place, _folders, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                continue  # deleted meanwhile
    return total


if __name__ == "__main__":
    print(json.dumps({folder: size(folder) for folder in sys.argv[1:]}))

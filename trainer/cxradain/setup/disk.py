"""`python -m cxradain.setup.disk FOLDER ...`: the sizes of folders on disk, as a line of JSON.

{folder: bytes}, 0 for a missing one. A separate process, as an environment has tens of thousands of files.
Standard library only.
"""

from __future__ import annotations

import json
import os
import sys


def size(folder: str) -> int:
    """The size of all files in and below a folder, in bytes, without following links."""
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

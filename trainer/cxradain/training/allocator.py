"""Memory of a training on the CPU."""

from __future__ import annotations

import ctypes
import sys

# Parameters of glibc's mallopt.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4


def keep_memory() -> bool:
    """Have glibc keep freed blocks instead of giving them back; True where that is possible.

    A training frees and takes the same large blocks in every step. By default each is mapped and unmapped,
    and all its pages are faulted in anew. To be called before the first large block; elsewhere than on glibc
    nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    settings = ((MMAP_MAX, 0), (TRIM_THRESHOLD, 2**31 - 1), (TOP_PAD, 256 * 2**20))
    return all([mallopt(name, value) == 1 for name, value in settings])

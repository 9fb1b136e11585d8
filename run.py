#!/usr/bin/env python3
"""Set up the project's own environment on first use, then run: `python3 run.py` says what there is.

Whatever Python one has reads this file, down to 2.7, so that it can name the one to use: hence its
old-fashioned lines. The rest is in trainer/cxradain/setup.
"""

import os
import sys

VERSIONS = ("3.12", "3.11", "3.13")  # of Python, the preferred one first
CANDIDATES = [["python" + version] for version in VERSIONS] + [["py", "-" + version] for version in VERSIONS]


def main():
    if "%d.%d" % sys.version_info[:2] not in VERSIONS:
        sys.stderr.write(unsupported_python_message(sys.version_info, find_python()))
        return 2
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "trainer"))
    from cxradain.setup.commands import main as run

    return run(sys.argv[1:])


def find_python():
    """The words that start a Python in range here, or None. Each is tried: a name may lead nowhere."""
    import subprocess

    for words in CANDIDATES:
        try:
            child = subprocess.Popen(
                words + ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError:
            continue
        version = child.communicate()[0].decode("ascii", "replace").strip()
        if child.returncode == 0 and version in VERSIONS:
            return words
    return None


def unsupported_python_message(version, words):
    """The message for a Python out of range; `words` start one in range, or are None, as of find_python."""
    needed = " or ".join(", ".join(sorted(VERSIONS)).rsplit(", ", 1))
    message = "CXRAdaINSeg needs Python %s; this is Python %d.%d.\n" % ((needed,) + tuple(version[:2]))
    if words is None:
        return message + "Install one of them (3.12, say), then start run.py with it.\n"
    return message + "This machine has one. Run:\n\n    %s\n" % " ".join(words + sys.argv)


if __name__ == "__main__":
    sys.exit(main())

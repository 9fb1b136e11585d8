"""`python -m cxradain.setup.run_with_path FOLDER MODULE ...`: run a module as -m does, with a folder first on
the path.

PYTHONPATH is not enough: the launcher of 3D Slicer's Python puts Slicer's own packages before it.
"""

from __future__ import annotations

import os
import runpy
import sys


def main() -> None:
    """Run the module that the command line names."""
    folder, module, *arguments = sys.argv[1:]
    sys.path.insert(0, folder)
    paths = [folder, os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))  # for child processes
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""The module's parts, one concern a file. Qt and MRML only: torch is in the engine's process."""

import importlib.util
import sys
from pathlib import Path


def addTrainerToPath() -> None:
    """Make the package `cxradain` importable, before the other files are: it is in trainer/, of the checkout
    or of what is installed beside the module."""
    here = Path(__file__).resolve()
    folders = (here.parents[2] / "trainer", here.parents[1] / "CXRAdaINSegPackage" / "trainer")
    if importlib.util.find_spec("cxradain") is None:
        sys.path.extend([str(folder) for folder in folders if (folder / "cxradain").is_dir()][:1])

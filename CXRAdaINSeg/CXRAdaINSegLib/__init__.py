"""The parts of the module, one concern per file. Only Qt and MRML: torch runs in the engine's process."""

import importlib.util
import sys
from pathlib import Path


def addTrainerToPath() -> None:
    """Make the package `cxradain` importable, from trainer/ in the checkout or in the folder installed beside
    the module. Call this before importing the other files."""
    here = Path(__file__).resolve()
    folders = (here.parents[2] / "trainer", here.parents[1] / "CXRAdaINSegPackage" / "trainer")
    if importlib.util.find_spec("cxradain") is None:
        sys.path.extend([str(folder) for folder in folders if (folder / "cxradain").is_dir()][:1])

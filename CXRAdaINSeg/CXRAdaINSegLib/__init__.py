"""What the module is made of, one concern a file. Qt and MRML only: torch lives in the engine's process."""

import importlib.util
import sys
from pathlib import Path

_HERE = Path(__file__).resolve()
# The package `cxradain` is in trainer/: of the checkout, or of what is installed beside the module.
if importlib.util.find_spec("cxradain") is None:
    for _folder in (_HERE.parents[2] / "trainer", _HERE.parents[1] / "CXRAdaINSegPackage" / "trainer"):
        if (_folder / "cxradain").is_dir():
            sys.path.append(str(_folder))
            break

"""What the module is made of, one concern a file. Qt and MRML only: torch lives in the engine's process."""

import importlib.util
import sys
from pathlib import Path

# Installed, the package `cxradain` lies beside the module; in a checkout it is in the folder `trainer`.
_CHECKOUT = Path(__file__).resolve().parents[2] / "trainer"
if importlib.util.find_spec("cxradain") is None and (_CHECKOUT / "cxradain").is_dir():
    sys.path.append(str(_CHECKOUT))

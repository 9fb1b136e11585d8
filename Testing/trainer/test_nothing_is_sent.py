"""Nothing is sent to anybody: the promise of README, for the libraries too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def test_onnx_runtime_prepares_no_telemetry(tmp_path: Path) -> None:
    """It would keep an identifier of the computer and a queue of events in the user's folder."""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    environment |= dict.fromkeys(("HOME", "LOCALAPPDATA", "XDG_CACHE_HOME"), str(tmp_path))
    environment["PYTHONPATH"] = str(CHECKOUT / "trainer")
    code = "import time, cxradain.models.onnx_backend; time.sleep(0.5)"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert not list(tmp_path.rglob("*"))

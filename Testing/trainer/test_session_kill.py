"""Whatever moment a writer is killed at: no accepted version is lost, no half file is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 200


@pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked; this platform cannot")
def test_no_accepted_version_is_lost(tmp_path: Path) -> None:
    # In memory where there is such a folder: a killed process leaves what it wrote to the system in both
    # cases, and without waiting for a disk more of the moments fall between two writes.
    memory = Path("/dev/shm")
    folder = (memory if os.access(memory, os.W_OK) else tmp_path) / f"cxradain-kill-{os.getpid()}"
    here = Path(__file__).resolve()
    paths = os.pathsep.join([str(here.parent), str(here.parents[2] / "trainer")])
    command = [sys.executable, str(here.with_name("kill_writers.py")), str(folder), str(KILLS), "1"]
    try:
        ended = subprocess.run(
            command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, timeout=600
        )
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)
    assert ended.returncode == 0, ended.stderr
    print(ended.stdout)
    told = int(ended.stdout.rsplit(",", 1)[1].split()[0])
    assert told > KILLS // 10, "the writers were killed before they wrote anything worth the name"

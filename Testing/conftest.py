"""What all tests share: a folder of models, the processes that run them, and which of them are left out."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from cxradain.setup.demo import has_window
from cxradain.setup.libraries import missing, missing_for_tests

# pytest puts this folder in front, where `slicer` is not the package of that name.
sys.path.remove(str(Path(__file__).parent))

MOST_PROCESSES = 4  # each fills about a gigabyte
PANEL = Path(__file__).parent / "panel"

# Models that tests keep are not the user's.
os.environ["CXRADAIN_HOME"] = tempfile.mkdtemp(prefix="cxradain-home-")
# The tests' networks are tiny: threads cost them more than they give, above all when tests run side by side.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Many tests start another Python, which would compile all of the sources each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

HAS_DESKTOP = all(importlib.util.find_spec(name) for name in ("slicer_core", "PySide6"))
LACKING = missing(screen=False) if HAS_DESKTOP else []
# Where the platform has no slicer-core, or the system not its libraries, these tests are not even collected.
collect_ignore_glob = [] if HAS_DESKTOP and not LACKING else ["panel/test_*.py"]
WHEELS = [] if HAS_DESKTOP else ["slicer-core", "PySide6"]


def asked_for(config: pytest.Config) -> list[Path]:
    """The files and folders whose tests are to run."""
    return [config.invocation_params.dir / word.partition("::")[0] for word in config.args]


def asks_for_panel(config: pytest.Config) -> bool:
    return any(PANEL.is_relative_to(path) or path.is_relative_to(PANEL) for path in asked_for(config))


def pytest_configure(config: pytest.Config) -> None:
    """CI says that nothing may be left out where there can be a window."""
    if os.environ.get("CXRADAIN_TEST_ALL") and has_window() and asks_for_panel(config):
        wanting = ", ".join(WHEELS + missing_for_tests())
        if wanting:
            raise pytest.UsageError(f"CXRADAIN_TEST_ALL: tests would be left out, for want of {wanting}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if collect_ignore_glob and asks_for_panel(config):
        terminalreporter.line(f"Testing/panel is left out, for want of {', '.join(WHEELS + LACKING)}")


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """Of `-n auto`, which pyproject.toml asks for: none where files are named, as those are over before other
    processes have begun."""
    found = yield
    return min(found, MOST_PROCESSES) if found > 1 and all(path.is_dir() for path in asked_for(config)) else 0

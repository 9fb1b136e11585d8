"""What of the system the tests need is named in one place, CI leaves none of them out in silence, and modules
that are named by a string exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from cxradain.setup import libraries

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looked for on Linux alone")


@linux
def test_programs_and_libraries_that_are_missing_are_named_as_packages(monkeypatch) -> None:
    monkeypatch.setattr(libraries, "missing", lambda screen: ["libegl1", "libxcb-cursor0"][: 1 + screen])
    monkeypatch.setattr(shutil, "which", lambda program: None if program == "xauth" else f"/bin/{program}")
    assert libraries.missing_for_tests() == ["libegl1", "libxcb-cursor0", "xauth"]


@linux
def test_the_command_prints_them_for_apt_get() -> None:
    words = [sys.executable, "-S", "-m", "cxradain.setup.libraries"]  # -S: with the standard library alone
    bare = {"PYTHONPATH": str(ROOT / "trainer"), "PATH": "/nowhere"}
    done = subprocess.run(words, env=bare, capture_output=True, text=True, check=True)
    assert {"dicom3tools", "xauth", "xvfb"} <= set(done.stdout.split()) and done.stdout.count("\n") == 1


def test_ci_installs_them_and_lets_none_be_left_out() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for text in (workflow, script):
        assert "-m cxradain.setup.libraries" in text and "CXRADAIN_TEST_ALL" in text
    assert workflow.index("cxradain.setup.libraries") < workflow.index("run: .ci/run")


TRAINER, PROCESSES = ROOT / "trainer" / "cxradain", ROOT / "CXRAdaINSeg" / "CXRAdaINSegLib" / "processes"
STARTERS = [
    ROOT / ".ci" / "run",
    ROOT / ".github" / "workflows" / "ci.yml",
    ROOT / "run.py",
    *PROCESSES.glob("*.py"),
]
STARTERS += [
    *(TRAINER / "setup").glob("*.py"),
    *(TRAINER / "engine").glob("*.py"),
    *TRAINER.glob("*/__main__.py"),
]


def test_modules_that_are_named_by_a_string_exist() -> None:
    """A renamed one would not start; `.ci/run` would then silently leave out tests."""
    started: set[str] = set()
    for path in STARTERS:
        text = path.read_text(encoding="utf-8")
        run = re.findall(r'-m"?,? "?(cxradain(?:\.\w+)*)', text)
        for name in [*run, *re.findall(r'"(cxradain(?:\.\w+)+)"', text.replace("cxradain.json", ""))]:
            spec = find_spec(name)
            assert spec is not None, f"{path}: there is no {name}"
            if name in run and spec.submodule_search_locations:
                assert find_spec(f"{name}.__main__") is not None, f"{path}: -m {name} runs nothing"
        started.update(run)
    assert started >= {
        "cxradain",
        "cxradain.commands.demo_page",
        "cxradain.engine",
        "cxradain.setup.disk",
        "cxradain.setup.install",
        "cxradain.setup.libraries",
        "cxradain.setup.packages",
    }


WITHOUT = "from cxradain.setup import libraries\nlibraries.missing = lambda screen: ['libegl1']\n"


def collected(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess:
    """What pytest says of the window's tests where the system lacks a library."""
    (tmp_path / "without.py").write_text(WITHOUT)
    path = os.pathsep.join(map(str, (tmp_path, ROOT / "trainer", ROOT / "desktop")))
    words = ["-p", "without", "-p", "no:cacheprovider", "-q", "--collect-only", "Testing/panel"]
    kept = {name: value for name, value in os.environ.items() if name != "CXRADAIN_TEST_ALL"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        env=kept | {"PYTHONPATH": path} | variables,
        capture_output=True,
        text=True,
    )


@linux
def test_skipped_tests_are_listed_and_an_error_where_all_are_demanded(tmp_path: Path) -> None:
    pytest.importorskip("slicer_core", reason="no slicer-core for this platform")
    done = collected(tmp_path)
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, done.stdout + done.stderr
    assert "Testing/panel is left out, for want of libegl1" in done.stdout
    done = collected(tmp_path, CXRADAIN_TEST_ALL="1")
    assert done.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "tests would be left out, for want of" in done.stdout + done.stderr
    assert "libegl1" in done.stdout + done.stderr


PYTHON = """\
#!/bin/sh
case "$*" in
*libraries*) cat "$STUB/lacking" ;;
*) echo "RAN $* ALL=$CXRADAIN_TEST_ALL" ;;
esac
"""
APT = """\
#!/bin/sh
echo "$@" >> "$STUB/apt.log"
if [ -e "$STUB/no-network" ]; then echo "E: Unable to connect to deb.debian.org"; exit 100; fi
if [ "$1" = install ]; then : > "$STUB/lacking"; fi
"""


def ci_run(tmp_path: Path, lacking: str, network: bool = True) -> tuple[str, list[str]]:
    """What .ci/run prints with stubs of python3 and apt-get, and what apt-get was told."""
    (tmp_path / "lacking").write_text(lacking + "\n" * bool(lacking))
    (tmp_path / "apt.log").touch()
    if not network:
        (tmp_path / "no-network").touch()
    for name, text in (("python3", PYTHON), ("apt-get", APT)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "CXRADAIN_TEST_ALL"}
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    words = ["bash", str(ROOT / ".ci" / "run"), "-q"]
    env = kept | {"PATH": path, "STUB": str(tmp_path)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    return done.stdout, (tmp_path / "apt.log").read_text().splitlines()


@linux
def test_ci_demands_all_tests_where_nothing_is_missing(tmp_path: Path) -> None:
    assert ci_run(tmp_path, "") == ("RAN run.py test -q ALL=1\n", [])


@linux
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="apt-get is root's")
def test_ci_installs_missing_libraries_on_a_bare_debian_and_demands_all_tests(tmp_path: Path) -> None:
    said, told = ci_run(tmp_path, "libegl1 xvfb")
    assert "installing libegl1 xvfb with apt-get" in said and said.endswith("ALL=1\n")
    assert told == ["update --quiet", "install --yes --quiet --no-install-recommends libegl1 xvfb"]


@linux
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="apt-get is root's")
def test_without_a_network_ci_gives_the_reason_and_runs_the_rest(tmp_path: Path) -> None:
    said, _ = ci_run(tmp_path, "libegl1 xvfb", network=False)
    assert "E: Unable to connect to deb.debian.org" in said
    assert "Tests are left out that need libegl1 xvfb." in said and said.endswith("RAN run.py test -q ALL=\n")

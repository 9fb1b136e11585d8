"""The report on a Python's packages, and the program that installs what is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from cxradain.setup import install, packages
from process_life import alive, soon

CHECKOUT = Path(__file__).resolve().parents[2]


def run(*words: str, **options) -> subprocess.CompletedProcess:
    variables = os.environ | {"PYTHONPATH": str(CHECKOUT / "trainer")}
    return subprocess.run(
        [sys.executable, "-m", *words], env=variables, capture_output=True, text=True, timeout=60, **options
    )


def test_the_needed_packages_are_the_projects():
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["project"]["dependencies"]
    asked = dict(re.match(r"([\w-]+)>=([\d.]+)", line).groups() for line in listed)
    del (
        asked["rich"],
        asked["jinja2"],
    )  # the command line's, and the reports'
    assert asked == {"onnxruntime": packages.BACKENDS["onnxruntime"], **packages.NEEDED}


def test_installed_packages_are_reported_as_json_without_importing_torch():
    done = run("cxradain.setup.packages")
    told = json.loads(done.stdout)
    assert told["executable"] == sys.executable
    assert told["packages"].keys() == {"onnxruntime", "torch", *packages.NEEDED}
    assert told["missing"] == []
    code = "import sys, cxradain.setup.packages as p; p.report(); assert 'torch' not in sys.modules"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": str(CHECKOUT / "trainer")}
    )


def test_missing_and_outdated_packages_are_named(monkeypatch):
    there = {"torch": None, "numpy": "1.26.4", "scipy": "1.14.0rc1", "pillow": "10.10"}
    monkeypatch.setattr(packages, "installed_version", lambda name: there.get(name, "99"))
    assert packages.report()["missing"] == ["numpy>=2.0"]
    assert packages.report(training=True)["missing"] == ["torch>=2.11", "numpy>=2.0"]
    there["onnxruntime"] = "1.16.3"
    assert packages.report()["missing"] == ["onnxruntime>=1.20", "numpy>=2.0"]
    there["torch"] = "2.12"
    assert packages.report()["missing"] == ["numpy>=2.0"], "one of the two is enough"
    assert packages.report(training=True)["missing"] == ["numpy>=2.0"]
    missing = ["onnxruntime>=1.20", "safetensors>=0.4.5"]
    assert packages.download_megabytes(missing) == packages.MEGABYTES["onnxruntime"] + 1


def test_a_local_version_counts_as_its_numbers(monkeypatch):
    monkeypatch.setattr(packages, "installed_version", lambda name: "99+cu130")
    assert packages.report()["missing"] == []


def test_the_pinned_requirements_are_found():
    assert (install.requirements() / "run.txt").is_file()


def test_a_foreign_folder_is_never_deleted(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    done = run("cxradain.setup.install", "--remove", str(tmp_path))
    assert done.returncode == 1
    assert "This failed" in done.stderr
    assert (tmp_path / "thesis.txt").exists()


def test_installed_packages_are_left_alone():
    done = run("cxradain.setup.install", "--packages", "numpy>=1.0")
    assert done.returncode == 0, done.stderr


def test_no_package_that_is_in_use_is_replaced(monkeypatch, tmp_path):
    """The application has it loaded, and another version of its files would break it."""
    command = [sys.executable, "-m", "cxradain.setup.install", "--packages"]
    variables = {"PYTHONPATH": os.pathsep.join([str(CHECKOUT / "trainer"), str(tmp_path)])}
    variables |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    make_wheel(tmp_path, "little", "1.0", needs="loaded_one>=2.0")
    make_wheel(tmp_path, "loaded_one", "2.0")
    (tmp_path / "Loaded.One-1.0.dist-info").mkdir()
    (tmp_path / "Loaded.One-1.0.dist-info" / "METADATA").write_text("Name: Loaded.One\nVersion: 1.0\n")
    done = subprocess.run(
        [*command, "little>=1.0"], env=os.environ | variables, capture_output=True, text=True
    )
    assert done.returncode == 1 and "ResolutionImpossible" in done.stderr, done.stdout
    assert not list(tmp_path.glob("little.py"))


def make_wheel(folder: Path, name: str, version: str, needs: str = "") -> None:
    """A wheel without a module."""
    record = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{record}/METADATA", metadata + (f"Requires-Dist: {needs}\n" if needs else ""))
        wheel.writestr(f"{record}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{record}/RECORD", "")


def test_the_last_output_of_pip_is_shown_when_it_fails():
    done = run("cxradain.setup.install", "--packages", "./there-is-no-such-package")
    assert done.returncode == 1
    assert "pip failed" in done.stderr


def test_an_installation_that_ends_before_its_input_reports_success(tmp_path):
    variables = os.environ | {"PYTHONPATH": str(CHECKOUT / "trainer")}
    words = ["-m", "cxradain.setup.install", "--end-with-input", "--remove", str(tmp_path / "none")]
    with subprocess.Popen(
        [sys.executable, *words], env=variables, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as done:
        assert done.wait(60) == 0, "as a window sees it, which keeps the input open"


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_installation_and_its_children_end_with_its_input():
    script = (
        "import subprocess, sys, time; from cxradain.setup.install import end_with_input; end_with_input();"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    variables = os.environ | {"PYTHONPATH": str(CHECKOUT / "trainer")}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        child = int(parent.stdout.readline())
        parent.stdin.close()
        assert parent.wait(20) < 0
    assert soon(lambda: not alive(child))


def test_a_module_runs_with_a_folder_first_on_its_path_and_on_its_childrens(tmp_path):
    """As -m runs it; the launcher of 3D Slicer's Python puts its own before PYTHONPATH."""
    for place, number in (("slicer", "1.0"), ("own ü", "2.0")):
        folder = tmp_path / place
        (folder / "little-0.dist-info").mkdir(parents=True)
        (folder / "little-0.dist-info" / "METADATA").write_text(f"Name: little\nVersion: {number}\n")
        (folder / "little.py").write_text(f"print({number})")
    (tmp_path / "slicer" / "asks.py").write_text(
        "import subprocess, sys; from importlib.metadata import version; import little\n"
        "if __name__ == '__main__':\n"
        "    print(version('little'), sys.argv[1:], __spec__.name, flush=True)\n"
        "    subprocess.run([sys.executable, '-c', 'import little'])\n"
    )
    paths = os.pathsep.join([str(tmp_path / "slicer"), str(CHECKOUT / "trainer")])
    words = ["-m", "cxradain.setup.run_with_path", str(tmp_path / "own ü"), "asks", "--plan", "b c"]
    done = subprocess.run(
        [sys.executable, *words], env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["2.0", "2.0 ['--plan', 'b c'] asks", "2.0"], done.stderr

"""In 3D Slicer, whose Python can make no environment: a folder of packages is made, used and removed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import ROOT
from relocated_python import make_extension, make_tree, offline
from test_setup import STAND_IN, Panel, environments, panel  # noqa: F401

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is imitated as on Linux")
PYTHON = sys.executable


@pytest.fixture
def slicer_like(environments, monkeypatch, tmp_path) -> Iterator[Path]:  # noqa: F811
    """The window as in 3D Slicer without any other Python; yields PythonSlicer."""
    launcher = make_tree(tmp_path / "Slicer")
    extension = make_extension(tmp_path / "extension", tmp_path / "wheels")
    for name, value in offline(tmp_path / "wheels").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SLICER_HOME", str(tmp_path / "Slicer"))
    monkeypatch.delenv("CXRADAIN_TORCH", raising=False)
    monkeypatch.setattr(sys, "executable", str(launcher))
    monkeypatch.setattr(environments, "PACKAGE_PARENT", str(extension))
    monkeypatch.setattr(environments, "plainPython", lambda variables: None)
    yield launcher


def run(command) -> subprocess.CompletedProcess:
    program, arguments, variables = command
    return subprocess.run(
        [program, *arguments],
        env=variables,
        input="",
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_an_environment_made_from_such_a_python_would_not_start(slicer_like, tmp_path):
    real = slicer_like.with_name("python-real")
    assert "shared libraries" in run((real, ["-c", ""], {})).stderr
    library = {"LD_LIBRARY_PATH": f"{tmp_path}/Slicer/lib/Python/lib"}
    assert "encodings" in run((real, ["-c", ""], library)).stderr
    made = run((slicer_like, ["-m", "venv", "--without-pip", str(tmp_path / "venv")], {**os.environ}))
    assert made.returncode == 0, made.stderr
    assert run((tmp_path / "venv" / "bin" / "python", ["-c", ""], {**os.environ})).returncode


def test_own_packages_are_installed_used_for_training_and_removed(slicer_like, panel, environments, answers):  # noqa: F811
    from CXRAdaINSegLib.sections.TrainingSetup import TrainingSetup

    own = environments.Choice("own")
    environments.choose(own)
    variables = os.environ | {"PYTHONPATH": str(ROOT / "trainer")}
    panel.engine.command = lambda: (PYTHON, [str(STAND_IN)], variables)
    panel.section.enter()
    panel.settle()
    assert "not installed yet" in panel.status
    answers["answer"] = False
    panel.section.mendButton.click()
    assert not environments.ownFolder().exists()
    answers["answer"] = True
    panel.section.mendButton.click()
    panel.settle()
    said = panel.section.log.plainText
    assert "have onnxruntime 99.0" in said and "have SimpleITK 99.0" in said and "torch" not in said, said
    assert panel.section.problem == ""
    panel.wait(lambda: panel.engine.state == "ready")
    assert panel.section.report["missing"] == [] and "numpy 99.0" in panel.status, "not Slicer's own 1.0"
    there = sorted(path.name for path in environments.ownFolder().iterdir())
    assert there == ["cxradain.json", "run.txt", "site-packages"]

    probe = environments.pythonCommand(own, ["-m", "cxradain.probe", "ü 空"])
    assert run(probe).stdout.split() == ["99.0", "99.0", "ü", "空"], "first on the path, and on a child's"
    program, words, _ = environments.trainCommand(["round"])
    assert program == str(slicer_like) and words[-3:] == ["cxradain", "train", "round"]
    assert environments.engineCommand()[1][-1] == "cxradain.engine"

    said, ready = [], []
    training = TrainingSetup(panel.engine, said.append)
    training.require(lambda: ready.append(True))
    panel.wait(lambda: not training.busy)
    assert "monai>=1.4" in said[-1] and not ready
    training.button.click()
    assert panel.engine.state == "off", "it may have files open that are replaced"
    panel.wait(lambda: ready)
    assert str(environments.ownFolder()) in answers["questions"][-1] and "PyTorch" in answers["questions"][-1]
    told = "".join(said)
    assert "have monai 99.0" in told and "have torch 99.0" in told
    assert "numpy 99.0" not in told, "that is not fetched again"
    shared = environments.ownFolder() / "site-packages" / "shared"
    assert (shared / "torch.txt").exists() and (shared / "numpy.txt").exists()
    assert (shared / "monai.txt").exists()

    panel.section.remove()
    panel.settle()
    assert not environments.ownFolder().exists() and panel.engine.state == "off"
    with pytest.raises(ValueError, match="not installed yet"):
        environments.engineCommand()


def test_a_plain_python_gets_a_real_environment(slicer_like, environments, monkeypatch):  # noqa: F811
    monkeypatch.setattr(environments, "plainPython", lambda variables: "/usr/bin/python3.12")
    program, words, variables = environments.remedyFor(environments.Choice("own"), None).command()
    assert program == "/usr/bin/python3.12" and "--environment" in words
    assert "PYTHONHOME" not in variables


@pytest.mark.parametrize("state", ["{}", '{"busy": true}', '{"python": "3.9", "installed": {"run": ""}}'])
def test_incomplete_packages_or_those_of_another_python_are_not_used(environments, state):  # noqa: F811
    folder = environments.ownFolder()
    (folder / "site-packages").mkdir(parents=True)
    (folder / "cxradain.json").write_text(state)
    with pytest.raises(ValueError, match="not installed yet"):
        environments.engineCommand(environments.Choice("own"))

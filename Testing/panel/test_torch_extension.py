"""3D Slicer's PyTorch extension installs torch into the application's Python: offered first, after asking."""

from __future__ import annotations

import importlib.machinery
import json
import os
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from test_setup import COMPLETE, LACKING, STAND_IN, asked, environments, panel, saying  # noqa: F401

# What is left once that extension has done its part.
REST = COMPLETE | {"missing": ["safetensors>=0.4.5"]}


@pytest.fixture
def extension(monkeypatch) -> Iterator[list]:
    """PyTorchUtils, with the signature of fepegar/SlicerPyTorch e1c85cc; yields what it was asked for."""
    calls: list = []

    class PyTorchUtilsLogic:
        problem: Exception | None = None

        def installTorch(
            self,
            askConfirmation=False,
            forceComputationBackend=None,
            torchVersionRequirement=None,
            torchvisionVersionRequirement=None,
        ):
            calls.append((askConfirmation, torchVersionRequirement))
            if self.problem:
                raise self.problem

    module = ModuleType("PyTorchUtils")
    module.__spec__ = importlib.machinery.ModuleSpec("PyTorchUtils", None)  # as Slicer loads modules
    module.PyTorchUtilsLogic = PyTorchUtilsLogic
    monkeypatch.setitem(sys.modules, "PyTorchUtils", module)
    yield calls


def test_pytorch_extension_makes_the_applications_python_the_default(environments, extension, monkeypatch):  # noqa: F811
    monkeypatch.setattr(environments, "hasPackage", lambda name: False)
    assert environments.chosen().kind == "application"
    remedy = environments.remedyFor(environments.chosen(), LACKING)
    assert remedy.label == "Install PyTorch..." and remedy.choice.kind == "application"
    assert "does not answer" in remedy.question and LACKING["executable"] in remedy.question
    own = environments.remedyFor(environments.Choice("own"), LACKING)
    assert own.choice.kind == "own" and own.here is None
    assert not extension


def test_a_torch_that_is_too_old_is_not_replaced(environments, extension):  # noqa: F811
    old = LACKING | {"packages": {"torch": "2.4.0"}}
    assert environments.remedyFor(environments.Choice("application"), old).choice.kind == "own"


def test_pytorch_extension_installs_torch_after_a_yes_then_the_rest_is_offered(
    panel,  # noqa: F811
    environments,  # noqa: F811
    extension,
    monkeypatch,
    asked,  # noqa: F811
):
    reports = [LACKING, REST, COMPLETE]
    monkeypatch.setattr(environments, "inspectCommand", lambda choice: saying(json.dumps(reports[0])))
    variables = environments.withPackage({**os.environ})
    panel.engine.command = lambda: (sys.executable, [str(STAND_IN)], variables)
    environments.choose(environments.Choice("application"))
    panel.section.enter()
    panel.settle()
    asked["answer"] = False
    panel.section.mendButton.click()
    assert len(asked["questions"]) == 1 and not extension
    asked["answer"] = True
    reports.pop(0)
    panel.section.mendButton.click()
    panel.settle()
    assert extension == [(False, ">=2.11")] and len(asked["questions"]) == 2, "asked once, by us"
    assert "Missing: safetensors" in panel.status and panel.engine.state == "off"
    reports.pop(0)
    monkeypatch.setattr(environments, "installCommand", lambda python, words: saying(" ".join(words)))
    panel.section.mendButton.click()
    panel.wait(lambda: panel.engine.state == "ready")
    assert "safetensors" in asked["questions"][2]
    assert panel.section.log.plainText.strip() == "--packages safetensors>=0.4.5"


def test_a_failed_installation_of_torch_can_be_retried(panel, environments, extension, monkeypatch, asked):  # noqa: F811
    sys.modules["PyTorchUtils"].PyTorchUtilsLogic.problem = RuntimeError("PythonSlicer executable not found")
    monkeypatch.setattr(environments, "inspectCommand", lambda choice: saying(json.dumps(LACKING)))
    environments.choose(environments.Choice("application"))
    panel.section.enter()
    panel.settle()
    panel.section.mend()
    assert "executable not found" in panel.status and not panel.section.busy
    assert panel.section.mendButton.text == "Install PyTorch..."

"""3D Slicer's PyTorch extension installs torch for a training in the application's Python, after asking."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from test_setup import COMPLETE, LACKING, environments  # noqa: F401
from test_training_setup import saying, setup  # noqa: F401

NO_TORCH = COMPLETE | {"missing": ["torch>=2.11", "monai>=1.4"]}
# What is left once that extension has done its part.
REST = COMPLETE | {"packages": COMPLETE["packages"] | {"torch": "2.13.0"}, "missing": ["monai>=1.4"]}


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


def test_segmenting_needs_no_pytorch_extension(environments, extension):  # noqa: F811
    remedy = environments.remedyFor(environments.Choice("application"), LACKING)
    assert "onnxruntime" in remedy.question and remedy.here is None and not extension


def test_a_torch_that_is_too_old_is_not_replaced(environments, extension):  # noqa: F811
    old = NO_TORCH | {"packages": {"torch": "2.4.0"}}
    remedy = environments.remedyFor(environments.Choice("application"), old, training=True)
    assert remedy.choice.kind == "own" and remedy.here is None


def test_it_installs_torch_after_a_yes_then_the_rest_is_offered(setup, extension, monkeypatch):  # noqa: F811
    choice = setup.environments.Choice("application")
    monkeypatch.setattr(setup.environments, "chosen", lambda: choice)
    setup.reports = [NO_TORCH, REST, COMPLETE]
    setup.require()
    assert setup.wait()
    setup.answer = False
    setup.made.button.click()
    assert "does not answer" in setup.asked[0] and COMPLETE["executable"] in setup.asked[0] and not extension
    setup.answer = True
    setup.made.button.click()
    assert extension == [(False, ">=2.11")] and len(setup.asked) == 2, "asked once, by us"
    assert setup.wait()
    assert "missing: monai" in setup.said and setup.ready == 0
    monkeypatch.setattr(setup.environments, "installCommand", lambda python, words: saying(" ".join(words)))
    setup.made.button.click()
    assert setup.wait()
    assert setup.ready == 1 and "monai>=1.4" in setup.asked[2]


def test_a_failed_installation_of_torch_can_be_retried(setup, extension, monkeypatch):  # noqa: F811
    sys.modules["PyTorchUtils"].PyTorchUtilsLogic.problem = RuntimeError("PythonSlicer executable not found")
    choice = setup.environments.Choice("application")
    monkeypatch.setattr(setup.environments, "chosen", lambda: choice)
    setup.reports = [NO_TORCH, NO_TORCH]
    setup.require()
    assert setup.wait()
    setup.made.button.click()
    assert "executable not found" in setup.said and not setup.made.busy
    setup.require()
    assert setup.wait()
    assert setup.made.button.isVisibleTo(setup.made.widget)

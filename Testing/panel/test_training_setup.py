"""Packages that the chosen Python lacks for training are reported, and installed only after a yes."""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace

import pytest

COMPLETE = {"python": "3.12.1", "executable": "/envs/python", "old": False, "packages": {}, "missing": []}
LACKING = COMPLETE | {"missing": ["lightning-fabric>=2.4", "monai>=1.4"]}


def saying(text: str, code: int = 0):
    program = "import sys; print(sys.argv[1]); sys.exit(int(sys.argv[2]))"
    return sys.executable, ["-c", program, text, str(code)], {**os.environ}


@pytest.fixture
def setup(window, monkeypatch):
    """The part with hands: `reports` are given one after the other, `ready` counts what came of them."""
    from CXRAdaINSegLib import Widgets
    from CXRAdaINSegLib.processes import Environments
    from CXRAdaINSegLib.sections.TrainingSetup import TrainingSetup

    hands = SimpleNamespace(
        said="", ready=0, stopped=0, reports=[COMPLETE], asked=[], answer=True, environments=Environments
    )
    choice = Environments.Choice(Environments.INTERPRETER, sys.executable)
    monkeypatch.setattr(Environments, "chosen", lambda: choice)

    def inspect(choice, training=False):
        assert training
        return saying(json.dumps(hands.reports.pop(0)))

    def confirm(question, *rest):
        hands.asked.append(question)
        return hands.answer

    def be_ready():
        hands.ready += 1

    def stop():
        hands.stopped += 1

    monkeypatch.setattr(Environments, "inspectCommand", inspect)
    monkeypatch.setattr(Widgets, "confirm", confirm)
    hands.made = TrainingSetup(SimpleNamespace(stop=stop), lambda text: setattr(hands, "said", text))
    hands.require = lambda: hands.made.require(be_ready)
    hands.wait = lambda: window.process(30, until=lambda: not hands.made.busy)
    yield hands
    hands.made.widget.deleteLater()
    window.process()


def test_a_complete_environment_is_inspected_once(setup):
    setup.require()
    assert setup.ready == 0
    assert setup.wait()
    assert setup.ready == 1
    setup.require()
    assert setup.ready == 2 and not setup.reports and not setup.asked


def test_missing_packages_are_installed_after_a_yes_and_training_goes_on(setup, monkeypatch):
    monkeypatch.setattr(setup.environments, "installCommand", lambda python, words: saying(" ".join(words)))
    setup.reports = [LACKING, COMPLETE]
    setup.require()
    assert setup.wait()
    assert setup.ready == 0 and "lightning-fabric>=2.4, monai>=1.4" in setup.said
    setup.answer = False
    setup.made.button.click()
    assert not setup.made.busy and "monai>=1.4" in setup.asked[0] and "/envs/python" in setup.asked[0]
    setup.answer = True
    setup.made.button.click()
    assert setup.wait()
    assert setup.ready == 1 and not setup.stopped, "nothing of the engine's was replaced"


def test_what_the_python_before_lacked_is_not_offered_any_more(setup):
    setup.reports = [LACKING]
    setup.require()
    assert setup.wait() and setup.made.button.isVisibleTo(setup.made.widget)
    setup.made.forget()
    assert not setup.made.button.isVisibleTo(setup.made.widget)
    setup.made.install()
    assert not setup.asked


def test_an_installation_that_fails_says_why(setup, monkeypatch):
    monkeypatch.setattr(setup.environments, "installCommand", lambda python, words: saying("no network", 1))
    setup.reports = [LACKING]
    setup.require()
    setup.wait()
    setup.made.button.click()
    assert setup.wait()
    assert setup.ready == 0 and "no network" in setup.said and "exit code 1" in setup.said


def test_torch_comes_with_the_first_training_into_an_environment_of_its_own(setup, monkeypatch):
    environments, taken = setup.environments, [setup.environments.Choice("application")]
    monkeypatch.setattr(environments, "chosen", lambda: taken[-1])
    monkeypatch.setattr(environments, "installCommand", lambda python, words: saying(" ".join(words)))
    setup.made.choose = taken.append
    setup.reports = [LACKING | {"missing": ["torch>=2.11", "monai>=1.4"]}, COMPLETE]
    monkeypatch.setattr(environments, "trainCommand", lambda arguments, choice: saying(""))
    setup.require()
    assert setup.wait()
    assert setup.ready == 0 and "torch>=2.11" in setup.said
    setup.answer = False
    setup.made.button.click()
    assert not setup.stopped
    setup.answer = True
    setup.made.button.click()
    assert setup.stopped == 1, "the engine may have files open that are replaced"
    assert setup.wait()
    assert "gigabytes" in setup.asked[0] and str(environments.ownFolder()) in setup.asked[0]
    assert taken[-1] == environments.Choice("own") and setup.ready == 1


def test_a_command_trains_nothing(setup, monkeypatch):
    choice = setup.environments.Choice(setup.environments.COMMAND, "ssh host python -m cxradain.engine")
    monkeypatch.setattr(setup.environments, "chosen", lambda: choice)
    setup.require()
    assert setup.ready == 0 and not setup.made.busy
    assert "Python on this computer" in setup.said


def test_the_packages_of_a_training_are_those_of_the_project():
    import tomllib

    from cxradain.setup import packages
    from places import ROOT

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {name.split(">=")[0] for name in project["optional-dependencies"]["train"]}
    assert set(packages.TRAINING) == wanted - {"highdicom"}, "which is of exports"
    assert set(packages.report(training=True)["packages"]) >= {"torch", "monai"}

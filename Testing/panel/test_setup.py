"""The Setup section: it shows what is installed, asks before it installs, and repairs what it can."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
STAND_IN = HERE / "stand_in_engine.py"
COMPLETE = {
    "python": "3.12.1",
    "executable": "/somewhere/python",
    "old": False,
    "packages": {"onnxruntime": "1.32.0", "torch": None, "numpy": "2.4.6"},
    "missing": [],
}
LACKING = COMPLETE | {
    "packages": {"onnxruntime": None, "torch": None, "numpy": "2.4.6"},
    "missing": ["onnxruntime>=1.20"],
}


def saying(*lines: str, code: int = 0) -> tuple[str, list[str], dict[str, str]]:
    """A command that prints these lines."""
    script = "".join(f"print({line!r}, flush=True);" for line in lines) + f"raise SystemExit({code})"
    return sys.executable, ["-c", script], dict(os.environ)


@pytest.fixture
def environments(window, monkeypatch, tmp_path) -> Iterator:
    """The module, with settings of its own and an empty folder for the environment."""
    import qt
    from CXRAdaINSegLib.processes import Environments

    def forget():
        for key in qt.QSettings().allKeys():
            if key.startswith("CXRAdaINSeg/engine"):
                qt.QSettings().remove(key)

    forget()
    monkeypatch.setattr(Environments, "ownFolder", lambda: tmp_path / "own ü 空" / "engine")
    yield Environments
    forget()


class Panel:
    """The section with a stand-in engine, and Qt's event loop."""

    def __init__(self, environments):
        import qt
        from CXRAdaINSegLib.processes.EngineProcess import EngineProcess
        from CXRAdaINSegLib.sections.SetupSection import SetupSection

        self.loop = qt.QEventLoop()
        self.engine = EngineProcess(environments.engineCommand)
        self.section = SetupSection(self.engine, lambda: None, lambda: None, lambda: True)

    def wait(self, condition: Callable[[], object]) -> None:
        import time

        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, self.section.status.text
            self.loop.processEvents()
            time.sleep(0.001)

    def settle(self) -> None:
        self.wait(lambda: not self.section.busy)

    @property
    def status(self) -> str:
        return self.section.status.text


@pytest.fixture
def panel(environments) -> Iterator[Panel]:
    made = Panel(environments)
    yield made
    made.section.close()
    made.engine.stop()
    made.settle()


# --- which Python, and how it is started ---------------------------------------------------------------


def test_the_engine_starts_with_the_package_in_reach(environments):
    program, arguments, variables = environments.engineCommand(environments.Choice("application"))
    assert program == sys.executable
    assert arguments == ["-m", "cxradain.engine"]
    assert environments.PACKAGE_PARENT in variables["PYTHONPATH"].split(os.pathsep)


def test_another_python_gets_nothing_of_the_applications(environments, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    choice = environments.Choice("interpreter", "/opt/a b/python")
    program, _, variables = environments.engineCommand(choice)
    assert program == "/opt/a b/python"
    assert "PYTHONHOME" not in variables
    assert variables["PYTHONPATH"] == environments.PACKAGE_PARENT


def test_a_command_is_split_into_words_as_by_a_shell(environments):
    choice = environments.Choice("command", "ssh -p 22 'my host' python -m cxradain.engine")
    program, arguments, _ = environments.engineCommand(choice)
    assert [program, *arguments] == ["ssh", "-p", "22", "my host", "python", "-m", "cxradain.engine"]


@pytest.mark.parametrize("choice", [("interpreter", ""), ("command", " "), ("own", "")])
def test_a_missing_choice_or_interpreter_is_reported(environments, choice):
    with pytest.raises(ValueError, match="Setup section"):
        environments.engineCommand(environments.Choice(*choice))


def test_choice_and_earlier_path_are_remembered(environments):
    environments.choose(environments.Choice("interpreter", "/opt/ü/python"))
    environments.choose(environments.Choice("command", "ssh host engine"))
    assert environments.chosen() == environments.Choice("command", "ssh host engine")
    assert environments.rememberedValue("interpreter") == "/opt/ü/python"


def test_default_is_the_applications_python(environments):
    assert environments.chosen() == environments.Choice("application")


@pytest.mark.parametrize("output", ["", "hello", "[1]", '{"python": 1}', "{half"])
def test_a_program_that_is_no_python_is_reported(environments, output):
    with pytest.raises(ValueError):
        environments.reportOf(True, "", output)


def test_the_applications_python_gets_the_light_engine_and_never_torch_from_pip(environments):
    application = environments.Choice("application")
    remedy = environments.remedyFor(application, LACKING)
    assert remedy.choice.kind == "application"
    assert remedy.command()[1][-2:] == ["--packages", "onnxruntime>=1.20"]
    assert "about 29 MB" in remedy.question and "an environment of its own" in remedy.question
    remedy = environments.remedyFor(application, COMPLETE | {"missing": ["torch>=2.11"]}, training=True)
    assert remedy.choice.kind == "own" and "gigabytes" in remedy.question
    assert remedy.command()[1][-3:] == ["--environment", str(environments.ownFolder()), "--training"]


def test_what_the_application_has_loaded_is_not_replaced(environments):
    """A numpy that is too old for the engine may be what the application and other extensions need."""
    old = LACKING | {"missing": ["onnxruntime>=1.20", "numpy>=2.0"]}
    remedy = environments.remedyFor(environments.Choice("application"), old)
    assert remedy.choice.kind == "own" and "--environment" in remedy.command()[1]
    assert "About 164 MB" in remedy.question
    assert (
        environments.remedyFor(environments.Choice("interpreter", "/python"), old).choice.kind
        == "interpreter"
    )


def test_complete_and_unreachable_environments_have_no_remedy(environments):
    assert environments.remedyFor(environments.Choice("application"), COMPLETE) is None
    assert environments.remedyFor(environments.Choice("command", "ssh host"), None) is None
    assert environments.remedyFor(environments.Choice("interpreter", "/gone"), None) is None


# --- the section ---------------------------------------------------------------------------------------


def test_opening_the_section_inspects_without_starting_or_installing(panel, environments, answers):
    environments.choose(environments.Choice("application"))
    panel.section.enter()
    panel.settle()
    assert f"onnxruntime {version('onnxruntime')}" in panel.status
    assert sys.executable in panel.status
    assert panel.engine.state == "off"
    assert not panel.section.mendButton.isVisibleTo(panel.section.widget)
    assert not answers["questions"]


def test_a_check_starts_the_engine_and_the_section_stays_as_it_is(panel, environments, monkeypatch):
    monkeypatch.setattr(environments, "inspectCommand", lambda choice: saying(json.dumps(COMPLETE)))
    panel.engine.command = lambda: (
        sys.executable,
        [str(STAND_IN)],
        environments.withPackage({**os.environ}),
    )
    panel.section.widget.collapsed = False
    panel.section.check()
    panel.wait(lambda: panel.engine.state == "ready")
    assert not panel.section.widget.collapsed, "who pressed Check reads what it says"
    panel.section.widget.collapsed = True
    assert "onnxruntime 1.32.0" in panel.status


def test_an_engine_that_fails_while_nobody_works_unfolds_the_section_and_says_why(
    panel, environments, monkeypatch
):
    monkeypatch.setattr(environments, "inspectCommand", lambda choice: saying(json.dumps(COMPLETE)))
    panel.engine.command = lambda: saying("nothing", code=3)
    panel.section.widget.collapsed = True
    panel.section.check()
    panel.wait(lambda: panel.engine.state == "failed")
    assert not panel.section.widget.collapsed
    assert panel.engine.text in panel.status


def test_missing_packages_are_installed_after_asking(panel, environments, monkeypatch, answers):
    reports = [LACKING, COMPLETE]
    monkeypatch.setattr(environments, "inspectCommand", lambda choice: saying(json.dumps(reports[0])))
    monkeypatch.setattr(environments, "installCommand", lambda python, words: saying("fetching onnxruntime"))
    panel.engine.command = lambda: (
        sys.executable,
        [str(STAND_IN)],
        environments.withPackage({**os.environ}),
    )
    environments.choose(environments.Choice("interpreter", sys.executable))
    panel.section.enter()
    panel.settle()
    assert "Missing: onnxruntime>=1.20" in panel.status
    assert panel.section.mendButton.isVisibleTo(panel.section.widget)
    answers["answer"] = False
    panel.section.mendButton.click()
    assert not panel.section.busy
    assert "onnxruntime>=1.20" in answers["questions"][0]
    answers["answer"] = True
    reports.pop(0)
    panel.section.mendButton.click()
    panel.wait(lambda: panel.engine.state == "ready")
    assert "fetching onnxruntime" in panel.section.log.plainText
    assert "Missing" not in panel.status


def test_a_failed_installation_says_so_and_leaves_the_button(panel, environments, monkeypatch, answers):
    monkeypatch.setattr(environments, "inspectCommand", lambda choice: saying(json.dumps(LACKING)))
    monkeypatch.setattr(environments, "installCommand", lambda python, words: saying("no network", code=1))
    environments.choose(environments.Choice("interpreter", sys.executable))
    panel.section.enter()
    panel.settle()
    panel.section.mend()
    panel.settle()
    assert "exit code 1" in panel.status
    assert "no network" in panel.section.log.plainText
    assert panel.section.mendButton.isVisibleTo(panel.section.widget)


def test_an_installation_can_be_cancelled(panel, environments, monkeypatch, answers):
    waits = (
        sys.executable,
        ["-c", "import sys; print('begun', flush=True); sys.stdin.read()"],
        {**os.environ},
    )
    monkeypatch.setattr(environments, "inspectCommand", lambda choice: saying(json.dumps(LACKING)))
    monkeypatch.setattr(environments, "installCommand", lambda python, words: waits)
    environments.choose(environments.Choice("interpreter", sys.executable))
    panel.section.enter()
    panel.settle()
    panel.section.mend()
    panel.wait(lambda: "begun" in panel.section.log.plainText)
    assert panel.section.cancelButton.isVisibleTo(panel.section.widget)
    panel.section.cancelButton.click()
    assert panel.section.status.text == "Cancelling..."
    panel.settle()
    assert "Cancelled." in panel.status


def test_diagnostics_hold_versions_and_no_home(panel, environments, monkeypatch):
    import qt

    report = COMPLETE | {"executable": str(Path.home() / "envs" / "python")}
    monkeypatch.setattr(environments, "inspectCommand", lambda choice: saying(json.dumps(report)))
    panel.section.enter()
    panel.settle()
    panel.section.copyDiagnostics()
    text = qt.QApplication.clipboard().text()
    assert "onnxruntime: 1.32.0" in text and "computed by: ?" in text
    assert "~/envs/python" in text
    assert f"{Path.home()}{os.sep}envs" not in text

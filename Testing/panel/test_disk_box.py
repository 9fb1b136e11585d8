"""What the extension keeps on the disk: shown with its size, opened, and removed after asking alone."""

from __future__ import annotations

import shutil

import pytest
from cxradain.files import size_text
from cxradain.models.folders import bundled_models
from cxradain.models.registry import Registry, home
from module_panel import standing_in
from worklist_driver import Worklist


@pytest.fixture
def panel(window, monkeypatch, tmp_path):
    """The panel, with an environment of its own, one model of a round and an answer to what is asked."""
    from CXRAdaINSegLib import Widgets
    from CXRAdaINSegLib.processes import Environments

    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    own = tmp_path / "own" / "engine"
    own.mkdir(parents=True)
    (own / "cxradain.json").write_text("{}")
    (own / "library").write_bytes(bytes(3_000_000))
    monkeypatch.setattr(Environments, "ownFolder", lambda: own)
    Registry().promote(Registry().add(bundled_models()[0]).id)
    with standing_in(window) as panel:
        panel.questions, panel.answer = [], True
        monkeypatch.setattr(
            Widgets,
            "confirm",
            lambda text, *rest: panel.questions.append(text) or panel.answer,
        )
        panel.setup = panel.widget.setupSection
        panel.disk = panel.setup.disk
        panel.setup.widget.collapsed = False
        panel.disk.widget.collapsed = True  # an earlier test may have unfolded it
        panel.disk.widget.collapsed = False
        panel.until(lambda: not panel.disk.busy, 60)
        yield panel
        panel.disk.widget.collapsed = True


def told(panel, name: str) -> tuple[str, str]:
    import slicer

    find = slicer.util.findChild
    return find(panel.disk.widget, f"{name}Path").text, find(panel.disk.widget, f"{name}Size").text


def press(panel, name: str) -> None:
    import slicer

    slicer.util.findChild(panel.disk.widget, name).click()
    panel.until(lambda: not panel.disk.busy and not panel.setup.busy, 60)


def test_places_and_sizes_are_shown(panel, window, tmp_path):
    path, size = told(panel, "Environment")
    assert path.endswith("engine") and size == "3.0 MB"
    path, size = told(panel, "Models")
    model = Registry().current()
    assert path == str(home() / "models") and size == size_text(model.bytes)
    assert told(panel, "Session") == ("None.", "")
    hands = Worklist(panel)
    hands.open(tmp_path / "session")
    panel.disk.widget.collapsed = True
    panel.disk.widget.collapsed = False
    panel.until(lambda: not panel.disk.busy, 60)
    assert told(panel, "Session")[0] == str(tmp_path / "session") and told(panel, "Session")[1]
    hands.close()


def test_nothing_is_removed_without_a_yes(panel):
    panel.answer = False
    press(panel, "EnvironmentRemoveButton")
    press(panel, "ModelsRemoveButton")
    assert len(panel.questions) == 2 and "bundled model" in panel.questions[1]
    assert not Registry().current().bundled and told(panel, "Environment")[1] == "3.0 MB"


def test_models_are_removed_and_the_bundled_one_is_used(panel):
    press(panel, "ModelsRemoveButton")
    left = Registry().models()
    assert [entry.folder for entry in left] == bundled_models() and left[0].current
    assert told(panel, "Models")[1] == "0.0 MB"
    press(panel, "ModelsRemoveButton")
    assert len(panel.questions) == 1, "there is nothing to ask about"


def test_before_the_first_round_there_are_no_models_to_open(panel):
    import slicer

    shutil.rmtree(home() / "models")
    panel.disk.update()
    assert told(panel, "Models") == ("None.", "")
    buttons = [slicer.util.findChild(panel.disk.widget, f"Models{name}Button") for name in ("Open", "Remove")]
    assert not any(button.enabled for button in buttons)


def test_panel_and_command_line_show_the_same_size(window):
    from CXRAdaINSegLib.Texts import sizeText

    for count in (0, 949_999, 9_300_000, 999_999_999, 1_000_000_000, 3_160_000_000):
        assert sizeText(count) == size_text(count)
    assert size_text(9_340_000) == "9.3 MB" and size_text(3_160_000_000) == "3.2 GB"


def test_a_folder_is_opened(panel, monkeypatch):
    import qt

    opened = []
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    press(panel, "ModelsOpenButton")
    assert opened == [str(home() / "models")]


def test_a_removed_environment_is_shown_as_gone(panel, monkeypatch):
    from CXRAdaINSegLib.processes import Environments

    def remove():
        shutil.rmtree(Environments.ownFolder())
        return Environments.diskCommand([])

    monkeypatch.setattr(Environments, "removeCommand", remove)
    press(panel, "EnvironmentRemoveButton")
    assert told(panel, "Environment") == ("None.", "")


def test_sizes_are_counted_by_the_trainer(tmp_path):
    from cxradain.setup.disk import size

    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"12345")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "gone")
    assert 5 <= size(str(tmp_path)) < 5 + 4096
    assert size(str(tmp_path / "none")) == 0

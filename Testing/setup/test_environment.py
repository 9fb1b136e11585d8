"""The environment: made once, repaired when broken, and not remade without need."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cxradain.file_lock import lock
from cxradain.setup import PYTHON, SetupError, installer
from cxradain.setup.environment import Environment

ROOT = Path(__file__).parents[2]

posix = pytest.mark.skipif(os.name == "nt", reason="the stubs are shell scripts")


@pytest.fixture
def made(stub: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The environments that were made, all with stubs."""
    folders: list[Path] = []
    monkeypatch.setattr(installer, "make_venv", lambda folder: (folders.append(folder), stub(folder)))
    return folders


@pytest.fixture
def prepared(tmp_path: Path, requirements: Path, made: list[Path]) -> Callable[..., list[str]]:
    """Prepares a set as a new run would; returns the sets that pip has been asked for so far."""

    def prepare(name: str, torch: str | None = None, recreate: bool = False) -> list[str]:
        Environment(tmp_path / ".venv", requirements, torch).prepare(name, recreate)
        log = tmp_path / "pip.log"
        return log.read_text().split() if log.exists() else []

    return prepare


@posix
def test_a_second_run_installs_nothing_and_a_changed_requirement_only_what_it_must(
    prepared: Callable[..., list[str]], made: list[Path], requirements: Path, tmp_path: Path, capsys
) -> None:
    assert prepared("run") == ["run"]
    said = capsys.readouterr().out
    assert "Making the environment" in said and "fetching numpy 2.4.6 (16.9 MB)" in said
    assert "installing 2 packages" in said
    assert prepared("run") == ["run"] and capsys.readouterr().out == ""
    assert prepared("desktop") == ["run", "desktop"], "a window that segments needs no torch"
    assert prepared("test") == ["run", "desktop", "torch", "test"]
    assert prepared("train") == prepared("run") == ["run", "desktop", "torch", "test"], (
        "test holds train, which holds run"
    )
    train = requirements / "train.txt"
    train.write_text(train.read_text() + "# a comment changes nothing\n")
    assert prepared("train") == ["run", "desktop", "torch", "test"]
    train.write_text(train.read_text() + "tqdm==4.70.1\n")
    assert prepared("run") == ["run", "desktop", "torch", "test"]
    assert prepared("train") == ["run", "desktop", "torch", "test", "train"]
    lock = requirements / "lock.txt"
    lock.write_text(lock.read_text() + "# run\nsix==1.17.0 \\\n    --hash=sha256:ab\n")
    assert prepared("run") == ["run", "desktop", "torch", "test", "train", "run"]
    assert (tmp_path / ".venv" / "run.txt").read_text().endswith("six==1.17.0 \\\n    --hash=sha256:ab\n")
    assert len(made) == 1


@posix
def test_an_interrupted_installation_is_repaired(
    prepared: Callable[..., list[str]],
    made: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys,
) -> None:
    prepared("run")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(installer, "pip_install", stop)
        with pytest.raises(KeyboardInterrupt):
            prepared("train")
    (tmp_path / ".venv" / "lib").mkdir()
    assert prepared("train") == ["run", "torch", "train"]
    assert "its installation was interrupted" in capsys.readouterr().out
    assert len(made) == 2 and not (tmp_path / ".venv" / "lib").exists()
    (tmp_path / ".venv" / "cxradain.json").write_text('{"python": ')
    assert prepared("train")[3:] == ["torch", "train"], "a state cut short is an interruption"
    assert len(made) == 3


@posix
def test_when_pip_fails_its_output_is_shown_and_the_environment_kept(
    prepared: Callable[..., list[str]], made: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared("run")
    with monkeypatch.context() as patch:
        patch.setenv("STUB_PIP_CODE", "3")
        with pytest.raises(SetupError, match=r"(?s)exit code 3.*Installing collected packages"):
            prepared("train")
    assert prepared("run") == ["run", "torch"] and len(made) == 1, "run.py demo works on"
    assert prepared("train") == ["run", "torch", "torch", "train"] and len(made) == 1
    with monkeypatch.context() as patch:
        patch.setenv("STUB_PIP_CODE", "1")
        patch.setenv("STUB_HALF", str(tmp_path / ".venv"))
        with pytest.raises(SetupError):
            prepared("test")
    prepared("run")
    assert len(made) == 2, "a package left half installed: made anew"


@posix
def test_environment_is_remade_on_request_or_when_its_python_changed(
    prepared: Callable[..., list[str]], made: list[Path], tmp_path: Path, capsys
) -> None:
    prepared("run")
    prepared("run", recreate=True)
    assert len(made) == 2 and "as you asked" in capsys.readouterr().out
    state = tmp_path / ".venv" / "cxradain.json"
    state.write_text(state.read_text().replace(f'"{PYTHON}"', '"3.9"'))
    prepared("run")
    assert len(made) == 3 and "made with Python 3.9" in capsys.readouterr().out
    (tmp_path / ".venv" / "bin" / "python").unlink()
    prepared("run")
    assert len(made) == 4 and "its Python is gone" in capsys.readouterr().out


@posix
def test_another_torch_version_is_installed_and_remembered(
    prepared: Callable[..., list[str]], made: list[Path], tmp_path: Path
) -> None:
    asked = tmp_path / "torch.log"
    prepared("run")
    assert not asked.exists()
    prepared("train")
    assert asked.read_text().split()[:2] == ["torch==2.13.0", "-c"]
    prepared("train", torch="'torch>=2.11,<3' --pre")
    assert len(made) == 2 and asked.read_text().split()[:2] == ["torch>=2.11,<3", "--pre"]
    prepared("run")
    prepared("train")
    assert len(made) == 2, "the choice need not be made again"
    asked.unlink()
    prepared("train", recreate=True)
    assert asked.read_text().startswith("torch>=2.11,<3")


@posix
def test_clean_removes_only_its_own_files(
    prepared: Callable[..., list[str]], tmp_path: Path, requirements: Path, capsys
) -> None:
    folder = tmp_path / ".venv"
    prepared("run")
    Environment(folder, requirements).remove()
    assert not folder.exists() and "Removed" in capsys.readouterr().out
    Environment(folder, requirements).remove()
    assert "There is no" in capsys.readouterr().out
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    for act in (Environment(folder, requirements).remove, lambda: prepared("run")):
        with pytest.raises(SetupError, match=r"not made by run\.py"):
            act()
    assert (folder / "pyvenv.cfg").exists()


@posix
def test_one_run_at_a_time_changes_the_environment(tmp_path: Path) -> None:
    child = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'trainer')!r}); from pathlib import Path\n"
        f"from cxradain.setup.environment import Environment\n"
        f"Environment(Path({str(tmp_path / 'env')!r}), Path()).remove()"
    )
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "cxradain.json").write_text("{}")
    with lock(tmp_path / "env.lock"):
        waiting = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, text=True)
        assert "waiting" in waiting.stdout.readline()
        assert waiting.poll() is None
    assert waiting.communicate(timeout=20)[0].startswith("Removed") and waiting.returncode == 0

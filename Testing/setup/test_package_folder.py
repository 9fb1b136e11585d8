"""A folder of packages: changed completely or not at all, and remade where it cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cxradain.setup import PYTHON, SetupError, installer
from cxradain.setup.environment import Environment
from cxradain.setup.package_folder import PackageFolder, complete_packages


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pip has been asked for: "torch", or a listing's name; it installs a file of that name."""
    names: list[str] = []

    def install(python: Path, words: list[str], held: int, environment: dict[str, str]) -> None:
        name = Path(words[words.index("-r") + 1]).stem if "-r" in words else "torch"
        target = Path(words[words.index("--target") + 1])
        assert Path(environment["TMPDIR"]).is_dir() and environment["TMP"] == environment["TMPDIR"]
        names.append(name)
        (target / "shared").mkdir(parents=True)
        (target / "shared" / f"{name}.py").write_text(name)
        (target / f"{name}.py").write_text(name)

    monkeypatch.setattr(installer, "pip_install", install)
    return names


@pytest.fixture
def prepare(tmp_path: Path, requirements: Path, asked: list[str]) -> Callable[[str], list[str]]:
    """Prepares a set as a new run would; returns what is there then."""

    def prepared(name: str) -> list[str]:
        PackageFolder(tmp_path / "own", requirements).prepare(name)
        packages = tmp_path / "own" / "site-packages"
        assert not (tmp_path / "own" / "new").exists()
        shared = sorted(path.name for path in (packages / "shared").iterdir())
        assert shared == sorted(path.name for path in packages.iterdir() if path.is_file())
        return [name.removesuffix(".py") for name in shared]

    return prepared


def test_folder_is_filled_once_and_training_packages_are_added(prepare, asked, tmp_path: Path) -> None:
    assert complete_packages(tmp_path / "own") is None
    assert prepare("run") == ["run"]
    assert prepare("run") and asked == ["run"]
    assert complete_packages(tmp_path / "own") == tmp_path / "own" / "site-packages"
    assert prepare("train") == ["run", "torch", "train"] and asked == ["run", "torch", "train"]
    lines = (tmp_path / "own" / "train.txt").read_text().splitlines()
    assert any(line.startswith("monai==") for line in lines)
    assert not any(line.startswith(("numpy==", "safetensors==")) for line in lines), "they are there"
    assert prepare("run") and len(asked) == 3


@pytest.mark.parametrize("error", [SetupError("no network"), KeyboardInterrupt()])
def test_a_failed_or_cancelled_installation_keeps_what_worked(
    prepare, asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def stop(python: Path, words: list[str], *_: object) -> None:
        (Path(words[words.index("--target") + 1]) / "half").mkdir(parents=True)
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(installer, "pip_install", stop)
        with pytest.raises(type(error)):
            prepare("run")
        assert complete_packages(tmp_path / "own") is None, "made, and empty"
    assert prepare("run") == ["run"]
    with monkeypatch.context() as patch:
        patch.setattr(installer, "pip_install", stop)
        with pytest.raises(type(error)):
            prepare("train")
    assert complete_packages(tmp_path / "own") and prepare("run") == ["run"]
    (tmp_path / "own" / "new").mkdir()  # of one that was killed
    assert prepare("train") == ["run", "torch", "train"]


def test_a_folder_interrupted_while_changing_is_made_anew(prepare, asked, tmp_path: Path, capsys) -> None:
    prepare("run")
    state = tmp_path / "own" / "cxradain.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"busy": True}))
    (tmp_path / "own" / "site-packages" / "half.py").touch()
    assert complete_packages(tmp_path / "own") is None
    assert prepare("run") == ["run"] and "interrupted" in capsys.readouterr().out


def test_other_versions_or_another_python_need_a_new_one(
    prepare, asked, tmp_path: Path, requirements: Path, capsys
) -> None:
    prepare("run")
    (requirements / "run.txt").write_text((requirements / "run.txt").read_text() + "six==1.17.0\n")
    assert complete_packages(tmp_path / "own"), "it serves until it is mended"
    prepare("run")
    assert "other versions" in capsys.readouterr().out and asked == ["run"] * 2
    state = tmp_path / "own" / "cxradain.json"
    state.write_text(state.read_text().replace(f'"{PYTHON}"', '"3.9"'))
    assert complete_packages(tmp_path / "own") is None
    prepare("run")
    assert len(asked) == 3


def test_folder_and_environment_replace_each_other(
    prepare, asked, stub, tmp_path: Path, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare("run")
    monkeypatch.setattr(installer, "make_venv", stub)
    monkeypatch.setattr(installer, "pip_install", lambda *_: None)
    Environment(tmp_path / "own", requirements).prepare("run")
    assert complete_packages(tmp_path / "own") is None and (tmp_path / "own" / "bin" / "python").exists()
    monkeypatch.undo()


def test_removal_takes_the_whole_folder_and_nothing_else(prepare, tmp_path: Path, requirements: Path) -> None:
    prepare("run")
    PackageFolder(tmp_path / "own", requirements).remove()
    assert not (tmp_path / "own").exists()
    (tmp_path / "own" / "site-packages").mkdir(parents=True)
    for act in (PackageFolder(tmp_path / "own", requirements).remove, lambda: prepare("run")):
        with pytest.raises(SetupError, match="not made by"):
            act()

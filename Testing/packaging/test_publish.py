"""What is written at publication and at a release: into all its places, or into none."""

from __future__ import annotations

import datetime
import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Resources"))

import publish  # noqa: E402

sys.path.pop(0)  # SampleData there is no package

DAY = datetime.date(2027, 2, 3)
FILES = {*publish.OWNER_IN, *publish.VERSION_IN, publish.CHANGES}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def texts(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8") for name in FILES}


def test_owner_and_version_are_the_same_in_all_files_now() -> None:
    from cxradain import __version__

    assert publish.owner()
    assert publish.version() == __version__


def test_no_other_file_holds_the_owner() -> None:
    """The index and GitHub read these as they lie, so that no program can fill it in from one of them."""
    places = [*ROOT.glob("*"), *ROOT.glob("Docs/*"), *(ROOT / "CXRAdaINSeg").rglob("*")]
    kinds = (".txt", ".json", ".md", ".cff", ".py", ".toml")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in places
        if path.is_file() and path.suffix in kinds and re.search(publish.ADDRESS, path.read_text("utf-8"))
    }
    assert found == set(publish.OWNER_IN)


def test_the_owner_is_filled_in_everywhere_and_again(copy: Path) -> None:
    publish.set_owner("first-lab", copy)
    publish.set_owner("SecondLab", copy)
    assert publish.owner(copy) == "SecondLab"
    assert "github.com/OWNER" not in "".join(texts(copy).values())
    assert "https://github.com/SecondLab/SlicerCXRAdaINSeg.git" in texts(copy)["CXRAdaINSeg.json"]
    raw = "https://raw.githubusercontent.com/SecondLab/SlicerCXRAdaINSeg/main/Resources/Screenshots/segment.webp"
    assert raw in texts(copy)["CMakeLists.txt"] and raw in texts(copy)["Docs/index-submission.md"]


def test_a_release_has_its_version_everywhere_and_its_day_in_the_changes(copy: Path) -> None:
    (copy / publish.CHANGES).write_text("# Changes\n\n## 0.1.0 (unreleased)\n\n- New.\n", encoding="utf-8")
    publish.set_version("7.8.9", copy, DAY)
    now = texts(copy)
    assert publish.version(copy) == "7.8.9"
    assert now[publish.CHANGES] == "# Changes\n\n## 7.8.9 (2027-02-03)\n\n- New.\n"
    assert "cff-version: 1.2.0" in now["CITATION.cff"], "that of the format is another one"
    assert 'target-version = "py311"' in now["pyproject.toml"]
    with pytest.raises(publish.PublishError, match="unreleased"):
        publish.set_version("7.9.0", copy, DAY)


@pytest.mark.parametrize("wrong", ["1.2", "v1.2.3", "1.2.3rc1", "0.0.1", ""])
def test_what_is_no_later_version_changes_nothing(copy: Path, wrong: str) -> None:
    before = texts(copy)
    with pytest.raises(publish.PublishError):
        publish.set_version(wrong, copy, DAY)
    assert texts(copy) == before


@pytest.mark.parametrize("wrong", ["a/b", "-lab", "two words", "x" * 40, ""])
def test_what_is_no_name_of_githubs_changes_nothing(copy: Path, wrong: str) -> None:
    before = texts(copy)
    with pytest.raises(publish.PublishError):
        publish.set_owner(wrong, copy)
    assert texts(copy) == before


def test_files_that_disagree_are_named(copy: Path) -> None:
    path = copy / "CITATION.cff"
    path.write_text(re.sub(r"(?m)^version: .*$", "version: 9.9.9", path.read_text("utf-8")), encoding="utf-8")
    with pytest.raises(publish.PublishError, match=r"CITATION\.cff: 9\.9\.9"):
        publish.version(copy)

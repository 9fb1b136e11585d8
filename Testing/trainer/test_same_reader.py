"""One reader is not two by capitals or blanks, and none is called as the model is."""

from __future__ import annotations

from pathlib import Path

import pytest
from cxradain import cli
from cxradain.sessions.readers import is_same_name, reader_named
from cxradain.sessions.records import SessionError
from cxradain.sessions.store import Session
from PIL import Image as Picture
from session_data import lungs, session


@pytest.mark.parametrize("name", ["ada  l", "ADA L", " Ada L ", "AdaL", "Ada\u00a0L"])
def test_capitals_and_blanks_make_no_other_reader(name: str) -> None:
    assert reader_named(name, ["Bea", "Ada L"]) == "Ada L"
    assert is_same_name(name, "Ada L") and not is_same_name(name, "Ada M")


def test_a_new_name_is_kept_as_it_is_written_and_an_exact_one_comes_first() -> None:
    assert reader_named(" Ada   L", []) == "Ada L" and reader_named("", ["Ada"]) == ""
    assert reader_named("ada", ["Ada", "ada"]) == "ada", "both are in sessions of older programs"


@pytest.mark.parametrize("name", ["model", "Model", " MODEL ", "mo del"])
def test_no_reader_is_called_model(name: str, tmp_path: Path) -> None:
    with session(tmp_path / "s", 1) as opened:
        key = opened.images()[0].key
        with pytest.raises(SessionError, match="cannot be called"):
            opened.add_mask(key, lungs(0), name, "corrected")
        with pytest.raises(SessionError, match="cannot be called"):
            opened.set_heart(key, name, ((1.0, 1.0), (1.0, 9.0)))
        assert opened.readers() == [] and opened.heart(key, name) == ()


def test_the_library_keeps_a_readers_masks_and_points_under_one_name(tmp_path: Path) -> None:
    with session(tmp_path / "s", 1) as opened:
        key = opened.images()[0].key
        opened.add_mask(key, lungs(0), "Ada", "corrected")
        assert opened.add_mask(key, lungs(1), " ada", "approved").reader == "Ada"
        points = ((1.0, 1.0), (1.0, 9.0))
        opened.set_heart(key, "ADA", points)
        assert opened.readers() == ["Ada"] and opened.heart(key, "Ada") == points


def test_the_command_line_takes_a_reader_by_either_spelling_and_says_so(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "s"
    with session(folder, 2) as opened:
        keys = [image.key for image in opened.images()]
        opened.add_mask(keys[0], lungs(0), "Ada", "approved")
    mask = tmp_path / f"{keys[1]}.png"
    Picture.fromarray(lungs(3)).save(mask)
    words = ["session", "import", str(folder), str(mask)]
    assert cli.main([*words, "--reader", "Model"]) == 2
    assert "cannot be called 'Model'" in capsys.readouterr().err
    assert cli.main([*words, "--reader", "ada", "--image", keys[1]]) == 0
    assert "'ada' is taken as 'Ada'" in capsys.readouterr().out
    with Session(folder, write=False) as opened:
        assert opened.readers() == ["Ada"]
    assert cli.main(["session", "status", str(folder), "--reader", "ADA"]) == 0
    assert "approved: 1" in capsys.readouterr().out
    assert cli.main(["session", "status", str(folder), "--reader", "Bea"]) == 2, "and not counted as unread"
    assert "Its readers are: Ada" in capsys.readouterr().err
    export = ["session", "export", str(folder), "--format", "csv", "--output", str(tmp_path / "s.csv")]
    assert cli.main([*export, "--reader", "ada", "--identifiers"]) == 0
    assert (tmp_path / "s.csv").read_text().count("Ada") == 2

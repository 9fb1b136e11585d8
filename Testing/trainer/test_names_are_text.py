"""Names from elsewhere are text: in tables, on the terminal, and to whom a session's files are open."""

from __future__ import annotations

import csv
import json
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from cxradain.cli import main
from cxradain.datasets import DatasetError, DatasetImage, read_mask
from cxradain.files import table_cell
from cxradain.sessions.store import Session
from PIL import Image
from session_data import lungs, session

posix = pytest.mark.skipif(os.name != "posix", reason="names and permissions as POSIX has them")


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_cell_begins_a_formula(text: str) -> None:
    assert table_cell(text) == f"'{text}"
    for value in ("-0.5", "+3", "a=b", "", 5, None, -1.5):
        assert table_cell(value) == value


def test_an_exported_table_has_no_formulas(tmp_path: Path) -> None:
    with session(tmp_path / "s", 1) as opened:
        opened.add_mask(opened.images()[0].key, lungs(1), '=HYPERLINK("http://elsewhere")', "approved")
    arguments = ["--format", "png", "--output", str(tmp_path / "out"), "--identifiers"]
    assert main(["session", "export", str(tmp_path / "s"), *arguments]) == 0
    with (tmp_path / "out" / "manifest.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert '\'=HYPERLINK("http://elsewhere")' in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@"))]


NAMES = {
    "../../../evil": "evil",
    "a/b\\c.png": "c",
    "CON": "_CON",
    "nul.dcm": "_nul",
    "n\newline": "n_ewline",
    "a:b|c?.png": "a_b_c_",
    ".. ": "_",
    "": "_",
    "\x1b[31mred": "_[31mred",
    "x" * 5000: "x" * 227,
}


def renamed(folder: Path, name: str) -> None:
    """A session of one mask whose image has this name, as one from elsewhere may have it."""
    with session(folder, 1) as opened:
        key = opened.images()[0].key
        opened.add_mask(key, lungs(1), "anna", "approved")
    record = folder / "images" / f"{key}.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"name": name}))
    (folder / "index.sqlite").unlink()


@pytest.mark.parametrize(("name", "written"), NAMES.items(), ids=range(len(NAMES)))
def test_a_session_from_elsewhere_names_files_that_every_system_takes(
    name: str, written: str, tmp_path: Path
) -> None:
    renamed(tmp_path / "s", name)
    arguments = ["--format", "png", "--output", str(tmp_path / "out"), "--identifiers"]
    assert main(["session", "export", str(tmp_path / "s"), *arguments]) == 0
    files = [str(path.relative_to(tmp_path / "out" / "masks")) for path in tmp_path.rglob("masks/*.png")]
    assert len(files) == 1 and Path(files[0]).stem[:227] == written


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_no_file_can_have_is_a_damaged_record(name: str, tmp_path: Path, capsys) -> None:
    renamed(tmp_path / "s", name)
    arguments = ["--format", "png", "--output", str(tmp_path / "out"), "--identifiers"]
    assert main(["session", "verify", str(tmp_path / "s")]) == 1
    assert main(["session", "status", str(tmp_path / "s"), "--list"]) == 0
    main(["session", "export", str(tmp_path / "s"), *arguments])
    said = "".join(capsys.readouterr())
    assert ".json: is damaged" in said and "Traceback" not in said
    assert not list((tmp_path / "out").glob("masks/*"))


@posix
def test_names_give_the_terminal_no_orders(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    evil = tmp_path / "\x1b]0;title\x07\x1b[31mred\u202egnp.png"
    evil.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    line = tmp_path / "two\nlines.png"
    line.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    assert main(["info", str(evil), str(line)]) == 1
    with session(tmp_path / "s", 1) as opened:
        key = opened.images()[0].key
    record = tmp_path / "s" / "images" / f"{key}.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"name": "\x1b[31mred"}))
    (tmp_path / "s" / "index.sqlite").unlink()
    assert main(["session", "status", str(tmp_path / "s"), "--list"]) == 0
    said = "".join(capsys.readouterr())
    assert "\\x1b]0;title\\x07\\x1b[31mred\\x202egnp.png" in said and "\\x1b[31mred\tunlabelled" in said
    assert "two\\nlines.png" in said
    assert not set(said) & {"\x1b", "\x07", "\r", "\u202e"}
    assert sys.stdout.isatty() is False  # all else is as of the stream itself


@posix
def test_a_name_of_two_lines_forges_no_second_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (64, 48)).astype(np.uint8)
    evil = tmp_path / "a\nother: likely good (1.00)..png"
    Image.fromarray(pixels).save(evil)
    renamed(tmp_path / "s", "a\n0123456789ab\tother\tapproved")
    assert main(["info", str(evil)]) == 0
    assert main(["session", "add", str(tmp_path / "s"), str(evil), "--keep-names"]) == 0
    assert main(["session", "status", str(tmp_path / "s"), "--list"]) == 0
    said = "".join(capsys.readouterr())
    assert "a\\nother" in said and "a\\n0123456789ab" in said
    assert not [line for line in said.splitlines() if line.startswith(("other", "0123456789ab"))]


@posix
def test_a_session_is_its_users_alone_unless_it_is_shared(tmp_path: Path) -> None:
    for shared, folder_mode, file_mode in ((False, 0o700, 0o600), (True, 0o750, 0o640)):
        path = tmp_path / str(shared)
        assert main(["session", "create", str(path), *(["--shared"] if shared else [])]) == 0
        pixels = np.random.default_rng(0).integers(0, 255, (64, 48)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "chest.png")
        assert main(["session", "add", str(path), str(tmp_path / "chest.png")]) == 0
        with Session(path) as opened:
            labels = np.zeros((64, 48), np.uint8)
            opened.add_mask(opened.images()[0].key, labels, "anna", "approved")
        for entry in (path, *path.rglob("*")):
            mode = stat.S_IMODE(entry.stat().st_mode)
            if entry.is_dir():
                assert mode & ~folder_mode == 0 or entry.name == "lock", (entry, oct(mode))
            elif entry.suffix in (".json", ".nrrd"):
                assert mode == file_mode, (entry, oct(mode))
        assert stat.S_IMODE(path.stat().st_mode) == folder_mode


def test_a_mask_of_a_data_set_is_a_png_and_runs_no_other_program(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n")
    case = DatasetImage("a", "test", "source", "patient", tmp_path / "a.png", path, False)
    with pytest.raises(DatasetError, match=r"mask\.png: cannot be read as an image"):
        read_mask(case)

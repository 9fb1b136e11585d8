"""Every command in the documents is one that the command line takes; quick ones do what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from cxradain import cli
from cxradain.bootstrap import commands as bootstrap
from cxradain.commands.training_options import recipe
from cxradain.training.data import check_parts
from cxradain.training.options import PRESETS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "Docs").glob("*.md"))]
DOCUMENTS += [ROOT / "Testing" / "README.md"]
SAMPLE = ROOT / "Resources" / "SampleData" / "v7cohen__86d19bba.jpg"


def written() -> list[tuple[str, str]]:
    """(document, command) of each line of code that begins with the program; `a|b|c` is a command each."""
    found = []
    for path in DOCUMENTS:
        text = re.sub(r" *\\\n *", " ", path.read_text(encoding="utf-8"))
        for line in re.findall(r"^(?: {4}|\$ )?((?:python3 run\.py|cxradain|torchrun|srun) .*)$", text, re.M):
            line = re.split(r"\s{3,}|\s+#", line)[0]
            choices = re.search(r"\S+(?:\|\S+)+", line)
            for word in choices.group().split("|") if choices else [""]:
                found.append((path.name, line.replace(choices.group(), word) if choices else line))
    return found


COMMANDS = written()


def words(line: str) -> list[str]:
    """What follows `cxradain`, or run.py's own words."""
    line = re.sub(r"^.*-m cxradain |^.*run\.py cxradain |^cxradain ", "cxradain ", line)
    return [word for word in shlex.split(line.replace("python3 run.py ", "run.py ")) if word != "..."]


def test_there_are_commands_to_check():
    assert len(COMMANDS) > 15


@pytest.mark.parametrize(("document", "line"), COMMANDS, ids=[f"{name}: {line}" for name, line in COMMANDS])
def test_a_command_is_taken(document, line, capsys):
    program, *rest = words(line)
    if program == "cxradain":
        try:
            options = cli.parser().parse_args(rest)
        except SystemExit as stop:
            assert stop.code == 0, f"{document}: {line}\n{capsys.readouterr().err}"
        else:
            assert callable(options.run)
    else:
        assert program == "run.py", line
        command, *more = rest
        if command == "bench" and not more:
            assert bootstrap.benchmarks()
        else:
            assert bootstrap.plan(command, more)[1]


@pytest.mark.parametrize("line", [line for _, line in COMMANDS if "train base" in line or "--stage" in line])
def test_a_training_has_images_for_every_process(line):
    options = cli.parser().parse_args(words(line)[1:])
    for stage in recipe(PRESETS[options.preset], options).stages:
        check_parts(PRESETS[options.preset], stage, int(options.devices) * options.num_nodes)


def test_quick_ones_do_what_they_say(tmp_path, capsys):
    """The README's commands on single images, with a real radiograph and the shipped model."""
    assert cli.main(["info", str(SAMPLE)]) == 0
    assert SAMPLE.name in capsys.readouterr().out
    assert cli.main(["segment", str(SAMPLE), "--output", str(tmp_path / "masks"), "--overlay"]) == 0
    assert cli.main(["translate", str(SAMPLE), "--output", str(tmp_path / "as-normal")]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"masks", "as-normal"}
    assert cli.main(["session", "create", str(tmp_path / "session")]) == 0
    assert cli.main(["session", "add", str(tmp_path / "session"), str(SAMPLE)]) == 0
    assert cli.main(["session", "status", str(tmp_path / "session")]) == 0
    assert "unlabelled: 1" in capsys.readouterr().out
    assert cli.main(["models", "list"]) == 0
    assert "in use" in capsys.readouterr().out

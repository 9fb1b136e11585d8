"""The command line: info, evaluate, error messages, progress, and how it stops."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from cxradain import cli
from cxradain.commands import batch, evaluate, info
from cxradain.commands.process import make_output_plain
from cxradain.commands.training_options import training_bar
from cxradain.imaging.radiograph import read_ahead
from cxradain.training.options import LIGHT
from dicom_files import write
from PIL import Image
from small_models import chest

TRAINER = Path(cli.__file__).parents[1]


def run(*arguments: object) -> int:
    return cli.main([str(argument) for argument in arguments])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_info_describes_model_and_machine(models: Path, capsys) -> None:
    assert run("info", "--device", "cpu") == 0
    said = capsys.readouterr().out
    for word in ("not for diagnosis", "torch: ", "device: cpu", "model: small 1", "canvas: 64"):
        assert word in said


def test_info_describes_a_file_without_patient_data(tmp_path: Path, capsys) -> None:
    patient = {"PatientName": "Secret^Name", "PatientID": "SECRET-ID"}
    write(tmp_path / "cr.dcm", chest(), PixelSpacing=[0.15, 0.16], **patient)
    Image.fromarray((chest() // 16).astype(np.uint8)).save(tmp_path / "plain.png")
    assert run("info", tmp_path / "cr.dcm", tmp_path / "plain.png", tmp_path / "gone.png") == 1
    said = capsys.readouterr()
    first, second = said.out.splitlines()
    assert "cr.dcm: 120 x 150 pixels, uint16" in first and "0.15 x 0.16 mm" in first
    assert "uncalibrated" in second
    assert "gone.png" in said.err
    assert "secret" not in (said.out + said.err).lower()


def test_card_is_printed_as_nested_lines() -> None:
    card = {"name": "x", "figures": {"dev": [0.9, {"n": 3}]}, "limits": []}
    assert list(info.lines(card)) == [
        "name: x",
        "figures:",
        "  dev:",
        "    - 0.9",
        "    -",
        "      n: 3",
        "limits: []",
    ]


@pytest.fixture
def dataset(tmp_path: Path, models: Path) -> Path:
    """Four labelled cases in the split "dev", one of them without its image's file, and one unlabelled."""
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    with (folder / "manifest.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "split", "source", "patient_group", "mask"])
        for number in range(5):
            name, labelled = f"case{number}", number < 4
            split = "dev" if labelled else "unlabelled"
            rows.writerow([name, split, f"s{number % 2}", f"p{number}", "masks" if labelled else ""])
            pixels = chest(seed=number)
            if number != 3:
                Image.fromarray((pixels // 16).astype(np.uint8)).save(folder / "images" / f"{name}.png")
            mask = np.zeros(pixels.shape, np.uint8)
            mask[40:110, 20:50], mask[40:110, 70:100] = 1, 2
            Image.fromarray(mask).save(folder / "masks" / f"{name}.png")
    return folder


def test_evaluate_writes_figures_and_a_page(dataset: Path, tmp_path: Path, capsys) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "page.html"
    where = ("--data", dataset, "--split", "dev", "--json", figures, "--report", page)
    assert run("evaluate", *where, "--mode", "direct", "--device", "cpu") == 1
    results = json.loads(figures.read_text())
    assert list(results["failed"]) == ["case3"]
    assert (results["mode"], results["model"], results["split"]) == ("direct", "small 1", "dev")
    for part in (results["overall"], *results["sources"].values()):
        for region in ("union", "right", "left"):
            for metric in ("dice", "iou", "assd", "hd95"):
                assert set(part[region][metric]) == {"mean", "ci95", "p10", "n"}
    assert sorted(results["sources"]) == ["s0", "s1"]
    said = capsys.readouterr()
    assert "case3" in said.err and "overall: " in said.out
    html = page.read_text()
    assert "not for diagnosis" in html and html.count("<img") == 3


def test_evaluate_checks_first_that_its_results_can_be_written(
    dataset: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(evaluate, "open_segmenter", lambda options: pytest.fail("something is measured"))
    where = ("--data", dataset, "--split", "dev", "--device", "cpu")
    (tmp_path / "file").write_text("not a folder")
    for more, named in (
        (("--json", tmp_path), tmp_path),
        (("--json", tmp_path / "file" / "f.json"), tmp_path / "file"),
        (("--json", tmp_path / "f.json", "--report", tmp_path), tmp_path),
    ):
        assert run("evaluate", *where, *more) == 2
        assert str(named) in capsys.readouterr().err


def test_evaluate_keeps_the_old_figures_when_nothing_could_be_measured(
    dataset: Path, tmp_path: Path, capsys
) -> None:
    figures = tmp_path / "figures.json"
    figures.write_text("old")
    for path in (dataset / "images").iterdir():
        path.write_bytes(b"")
    where = ("--data", dataset, "--json", figures, "--device", "cpu")
    for split in ("dev", "unlabelled"):
        assert run("evaluate", *where, "--split", split) == 1
        said = capsys.readouterr()
        assert figures.read_text() == "old" and "nothing could be measured" in said.err
        assert "nan" not in said.out


def test_evaluate_warns_of_too_few_patients(dataset: Path, tmp_path: Path, capsys) -> None:
    for number in (1, 2):
        (dataset / "images" / f"case{number}.png").unlink()
    assert run("evaluate", "--data", dataset, "--split", "dev", "--json", tmp_path / "f.json") == 1
    said = capsys.readouterr().out
    assert "too few patients" in said and "nan" not in said


def test_evaluate_of_a_split_without_masks_counts_flags(dataset: Path, tmp_path: Path, capsys) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "page.html"
    where = ("--data", dataset, "--split", "unlabelled", "--json", figures, "--report", page)
    assert run("evaluate", *where, "--device", "cpu") == 0
    assert json.loads(figures.read_text())["flags"]["any"]["n"] == 1
    assert "flagged" in capsys.readouterr().out and "low_confidence" in page.read_text()


def test_wrong_use_is_explained_and_exits_with_2(dataset: Path, inbox: Path, tmp_path: Path, capsys) -> None:
    out = ("--output", tmp_path / "out")
    for arguments, word in (
        (("evaluate", "--data", dataset, "--split", "test", "--json", tmp_path / "f.json"), "dev"),
        (("evaluate", "--data", tmp_path / "no", "--split", "dev", "--json", tmp_path / "f.json"), "folder"),
        (("segment", inbox, *out, "--model", tmp_path / "no-model"), "no-model"),
        (("segment", inbox, *out, "--device", "abacus"), "abacus"),
    ):
        assert run(*arguments) == 2
        assert word in capsys.readouterr().err
    for arguments in (
        (),
        ("segment", inbox),
        ("segment", *out),
        ("polish",),
        ("segment", inbox, *out, "--mode", "x"),
    ):
        with pytest.raises(SystemExit) as stop:
            run(*arguments)
        assert stop.value.code == 2


def imported_by_help(*words: str) -> tuple[str, set[str]]:
    """What `cxradain WORDS --help` prints, and the modules that it imported."""
    code = (
        "import sys; from cxradain import cli\n"
        f"try: cli.main([*{words}, '--help'])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True)
    *text, modules = done.stdout.splitlines()
    return " ".join(" ".join(text).split()), set(modules.split())


def test_help_lists_all_commands_and_imports_none() -> None:
    text, modules = imported_by_help()
    for name, help in cli.COMMANDS.items():
        assert f"{name} {help}" in text
        assert f"cxradain.commands.{name}" not in modules
    assert "numpy" not in modules


def test_help_of_a_command_imports_that_command_alone_and_not_torch() -> None:
    for name in sorted(set(cli.COMMANDS) - {"ablation"}):  # whose trainings are named where they are made
        text, modules = imported_by_help(name)
        assert f"usage: cxradain {name} " in text
        assert not {"torch", "monai", "skimage", "SimpleITK", "pydicom", "rich"} & modules, name
        imported = {other for other in cli.COMMANDS if f"cxradain.commands.{other}" in modules}
        assert imported == {name}
    text, _ = imported_by_help("segment")
    assert "--overlay" in text and "a model's folder (default: the one in use)" in text


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(TRAINER)}


def test_the_next_radiograph_is_read_while_one_is_computed(inbox: Path) -> None:
    paths = [inbox / "a.png", inbox / "b.png"]
    threads, second_read = [], threading.Event()

    def read(path: Path):
        threads.append(threading.current_thread())
        if path == paths[1]:
            second_read.set()
        return path

    reading = read_ahead(paths, read)
    path, first = next(reading)
    assert first.result() == path == paths[0]
    assert second_read.wait(10), "the second file is read before it is asked for"
    assert [path for path, _ in reading] == [paths[1]]
    assert threading.main_thread() not in threads


def test_characters_the_console_cannot_show_are_escaped(inbox: Path, tmp_path: Path) -> None:
    (inbox / "a.png").rename(inbox / "胸部.png")
    done = subprocess.run(
        [sys.executable, "-m", "cxradain", "segment", str(inbox), "--output", str(tmp_path / "out")],
        env={**environment(), "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "1"},
        capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert names(tmp_path / "out") == ["b.nrrd", "胸部.nrrd"]
    assert rb"\u80f8\u90e8.nrrd" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE")
def test_a_closed_output_pipe_ends_the_command_quietly(inbox: Path, tmp_path: Path) -> None:
    """As in `| head -1`: what is printed into the void is neither a traceback nor a radiograph's fault."""
    for words in (
        ("info",),
        ("info", *[str(inbox / "a.png")] * 20),
        ("segment", *[str(inbox / "a.png")] * 20, "--output", str(tmp_path / "out")),
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "cxradain", *words],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        process.stdout.close()
        errors = process.stderr.read()
        assert (process.wait(120), errors) == (141, b""), words


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_cleanly(inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "cxradain", "segment", *[str(inbox / "a.png")] * 500]
    process = subprocess.Popen(
        [*command, "--output", str(out), "--device", "cpu"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.splitlines() == ["cxradain: stopped."]
    assert time.monotonic() - start < 30
    assert not [name for name in names(out) if name.startswith(".")]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def write_to_terminal(monkeypatch) -> Terminal:
    """Make standard error a terminal, with output escaped as in every command."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # to be restored
    monkeypatch.setenv("TERM", "xterm")
    make_output_plain()
    return terminal


def test_a_terminal_sees_progress_on_standard_error(monkeypatch, capsys) -> None:
    terminal = write_to_terminal(monkeypatch)
    with batch.progress_bar(4) as advance:
        advance(3)
        print("a result")
    assert capsys.readouterr().out == "a result\n"
    assert "3/4" in terminal.getvalue()
    assert "\\x" not in terminal.getvalue(), "the bar's control characters are not shown"


def test_a_terminal_sees_the_progress_of_a_training(monkeypatch) -> None:
    terminal = write_to_terminal(monkeypatch)
    with training_bar(LIGHT) as listen:
        listen({"stage": LIGHT.stages[0].name, "step": 3, "loss": {"dice": 0.5}})
    assert f"3/{LIGHT.stages[0].steps}" in terminal.getvalue()
    assert "\\x" not in terminal.getvalue(), "the bar's control characters are not shown"

"""The decoder's process: what a file does to it is a sentence on that file, and the next one is read."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cxradain.cli import main
from cxradain.imaging import decoder
from cxradain.imaging.radiograph import NotRead, RadiographError, read_radiograph
from cxradain.sessions.store import Session
from PIL import Image
from process_life import alive, soon
from reading_by_name import chest, reading_by_name

HERE = Path(__file__).parent


@pytest.fixture
def by_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with reading_by_name(monkeypatch):
        yield


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("how", ["ends", "exits", "fills", "hangs"])
def test_a_file_that_ends_fills_or_stops_the_decoder_is_named_and_the_next_is_read(
    tmp_path: Path, by_name: None, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "hangs":
        monkeypatch.setattr(decoder, "PATIENCE", 5)
    assert read_radiograph(chest(tmp_path / "first.png")).shape == (64, 48)
    bad = chest(tmp_path / f"{how}.png")
    said = {"hangs": "takes more than 5 s", "fills": "needs more memory"}.get(how, "ended the process")
    with pytest.raises(RadiographError, match=said) as caught:
        read_radiograph(bad)
    assert str(caught.value).startswith(f"{bad}: ")
    assert read_radiograph(tmp_path / "first.png").shape == (64, 48)


@pytest.mark.skipif(sys.platform != "linux", reason="proc(5)")
def test_where_memory_runs_out_the_decoder_is_ended_and_not_the_window(tmp_path: Path) -> None:
    read_radiograph(chest(tmp_path / "a.png"))
    assert Path(f"/proc/{decoder.process_id()}/oom_score_adj").read_text().strip() == "1000"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_session_gets_every_other_file_of_a_folder_with_one_that_ends_the_decoder(
    tmp_path: Path, by_name: None, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.png", "bb-ends.png", "ccc.png"):
        chest(tmp_path / "in" / name)
    Session.create(tmp_path / "s").close()
    assert main(["session", "add", str(tmp_path / "s"), str(tmp_path / "in")]) == 1
    assert "bb-ends.png" in capsys.readouterr().err
    with Session(tmp_path / "s", write=False) as session:
        assert sorted(image.shape for image in session.images()) == [(0, 0), (64, 48), (64, 48)]


def test_what_a_library_prints_neither_breaks_the_answers_nor_reaches_a_log(
    tmp_path: Path, by_name: None, capfd: pytest.CaptureFixture
) -> None:
    path = chest(tmp_path / "prints.png")
    assert read_radiograph(path).shape == (64, 48)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_decoder_that_was_killed_meanwhile_is_no_fault_of_the_next_file(tmp_path: Path) -> None:
    path = chest(tmp_path / "chest.png")
    read_radiograph(path)
    process = decoder.process_id()
    assert process is not None
    os.kill(process, signal.SIGKILL)
    assert soon(lambda: not alive(process))
    assert read_radiograph(path).shape == (64, 48) and decoder.process_id() != process


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_an_interrupted_answer_is_not_taken_for_the_next_files(
    tmp_path: Path, by_name: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = chest(tmp_path / "hangs.png"), chest(tmp_path / "the second.png")
    read_radiograph(second)

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(1)
    try:
        with pytest.raises(KeyboardInterrupt):
            read_radiograph(first)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert np.array_equal(read_radiograph(second).pixels, np.asarray(Image.open(second)))


def test_a_file_that_is_cancelled_just_before_its_turn_is_not_read(tmp_path: Path, by_name: None) -> None:
    """The decoder has nothing to interrupt yet: the thread, and the next file, would wait for a minute."""
    hangs, fine, cancelled = chest(tmp_path / "hangs.png"), chest(tmp_path / "fine.png"), threading.Event()
    cancelled.set()
    decoder.interrupt()
    with decoder.cancelled_by(cancelled), pytest.raises(NotRead, match="cancelled"):
        read_radiograph(hangs)
    assert read_radiograph(fine).shape == (64, 48), "no other file is concerned"


def _read_in_fork(path: Path, queue: multiprocessing.Queue) -> None:
    queue.put((read_radiograph(path).shape, decoder.process_id()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks")
def test_a_fork_has_a_decoder_of_its_own(tmp_path: Path) -> None:
    path = chest(tmp_path / "chest.png")
    read_radiograph(path)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    forks = [context.Process(target=_read_in_fork, args=(path, queue)) for _ in range(3)]
    for fork in forks:
        fork.start()
    read = [queue.get(timeout=120) for _ in forks]
    assert [shape for shape, _ in read] == [(64, 48)] * 3
    assert len({decoder.process_id(), *(process for _, process in read)} - {None}) == 4
    for fork in forks:
        fork.join()
    assert read_radiograph(path).shape == (64, 48)


def test_no_decoder_outlives_its_parent(tmp_path: Path) -> None:
    path = chest(tmp_path / "chest.png")
    code = (
        "import sys, os; from cxradain.imaging import decoder, radiograph; "
        "radiograph.read_radiograph(sys.argv[1]); print(decoder.process_id(), flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1] / "trainer")},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.communicate()
    assert soon(lambda: not alive(child))


def test_a_python_that_cannot_start_the_decoder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = chest(tmp_path / "chest.png")
    decoder.stop()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(decoder.DecoderError, match="no-python"):
        read_radiograph(path)

"""Damaged inputs for everything that reads foreign files and messages: `run.py bench fuzz`.

Each input is a small valid file with some bytes or JSON values changed; a seed reproduces it. Its reader must
return a result or raise an error of the project's own that names the file, and must neither crash nor hang.
Image files are decoded in a child process, which may crash: that is what it is for.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from cxradain.engine.server import Server
from cxradain.engine.session_service import SessionService
from cxradain.exchange.archives import ArchiveError
from cxradain.exchange.import_masks import mask_files
from cxradain.exchange.mask_reader import MaskError, MaskReader
from cxradain.frames import FrameError, FrameReader, Message, encode
from cxradain.imaging import decoder
from cxradain.imaging.radiograph import RadiographError, read_radiograph
from cxradain.models.card import configuration_of, read_card
from cxradain.models.folders import ModelError
from cxradain.models.onnx_graph import tensor_shapes
from cxradain.models.weights import read_weights
from cxradain.rounds.folder import RoundFolder, versions_used_last
from cxradain.sessions.records import RecordError, SessionError
from cxradain.sessions.store import Session

sys.path.insert(0, str(Path(__file__).parent))
from _fuzz_changes import VALUES, changed_bytes, changed_json, changed_number
from _fuzz_samples import lungs, samples, session_files

INPUTS, SECONDS, CHUNK = 20_000, 600, 50
HANG = 30  # seconds for one input; the decoder gets less
DECODER_PATIENCE = 10
MOST_SHOWN = 20


class Hang(BaseException):
    """An input took longer than HANG."""


@dataclass(frozen=True)
class Failure:
    """A forbidden outcome of an input, which `target`, `index` and the seed reproduce."""

    target: str
    index: int
    text: str


# --- the readers; a wrong answer is an AssertionError


def written(target: str, folder: Path, chance: random.Random) -> Path:
    """Write one of the target's files, damaged, into the folder; returns its path."""
    name = chance.choice(sorted(samples()[target]))
    data = samples()[target][name]
    path = folder / Path(name).name
    if name.endswith(".json"):
        data = changed_json(data, chance)
    elif name.endswith((".nrrd", ".mha")) and chance.random() < 0.5:
        data = changed_number(data, chance)
    else:
        data = changed_bytes(data, chance)
    path.write_bytes(data)
    return path


def must_name(error: Exception, path: Path) -> str:
    assert str(path) in str(error) or path.name in str(error), f"does not name {path.name}: {error}"
    return "refused"


def fuzz_images(folder: Path, chance: random.Random) -> str:
    path = written("images", folder, chance)
    try:
        radiograph = read_radiograph(path)
        radiograph.intensities()
    except RadiographError as error:
        return must_name(error, path)
    return "read"


def fuzz_masks(folder: Path, chance: random.Random) -> str:
    path = written("masks", folder, chance)
    reader = MaskReader(open_session())
    try:
        mask = reader.read(path, open_session().images()[0])
    except MaskError as error:
        return must_name(error, path)
    assert mask.labels.dtype == np.uint8 and set(np.unique(mask.labels)) <= {0, 1, 2}
    return "read"


def fuzz_archives(folder: Path, chance: random.Random) -> str:
    path = written("archives", folder, chance)
    try:
        with mask_files(path) as masks:
            assert masks
    except (ArchiveError, MaskError) as error:
        return must_name(error, path)
    return "read"


def fuzz_models(folder: Path, chance: random.Random) -> str:
    for name, data in samples()["models"].items():
        (folder / name).write_bytes(data)
    path = written("models", folder, chance)
    try:
        card = read_card(folder)
        shapes = tensor_shapes(configuration_of(card, folder))
        weights = read_weights(folder / "weights.safetensors", shapes, "card.json")
    except ModelError as error:
        return must_name(error, path if path.name in str(error) else folder / "weights.safetensors")
    assert all(np.isfinite(value).all() for value in weights.values())
    return "read"


def fuzz_sessions(folder: Path, chance: random.Random) -> str:
    root = folder / "session"
    for name, data in samples()["sessions"].items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    for _ in range(chance.choice((1, 1, 2))):
        name = chance.choice(sorted(samples()["sessions"]))
        change = changed_json if name.endswith(".json") else changed_bytes
        (root / name).write_bytes(change(samples()["sessions"][name], chance))
    known = (root, *(root / name for name in samples()["sessions"]))
    try:
        with Session(root, write=chance.random() < 0.3) as session:
            session.worklist("Ann", chance.choice(("file", "status", "useful")))
            session.verify()
            for image in session.images():
                try:
                    session.radiograph(image)
                    for version in session.versions(image.key):
                        session.mask(version)
                except (RadiographError, RecordError) as error:
                    assert any(str(path) in str(error) for path in known), f"names no file: {error}"
    except SessionError as error:
        assert any(str(path) in str(error) for path in known), f"names no file: {error}"
        return "refused"
    return "read"


def fuzz_rounds(folder: Path, chance: random.Random) -> str:
    place = folder / "rounds" / "20260101-000000Z"
    place.mkdir(parents=True)
    for name, data in samples()["rounds"].items():
        (place / name).write_bytes(data)
    written("rounds", place, chance)
    (place / "log.txt").write_bytes(changed_bytes(b"a line\n" * 50, chance))
    newest = RoundFolder.newest(folder)
    assert newest is not None
    status = newest.read_status()
    assert isinstance(status.state, str) and isinstance(status.text, str)
    assert math.isfinite(status.time) and math.isfinite(status.started)
    assert all(isinstance(word, str) for word in (*status.used, *status.command, *(status.readers or ())))
    assert newest.observed_state() and newest.minutes_silent() is not None
    assert all(isinstance(event, dict) for event in newest.new_events())
    newest.last_log_lines()
    assert isinstance(newest.read_gate(), dict) and isinstance(newest.read_notes(), dict)
    versions_used_last(folder)
    return "read"


def fuzz_frames(folder: Path, chance: random.Random) -> str:
    """Damaged frames, and whole frames with odd values, handled as the engine does."""
    session, key = open_session(), open_session().images()[0].key
    header = {"id": 7, "do": chance.choice(REQUESTS), "key": key, "session": str(session.path), "token": ""}
    header |= {"keys": [key], "paths": [str(folder)], "model_hash": "0", "mode": "student", "reader": "Ann"}
    if chance.random() < 0.5:
        stream = b"".join(bytes(part) for part in encode(header, {"labels": lungs()}))
        line, mark, rest = stream.partition(b"\n")
        stream = changed_json(line, chance) + mark + rest if chance.random() < 0.7 else stream
        stream = changed_bytes(stream, chance) if chance.random() < 0.5 else stream
    else:
        odd = {name: chance.choice(VALUES) for name in header if chance.random() < 0.3}
        stream = json.dumps(header | odd).encode() + b"\n"
    frames, step = FrameReader(), chance.choice((1 << 20, 7, 100))
    try:
        messages = [m for at in range(0, len(stream), step) for m in frames.feed(stream[at : at + step])]
    except FrameError:
        return "refused"
    for message in messages:
        answer(message)
    return "read"


REQUESTS = ("read", "thumbnails", "unsegmented", "round_counts", "set_aside", "add", "keep", "nothing")


def answer(message: Message) -> None:
    """Handle a request as the engine does: it must send a frame and go on."""
    with tempfile.TemporaryFile() as replies, redirect_stderr(io.StringIO()):
        Server(0, replies.fileno()).answer(SessionService(), message)
        replies.seek(0)
        assert FrameReader().feed(replies.read()), "no answer"


@cache
def open_session() -> Session:
    folder = Path(tempfile.mkdtemp(prefix="cxradain-fuzz-"))
    session_files(folder / "open")
    return Session(folder / "open", write=False)


TARGETS: dict[str, tuple[Callable[[Path, random.Random], str], int]] = {
    "images": (fuzz_images, 25),
    "masks": (fuzz_masks, 15),
    "archives": (fuzz_archives, 12),
    "models": (fuzz_models, 12),
    "sessions": (fuzz_sessions, 10),
    "rounds": (fuzz_rounds, 11),
    "frames": (fuzz_frames, 15),
}  # target -> reader, and percent of the inputs


# --- the run


@contextmanager
def limited() -> Iterator[None]:
    """Raise Hang in the main thread after HANG seconds, where the platform has SIGALRM."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(HANG)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def one_input(target: str, seed: int, index: int) -> str:
    """The outcome of an input: "read" or "refused". Any other exception of the reader is a failure."""
    folder = Path(tempfile.mkdtemp(prefix="cxradain-fuzz-"))
    try:
        with limited():
            return TARGETS[target][0](folder, random.Random(f"{seed} {target} {index}"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_chunk(target: str, seed: int, indices: range) -> tuple[Counter[str], list[Failure]]:
    """The outcomes of some inputs, and the failures."""
    decoder.PATIENCE = DECODER_PATIENCE
    outcomes: Counter[str] = Counter()
    failures = []
    for index in indices:
        ended = decoder.process_id()
        try:
            outcomes[one_input(target, seed, index)] += 1
        except Hang:
            failures.append(Failure(target, index, f"hangs for more than {HANG} s"))
        except Exception as error:
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            failures.append(Failure(target, index, f"{kind}{error}"[:300]))
        outcomes["decoders ended"] += ended is not None and decoder.process_id() != ended
    return outcomes, failures


def chunks(inputs: int, only: list[str]) -> list[tuple[str, range]]:
    """The inputs in pieces, with the targets in turn, so that a run cut short has some of each."""
    of = []
    for target in only:
        share = TARGETS[target][1] / sum(TARGETS[name][1] for name in only)
        count = max(1, round(inputs * share))
        pieces = [(target, range(at, min(at + CHUNK, count))) for at in range(0, count, CHUNK)]
        of += [(number / len(pieces), piece) for number, piece in enumerate(pieces)]
    return [piece for _, piece in sorted(of, key=lambda each: each[0])]


def fuzz(
    inputs: int, seconds: float, seed: int, only: list[str], jobs: int
) -> tuple[Counter[str], list[Failure]]:
    """Run a number of inputs, or for a time; returns the outcomes counted by target, and the failures."""
    started, counted, failures = time.monotonic(), Counter[str](), []
    waiting = chunks(inputs, only)
    while waiting:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            running = {
                pool.submit(run_chunk, target, seed, piece): (target, piece) for target, piece in waiting
            }
            waiting = []
            for future in as_completed(running):
                target, piece = running[future]
                try:
                    outcomes, wrong = future.result()
                except BrokenProcessPool:
                    waiting.append((target, piece))
                    continue
                counted.update({f"{target}: {outcome}": n for outcome, n in outcomes.items() if n})
                failures += wrong
                if time.monotonic() - started > seconds:
                    pool.shutdown(cancel_futures=True)
                    return counted, failures
        if waiting and len(waiting) == len(running):  # the first of these crashes its process every time
            target, piece = waiting.pop(0)
            failures.append(Failure(target, piece.start, f"one of {len(piece)} inputs ends the process"))
    return counted, failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="at most so long (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--index", type=int, help="this input of the one target again, with its traceback")
    arguments = parser.parse_args()
    if arguments.index is not None:
        print(one_input(arguments.only[0], arguments.seed, arguments.index))
        return 0
    started = time.monotonic()
    counted, failures = fuzz(
        arguments.inputs, arguments.seconds, arguments.seed, arguments.only, arguments.jobs
    )
    done = sum(n for name, n in counted.items() if not name.endswith("ended")) + len(failures)
    for name, n in sorted(counted.items()):
        print(f"{name}: {n}")
    for failure in failures[:MOST_SHOWN]:
        print(
            f"FAILED --only {failure.target} --seed {arguments.seed} --index {failure.index}: {failure.text}"
        )
    spent = time.monotonic() - started
    print(f"{done} inputs in {spent:.0f} s, {len(failures)} failures. Seed {arguments.seed}.")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())

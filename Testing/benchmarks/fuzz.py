"""Damaged and made-up inputs on everything that reads what comes from elsewhere: `run.py bench fuzz`.

Each input is a small valid file with some bytes or JSON values changed, by a seed that names it again. What
reads it, whatever it holds, gives a result or an error of its own that names the file; the process that
reads it neither ends nor hangs. Image files are decoded in a child, which may end: that is what it is for.
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
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, redirect_stderr
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from cxradain.engine.protocol import Decoder, Message, ProtocolError, encode
from cxradain.engine.server import Server
from cxradain.engine.session_service import SessionService
from cxradain.exchange.archives import ArchiveError
from cxradain.exchange.import_masks import MaskError, MaskReader, mask_files
from cxradain.imaging import decoder
from cxradain.imaging.itk_files import itk_image
from cxradain.imaging.radiograph import RadiographError, read_radiograph
from cxradain.models.card import ModelError, configuration_of, read_card
from cxradain.models.onnx_graph import tensor_shapes
from cxradain.models.weights import read_weights
from cxradain.rounds.folder import RoundFolder, versions_used_last
from cxradain.sessions.records import RecordError, SessionError, SessionImage, pixel_key
from cxradain.sessions.store import Session

INPUTS, SECONDS, CHUNK = 20_000, 600, 50
HANG = 30  # seconds for one input; the decoder gets less
DECODER_PATIENCE = 10
MOST_SHOWN = 20
# Values that a reader may stumble over, wherever JSON has one.
VALUES: list[Any] = [
    *(None, True, [], {}, "", "x" * 5000, "\ud800", "\0", "../../x", -1, 0, 1 << 31, 1 << 63, 1 << 2000, 0.5),
    *(float("nan"), float("inf"), -1e308, [[]], [None], {"a": []}, ["x"] * 50, {"": {"": 1}}),
]
BYTES = [b"\0", b"\xff", b"\x7f", b"\x80", b"\n", b" ", b"-1", b"9" * 20, b"\xff\xff\xff\xff", b"\0" * 8]

WORDS = [b"nan", b"1e999", b"none", b"../x", b"LIST"]


class Hang(BaseException):
    """An input took longer than HANG."""


@dataclass(frozen=True)
class Failure:
    """What an input did that it must not: `target` and `index` name it, with the seed."""

    target: str
    index: int
    text: str


# --- changes


def changed_bytes(data: bytes, chance: random.Random) -> bytes:
    """Some bytes flipped, replaced, put in, taken out or repeated, or the end cut off; mostly at the start,
    where headers are."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        end = len(made) if chance.random() < 0.5 else min(len(made), 1000)
        at = chance.randrange(end) if end else 0
        kind = chance.randrange(6)
        if kind == 0 and made:
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            piece = chance.choice(BYTES)
            made[at : at + len(piece)] = piece
        elif kind == 2:
            made[at:at] = chance.choice(BYTES)
        elif kind == 3:
            del made[at : at + chance.choice((1, 4, 100))]
        elif kind == 4:
            made[at:at] = made[at : at + chance.choice((4, 50, 2000))]
        else:
            del made[at:]
    return bytes(made)


def changed_json(data: bytes, chance: random.Random) -> bytes:
    """A value of a JSON document replaced by another or left out, or its bytes changed."""
    if chance.random() < 0.3:
        return changed_bytes(data, chance)
    content = json.loads(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        places: list[tuple[Any, Any]] = []
        waiting = [content]
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                places += [(one, key) for key in one]
                waiting += one.values()
            elif isinstance(one, list):
                places += [(one, number) for number in range(len(one))]
                waiting += one
        if not places or chance.random() < 0.05:
            content = deepcopy(chance.choice(VALUES))
            continue
        owner, key = chance.choice(places)
        if chance.random() < 0.2:
            del owner[key]
        else:
            owner[key] = deepcopy(chance.choice(VALUES))
    if chance.random() < 0.02:
        return b"[" * 100_000
    text = json.dumps(content)
    return (text[: chance.randrange(len(text))] if chance.random() < 0.05 and text else text).encode()


def changed_number(text: bytes, chance: random.Random) -> bytes:
    """A text header with one of its lines changed, repeated or left out; the rest stays."""
    head, mark, rest = text.partition(b"\n\n")
    lines = head.split(b"\n")
    at = chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, chance.choice(lines))
    elif kind == 2:
        name, colon, _ = lines[at].partition(b":")
        lines[at] = name + colon + b" " + chance.choice([*BYTES, *WORDS])
    else:
        lines[at] = changed_bytes(lines[at], chance)
    return b"\n".join(lines) + mark + rest


# --- valid files


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4096, (48, 40)).astype(np.uint16)


def lungs() -> np.ndarray:
    labels = np.zeros((48, 40), np.uint8)
    labels[5:40, 4:16], labels[6:40, 22:36] = 1, 2
    return labels


def saved(image: Any, format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def dicom(pixels: np.ndarray, **attributes: Any) -> bytes:
    from pydicom import Dataset, dcmwrite
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian

    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = ComputedRadiographyImageStorage, "1.2.3"
    made.PatientName, made.PatientID, made.Modality = "Doe^Jane", "4711", "CR"
    made.Rows, made.Columns = pixels.shape[-2:]
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 8 * pixels.itemsize
    made.HighBit, made.PixelRepresentation = made.BitsStored - 1, 0
    made.WindowCenter, made.WindowWidth, made.PixelSpacing = 2000, 4000, [0.2, 0.2]
    made.PatientOrientation, made.BodyPartExamined, made.ViewPosition = ["L", "F"], "CHEST", "PA"
    made.PixelData = pixels.tobytes()
    for name, value in attributes.items():
        setattr(made, name, value)
    file = io.BytesIO()
    dcmwrite(file, made, enforce_file_format=True)
    return file.getvalue()


def dicom_segmentation() -> bytes:
    from pydicom import Dataset, Sequence
    from pydicom.uid import SegmentationStorage

    def item(**values: Any) -> Dataset:
        made = Dataset()
        for name, value in values.items():
            setattr(made, name, value)
        return made

    def segment(number: int, code: str, label: str) -> Dataset:
        kind = item(CodeValue=code, CodingSchemeDesignator="SCT", CodeMeaning=label)
        sequence = Sequence([kind])
        return item(SegmentNumber=number, SegmentLabel=label, SegmentedPropertyTypeCodeSequence=sequence)

    def frame(number: int) -> Dataset:
        return item(SegmentIdentificationSequence=Sequence([item(ReferencedSegmentNumber=number)]))

    bits = np.packbits(np.stack([lungs() == 1, lungs() == 2]), bitorder="little")
    return dicom(
        lungs(),
        SOPClassUID=SegmentationStorage,
        Modality="SEG",
        SegmentationType="BINARY",
        NumberOfFrames=2,
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        SegmentSequence=Sequence([segment(1, "3341006", "Right lung"), segment(2, "44029006", "Left lung")]),
        PerFrameFunctionalGroupsSequence=Sequence([frame(1), frame(2)]),
        PixelData=bits.tobytes(),
    )


def itk_files(pixels: np.ndarray, folder: Path, fields: dict[str, str]) -> dict[str, bytes]:
    import SimpleITK as sitk

    made = {}
    for name in ("a.nrrd", "a.nii", "a.nii.gz", "a.mha", "b.nrrd"):
        image = itk_image(pixels, (0.2, 0.2, 1), (0, 0, 0), (1, 0, 0, 0, 1, 0, 0, 0, 1))
        for key, value in fields.items():
            image.SetMetaData(key, value)
        sitk.WriteImage(image, str(folder / name), name == "b.nrrd")
        made[name] = (folder / name).read_bytes()
    return made


@cache
def samples() -> dict[str, dict[str, bytes]]:
    """Valid files by target and name."""
    from PIL import Image

    eight = Image.fromarray((picture() >> 4).astype(np.uint8))
    labels = Image.fromarray(lungs())
    fields = {"Segment0_Name": "right lung", "Segment0_LabelValue": "1", "Segment0_Layer": "0"}
    fields |= {"Segment1_Name": "left lung", "Segment1_LabelValue": "2", "Segment1_Tags": "|"}
    fields["Segmentation_ReferenceImageExtentOffset"] = "0 0 0"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = itk_files(picture(), folder, {})
        masks = {f"{n[0]}.seg{n[1:]}": d for n, d in itk_files(lungs(), folder, fields).items()}
        return {
            "images": images
            | {
                "a.dcm": dicom(picture()),
                "a.png": saved(Image.fromarray(picture()), "PNG"),
                "b.png": saved(eight, "PNG"),
                "a.jpg": saved(eight, "JPEG"),
                "a.tif": saved(eight, "TIFF"),
            },
            "masks": masks
            | {
                "a.dcm": dicom_segmentation(),
                "a.png": saved(labels, "PNG"),
                "p.png": saved(labels.convert("P"), "PNG"),
                "a.tif": saved(labels, "TIFF", compression="tiff_deflate"),
                "a.bmp": saved(labels, "BMP"),
            },
            "archives": archives(),
            "models": model(folder / "model"),
            "sessions": session_files(folder / "session"),
            "rounds": ROUND_FILES,
        }


def archives() -> dict[str, bytes]:
    from PIL import Image

    png = saved(Image.fromarray(lungs()), "PNG")
    zipped, plain, packed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/1.png", png)
        archive.writestr("a/2.png", png)
    for file, mode in ((plain, "w"), (packed, "w:gz")):
        with tarfile.open(fileobj=file, mode=mode) as archive_file:
            for name in ("a/1.png", "a/" + "long" * 40 + ".png"):
                entry = tarfile.TarInfo(name)
                entry.size = len(png)
                archive_file.addfile(entry, io.BytesIO(png))
    return {"a.zip": zipped.getvalue(), "a.tar": plain.getvalue(), "a.tar.gz": packed.getvalue()}


SIZES = {"canvas": 64, "width": 2, "max_width": 4, "style_width": 2, "style_max_width": 4, "code_hidden": 4}
SIZES |= {"latent_size": 2, "code_size": 4, "classes": 3}


def model(folder: Path) -> dict[str, bytes]:
    from safetensors.numpy import save

    folder.mkdir()
    card = {
        "name": "small",
        "version": "1",
        "configuration": SIZES,
        "parent": None,
        "measured": {},
        "data": [],
    }
    (folder / "card.json").write_text(json.dumps(card))
    shapes = tensor_shapes(configuration_of(card, folder))
    weights = save({name: np.zeros(shape, np.float16) for name, shape in shapes.items()})
    return {"card.json": json.dumps(card).encode(), "weights.safetensors": weights}


def session_files(folder: Path) -> dict[str, bytes]:
    with Session.create(folder) as session:
        pixels = picture()
        record = SessionImage(pixel_key(pixels), "one", pixels.shape, pixels.dtype.str, "", 0)
        image = session.add_image(record, pixels)
        session.add_mask(image.key, lungs(), "Ann", "corrected")
        session.add_mask(image.key, lungs(), "Ann", "approved")
    paths = [path for path in folder.rglob("*") if path.is_file() and "lock" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


STATUS = {"state": "training", "text": "begins", "pid": 1, "time": 1.8e9, "started": 1.8e9, "session": "s"}
STATUS |= {"base": "b", "used": ["0a"], "data": None, "readers": ["Ann"], "references": [], "command": ["x"]}
ROUND_FILES = {
    "round.json": json.dumps(STATUS).encode(),
    "gate.json": json.dumps({"verdict": "better", "n": 20, "sets": {"session": {"n": 20}}}).encode(),
    "panel.json": json.dumps({"words": ["--scale", "1"], "decision": "promoted"}).encode(),
    "progress.jsonl": b'{"stage": "a", "step": 1, "steps": 4, "loss": {"x": 0.1}}\n' * 3,
}


# --- what reads them; a wrong answer is an AssertionError


def written(target: str, folder: Path, chance: random.Random) -> Path:
    """One of the target's files, changed, in the folder."""
    name = chance.choice(sorted(samples()[target]))
    data = samples()[target][name]
    path = folder / Path(name).name
    if name.endswith((".json", ".jsonl")) and not name.endswith(".jsonl"):
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
    """Changed frames, and requests that are whole frames of odd values, answered as the engine would."""
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
    frames, step = Decoder(), chance.choice((1 << 20, 7, 100))
    try:
        messages = [m for at in range(0, len(stream), step) for m in frames.feed(stream[at : at + step])]
    except ProtocolError:
        return "refused"
    for message in messages:
        answer(message)
    return "read"


REQUESTS = ("read", "thumbnails", "lacking", "gathered", "set_aside", "add", "keep", "nothing")


def answer(message: Message) -> None:
    """As the engine does, which must not end, and must send a frame."""
    with tempfile.TemporaryFile() as replies, redirect_stderr(io.StringIO()):
        Server(0, replies.fileno()).answer(SessionService(), message)
        replies.seek(0)
        assert Decoder().feed(replies.read()), "no answer"


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
}  # with its share of the inputs, in percent


# --- the run


@contextmanager
def limited() -> Iterator[None]:
    """Raise Hang in the main thread after HANG seconds, where the system can."""
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
    """The outcome of an input: "read" or "refused". Raises what it must not raise."""
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
    """The inputs in pieces, all targets in turn, so that a run that is cut short has some of each."""
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
    """Run so many inputs or for so long; returns how many of each target had which outcome, and failures."""
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
        if waiting and len(waiting) == len(running):  # the first of these ends its process each time
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

"""Throughput and a training on a machine with CUDA and little more than torch: `run.py bench gpu`.

    python3 run.py bench gpu pack --data DIR --out gpu.zip    here: pack images, code and packages
    python3 gpu.zip --out RESULTS --minutes 8.5               on the GPU machine
    python3 run.py bench gpu join RESULTS MODEL               here: unpack the model's folder

The GPU machine needs torch, numpy, scipy, Pillow and safetensors. The script prints the images per second of
segmentation and the seconds per training iteration, as ratios to the plain sequence, then trains for the
remaining time. RESULTS holds `figures.json`, `progress.jsonl` and the model, in pieces of 15 MB.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import io
import json
import os
import platform
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # to import the other benchmarks

SIDE = 256  # pixels; the paper's image size
JPEG_QUALITY = 90
PIECE = 15_000_000  # bytes
PACKAGES = ("monai", "lightning_fabric", "lightning_utilities", "packaging")  # pure Python; it may lack them
LIMIT = 40_000_000  # bytes of the packed file
# Fractions of the time: the last start of a measurement, and the end of training.
INFERENCE_UNTIL, ITERATIONS_UNTIL, TRAINING_UNTIL = 0.15, 0.45, 0.93
ROOT = Path(__file__).resolve().parents[2]
START = """import sys, tempfile, zipfile
from pathlib import Path
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(sys.argv[0]) as packed:
            packed.extractall(folder)
        root = Path(folder)
        sys.path[:0] = [str(root / "trainer"), str(root / "Testing" / "benchmarks")]
        sys.path.append(str(root / "packages"))
        import gpu
        gpu.main(["run", "--packed", str(root / "data"), *sys.argv[1:]])
"""


# --- here -------------------------------------------------------------------------------------


def pack(data: Path, out: Path) -> None:
    """Write the training images at SIDE pixels, their masks, the code and the packages into one file.

    Raises ValueError if it is larger than LIMIT.
    """
    from cxradain.datasets import TRAINING_SPLITS, read_manifest, read_mask
    from cxradain.files import replace_atomically
    from cxradain.imaging.radiograph import read_radiograph
    from cxradain.training.data import at_canvas
    from PIL import Image

    def encoded(pixels: Any, kind: str, **how: Any) -> bytes:
        Image.fromarray(pixels).save(stream := io.BytesIO(), kind, **how)
        return stream.getvalue()

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("__main__.py", START)
            for folder in ("trainer/cxradain", "Testing/benchmarks"):
                for file in sorted((ROOT / folder).rglob("*.py")):
                    packed.write(file, file.relative_to(ROOT).as_posix())
            for name in PACKAGES:
                where = Path(str(importlib.util.find_spec(name).origin)).parent  # type: ignore[union-attr]
                for file in sorted(where.rglob("*")):
                    if file.is_file() and "__pycache__" not in file.parts:
                        packed.write(file, f"packages/{file.relative_to(where.parent).as_posix()}")
            rows = [("id", "split", "source", "patient_group", "mask")]
            for case in read_manifest(data):
                if case.split not in TRAINING_SPLITS:
                    continue
                mask = read_mask(case) if case.mask else None
                image, labels = at_canvas(read_radiograph(case.image), mask, SIDE)
                packed.writestr(f"data/images/{case.id}.jpg", encoded(image, "JPEG", quality=JPEG_QUALITY))
                if labels is not None:
                    packed.writestr(f"data/masks/{case.id}.png", encoded(labels, "PNG"))
                masks = "" if labels is None else "masks"
                rows.append((case.id, case.split, case.source, case.patient_group, masks))
            csv.writer(manifest := io.StringIO(newline="")).writerows(rows)
            packed.writestr("data/manifest.csv", manifest.getvalue())
        if path.stat().st_size > LIMIT:
            raise ValueError(f"{out}: {path.stat().st_size} bytes, more than {LIMIT}; nothing was written")

    replace_atomically(out, write)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


def join(results: Path, model: Path) -> None:
    """Unpack the model's folder from its pieces in the results. Raises OSError and tarfile.TarError."""
    pieces = sorted(results.rglob("model.tar.gz.*"))
    expected = json.loads((results / "figures.json").read_text())["training"]["pieces"]
    if len(pieces) != expected:
        raise FileNotFoundError(f"{results}: {len(pieces)} of the model's {expected} pieces")
    whole = io.BytesIO(b"".join(piece.read_bytes() for piece in pieces))
    with tarfile.open(fileobj=whole, mode="r:gz") as archive:
        archive.extractall(model, filter="data")


# --- on the GPU machine
# --------------------------------------------------------------------------------------------------


@dataclass
class Clock:
    """A time limit that starts now, in seconds."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    def left(self, share: float = 1.0) -> float:
        """Seconds until this fraction of the time has passed."""
        return self.started + share * self.seconds - time.monotonic()


@dataclass(frozen=True)
class Machine:
    """How to measure: device "cpu" or "cuda", torch's compiler ("": none), repeats, and worker processes."""

    device: str
    backend: str
    repeats: int
    workers: int


class Figures:
    """The figures so far, written after each measurement, because the time may run out."""

    def __init__(self, path: Path):
        self.path, self.values = path, {}

    def add(self, name: str, values: Any) -> None:
        """Add figures and write the file. Raises OSError."""
        self.values[name] = values
        self.path.write_text(json.dumps(self.values, indent=1) + "\n")


def images_per_second(size: str, batches: Sequence[int], machine: Machine, clock: Clock) -> list[dict]:
    """Measure images per second of the student, and of the plain direct pass as the baseline."""
    import torch
    from _plain import plain_passes
    from cxradain.models.card import PRESETS
    from cxradain.models.model import AdaINModel
    from inference import seconds

    model = AdaINModel(PRESETS[size]).to(machine.device).eval()
    canvas, rows = model.config.canvas, []
    for batch in batches:
        image = torch.rand(batch, 1, canvas, canvas, device=machine.device) * 2 - 1

        def rate(mode: str, reduced: bool, compiled: bool, image: Any = image, batch: int = batch) -> float:
            run: Callable[..., Any] = partial(model.segment, mode=mode)
            if compiled:
                run = torch.compile(run, backend=machine.backend)
            with torch.no_grad(), torch.autocast(machine.device, torch.bfloat16, enabled=reduced):
                return batch / seconds(partial(run, image), machine.repeats)

        with plain_passes():
            plain = rate("direct", False, False)
        for precision, reduced in (("fp32", False), ("bf16", True)):
            for compiled in (False, True)[: 2 if machine.backend else 1]:
                row: dict[str, Any] = {"size": size, "batch": batch, "precision": precision}
                row |= {"compiled": compiled, "plain": plain}
                text = "no time left for it"
                if clock.left(INFERENCE_UNTIL) > 0:
                    row["images a second"] = found = rate("student", reduced, compiled)
                    row["ratio"] = found / plain
                    text = f"{found:.1f} images a second, {found / plain:.2f} times the plain {plain:.1f}"
                rows.append(row)
                print(f"{size}, batch {batch}, {precision}{', compiled' * compiled}: {text}", flush=True)
    return rows


def iterations(size: str, machine: Machine, clock: Clock) -> list[dict]:
    """Measure seconds per training iteration, and ratios to the plain sequence, while time remains."""
    from cxradain.models.card import PRESETS
    from training import KINDS, measure

    rows = []
    print(f"training, {size}", flush=True)
    for kind in KINDS:
        for order in ("sequence", "together")[: 2 if kind == "adaptation" else 1]:
            if clock.left(ITERATIONS_UNTIL) <= 0:
                print(f"{kind}, {order}: no time left for it", flush=True)
                continue
            how = (["32-true", "bf16-mixed"], order, machine.repeats, machine.device, machine.backend)
            rows += [{"size": size} | row for row in measure(kind, PRESETS[size], *how)]
    return rows


def train(data: Path, out: Path, options: Any, machine: Machine, clock: Clock) -> dict[str, Any]:
    """Train for the remaining time, with all stages shortened by one factor; write the model in pieces."""
    from cxradain.models.card import PRESETS
    from cxradain.models.model import ADVERSARY
    from cxradain.training import PROGRESS
    from cxradain.training.data import TrainingImages
    from cxradain.training.finish import write_trained_model
    from cxradain.training.launch import launch
    from cxradain.training.loop import Training
    from cxradain.training.options import scaled

    precision = "bf16-mixed" if machine.device == "cuda" else "32-true"
    fabric = launch(machine.device, precision)
    images = TrainingImages(data, PRESETS[options.model].canvas)
    with tempfile.TemporaryDirectory() as folder:
        trial = Training(options, images, Path(folder) / "trial", fabric, workers=machine.workers)
        a_step = [seconds_of_step(trial, index, machine.repeats) for index in range(len(options.stages))]
        trial.progress.close()
        del trial
        whole = sum(stage.steps * each for stage, each in zip(options.stages, a_step, strict=True))
        factor = min(1.0, 0.85 * max(0.0, clock.left(TRAINING_UNTIL)) / whole)
        options = replace(options, stages=scaled(options.stages, factor))
        training = Training(
            options,
            images,
            Path(folder) / options.preset,
            fabric,
            workers=machine.workers,
            checkpoint_minutes=1e9,
            validate_every=10**9,  # only at the end of each stage
            should_stop=lambda: clock.left(TRAINING_UNTIL) <= 0,
        )
        finished = training.train()
        model = write_trained_model(training, ["bench", "gpu"], f"{options.model}-gpu")
        (model / ADVERSARY).unlink()  # not needed to segment, and as large
        with tarfile.open(fileobj=(whole_model := io.BytesIO()), mode="w:gz", compresslevel=1) as archive:
            for file in sorted(model.iterdir()):
                archive.add(file, file.name)
        content = whole_model.getvalue()
        pieces = [content[first : first + PIECE] for first in range(0, len(content), PIECE)]
        for number, piece in enumerate(pieces, 1):
            (out / f"model.tar.gz.{number:02}").write_bytes(piece)
        (out / PROGRESS).write_bytes((training.out / PROGRESS).read_bytes())
    return {
        "options": options.preset,
        "size": options.model,
        "precision": precision,
        "steps": {stage.name: stage.steps for stage in options.stages},
        "seconds a step": dict(zip((stage.name for stage in options.stages), a_step, strict=True)),
        "finished": finished,
        "stopped in": None if finished else [training.stage_index, training.step],
        "best": training.best,
        "pieces": len(pieces),
    }


def seconds_of_step(training: Any, stage_index: int, repeats: int) -> float:
    """Mean seconds per step with its batches, after up to two warm-up steps."""
    training.stage_index = stage_index
    stage = training.options.stages[stage_index]
    warm_up = min(2, stage.steps - 1)
    started, done = time.monotonic(), 0
    with closing(training.batches()) as batches:
        for step, batch in enumerate(batches):
            training.updates.step(batch, stage, stage_index, step)
            if step < warm_up:
                started = time.monotonic()
            else:
                done += 1
            if done == repeats:
                break
    return (time.monotonic() - started) / max(1, done)


def unpack(packed: Path, data: Path) -> Path:
    """Unpack the images into a data set's folder, as PNG."""
    from PIL import Image

    for name in ("images", "masks"):
        (data / name).mkdir(parents=True)
        for file in (packed / name).iterdir():
            with Image.open(file) as picture:
                picture.save(data / name / f"{file.stem}.png", compress_level=1)
    (data / "manifest.csv").write_bytes((packed / "manifest.csv").read_bytes())
    return data


def run(
    packed: Path,
    out: Path,
    minutes: float,
    sizes: Sequence[str],
    batches: Sequence[int],
    options: Any,
    machine: Machine,
) -> None:
    """Measure and train. Raises FileExistsError if `out` is not empty."""
    import torch
    from torch._dynamo import config as dynamo

    clock = Clock(60 * minutes)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty; name another folder")
    name = torch.cuda.get_device_name() if machine.device == "cuda" else platform.machine()
    figures = Figures(out / "figures.json")
    figures.add("machine", {"device": name, "torch": torch.__version__, "threads": torch.get_num_threads()})
    print(f"{name}, torch {torch.__version__}, {minutes} minutes", flush=True)
    dynamo.recompile_limit = 64  # every block has its own sizes
    rates = [row for size in sizes for row in images_per_second(size, batches, machine, clock)]
    figures.add("inference", rates)
    figures.add("iterations", [row for size in sizes for row in iterations(size, machine, clock)])
    with tempfile.TemporaryDirectory() as folder:
        figures.add("training", train(unpack(packed, Path(folder) / "data"), out, options, machine, clock))
    print(json.dumps(figures.values["training"], indent=1))
    print(f"{clock.seconds - clock.left():.0f} s of {clock.seconds:.0f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse and act."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, dest="command")
    packing = commands.add_parser("pack", help="write the file that travels")
    packing.add_argument("--data", type=Path, default=os.environ.get("CXRADAIN_DATA"))
    packing.add_argument("--out", type=Path, required=True)
    running = commands.add_parser("run", help="measure and train; what the packed file does")
    running.add_argument("--packed", type=Path, required=True, help="the unpacked images")
    running.add_argument("--out", type=Path, required=True)
    running.add_argument("--minutes", type=float, default=8.5)
    running.add_argument("--preset", choices=("paper", "light"), default="paper")
    running.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    joining = commands.add_parser("join", help="put the model together")
    joining.add_argument("results", type=Path)
    joining.add_argument("model", type=Path)
    asked = parser.parse_args(arguments)
    if asked.command == "pack":
        pack(asked.data, asked.out)
    elif asked.command == "join":
        join(asked.results, asked.model)
    else:
        from cxradain.training.options import PRESETS

        options = replace(PRESETS[asked.preset], model="paper")
        workers = max(1, min(8, (os.cpu_count() or 1) - 2))
        machine = Machine(asked.device, "inductor", repeats=10, workers=workers)
        run(asked.packed, asked.out, asked.minutes, ("compact", "paper"), (1, 32), options, machine)


if __name__ == "__main__":
    main()

"""Latency and throughput of segmentation with both backends, as ratios: `run.py bench inference`.

The baseline is one direct pass of the paper-size generator: 256 pixels, batch 1, fp32, instance norm and
scale as separate steps. For both backends it also measures a large DICOM file from file to mask, its memory,
a cold process, and the size of the installed packages. CPU time is printed beside wall time, because other
programs may run at the same time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import distribution, version
from pathlib import Path

import numpy as np
import torch
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.backends import open_backend
from cxradain.models.card import PRESETS
from cxradain.models.folders import bundled_models
from cxradain.models.model import AdaINModel, save_model
from cxradain.models.segmenter import Segmenter
from cxradain.models.tasks import MODES
from cxradain.setup.packages import NEEDED, download_megabytes
from packaging.requirements import Requirement

sys.path.insert(0, str(Path(__file__).parent))
from _plain import plain_passes

NAMES = ("onnxruntime", "torch")
SIZES = PRESETS | {"compact-256": replace(PRESETS["compact"], canvas=256)}
LIGHT = ("onnxruntime", *NEEDED)
INSTALLED = {"onnxruntime": LIGHT, "torch": ("torch", *NEEDED), "training": (*LIGHT, "torch", "monai")}


def seconds(run: Callable[[], object], repeats: int) -> float:
    """Median seconds of a call, after two warm-up calls."""
    found = []
    for _ in range(repeats + 2):
        started = time.perf_counter()
        run()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        found.append(time.perf_counter() - started)
    return statistics.median(found[2:])


@torch.inference_mode()
def yardstick(device: str, repeats: int) -> float:
    """Seconds of the plain pass."""
    model = AdaINModel(PRESETS["paper"]).to(device).eval()
    canvas = model.config.canvas
    image = torch.rand(1, 1, canvas, canvas, device=device) * 2 - 1
    with plain_passes():
        return seconds(lambda: model.segment(image, "direct"), repeats)


@dataclass
class Timing:
    """Median seconds of a batch: wall time, and CPU time over all cores."""

    clock: float
    processor: float


def passes(size: str, batches: list[int], device: str, repeats: int) -> dict[tuple[str, str, int], Timing]:
    """Timings by backend, mode and batch size; the backends take turns to share the machine's load."""
    with tempfile.TemporaryDirectory() as folder:
        model = save_model(AdaINModel(SIZES[size]), Path(folder), {"name": size, "version": "random"})
        backends = {name: open_backend(model, device, "fp32", name) for name in NAMES}
    timings = {}
    for mode in MODES:
        for batch in batches:
            canvas = SIZES[size].canvas
            images = np.random.default_rng(0).uniform(-1, 1, (batch, 1, canvas, canvas)).astype(np.float32)
            measured: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
            for _ in range(repeats + 2):
                for name, backend in backends.items():
                    clock, processor = time.perf_counter(), time.process_time()
                    backend.predict(images, mode, explain=False)
                    measured[name].append((time.perf_counter() - clock, time.process_time() - processor))
            for name, rows in measured.items():
                timings[name, mode, batch] = Timing(*map(statistics.median, zip(*rows[2:], strict=True)))
    return timings


def large_dicom(path: Path) -> None:
    """Write an uncompressed 16-bit CR image of 2500 x 2000 pixels."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    dataset.Modality, dataset.BodyPartExamined = "CR", "CHEST"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 2500, 2000, 1
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.PhotometricInterpretation = "MONOCHROME2"
    rows, columns = np.mgrid[-1:1:2500j, -1:1:2000j]
    lungs = sum(np.exp(-(((columns - side) / 0.3) ** 2) - (rows / 0.6) ** 2) for side in (-0.45, 0.45))
    dataset.PixelData = (60_000 * (1 - 0.7 * lungs)).astype("<u2").tobytes()
    dataset.save_as(path)


def whole_way(device: str, repeats: int) -> None:
    """Measure file to mask, its memory, and a cold process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.dcm"
        large_dicom(path)
        print("2500 x 2000 DICOM of 16 bits   file to mask   a cold process: clock, processor   its peak")
        for name in NAMES:
            segmenter = Segmenter(device=device, backend=name)
            warm = seconds(lambda each=segmenter: each.predict(read_radiograph(path)), repeats)
            clocks, processors, peaks = zip(*(cold(path, name) for _ in range(3)), strict=True)
            clock, processor = statistics.median(clocks), statistics.median(processors)
            memory = f"{max(peaks) / 2**10:7.0f} MiB" if max(peaks) else "unknown"
            print(f"{name:30} {warm:10.2f} s {clock:17.2f} s {processor:10.2f} s {memory:>13}")
    for name, packages in INSTALLED.items():
        print(f"installed for {name}: {installed_size(packages) / 1e6:.0f} MB")
    slicer = download_megabytes(["onnxruntime", "scikit-image", "safetensors"])
    print(f"fetched for onnxruntime: about {slicer} MB in Slicer, {download_megabytes(LIGHT)} MB bare")
    imports = seconds(lambda: subprocess.run([sys.executable, "-c", "import cxradain"]), 5)
    bare = seconds(lambda: subprocess.run([sys.executable, "-c", "pass"]), 5)
    print(f"import cxradain: {imports - bare:.3f} s beyond the interpreter's own start")


def cold(path: Path, backend: str) -> tuple[float, float, int]:
    """From a process's start to its first mask: wall and CPU seconds, peak memory in KiB."""
    started, before = time.perf_counter(), os.times()
    words = [sys.executable, "-c", PEAK, str(path), backend]
    peak = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - started, used, int(peak)


def installed_size(names: Iterable[str]) -> int:
    """Bytes of packages and their dependencies, as installed here."""
    waiting, sizes = list(names), {}
    while waiting:
        name = waiting.pop()
        if name in sizes:
            continue
        package = distribution(name)
        files = (Path(package.locate_file(file)) for file in package.files or ())
        sizes[name] = sum(file.stat().st_size for file in files if file.is_file())
        needs = map(Requirement, package.requires or ())
        waiting += [each.name for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
    return sum(sizes.values())


# VmHWM starts at zero; ru_maxrss would include the memory of the benchmark that forked.
PEAK = """
import re, sys
from pathlib import Path
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.segmenter import Segmenter
Segmenter(device="cpu", backend=sys.argv[2]).predict(read_radiograph(sys.argv[1]))
status = Path("/proc/self/status")
print(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.is_file() else 0)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--sizes", nargs="+", default=list(PRESETS), choices=SIZES)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    asked = parser.parse_args()
    threads = torch.get_num_threads()
    versions = ", ".join(f"{name} {version(name)}" for name in NAMES)
    print(f"{asked.device}, {threads} threads, {versions}, fp32")
    base = yardstick(asked.device, asked.repeats)
    print(f"yardstick, paper size, plain, one direct pass: {base:.3f} s")
    print("size      mode      batch  backend        s/batch  of the processor   images/s  times yardstick's")
    for size in asked.sizes:
        for (name, mode, batch), took in passes(size, asked.batches, asked.device, asked.repeats).items():
            rate = batch / took.clock
            row = f"{size:9} {mode:9} {batch:5}  {name:12} {took.clock:9.3f} {took.processor:17.3f}"
            print(f"{row} {rate:10.1f} {rate * base:10.1f}", flush=True)
    if bundled_models():
        whole_way(asked.device, asked.repeats)


if __name__ == "__main__":
    main()

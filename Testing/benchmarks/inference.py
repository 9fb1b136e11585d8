"""Latency and throughput of segmentation, as ratios in one run: `run.py bench inference`.

The yardstick is the paper-size generator run the plain way: one direct pass at 256 pixels, batch 1, fp32,
with instance norm and its scale as separate steps. Below it: a large DICOM from file to mask, the memory it
takes, and what a cold process needs.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.card import PRESETS
from cxradain.models.folders import bundled_models
from cxradain.models.model import AdaINModel
from cxradain.models.segmenter import Segmenter
from cxradain.models.tasks import MODES

sys.path.insert(0, str(Path(__file__).parent))
from _plain import plain_passes


def seconds(run: Callable[[], object], repeats: int) -> float:
    """Median seconds of a call; the first two are not counted."""
    found = []
    for _ in range(repeats + 2):
        started = time.perf_counter()
        run()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        found.append(time.perf_counter() - started)
    return statistics.median(found[2:])


@torch.inference_mode()
def passes(size: str, batches: list[int], device: str, repeats: int, plain: bool = False) -> dict:
    """Seconds a batch, by (mode, batch size)."""
    model = AdaINModel(PRESETS[size]).to(device).eval()
    canvas = model.config.canvas
    found = {}
    for mode in ("direct",) if plain else MODES:
        for batch in batches:
            image = torch.rand(batch, 1, canvas, canvas, device=device) * 2 - 1
            found[mode, batch] = seconds(lambda m=mode, x=image: model.segment(x, m), repeats)
    return found


def large_dicom(path: Path) -> None:
    """A 2500 x 2000 image of 16 bits, uncompressed, as computed radiography."""
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
    """File to mask, its memory, and a cold process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.dcm"
        large_dicom(path)
        segmenter = Segmenter(device=device)
        took = seconds(lambda: segmenter.predict(read_radiograph(path)), repeats)
        print(f"2500 x 2000 DICOM of 16 bits, file to mask, warm: {took:.2f} s")
        peak = subprocess.run(
            [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
        ).stdout
        if int(peak):
            print(f"peak memory of a process that does it once: {int(peak) / 2**10:.0f} MiB")
        cold = seconds(
            lambda: subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True), 3
        )
        print(f"a cold process from start to first mask: {cold:.2f} s")
    imports = seconds(lambda: subprocess.run([sys.executable, "-c", "import cxradain"]), 5)
    bare = seconds(lambda: subprocess.run([sys.executable, "-c", "pass"]), 5)
    print(f"import cxradain: {imports - bare:.3f} s beyond the interpreter's own start")


# ru_maxrss would count what the benchmark itself held when it forked; VmHWM begins anew.
PEAK = """
import re, sys
from pathlib import Path
from cxradain.imaging.radiograph import read_radiograph
from cxradain.models.segmenter import Segmenter
Segmenter(device="cpu").predict(read_radiograph(sys.argv[1]))
status = Path("/proc/self/status")
print(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.is_file() else 0)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    asked = parser.parse_args()
    threads = torch.get_num_threads()
    print(f"{asked.device}, {threads} threads, torch {torch.__version__}, fp32")
    with plain_passes():
        base = passes("paper", [1], asked.device, asked.repeats, plain=True)["direct", 1]
    print(f"yardstick, paper size, plain, one direct pass: {base:.3f} s")
    print("size      mode      batch   s/batch   images/s   times the yardstick's images/s")
    for size in PRESETS:
        for (mode, batch), took in passes(size, asked.batches, asked.device, asked.repeats).items():
            rate = batch / took
            print(f"{size:9} {mode:9} {batch:5} {took:9.3f} {rate:10.1f} {rate * base:10.1f}")
    if bundled_models():
        whole_way(asked.device, asked.repeats)


if __name__ == "__main__":
    main()

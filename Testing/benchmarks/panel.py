"""How long the panel's user waits, in the embedded desktop's window: `run.py bench panel`.

A bundled radiograph, enlarged to 2500 x 2000 pixels of 16 bits, is added, segmented, clicked and painted on
with the real engine. The window is drawn into memory; no screen is needed. A stall is the time between two
beats of a timer in the main thread; the process's CPU time in that pause is printed below it, because on a
busy machine the rest belongs to other programs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from _heartbeat import Heartbeat

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py"
SAMPLE = ROOT / "Resources" / "SampleData" / "kermany_normal__IM-0459-0001.jpeg"
SHAPE = (2500, 2000)
PLACES = [str(ROOT / name) for name in ("trainer", "desktop", "CXRAdaINSeg")]
sys.path[:0] = [*PLACES[1:], str(ROOT / "Testing" / "panel")]

WITHOUT_TORCH = """
import sys, time
from pathlib import Path
sys.modules["torch"] = None  # an import of it fails
import embedded_slicer
desktop = embedded_slicer.boot([], headless=True, testing=True, settings=Path(sys.argv[1]))
import slicer
started = time.perf_counter()
slicer.app.moduleManager().load(Path(sys.argv[2]))
desktop.window.moduleSelector().selectModule("CXRAdaINSeg")
desktop.process()
desktop.window.grab()
print(time.perf_counter() - started, flush=True)
desktop.close()
"""
FROM_START = """
import sys
from pathlib import Path
import embedded_slicer
from embedded_slicer import demo
desktop = embedded_slicer.boot([Path(sys.argv[2])], headless=True, testing=True, settings=Path(sys.argv[1]))
desktop.window.grab()
print("window", flush=True)
demo.load(desktop, Path(sys.argv[3]))
demo.segment(desktop)
desktop.process(300, until=demo.has_masks)
desktop.window.grab()
print("segmented", flush=True)
desktop.close()
"""


def print_row(name: str, values: list[float], goal: float, unit: str = "s") -> None:
    """Print one line of the table; `values` in seconds, or MB."""
    scale, digits = (1000, 0) if unit == "ms" else (1, 0 if unit == "MB" else 2)
    middle, least = statistics.median(values) * scale, min(values) * scale
    verdict = "met" if middle <= goal else "met at best" if least <= goal else "MISSED"
    print(f"{name:58} {middle:8.{digits}f} {least:8.{digits}f} {goal:6g} {unit:3} {verdict}", flush=True)


class Bench:
    """The window with the panel, its real engine, and a large radiograph."""

    def __init__(self, folder: Path) -> None:
        import embedded_slicer

        self.window = embedded_slicer.boot(
            [MODULE], headless=True, testing=True, settings=folder / "settings"
        )
        from module_panel import Panel

        self.engine = self.window.module("CXRAdaINSeg").logic.engine
        self.panel = Panel(self.window, self.engine)
        self.folder = folder
        self._pixels = large()
        self._count = 0
        self.written = (0.0, 0.0)  # the stalls when the last result was written

    def add(self) -> None:
        """Add and show a radiograph that the engine has not seen; the one before is removed."""
        import slicer
        from PIL import Image

        if self.panel.volume is not None:
            slicer.mrmlScene.Clear(0)
        self._count += 1
        path = self.folder / f"large {self._count}.png"
        Image.fromarray(self._pixels + np.uint16(self._count)).save(path, compress_level=1)
        self.panel.add(path)
        self.panel.view.pixels()
        self.idle()

    def idle(self) -> None:
        """Wait until the panel has no background work."""
        self.panel.until(lambda: not self.panel.segmenting.busy and not self.panel.widget.masks.waiting)
        self.window.process(0.3)

    def timed(self, act: Callable[[], None], done: Callable[[], object]) -> float:
        """Seconds from an action to its picture."""
        started = time.perf_counter()
        act()
        self.panel.until(done)
        self.panel.view.pixels()
        return time.perf_counter() - started


def large() -> np.ndarray:
    """The sample at SHAPE, as uint16."""
    from PIL import Image

    with Image.open(SAMPLE) as picture:
        enlarged = picture.convert("L").resize(SHAPE[::-1], Image.Resampling.BICUBIC)
    return np.asarray(enlarged).astype(np.uint16) * 64


def stalls(bench: Bench, repeats: int) -> None:
    """Measure stalls while the engine starts, predicts and reloads, and while a result is written."""
    kinds = {
        "the engine starts": (starting, 50),
        "it predicts": (predicting, 50),
        "a full-size result is written": (writing, 150),
        "the model is loaded again": (reloading, 50),
    }
    heart = Heartbeat()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for _ in range(repeats):
        bench.engine.stop()
        bench.add()
        for name, (measure, _goal) in kinds.items():
            found[name].append(measure(bench, heart))
    for name, (_measure, goal) in kinds.items():
        print_row(f"longest stall while {name}", [pause for pause, _ in found[name]], goal, "ms")
        print_row("  computed meanwhile by the window's process", [own for _, own in found[name]], goal, "ms")


def starting(bench: Bench, heart: Heartbeat) -> tuple[float, float]:
    """Start the engine, and wait until it is ready."""
    with heart.beating():
        bench.engine.start()
        bench.panel.until(lambda: bench.engine.state == "ready")
    return heart.stall()


def predicting(bench: Bench, heart: Heartbeat) -> tuple[float, float]:
    """Press Segment, and wait for the result; `writing` measures the writing that follows."""
    ends: list[float] = []

    def onBusy(busy: bool) -> None:
        if not busy:
            ends.append(time.perf_counter())

    bench.panel.segmenting.busyChanged.connect(onBusy)
    with heart.beating():
        bench.panel.segment.segmentButton.click()
        bench.panel.until(lambda: ends)
        bench.idle()
    bench.written = heart.stall(since=ends[0])
    return heart.stall(until=ends[0])


def writing(bench: Bench, heart: Heartbeat) -> tuple[float, float]:
    """The stalls after the result of `predicting` arrived, while it was written."""
    return bench.written


def reloading(bench: Bench, heart: Heartbeat) -> tuple[float, float]:
    """Reload the model in the running engine."""
    loaded: list[dict] = []
    with heart.beating():
        bench.engine.request(
            "load", onResult=lambda header, arrays: loaded.append(header), model=None, device="auto"
        )
        bench.panel.until(lambda: loaded)
    return heart.stall()


def clicks(bench: Bench, repeats: int) -> None:
    """Measure the first click until the mask is shown, and further clicks until the mask changes."""
    from PySide6 import QtCore

    panel, (rows, columns) = bench.panel, SHAPE
    first, more = [], []

    def click(row: float, **how) -> float:
        took = bench.timed(
            lambda: panel.view.clickIjk(row * rows, 0.3 * columns, **how),
            lambda: panel.lungs and not panel.segmenting.busy,
        )
        bench.idle()
        return took

    for _ in range(repeats + 1):
        bench.add()
        panel.segment.setClickMode(True)
        first.append(click(0.45))
        # Remove, and add again.
        more += [click(0.4, modifiers=QtCore.Qt.ControlModifier), click(0.4)]
        assert len(panel.clicks) == 2, "each changed something"
        panel.segment.setClickMode(False)
    print_row("click to mask on screen, 2500 x 2000", first[1:], 0.6)
    print_row("click that refines", more[2:], 0.2)


def strokes(bench: Bench) -> None:
    """Measure from a move of the brush to its pixels."""
    from PySide6 import QtCore, QtTest

    panel, (rows, columns) = bench.panel, SHAPE
    panel.segment.segmentButton.click()
    bench.idle()
    panel.take("Paint")
    view = panel.view
    places = [
        QtCore.QPoint(*(round(each) for each in view.ijkToView((0.3 + 0.01 * step) * rows, 0.5 * columns)))
        for step in range(30)
    ]
    QtTest.QTest.mousePress(view.view, QtCore.Qt.LeftButton, QtCore.Qt.NoModifier, places[0])
    took = []
    for place in places[1:]:
        started = time.perf_counter()
        QtTest.QTest.mouseMove(view.view, place)
        view.pixels()
        took.append(time.perf_counter() - started)
    QtTest.QTest.mouseRelease(view.view, QtCore.Qt.LeftButton, QtCore.Qt.NoModifier, places[-1])
    panel.correct.editor.setActiveEffect(None)
    bench.idle()
    print_row("move of the brush to pixels", took, 60, "ms")


def memory() -> tuple[float, float]:
    """Memory of this process in MB, now and at its peak; 0 where the system has no figure."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0.0, 0.0
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return tuple(int(lines[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))


def in_processes(folder: Path, repeats: int) -> None:
    """Measure in new processes: opening the panel without torch, and from start to first mask."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(PLACES)}
    opened, window, segmented = [], [], []
    for _ in range(repeats):
        words = [sys.executable, "-c", WITHOUT_TORCH, str(folder), str(MODULE)]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
        opened.append(float(done.stdout))
        words = [sys.executable, "-c", FROM_START, str(folder), str(MODULE), str(SAMPLE)]
        started = time.perf_counter()
        with subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as child:
            for line, times in zip(child.stdout, (window, segmented), strict=False):
                assert line.strip() in ("window", "segmented")
                times.append(time.perf_counter() - started)
    print_row("panel opens, torch absent", opened, 1.0)
    print_row("desktop: start to window", window, 4.0)
    print_row("desktop: start to a segmented radiograph", segmented, 10.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    if hasattr(os, "getloadavg"):
        print(f"{os.cpu_count()} cores; load of the machine before: {os.getloadavg()[0]:.1f}")
    print(f"{'':58} {'median':>8} {'least':>8} {'goal':>6}")
    with tempfile.TemporaryDirectory(prefix="cxradain-bench-") as place:
        in_processes(Path(place), asked.repeats)
        bench = Bench(Path(place))
        stalls(bench, asked.repeats)
        clicks(bench, asked.repeats)
        strokes(bench)
        now, most = memory()
        print_row("memory of the application's process", [now], 700, "MB")
        print_row("  at most", [most], 700, "MB")
        bench.window.close()


if __name__ == "__main__":
    main()

"""Reading a session of 25 adults in the embedded desktop's window: `run.py bench reader --data DATA`.

A scripted reader drops the radiographs' folder on an empty session, starts *Segment all*, and reads the list
meanwhile: looks at each image for some seconds, corrects every fifth by clicks (guided by the masks of DATA,
a folder in the shared data set format), approves all, and opens the session again. It prints clicks, keys,
the time spent waiting for the window or the model, the time to go on to the next image, the longest stall,
the longest turns of the window's event loop, and memory. `--separately` approves and goes on with two keys
instead of one.

A turn is measured by the CPU time of the process's main thread, which other programs do not lengthen much.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from clicks import next_click  # beside this file
from cxradain.datasets import DatasetImage, read_manifest, read_mask
from cxradain.imaging.measurements import dice
from cxradain.imaging.radiograph import read_radiograph
from cxradain.sessions.records import pixel_key

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / place) for place in ("desktop", "CXRAdaINSeg")]

ADULTS = ("v7cohen", "gbseg")  # sources with adult patients
CORRECTED = 5  # every fifth image
MOST_CLICKS = 2  # per correction


class Reader:
    """Counts mouse clicks and keys in the window; `waited` maps reasons to seconds."""

    def __init__(self, settings: Path):
        import embedded_slicer
        from _heartbeat import Heartbeat  # beside this file
        from PySide6 import QtCore, QtTest

        self._qt, self._test = QtCore.Qt, QtTest.QTest
        self.desktop = embedded_slicer.boot(
            [ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py"], headless=True, testing=True, settings=settings
        )
        self.widget = self.desktop.module("CXRAdaINSeg")
        self.section, self.worklist = self.widget.worklistSection, self.widget.logic.worklist
        self.heart = Heartbeat()
        self.clicks = self.keys = 0
        self.waited: dict[str, float] = {}
        self.went_on: list[tuple[float, float]] = []  # (wall, CPU) seconds

    def click(self, button) -> None:
        """Press a button of the panel."""
        self.clicks += 1
        self._test.mouseClick(button, self._qt.LeftButton)

    def key(self, letter: str) -> None:
        """Press a key in the main window."""
        self.keys += 1
        self._test.keyClick(self.desktop.window, getattr(self._qt, f"Key_{letter}"))

    def click_at(self, row: float, column: float, removes: bool) -> None:
        """Click on the radiograph."""
        self.clicks += 1
        self.desktop.sliceView("Red").clickIjk(
            row, column, self._qt.ControlModifier if removes else self._qt.NoModifier
        )

    def wait(self, what: str, until: Callable[[], bool], seconds: float = 900.0) -> float:
        """Process events until a condition holds; returns the seconds that it took."""
        began, self.heart.doing = time.perf_counter(), what
        if not self.desktop.process(seconds, until=until):
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        took = time.perf_counter() - began
        self.waited[what] = self.waited.get(what, 0.0) + took
        return took

    def look(self, seconds: float) -> None:
        """Look at the image."""
        self.heart.doing = "looking"
        self.desktop.process(seconds)

    @property
    def labels(self) -> np.ndarray | None:
        """The mask in the view, or None."""
        from CXRAdaINSegLib.scene.LungSegments import labelsOf, lungsOf

        current = self.worklist.current
        segmentation = None if current is None else lungsOf(current.volume)
        return None if segmentation is None else labelsOf(segmentation, current.volume)


def read_session(
    reader: Reader, folder: Path, truth: dict[str, np.ndarray], look: float, separately: bool
) -> int:
    """Read the session, from Create to the last approval; returns how many were corrected. truth: the data's
    masks by their images' keys."""
    section, reader.heart.doing = reader.section, "creating"
    section.widget.collapsed = False
    section.rows.path.currentPath = str(folder / "session")
    reader.click(section.rows.openButton)
    reader.wait("creating", lambda: reader.worklist.session is not None)
    reader.clicks += 1  # the folder, dragged onto the list
    section.add([str(folder / "radiographs")])
    reader.wait("adding", lambda: not section.jobs.adding.running)
    reader.click(section.jobs.allButton)
    model = section.table.model
    keys = [model.keyAt(place) for place in range(model.rowCount())]
    reader.clicks += 1  # the first row
    section.show(keys[0])
    corrected = 0
    for number, key in enumerate(keys, 1):

        def is_there(key: str = key) -> bool:
            current = reader.worklist.current
            return current is not None and current.image.key == key

        if number == 1:
            reader.wait("the first image", is_there)
        reader.wait("a mask", lambda: reader.labels is not None and bool(reader.labels.any()))
        reader.look(look)
        if number % CORRECTED == 0:
            corrected += correct(reader, truth[key])
        if separately:
            reader.key("A")
        began, computed = time.perf_counter(), time.process_time()
        reader.key("N" if separately else "D")
        if number < len(keys):
            following = keys[number]
            view = reader.desktop.sliceView("Red").view
            reader.wait("going on", lambda key=following, view=view: is_there(key) and view.is_painted)
            reader.went_on.append((time.perf_counter() - began, time.process_time() - computed))
    statuses = [row.status for row in model.rows.values()]
    if statuses != ["approved"] * len(keys):
        raise RuntimeError(f"not all are approved: {statuses}")
    return corrected


def reopen(reader: Reader) -> float:
    """Close the session and open it again; returns the seconds till its image and the list's pictures are
    there."""
    button, pictures = reader.section.rows.openButton, reader.section.table.pictures
    view = reader.desktop.sliceView("Red").view
    reader.look(0.5)  # the last approval is no part of closing
    reader.heart.doing = "closing"
    button.click()
    reader.desktop.process(1.0)
    reader.heart.doing, began = "opening", time.perf_counter()
    button.click()
    is_there = reader.desktop.process(
        60.0, lambda: reader.worklist.current is not None and view.is_painted and not pictures.waiting
    )
    if not is_there:
        raise TimeoutError("opening: not within a minute")
    return time.perf_counter() - began


def correct(reader: Reader, truth: np.ndarray) -> bool:
    """Correct the mask by clicks; returns whether anything was wrong."""
    segment = reader.widget.segmentSection
    done = 0
    while done < MOST_CLICKS:
        wrong = next_click(truth, reader.labels)
        reader.heart.skip()  # for that was the reader's thinking
        if wrong is None:
            break
        if not done:
            reader.click(segment.clickButton)
        done += 1
        reader.click_at(wrong.row, wrong.column, wrong.action == "remove")
        reader.wait("a click's answer", lambda: not reader.widget.logic.segmenting.busy)
        reader.wait("a click's answer", lambda: not reader.widget.masks.waiting)
    if done:
        reader.key("Escape")
    return bool(done)


@contextmanager
def copied(data: Path, count: int) -> Iterator[tuple[Path, list[DatasetImage]]]:
    """A folder with radiographs of the first `count` adults of DATA that have masks."""
    images = [each for each in read_manifest(data) if each.source in ADULTS and each.mask is not None][:count]
    if len(images) < count:
        raise SystemExit(f"{data}: has {len(images)} radiographs of adults with masks; {count} are wanted.")
    folder = Path(tempfile.mkdtemp(prefix="cxradain-bench-"))
    try:
        (folder / "radiographs").mkdir()
        for image in images:
            shutil.copy(image.image, folder / "radiographs")
        yield folder, images
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def megabytes() -> float:
    """Peak memory of the window's process."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("CXRADAIN_DATA"))
    parser.add_argument("--images", type=int, default=25)
    parser.add_argument("--look", type=float, default=2.0, help="seconds that each image is looked at")
    parser.add_argument("--separately", action="store_true", help="approve and go on by two keys")
    asked = parser.parse_args()
    if asked.data is None:
        parser.error("--data DATA, or CXRADAIN_DATA, is needed")
    os.environ["CXRADAIN_HOME"] = tempfile.mkdtemp(prefix="cxradain-bench-")
    with copied(asked.data, asked.images) as (folder, images):
        reader = Reader(folder / "settings")
        reader.worklist.setReader("benchmark")
        reader.desktop.process(3)  # the checks that the panel makes when it opens
        truth = {pixel_key(read_radiograph(image.image).pixels): read_mask(image) for image in images}
        heart = reader.heart
        began = time.perf_counter()
        with heart.beating():
            corrected = read_session(reader, folder, truth, asked.look, asked.separately)
            took = time.perf_counter() - began
            reopened = reopen(reader)
        session = reader.worklist.session
        masks = {image.key: session.mask(session.newest(image.key)) for image in session.images()}
        mean = statistics.mean(dice(masks[key] > 0, truth[key] > 0) for key in masks)
        stall, own = heart.stall()
        print(f"{asked.images} adults, {corrected} corrected by clicks, all approved: {took:.0f} s")
        print(f"  clicks {reader.clicks}, keys {reader.keys}")
        print(f"  waited {sum(reader.waited.values()):.1f} s:", end=" ")
        print(", ".join(f"{what} {seconds:.1f} s" for what, seconds in reader.waited.items()))
        clock, own_time = zip(*reader.went_on, strict=True)
        print(f"  going on: median {statistics.median(clock):.3f} s, longest {max(clock):.3f} s;", end=" ")
        print(f"of this process's computing {statistics.median(own_time):.3f} and {max(own_time):.3f} s")
        print(f"  opened again in {reopened:.2f} s")
        print(f"  longest stall of the window {1000 * stall:.0f} ms, {1000 * own:.0f} ms of them computing")
        turns = sorted(heart.longest().items(), key=lambda each: -each[1])
        print("  longest turns of its event loop, in CPU time of the main thread:", end=" ")
        print(", ".join(f"{what} {1000 * seconds:.0f} ms" for what, seconds in turns))
        print(f"  memory of the window's process: {megabytes():.0f} MB at most")
        print(f"  Dice of both lungs against the data's masks, mean: {mean:.3f}")
        reader.worklist.close()
        reader.desktop.close()
    shutil.rmtree(os.environ["CXRADAIN_HOME"], ignore_errors=True)


if __name__ == "__main__":
    main()

"""The worklist in the embedded desktop's window: `run.py bench worklist`.

Opens and scrolls through a session of 10,000 images; then adds radiographs of 2500 x 2000 pixels of 16 bits
to another session, segments and corrects them. A stall is the longest time between two turns of the window's
event loop.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
from _heartbeat import Heartbeat
from cxradain.sessions import folder as files
from cxradain.sessions import nrrd
from cxradain.sessions.index import Index
from cxradain.sessions.records import MODEL, Origin, SessionImage, Version, pixel_key, to_bytes
from cxradain.sessions.store import Session

ROOT = Path(__file__).resolve().parents[2]
for place in ("desktop", "CXRAdaINSeg", "Testing/slicer"):
    sys.path.insert(0, str(ROOT / place))

TINY = (24, 20)
LARGE = (2500, 2000)


def many(folder: Path, count: int) -> None:
    """A session of `count` tiny images, three in four with a model's mask, written without fsync, then
    indexed."""
    with Session.create(folder):
        pass
    random = np.random.default_rng(0)
    labels = np.zeros(TINY, np.uint8)
    labels[4:20, 2:9], labels[4:20, 11:18] = 1, 2
    for number in range(count):
        pixels = random.integers(0, 4096, TINY, np.uint16)
        key = pixel_key(pixels)
        image = SessionImage(
            key, f"image-{number + 1:05d}", TINY, "<u2", "", number + 1, file=f"{files.IMAGES}/{key}.nrrd"
        )
        files.file_path(folder, image).write_bytes(nrrd.encode(pixels, image.placement))
        files.record_path(folder, image).write_bytes(to_bytes(image))
        if number % 4:
            version(folder, image, labels, number)
    with Session(folder) as session:
        session.rebuild()


def version(folder: Path, image: SessionImage, labels: np.ndarray, number: int) -> None:
    """A model's mask of an image."""
    import hashlib

    data = nrrd.encode(labels, image.placement)
    name = f"{number:016x}"
    made = Version(
        id=name,
        image=image.key,
        number=1,
        reader=MODEL,
        time="2026-01-01T00:00:00.000000+00:00",
        status="auto",
        file=f"0001-{name}.nrrd",
        sha256=hashlib.sha256(data).hexdigest(),
        shape=image.shape,
        **vars(Origin(model_id="m 1", disagreement=number % 997 / 997)),
    )
    files.mask_folder(folder, image.key).mkdir()
    files.file_path(folder, made).write_bytes(data)
    files.record_path(folder, made).write_bytes(to_bytes(made))


def large_images(folder: Path, count: int) -> list[Path]:
    """Different image files of smooth random content with noise."""
    from PIL import Image as Picture

    folder.mkdir()
    made = []
    for number in range(count):
        random = np.random.default_rng(number)
        coarse = Picture.fromarray(random.uniform(0, 50_000, (12, 10)).astype(np.float32))
        smooth = np.asarray(coarse.resize(LARGE[::-1], Picture.Resampling.BICUBIC))
        pixels = np.clip(smooth + random.integers(0, 500, LARGE), 0, 65_535).astype(np.uint16)
        made.append(folder / f"{number}.png")
        Picture.fromarray(pixels).save(made[-1], compress_level=1)
    return made


class Took:
    """Wall and CPU seconds of its body; CPU time leaves out other programs."""

    def __enter__(self) -> Took:
        self._clock, self._computing = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = time.perf_counter() - self._clock
        self.computing = time.process_time() - self._computing

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s ({self.computing:.2f} s computing)"


class Window:
    """The booted desktop with the worklist open, and a stand-in engine."""

    def __init__(self, settings: Path):
        import embedded_slicer

        self.desktop = embedded_slicer.boot(
            [ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py"], headless=True, testing=True, settings=settings
        )
        from in_process_engine import StandInEngine

        self.widget = self.desktop.module("CXRAdaINSeg")
        self.section, self.worklist = self.widget.worklistSection, self.widget.logic.worklist
        self.section.widget.collapsed = False
        segmenting = self.widget.logic.segmenting
        self.engine = segmenting.predictions.engine = StandInEngine()
        self.worklist.setReader("benchmark")
        self.desktop.process(3)  # the checks that the panel makes when it opens

    def open(self, folder: Path) -> Took:
        """Open a session, and wait until the list is painted."""
        self.section.rows.path.currentPath = str(folder)
        with Took() as took:
            self.section.rows.openButton.click()
            self.section.table.view.grab()
        return took

    def close(self) -> None:
        """Close the session."""
        self.section.rows.openButton.click()

    def until(self, condition: Callable[[], bool], seconds: float = 300.0) -> None:
        """Process the window's events."""
        if not self.desktop.process(seconds, until=condition):
            raise TimeoutError


def of(took: list[Took]) -> str:
    """Median and longest."""
    seconds, computing = ([getattr(one, name) for one in took] for name in ("seconds", "computing"))
    return (
        f"median {statistics.median(seconds):.3f} s ({statistics.median(computing):.3f} s computing), "
        f"longest {max(seconds):.3f} s ({max(computing):.3f} s computing)"
    )


def the_list(window: Window, folder: Path, count: int) -> None:
    """Measure opening and scrolling."""
    many(folder, count)
    print(f"{count} images, opened and listed: {window.open(folder)}")
    window.close()
    print(f"  again: {window.open(folder)}")
    view, bar = window.section.table.view, window.section.table.view.verticalScrollBar()
    took = []
    for step in range(200):
        with Took() as one:
            bar.value = bar.maximum * (step * 37 % 200) // 200
            view.viewport().repaint()
            window.desktop.process()
        took.append(one)
    print(f"  a jump in the list: {of(took)}")
    with Took() as one:
        window.until(lambda: not window.section.table.pictures.waiting)
    print(f"  pictures of what is in sight then: {one}")
    for order in (2, 1, 0):
        with Took() as one:
            window.section.table.orderBox.setCurrentIndex(order)
            view.grab()
        print(f"  ordered by {window.section.table.order}: {one}")
    with Took() as one:
        window.section.table.textEdit.text = "77"
        view.grab()
    print(f"  filtered: {one}")
    window.section.table.textEdit.text = ""
    window.close()
    session = Session(folder)
    with patch.object(Index, "remember"):  # as after a crash: the index does not record that it was closed
        session.close()
    print(f"  opened after a crash: {window.open(folder)}")
    window.close()


def the_images(window: Window, folder: Path, paths: list[Path]) -> None:
    """Measure adding, segmenting, and going to the next image with a correction on each."""
    window.open(folder)
    heart = Heartbeat()
    with heart.beating(), Took() as one:
        window.section.add([str(path) for path in paths])
        window.until(lambda: not window.section.jobs.adding.running)
    each = one.seconds / len(paths)
    print(f"{len(paths)} radiographs of {LARGE[0]} x {LARGE[1]}: added in {each:.2f} s each, ", end="")
    print(f"the window waits {1000 * heart.stall()[0]:.0f} ms at most")

    def segmented() -> bool:
        window.engine.answer()
        return not window.section.jobs.segmentAll.running

    with heart.beating():
        window.section.jobs.allButton.click()
        window.until(segmented)
    print(f"  segmented by an engine that takes no time: it waits {1000 * heart.stall()[0]:.0f} ms at most")
    keys = [window.section.table.model.keyAt(place) for place in range(len(paths))]
    window.section.show(keys[0])
    window.until(lambda: window.worklist.current is not None)
    took = []
    for _key in keys[1:]:
        window.desktop.process(2.0)  # a reader looks at a radiograph for at least this long
        correct(window)
        before = window.worklist.current
        with Took() as one:
            window.section.next()
            window.until(lambda before=before: window.worklist.current is not before)
            window.desktop.sliceView("Red").pixels()
        took.append(one)
    print(f"  corrected, kept and the next one shown: {of(took)}")
    window.close()


def correct(window: Window) -> None:
    """Change the mask that is shown."""
    from CXRAdaINSegLib.scene.LungSegments import labelsOf, lungsOf, writeLabels

    volume = window.worklist.current.volume
    labels = labelsOf(lungsOf(volume), volume)
    labels[50:150, 900:1100] = 1
    writeLabels(lungsOf(volume), volume, labels)
    window.desktop.process(0.5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=8)
    asked = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="cxradain-bench-"))
    try:
        window = Window(place / "settings")
        the_list(window, place / "many", asked.images)
        the_images(window, place / "large", large_images(place / "files", asked.large))
        window.desktop.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()

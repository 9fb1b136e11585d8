"""The pictures of README and Docs, each of a real run in the embedded desktop: with the shipped model, on the
bundled radiographs.

    .venv/bin/python Testing/screenshots.py [NAME ...]     from the root, after `python3 run.py test` once

NAME is a function below; without one all are taken, into Resources/Screenshots. `train` trains a round for
some minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PLACES = ("trainer", "desktop", "CXRAdaINSeg", "Testing/panel", "Testing/slicer")
sys.path[:0] = [str(ROOT / name) for name in PLACES]
MODULE = ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py"
PICTURES = ROOT / "Resources" / "Screenshots"
ABNORMAL, DOUBTFUL, NORMAL, CHILD = (
    "hannover__88859dc1.dcm",
    "v7cohen__53c9be49.jpg",
    "nih_normal__00001281_000.png",
    "kermany_pneumonia__person1565_bacteria_4095.jpeg",
)
SESSION = Path(tempfile.gettempdir()) / "lungs-2026"  # as the pictures show it; removed at the end


class Camera:
    """The window with a panel in it, and its sections by name."""

    def __init__(self) -> None:
        import embedded_slicer

        self.home = os.environ["CXRADAIN_HOME"] = tempfile.mkdtemp()
        settings = Path(tempfile.mkdtemp())
        self.desktop = embedded_slicer.boot([MODULE], testing=True, settings=settings)
        from module_panel import Panel

        self.widget = self.desktop.module("CXRAdaINSeg")
        self.panel = Panel(self.desktop, self.widget.logic.engine)
        names = ("setup", "worklist", "segment", "view", "correct", "measure", "train")
        self.sections = {name: getattr(self.widget, f"{name}Section").widget for name in names}
        self.size(1240, 800)

    def size(self, width: int, height: int) -> None:
        self.desktop.window.resize(width, height)
        self.desktop.process(0.3)

    def unfold(self, *names: str) -> None:
        for name, section in self.sections.items():
            section.collapsed = name not in names
        self.desktop.process(0.3)

    def take(self, name: str) -> None:
        self.desktop.process(0.5)
        shot = Path(self.home, "shot.png")
        self.desktop.screenshot(shot)
        picture = PICTURES / f"{name}.webp"  # a quarter of a PNG's size, and crisp
        with Image.open(shot) as full:
            full.convert("RGB").save(picture, quality=90, method=6)
        print(picture, flush=True)

    def segmented(self, name: str) -> None:
        """A bundled radiograph with both lungs found, in an empty scene."""
        import slicer

        slicer.mrmlScene.Clear(0)
        self.unfold("segment")
        self.panel.add(ROOT / "Resources" / "SampleData" / name)
        self.panel.segment.segmentButton.click()
        self.panel.until(lambda: len(self.panel.lungs) == 2)
        self.panel.until(lambda: not self.widget.masks.waiting)


def segment(camera: Camera) -> None:
    camera.segmented(ABNORMAL)
    camera.take("segment")


def clicks(camera: Camera) -> None:
    """A click removes what is below a lung that the model is unsure of."""
    from PySide6.QtCore import Qt

    camera.segmented(DOUBTFUL)
    panel = camera.panel
    rows, columns = panel.labels.shape
    panel.segment.clickButton.click()
    panel.view.clickIjk(0.838 * rows, 0.684 * columns, modifiers=Qt.ControlModifier)
    panel.until(lambda: not panel.segmenting.busy and panel.clicks)
    camera.take("clicks")
    panel.segment.clickButton.click()


def reasons(camera: Camera) -> None:
    camera.segmented(DOUBTFUL)
    toggle = camera.panel.segment.overlay.toggles["as_normal"]
    toggle.click()
    camera.panel.until(lambda: not camera.panel.segmenting.busy)
    camera.take("reasons")
    toggle.click()


def measurements(camera: Camera) -> None:
    camera.segmented(NORMAL)
    camera.unfold("segment", "measure")
    camera.take("measurements")


def correct(camera: Camera) -> None:
    """The eraser takes away what is below the lung that the model is unsure of."""
    from CXRAdaINSegLib.scene.LungSegments import IDS

    camera.segmented(DOUBTFUL)
    camera.unfold("correct")
    camera.panel.correct.editor.setCurrentSegmentID(IDS[2])  # the left one
    camera.panel.take("Erase")
    rows, columns = camera.panel.labels.shape
    corners = [(0.93, 0.56), (0.93, 0.96), (0.905, 0.96), (0.905, 0.56), (0.88, 0.56), (0.88, 0.95)]
    camera.panel.view.dragIjk([(row * rows, column * columns) for row, column in corners])
    camera.take("correct")
    camera.panel.correct.editor.setActiveEffect(None)


def worklist(camera: Camera) -> None:
    """All five radiographs; one approved, one corrected, one flagged."""
    hands = session(camera)
    camera.size(1360, 860)
    camera.unfold("worklist", "segment")
    hands.show(0)
    camera.widget.worklistSection.decisions.approve()
    hands.show(1)
    shape = camera.panel.labels.shape
    hands.paint((0.45 * shape[0], 0.47 * shape[1]), (0.5 * shape[0], 0.5 * shape[1]))
    hands.go(camera.widget.worklistSection.next)
    camera.widget.worklistSection.decisions.flag()
    hands.show(3)
    camera.unfold("worklist", "segment")
    camera.take("worklist")


def train(camera: Camera) -> None:
    """A short round, to its verdict."""
    hands = session(camera)
    camera.size(1360, 860)
    for place in range(4):
        hands.show(place)
        camera.widget.worklistSection.decisions.approve()
    camera.unfold("train")
    section = camera.widget.trainSection
    section.options.scale.value = 0.4
    section.startButton.click()
    section.watch.curvesButton.click()
    camera.panel.until(lambda: section.verdict.verdict.text, 1800)
    camera.take("train")


def session(camera: Camera):
    """A session of the five bundled radiographs, segmented; the same for all who ask."""
    from worklist_driver import Worklist, sample_files

    hands = Worklist(camera.panel)
    if hands.worklist.session is None:
        hands.section.widget.collapsed = False
        hands.create(SESSION)
        hands.read_as("Reader A")
        hands.add(*sample_files())
        hands.jobs.allButton.click()
        camera.panel.until(lambda: not hands.jobs.segmentAll.running, 300)
    return hands


def main() -> int:
    each = (segment, clicks, reasons, measurements, correct, worklist, train)
    wanted = sys.argv[1:] or [take.__name__ for take in each]
    camera = Camera()
    for take in each:
        if take.__name__ in wanted:
            take(camera)
    camera.desktop.close()
    shutil.rmtree(SESSION, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

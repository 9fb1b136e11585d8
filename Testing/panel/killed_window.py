"""The application in a process of its own, correcting one mask after the other until it is killed.

Usage: python killed_window.py SESSION SEED [quit]; with "quit" it paints once and ends by itself. A line is
printed for each version once it has been kept: "kept IMAGE ID CHECKSUM". Run by test_mask_versions.py, which
kills it and looks at what is there. An import of torch fails in it.
"""

from __future__ import annotations

import random
import sys
import tempfile
import zlib
from pathlib import Path

from places import ROOT

for place in ("desktop", "CXRAdaINSeg"):
    sys.path.insert(0, str(ROOT / place))


def main(folder: Path, seed: int, quits: bool) -> None:
    import embedded_slicer

    sys.modules["torch"] = None
    desktop = embedded_slicer.boot(
        [ROOT / "CXRAdaINSeg" / "CXRAdaINSeg.py"],
        headless=True,
        testing=True,
        settings=Path(tempfile.mkdtemp()),
    )
    panel = desktop.module("CXRAdaINSeg")
    section, worklist, chance = panel.worklistSection, panel.logic.worklist, random.Random(seed)
    worklist.versionSaved.connect(lambda version: tell(worklist, version))
    worklist.setReader("Reader A")
    worklist.open(folder)
    print("opened", flush=True)
    section.next()
    while True:
        if not desktop.process(
            30, until=lambda: worklist.current is not None and worklist.current.image.key == worklist.key
        ):
            raise TimeoutError
        paint(desktop, panel, chance)
        if quits:
            desktop.close()
            return
        if chance.random() < 0.5:
            worklist.autosave()
        if section.table.beside(worklist.key, 1):
            section.next()
        else:
            section.show(section.table.model.keyAt(0))


def paint(desktop, panel, chance: random.Random) -> None:
    view = desktop.sliceView("Red")
    view.pixels()
    panel.correctSection.widget.collapsed = False
    panel.correctSection.editor.setActiveEffectByName("Paint")
    rows, columns = panel.logic.worklist.current.image.shape
    row = rows * chance.uniform(0.1, 0.9)
    view.dragIjk([(row, columns * 0.4), (row, columns * chance.uniform(0.45, 0.9))])


def tell(worklist, version) -> None:
    print("kept", version.image, version.id, zlib.crc32(worklist.current.labels.tobytes()), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "quit" in sys.argv)

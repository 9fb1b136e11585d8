"""The whole job with the real engine, also in a Python without torch: a MONOCHROME1 radiograph from its file
to a corrected mask."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from light_python import light_path
from module_panel import Panel
from PySide6 import QtCore
from test_volumes import monochrome1

Qt = QtCore.Qt


def light_engine(folder: Path) -> Path:
    """A program that is the engine, in a Python that has no torch."""
    program, packages = folder / "engine", folder / "packages"
    packages.mkdir()
    environment = f"PYTHONPATH='{light_path(packages)}'"
    python = f"'{sys.executable}' -S"
    program.write_text(
        f"#!/bin/sh\nexport {environment}\n{python} -c 'import torch' 2>/dev/null && exit 1\n"
        f"exec {python} -m cxradain.engine\n"
    )
    program.chmod(0o755)
    return program


@pytest.fixture(params=["onnxruntime and torch", "without torch"])
def panel(window, request, tmp_path):
    from CXRAdaINSegLib.processes import Environments

    panel = Panel(window, window.module("CXRAdaINSeg").logic.engine)
    panel.engine.stop()
    if request.param == "without torch":
        if os.name == "nt":
            pytest.skip("the engine is a shell script here")
        Environments.choose(Environments.Choice(Environments.COMMAND, str(light_engine(tmp_path))))
    panel.add(monochrome1())
    yield panel
    panel.segment.setClickMode(False)
    panel.engine.stop()
    Environments.choose(Environments.Choice(Environments.APPLICATION))


def click(panel: Panel, row: float, column: float, **how) -> np.ndarray:
    """Click there, in shares of the image, and wait; returns the labels then."""
    columns, rows, _slices = panel.volume.GetImageData().GetDimensions()
    panel.view.clickIjk(row * rows, column * columns, **how)
    panel.until(lambda: not panel.segmenting.busy and not panel.widget.masks.waiting)
    return panel.labels


def test_a_monochrome1_radiograph_is_clicked_refined_painted_and_all_is_undone(panel):
    panel.segment.clickButton.click()
    before = panel.view.pixels().astype(int)
    made = click(panel, 0.45, 0.7)
    assert panel.lungs == (2,), "the patient's left lung, on the right of the image"
    rows, columns = made.shape
    assert 0.03 < (made == 2).mean() < 0.3 and (made == 2)[:, columns // 2 :].sum() > 0.9 * (made == 2).sum()
    x, y = (round(value) for value in panel.view.ijkToView(0.45 * rows, 0.7 * columns))
    change = panel.view.pixels().astype(int)[y, x] - before[y, x]
    assert change[0] > change[2] + 20, "its color shows on the screen"

    removed = click(panel, 0.45, 0.7, modifiers=Qt.ControlModifier)
    assert (removed == 2).sum() < (made == 2).sum()
    added = click(panel, 0.45, 0.7)
    assert (added == 2).sum() > (removed == 2).sum() and len(panel.clicks) == 2
    panel.segment.clickButton.click()

    panel.take("Paint")
    panel.view.dragIjk([(0.1 * rows, 0.5 * columns), (0.1 * rows, 0.6 * columns)])
    painted = panel.labels
    assert painted[round(0.1 * rows), round(0.55 * columns)] == 2
    panel.take("Erase")
    panel.view.dragIjk([(0.08 * rows, 0.55 * columns), (0.12 * rows, 0.55 * columns)])
    erased = panel.labels
    assert erased[round(0.1 * rows), round(0.55 * columns)] == 0

    for state in (painted, added, removed, made):
        panel.correct.undo()
        assert (panel.labels == state).all()
    for state in (removed, added, painted, erased):
        panel.correct.redo()
        assert (panel.labels == state).all()

"""The whole loop in the real window, with the real engine, trainer and model, in a round of a few steps."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from module_panel import Panel, answer_by, child_process
from PySide6 import QtCore
from worklist_driver import Worklist, sample_files

Qt = QtCore.Qt
PATIENCE = 600  # seconds for what takes some, on a busy computer


@pytest.fixture
def hands(window, tmp_path, monkeypatch):
    """The panel as a user has it, with models kept in a folder of the test's own."""
    pytest.importorskip("torch")
    pytest.importorskip("lightning_fabric")
    from CXRAdaINSegLib.processes import Environments

    monkeypatch.setenv("CXRADAIN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Environments, "chosen", lambda: Environments.Choice(Environments.APPLICATION))
    engine = window.module("CXRAdaINSeg").logic.engine
    engine.stop()
    hands = Worklist(Panel(window, engine))
    hands.section.widget.collapsed = False
    hands.read_as("Reader A")
    yield hands
    hands.close()
    engine.stop()
    hands.section.widget.collapsed = hands.panel.widget.trainSection.widget.collapsed = True
    hands.panel.correct.editor.setActiveEffect(None)


def segment(panel) -> str:
    """Press Segment; returns the id of the model that made the masks."""
    panel.segment.segmentButton.click()
    panel.until(lambda: not panel.segmenting.busy, PATIENCE)
    panel.settle()
    assert panel.lungs == (1, 2), panel.segment.message.text
    return panel.segmenting.predictions.cached(panel.volume, panel.segment.mode).modelId


def test_a_folder_is_segmented_corrected_trained_on_and_the_new_model_promoted(hands, tmp_path):
    panel, train = hands.panel, hands.panel.widget.trainSection

    # Open a folder.
    folder = tmp_path / "radiographs"
    folder.mkdir()
    for file in sample_files(5):
        shutil.copy(file, folder)
    hands.create(tmp_path / "session")
    assert train.watch.folder is None
    hands.add(folder)
    assert list(hands.statuses.values()) == ["unlabelled"] * 5

    # Segment, correct with the brush, approve, next.
    hands.show(0)
    before = segment(panel)
    made = panel.labels
    rows, columns = made.shape
    hands.paint(*((rows * 0.08, columns * share) for share in (0.45, 0.5, 0.55)))
    assert (panel.labels != made).any()
    hands.press(Qt.Key_A)
    hands.go(hands.press, Qt.Key_N)
    assert segment(panel) == before
    rows, columns = panel.labels.shape
    hands.paint(*((rows * 0.08, columns * share) for share in (0.45, 0.5, 0.55)))
    hands.go(hands.press, Qt.Key_N)
    assert list(hands.statuses.values())[:2] == ["approved", "corrected"]

    # Run a tiny round, and see its curves.
    train.widget.collapsed = train.options.widget.collapsed = False
    panel.until(lambda: "radiographs" in train.use.text, PATIENCE)
    assert "set aside" in train.use.text
    train.options.scale.value = 0.01
    train.options.device.setCurrentIndex(1)
    train.startButton.click()
    panel.until(lambda: train.watch.folder is not None, PATIENCE)  # once what training needs was looked for
    train.watch.curvesButton.click()
    panel.until(lambda: train.watch.standing not in ("starting", "running", "silent"), PATIENCE)
    assert train.watch.standing == "finished", "\n".join(train.watch.folder.lastLines())
    assert train.watch.curves.values("loss", "segmentation") or train.watch.curves.values("loss", "inter")
    drawn = slicer_plot().chart()
    assert drawn.GetNumberOfPlots() >= 3
    assert np.unique(slicer_plot().rendering.pixels().reshape(-1, 3), axis=0).shape[0] > 20

    # Read the verdict, and promote.
    verdict = train.verdict.verdict.text
    assert "Too few to tell" in verdict
    assert (train.watch.folder.path / "gate.html").is_file()
    answer_by("Promote")  # which is asked of a model that was compared on so little
    train.verdict.promoteButton.click()
    panel.until(lambda: "The engine has loaded" in train.message.text, PATIENCE)

    # Segment again, with the new model: no restart.
    engine = child_process("cxradain.engine").processId()
    after = segment(panel)
    assert after != before and after in train.message.text
    assert child_process("cxradain.engine").processId() == engine
    train.models.widget.collapsed = False
    train.models.rollBackButton.click()
    assert segment(panel) == before


def slicer_plot():
    import slicer

    return slicer.app.layoutManager().plotWidget(0).plotView()

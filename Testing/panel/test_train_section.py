"""The Train section with a stand-in trainer: what a round would use and cost, its options, the models."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest
from train_driver import Section, make_session


def test_without_a_session_nothing_can_be_started(window, trainer):
    section = Section(window, None)
    assert not section.made.startButton.enabled and not section.made.measureButton.enabled
    assert "session" in section.made.use.text
    assert not section.seen(section.watch.widget) and not section.seen(section.made.verdict.widget)


def test_section_shows_what_a_round_would_use(section):
    text = section.made.use.text
    assert "1 corrected, 1 approved" in text
    assert "since the last round" not in text, "there was no round before"
    assert section.made.startButton.enabled


def test_whose_masks_a_round_learns_from_is_chosen(section):
    from cxradain.sessions.records import CORRECTED, Origin

    readers, session = section.made.options.readers, section.session
    section.made.options.widget.collapsed = False
    assert list(readers.boxes) == ["reader"] and not section.seen(readers.widget)
    assert readers.arguments() == []
    key = next(i.key for i in session.images() if not session.is_held_out(i))
    session.add_mask(key, np.ones((40, 30), np.uint8), "R & D", CORRECTED, Origin())
    section.made.refresh()
    assert section.seen(readers.widget) and readers.arguments() == [], "by default all"
    assert readers.boxes["R & D"].text == "Masks of R && D"
    readers.boxes["reader"].click()
    assert "--reader=R & D" in section.made.options.arguments()
    session.add_mask(key, np.ones((40, 30), np.uint8), "third", CORRECTED, Origin())
    section.made.refresh()
    assert readers.arguments() == ["--reader=R & D", "--reader=third"], "who was left out still is"
    for name in ("R & D", "third"):
        readers.boxes[name].click()
    assert readers.arguments() == ["--reader="]
    section.made.startButton.click()
    section.until_standing("finished")
    assert "--reader=" in section.folder.read_notes()["words"]


def test_a_finished_round_makes_the_section_no_wider_than_the_panel(section):
    section.made.startButton.click()
    section.until_standing("finished")
    parts = [section.watch.widget, section.made.verdict.widget]
    assert max(each.minimumSizeHint.width() for each in parts) < 400, "what is wider is cut off on the right"


def test_the_cost_is_measured_by_the_trainer(section):
    section.made.measureButton.click()
    assert not section.made.measureButton.enabled
    section.window.process(20, until=lambda: "95 s" in section.made.cost.text)
    assert section.made.cost.text == "About 95 s for 30 steps on no device, single precision, measured."
    assert section.made.measureButton.enabled
    assert not (section.session.path / "rounds").exists()


def test_a_cost_that_cannot_be_measured_is_reported(section, monkeypatch):
    from CXRAdaINSegLib.sections import TrainSection

    fails = (
        "import sys; print('Using bfloat16 precision', file=sys.stderr); "
        "print('cxradain: there is no torch', file=sys.stderr); sys.exit(2)"
    )
    monkeypatch.setattr(
        TrainSection, "trainCommand", lambda words: (sys.executable, ["-c", fails], {**os.environ})
    )
    section.made.measureButton.click()
    assert section.window.process(20, until=lambda: section.made.message.text)
    assert section.made.message.text.splitlines() == ["It ended with exit code 2.", "there is no torch"]
    assert section.made.cost.text == "" and not section.seen(section.made.stopButton)


def test_measuring_shows_that_it_works_and_can_be_cancelled(section, monkeypatch):
    from CXRAdaINSegLib.sections import TrainSection

    waits = "import sys; sys.stdin.read()"
    monkeypatch.setattr(
        TrainSection, "trainCommand", lambda words: (sys.executable, ["-c", waits], {**os.environ})
    )
    section.made.measureButton.click()
    assert section.seen(section.made.measuring) and section.made.cost.text
    section.made.stopButton.click()
    assert section.made.cost.text == "Cancelling...", "the trainer may take seconds to end"
    assert section.window.process(20, until=lambda: not section.made.busy)
    assert not section.seen(section.made.measuring) and section.made.measureButton.enabled
    assert section.made.cost.text == "" and section.made.message.text == ""


def test_options_become_command_line_arguments(section, tmp_path):
    options = section.made.options
    assert options.arguments() == ["--preset", "round", "--validate-every", "60", "--accelerator", "auto"]
    options.preset.setCurrentIndex(2)
    assert options.rate.value == pytest.approx(1e-4)
    options.scale.value = 0.5
    options.rate.value = 0.003
    options.data.currentPath, options.reference.currentPath = str(tmp_path), "/there is/none"
    options.device.setCurrentIndex(1)
    assert options.arguments() == [
        *("--preset", "paper", "--validate-every", "200", "--scale", "0.5", "--learning-rate", "0.003"),
        *("--data", str(tmp_path), "--reference", "/there is/none", "--accelerator", "cpu"),
    ]


def test_a_named_reference_set_ends_the_advice_to_name_one(section, tmp_path):
    use, reference = section.made.use, section.made.options.reference
    section.until(lambda: "for a verdict" in use.text)
    reference.currentPath = str(tmp_path)
    section.until(lambda: "for a verdict" not in use.text)
    assert "set aside to judge it" in use.text, "the counts stay"
    reference.currentPath = ""
    section.until(lambda: "for a verdict" in use.text)


def test_a_round_that_cannot_start_leaves_no_folder(section, monkeypatch):
    from CXRAdaINSegLib.processes import RoundProcess

    def refuse(words, choice=None):
        raise ValueError("Choose a Python in Setup.")

    monkeypatch.setattr(RoundProcess, "trainCommand", refuse)
    section.made.startButton.click()
    assert section.made.message.text == "Choose a Python in Setup."
    assert list((section.session.path / "rounds").iterdir()) == []
    assert section.made.startButton.enabled


def test_models_are_used_rolled_back_and_deleted_after_asking(section, answers):
    from cxradain.models.registry import Registry

    section.made.startButton.click()
    section.until_standing("finished")
    section.made.verdict.promoteButton.click()
    section.until(lambda: section.used == 1)
    models = section.made.models
    *bundled, second = (entry.id for entry in Registry().models())
    first, last = bundled[0], len(bundled)
    assert models.table.rowCount == last + 1
    assert "(in use)" in models.table.item(last, 0).text()
    models.rollBackButton.click()
    assert Registry().current().id == first and section.used == 2
    models.table.selectRow(0)
    assert not models.useButton.enabled and not models.deleteButton.enabled
    models.table.selectRow(last)
    models.useButton.click()
    section.until(lambda: Registry().current().id == second)
    assert section.tried[-1] == str(Registry().current().folder)
    models.rollBackButton.click()
    models.table.selectRow(last)
    answers["answer"] = False
    models.deleteButton.click()
    assert len(Registry().models()) == last + 1 and "frees" in answers["questions"][-1]
    answers["answer"] = True
    models.deleteButton.click()
    assert [entry.id for entry in Registry().models()] == bundled
    assert models.table.rowCount == last and "freed" in section.made.message.text


def test_a_registry_error_is_reported(section):
    section.made.models.rollBackButton.click()
    assert section.made.message.text


def test_another_session_brings_its_own_round(section, tmp_path):
    section.made.startButton.click()
    section.until_standing("finished")
    other, first = make_session(tmp_path / "other"), section.session
    section.open(other)
    assert section.folder is None and "since the last round" not in section.made.use.text
    section.open(first)
    assert section.watch.standing == "finished" and section.seen(section.made.verdict.widget)
    other.close()


def test_a_mask_that_cannot_be_kept_starts_no_round(section):
    section.worklist.save = lambda: False
    section.made.startButton.click()
    assert section.folder is None and not (section.session.path / "rounds").exists()


def test_a_new_version_is_counted(section):
    from cxradain.sessions.records import CORRECTED, Origin

    session = section.session
    key = next(i.key for i in session.images() if not session.is_held_out(i) and not session.versions(i.key))
    version = session.add_mask(key, np.ones((40, 30), np.uint8), "reader", CORRECTED, Origin())
    section.worklist.versionSaved.emit(version)
    assert section.window.process(5, until=lambda: "2 corrected" in section.made.use.text)

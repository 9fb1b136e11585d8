"""A round to its verdict, and what becomes of its model."""

from __future__ import annotations

import pytest
from PySide6 import QtCore, QtTest


def test_a_round_from_start_to_promotion(section, answers):
    from cxradain.models.registry import Registry

    before = Registry().current()
    section.made.startButton.click()
    assert not section.made.startButton.enabled
    assert section.seen(section.watch.pauseButton) and not section.seen(section.watch.resumeButton)
    section.watch.curvesButton.click()
    section.watch.logButton.click()
    section.until_standing("finished")
    assert section.watch.curves.values("loss", "segmentation")[-1][0] == 30
    assert len(section.watch.curves.values("validation", "score")) == 3
    assert "the stand-in begins" in section.watch.log.plainText
    words = section.folder.read_notes()["words"]
    assert words[:5] == ["round", "--session", str(section.session.path), "--base", str(before.folder)]
    lines = section.made.verdict.verdict.text.splitlines()
    assert lines == [
        "Too few to tell. Images compared: 2; at least 15 images of 10 patients are needed. Correct "
        "radiographs that are set aside too, or name a reference set.",
        "Dice of the new model 0.9512, of the one it was trained from 0.9401; difference +0.0111 (no "
        "interval, with so few patients). Images: 2; patients: 2.",
        "You can still promote the new model.",
    ]
    assert "last round: 0" in section.made.use.text
    assert section.made.startButton.enabled
    section.made.verdict.promoteButton.click()
    assert Registry().current() == before and section.tried == [str(section.folder.model)], (
        "first it is tried"
    )
    assert not section.made.verdict.promoteButton.enabled and section.seen(section.made.stopButton)
    section.until(lambda: section.used == 1)
    current = Registry().current()
    assert current.id != before.id
    assert not section.seen(section.made.verdict.promoteButton)
    assert section.made.verdict.verdict.text.endswith("The new model is in use.")
    assert not section.watch.timer.isActive()


def test_what_the_verdict_says_of_the_models_follows_rolling_back(section, answers):
    from cxradain.models.registry import Registry

    before = Registry().current()
    section.made.startButton.click()
    section.until_standing("finished")
    verdict = section.made.verdict
    QtTest.QTest.mouseClick(verdict.promoteButton, QtCore.Qt.LeftButton)
    section.until(lambda: section.used == 1)
    new = Registry().current()
    assert "You can still promote" not in verdict.verdict.text and not section.seen(verdict.keepButton)
    QtTest.QTest.mouseClick(section.made.models.rollBackButton, QtCore.Qt.LeftButton)
    assert Registry().current().id == before.id
    state = verdict.verdict.text.splitlines()[-1]
    assert state == (
        f"You put the new model in use; now it is {before.name} {before.version}. You can still promote the "
        "new model."
    )
    assert section.seen(verdict.promoteButton) and "in use" not in verdict.verdict.text.replace(state, "")
    QtTest.QTest.mouseClick(verdict.promoteButton, QtCore.Qt.LeftButton)
    section.until(lambda: section.used == 3)
    assert Registry().current() == new and verdict.verdict.text.endswith("The new model is in use.")


MEAN = {"mean": 0.01, "ci95": [0.002, 0.018], "patients": 12}
LOSS = {"mean": -0.02, "ci95": [-0.03, -0.01], "patients": 12}
GATES = [
    ({"verdict": "better", "difference": MEAN}, "Better than compact 1."),
    ({"verdict": "worse", "difference": LOSS, "lost": []}, "Worse than compact 1."),
    (
        {"verdict": "worse", "difference": MEAN, "lost": ["x", "session"]},
        "Worse than compact 1 on x, the session.",
    ),
    (
        {"verdict": "no better", "lost": [], "strays": False},
        "No better than compact 1: the interval includes no change.",
    ),
    (
        {"verdict": "no better", "lost": ["session"], "strays": False},
        "No better than compact 1 for certain: it loses on the session, too few to tell.",
    ),
    (
        {"verdict": "no better", "lost": [], "strays": True},
        "No better than compact 1 for certain: it differs from masks that were approved unchanged.",
    ),
    (
        {"verdict": "no better", "lost": ["x"], "strays": True},
        "No better than compact 1 for certain: it loses on x, too few to tell, and differs from masks that "
        "were approved unchanged.",
    ),
    ({"verdict": "no better", "text": "By an older version."}, "By an older version."),
    ({"text": "In the words of a later version."}, "In the words of a later version."),
    ({}, "The new model was not compared."),
]


@pytest.mark.parametrize(("gate", "first"), GATES)
def test_every_verdict_has_its_words_in_both_languages(window, gate, first):
    from CXRAdaINSegLib.sections.VerdictTexts import verdictText
    from embedded_slicer.modules import i18n

    gate = {"n": 20, "incumbent": "compact 1", **gate} if gate.get("verdict") else gate
    english = verdictText(gate, "", "compact 1").splitlines()
    assert english[0] == first
    i18n.choose("de")
    try:
        german = verdictText(gate, "", "compact 1").splitlines()
    finally:
        i18n.choose("en")
    assert len(german) == len(english)
    assert not {line for line in english if line != gate.get("text")} & set(german)


def test_the_images_that_could_not_be_compared_are_named(window):
    from CXRAdaINSegLib.sections.VerdictTexts import verdictText

    gate = {
        "verdict": "too few to tell",
        "n": 0,
        "failed": [{"id": f"image-{place}"} for place in range(1, 6)],
    }
    lines = verdictText(gate, "", "compact 1").splitlines()
    assert "Could not be compared: image-1, image-2, image-3 and 2 more; the report says why." in lines
    gate["failed"] = gate["failed"][:1]
    assert "Could not be compared: image-1; the report says why." in verdictText(gate, "", "compact 1")


def test_images_that_could_not_be_trained_on_are_counted(window):
    from CXRAdaINSegLib.sections.VerdictTexts import verdictText

    gate = {"verdict": "better", "n": 0}
    lines = verdictText(gate, "", "compact 1", 2).splitlines()
    assert "Left out of training: 2; the log says why." in lines
    assert "Left out" not in verdictText(gate, "", "compact 1")


def test_the_model_in_use_may_be_kept_and_the_new_one_promoted_later(section, answers):
    from cxradain.models.registry import Registry

    before = Registry().current().id
    section.made.startButton.click()
    section.until_standing("finished")
    section.made.verdict.keepButton.click()
    assert Registry().current().id == before and section.used == 0
    assert not section.seen(section.made.verdict.keepButton) and "stays in use." in section.made.message.text
    assert section.seen(section.made.verdict.promoteButton)
    section.made.verdict.promoteButton.click()
    section.until(lambda: Registry().current().id != before)


def test_a_model_that_fails_its_trial_is_not_promoted_and_the_panel_says_why(section, answers):
    from cxradain.models.registry import Registry

    before, models = Registry().current().id, Registry().models()
    section.made.startButton.click()
    section.until_standing("finished")
    section.refusal = "weights.safetensors: holds weights that are no numbers."
    section.made.verdict.promoteButton.click()
    section.until(lambda: "no numbers" in section.made.message.text)
    assert section.made.message.text == f"The model was not put in use. {section.refusal}"
    assert Registry().current().id == before and Registry().models() == models and section.used == 0
    assert section.seen(section.made.verdict.promoteButton) and section.made.verdict.promoteButton.enabled
    section.refusal = None  # no answer comes
    section.made.verdict.promoteButton.click()
    assert section.made.message.text == "Trying the model..."
    section.made.stopButton.click()
    assert "Cancelled" in section.made.message.text and Registry().current().id == before
    section.made.verdict.promoteButton.click()
    section.engineState.emit("off", "The engine is not running.")  # stopped in the Setup section: no answer
    assert section.made.message.text == "" and section.made.verdict.promoteButton.enabled
    assert not section.seen(section.made.stopButton)
    section.refusal = ""
    section.made.verdict.promoteButton.click()
    section.until(lambda: Registry().current().id != before)


def test_the_report_is_opened_by_the_system(section, monkeypatch):
    import qt

    opened, works = [], True
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or works)
    section.made.startButton.click()
    section.until_standing("finished")
    section.made.verdict.reportButton.click()
    assert opened == [str(section.folder.path / "gate.html")] and section.made.message.text == ""
    works = False
    section.made.verdict.reportButton.click()
    assert opened[0] in section.made.message.text


def test_a_model_that_was_compared_on_too_little_is_promoted_after_asking(section, answers):
    from cxradain.models.registry import Registry

    before = Registry().current().id
    section.made.startButton.click()
    section.until_standing("finished")
    answers["answer"] = False
    section.made.verdict.promoteButton.click()
    assert "Too few" in answers["questions"][-1] and Registry().current().id == before
    answers["answer"] = True
    section.made.verdict.promoteButton.click()
    section.until(lambda: Registry().current().id != before)


def test_section_shows_how_far_a_verdict_is(section):
    text = section.made.use.text
    assert "set aside to compare the models on" in text
    assert "for a verdict" in text.splitlines()[0], "the advice is in sight in a small window too"

"""The gate: its verdicts, what they rest on, and its report."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest
from cxradain.imaging.radiograph import RadiographError
from cxradain.rounds import gate
from cxradain.rounds.gate import (
    BETTER,
    FEWEST,
    FEWEST_PATIENTS,
    NO_BETTER,
    TOO_FEW,
    WORSE,
    Decision,
    DicePair,
    Failure,
    Judgement,
)
from cxradain.rounds.gate_images import SESSION, ComparisonImage
from cxradain.rounds.gate_report import write_comparison
from round_data import lungs
from small_models import drawn, save_small_model


def pair(index: int, gain: float, where: str = SESSION, patient: str = "", source: str = "a") -> DicePair:
    image = ComparisonImage(f"image-{index}", source, patient or f"patient-{index}", where, lambda: None)
    return DicePair(image, 0.9 + gain, 0.9)


def judged(pairs, unedited=()) -> tuple[str, str]:
    decision = gate.decide(pairs, unedited, "small 1")
    return decision.verdict, decision.text


def verdict(*gains: float, **where: str) -> str:
    return judged([pair(i, gain, **where) for i, gain in enumerate(gains)])[0]


def test_verdicts_go_by_the_interval():
    assert verdict(*[0.010, 0.012] * 10) == BETTER
    assert verdict(*[-0.010, -0.012] * 10) == WORSE
    assert verdict(*[-0.010, 0.011] * 10) == NO_BETTER
    assert verdict(*[0.0] * 20) == NO_BETTER
    assert judged([pair(i, 0.01) for i in range(20)])[1].startswith("Better than small 1: Dice +0.0100")


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1])
def test_too_few_images_give_no_verdict(count):
    told, text = judged([pair(i, 0.1) for i in range(count)])
    assert told == TOO_FEW and str(FEWEST) in text and "still promote" in text


def test_many_images_of_a_patient_are_one_patient():
    """Thirty gains of one patient and a loss each of nine others are no gain that others would have shown."""
    pairs = [pair(i, 0.02, patient="one") for i in range(30)] + [pair(30 + i, -0.01) for i in range(9)]
    assert judged(pairs)[0] == NO_BETTER
    alone = [pair(i, 0.02 + 0.001 * (i % 3)) for i in range(30)] + [pair(30 + i, -0.01) for i in range(9)]
    assert judged(alone)[0] == BETTER


def test_a_loss_in_one_set_outweighs_a_gain_in_all():
    gained = [pair(i, 0.05) for i in range(60)]
    lost = [pair(60 + i, -0.004 - 0.0001 * i, where="normals") for i in range(FEWEST)]
    told, text = judged(gained + lost)
    assert gate.dice_difference(gained + lost)["ci95"][0] > 0
    assert told == WORSE and text.startswith("Worse than small 1 on normals")


def test_a_gain_is_not_claimed_against_a_loss_in_a_small_set():
    gained = [pair(i, 0.05) for i in range(60)]
    lost = [pair(60 + i, -0.004 - 0.0001 * i, where="normals") for i in range(FEWEST - 1)]
    told, text = judged(gained + lost)
    assert told == NO_BETTER and "loses on normals, too few to tell" in text


def test_too_few_patients_give_no_verdict_however_many_their_images():
    for patients in (1, 2, FEWEST_PATIENTS - 1):
        pairs = [pair(i, 0.1, patient=f"p-{i % patients}") for i in range(40)]
        told, text = judged(pairs)
        assert told == TOO_FEW and f"40 validation images of {patients} patient" in text and "nan" not in text
    few = [pair(100 + i, -0.05, "normals", f"n-{i % 3}") for i in range(20)]
    gained = [pair(i, 0.05) for i in range(60)]
    assert judged(gained + few)[0] == BETTER, "three patients of a set prove no harm"
    assert np.isnan(gate.dice_difference(few)["ci95"]).all()


@pytest.mark.parametrize("patients, images", [(10, 2), (15, 1), (12, 3)])
def test_the_interval_is_rarely_wrong_where_there_is_no_difference(patients, images):
    """At nominal 5 %; a plain bootstrap over patients is wrong in 8 to 10 % here, and in 50 % with two."""
    rng, wrong = np.random.default_rng(5), 0
    for _ in range(600):
        gains = np.repeat(rng.normal(size=patients), images) + rng.normal(0, 0.5, patients * images)
        pairs = [pair(i, gain, patient=f"p-{i // images}") for i, gain in enumerate(gains)]
        low, high = gate.dice_difference(pairs)["ci95"]
        wrong += low > 0 or high < 0
    assert 0.02 < wrong / 600 < 0.075


def test_masks_approved_as_a_model_made_them_do_not_decide():
    counted = [pair(i, 0.01 + 0.0001 * i) for i in range(20)]
    unedited = [DicePair(pair(50 + i, 0).image, 0.982, 1.0) for i in range(20)]
    told, text = judged(counted, unedited)
    assert told == BETTER
    assert "Masks approved unchanged: 20." in gate.additional_notes(counted, unedited, {}, True)
    assert "Dice 0.982" in gate.additional_notes(counted, unedited, {}, True)
    strayed = [DicePair(one.image, 0.90, 1.0) for one in unedited]
    told, text = judged(counted, strayed)
    assert told == NO_BETTER and "differs from masks that were approved unchanged: Dice 0.900" in text
    assert judged([], unedited)[0] == TOO_FEW


def test_a_decision_says_on_which_sets_the_candidate_loses():
    gains = [pair(i, 0.02 + 0.0001 * i, "a") for i in range(30)]
    losses = [pair(100 + i, -0.01 - 0.0001 * i, "b") for i in range(20)]
    few = [pair(200 + i, -0.01 - 0.0001 * i, "c") for i in range(10)]
    worse = gate.decide(gains + losses + few, [], "small 1")
    assert (worse.verdict, worse.lost) == (WORSE, ("b",)), "c has too few images to prove a loss"
    assert "Worse than small 1 on b:" in worse.text
    doubted = gate.decide(gains + few, [DicePair(one.image, 0.90, 1.0) for one in gains], "small 1")
    assert (doubted.verdict, doubted.lost, doubted.strays) == (NO_BETTER, ("c",), True)
    assert gate.decide(gains, [], "small 1") == gate.Decision(BETTER, gate.decide(gains, [], "small 1").text)


def test_session_and_references_are_judged_separately():
    references = [pair(i, 0.01 + 0.0001 * i, "cxr") for i in range(30)]
    assert judged(references)[0] == BETTER
    told = gate.additional_notes(references, [], {}, of_session=True)
    assert "On session only: too few to tell, 0 images." in told
    assert "On cxr only: better, Dice +0.0" in told
    few = [pair(90 + i, -0.02) for i in range(3)]
    told = gate.additional_notes(few + references, [], {}, of_session=True)
    assert "On session only: too few to tell, Dice -0.0200, 3 images of 3 patients." in told
    assert gate.additional_notes(few, [], {}, of_session=True) == "", "nothing to tell apart"


@pytest.fixture
def models(tmp_path):
    return save_small_model(tmp_path / "new", "small", "2"), save_small_model(tmp_path / "old", "small", "1")


def samples(count: int, broken: int = -1) -> list[ComparisonImage]:
    def read(index: int):
        if index == broken:
            raise RadiographError("x.png", "is truncated.")
        return drawn(seed=index), lungs()

    return [ComparisonImage(f"s-{i}", "drawn", f"p-{i}", "drawn", partial(read, i)) for i in range(count)]


def test_the_same_weights_are_no_better(models, tmp_path):
    seen = []
    found = gate.judge(*models, samples(FEWEST), "cpu", lambda done, total: seen.append((done, total)))
    assert isinstance(found, Judgement) and found.decision.verdict == NO_BETTER
    assert (found.candidate, found.incumbent) == ("small 2", "small 1")
    assert seen[-1] == (FEWEST, FEWEST) and len(found.pairs) == FEWEST
    assert all(pair.candidate == pair.incumbent for pair in found.pairs)
    write_comparison(found, tmp_path)
    told = json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))
    assert told["difference"] == {"mean": 0.0, "ci95": [0.0, 0.0], "n": FEWEST, "patients": FEWEST}
    assert told["sets"]["drawn"]["sources"]["drawn"]["n"] == FEWEST
    page = (tmp_path / "gate.html").read_text(encoding="utf-8")
    assert "For research, not for diagnosis." in page and found.decision.text in page


def test_unreadable_images_are_left_out_and_reported(models, tmp_path):
    found = gate.judge(*models, samples(3, broken=1), "cpu")
    assert [pair.image.id for pair in found.pairs] == ["s-0", "s-2"]
    assert [(one.id, one.set) for one in found.failed] == [("s-1", "drawn")]
    assert "truncated" in found.failed[0].why
    write_comparison(found, tmp_path)
    assert "truncated" in (tmp_path / "gate.html").read_text(encoding="utf-8")


def test_an_empty_mask_is_nothing_to_compare_with(models):
    empty = ComparisonImage("s-9", "drawn", "p-9", "drawn", lambda: (drawn(seed=9), np.zeros_like(lungs())))
    found = gate.judge(*models, [*samples(2), empty], "cpu")
    assert [pair.image.id for pair in found.pairs] == ["s-0", "s-1"]
    assert found.failed[0].id == "s-9" and "is empty" in found.failed[0].why


def test_report_shows_both_predictions_where_the_new_model_is_worse(models, tmp_path):
    sample = samples(1)[0]
    lost = Judgement(
        Decision(WORSE, "Worse."), "small 2", "small 1", (DicePair(sample, 0.5, 0.6),), models, "cpu"
    )
    write_comparison(lost, tmp_path)
    page = (tmp_path / "gate.html").read_text(encoding="utf-8")
    assert "Where it loses most" in page and "Where it gains most" not in page
    assert page.count("<img ") == 3 and "s-0: 0.600 to 0.500" in page
    assert "minus small 1" in page and "in use" not in page, "it is compared with the model it began as"
    captions = [page.index(words) for words in (">the reference<", ">small 1, Dice", ">candidate, Dice")]
    assert captions == sorted(captions)


def test_nothing_to_compare_on_is_too_few(models, tmp_path):
    found = gate.judge(*models, [], "cpu")
    assert found.decision.verdict == TOO_FEW
    write_comparison(found, tmp_path)
    assert json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["difference"]["mean"] is None


def test_images_of_one_name_do_not_hide_each_other(models, tmp_path):
    def gone():
        raise RadiographError("x.png", "is gone.")

    alike = [ComparisonImage("1.dcm", "a", f"p-{i}", SESSION, gone) for i in range(2)]
    found = gate.judge(*models, alike, "cpu")
    assert found.failed == (Failure("1.dcm", SESSION, "x.png: is gone."),) * 2
    assert "Images that could not be compared: 2;" in found.decision.text
    write_comparison(found, tmp_path)
    assert len(json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["failed"]) == 2


def test_the_same_pixels_count_once(models):
    twice = [*samples(2), *samples(2)]
    found = gate.judge(*models, twice, "cpu")
    assert len(found.pairs) == 2 and dict(found.excluded) == {"that are there already": 2}
    assert "Left out of references: 2 that are there already." in found.decision.text

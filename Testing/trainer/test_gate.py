"""The gate: its verdicts, what they rest on, and its report."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from cxradain.evaluation import gate
from cxradain.evaluation.dataset import DatasetError
from cxradain.evaluation.gate import BETTER, FEWEST, NO_BETTER, TOO_FEW, WORSE, Judgement, Pair, Sample
from cxradain.radiograph import RadiographError
from cxradain.sessions.records import APPROVED, CORRECTED
from round_data import annotate, lungs, make_session, parts
from small_models import drawn, save_small_model
from training_data import make_training_folder


def pair(index: int, gain: float, where: str = "session", patient: str = "", source: str = "a") -> Pair:
    sample = Sample(f"image-{index}", source, patient or f"patient-{index}", where, lambda: None)
    return Pair(sample, 0.9 + gain, 0.9)


def verdict(*gains: float, **where: str) -> str:
    return gate._verdict([pair(i, gain, **where) for i, gain in enumerate(gains)])[0]


def test_verdicts_go_by_the_interval():
    assert verdict(*[0.010, 0.012] * 10) == BETTER
    assert verdict(*[-0.010, -0.012] * 10) == WORSE
    assert verdict(*[-0.010, 0.011] * 10) == NO_BETTER
    assert verdict(*[0.0] * 20) == NO_BETTER


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1])
def test_few_images_tell_nothing(count):
    told, text = gate._verdict([pair(i, 0.1) for i in range(count)])
    assert told == TOO_FEW and str(FEWEST) in text and "promoted nonetheless" in text


def test_many_images_of_a_patient_are_one_patient():
    """Twenty gains of one patient and a loss each of five others are no gain that others would have shown."""
    pairs = [pair(i, 0.02, patient="one") for i in range(20)] + [pair(20 + i, -0.01) for i in range(5)]
    assert gate._verdict(pairs)[0] == NO_BETTER
    alone = [pair(i, 0.02 + 0.001 * (i % 3)) for i in range(20)] + [pair(20 + i, -0.01) for i in range(5)]
    assert gate._verdict(alone)[0] == BETTER


def test_a_loss_in_one_set_outweighs_a_gain_in_all():
    gained = [pair(i, 0.05) for i in range(60)]
    lost = [pair(60 + i, -0.004 - 0.0001 * i, where="normals") for i in range(FEWEST)]
    told, text = gate._verdict(gained + lost)
    assert gate.difference(gained + lost)["ci95"][0] > 0
    assert told == WORSE and text.startswith("Worse on normals")


def test_a_gain_is_not_claimed_against_a_loss_in_a_small_set():
    gained = [pair(i, 0.05) for i in range(60)]
    lost = [pair(60 + i, -0.004 - 0.0001 * i, where="normals") for i in range(FEWEST - 1)]
    told, text = gate._verdict(gained + lost)
    assert told == NO_BETTER and "loses on normals, too few to tell" in text


def test_the_images_of_one_patient_tell_nothing_of_others():
    told, text = gate._verdict([pair(i, 0.1, patient="one") for i in range(20)])
    assert told == TOO_FEW and "20 validation images of one patient" in text and "nan" not in text


@pytest.fixture
def models(tmp_path):
    return save_small_model(tmp_path / "new", "small", "2"), save_small_model(tmp_path / "old", "small", "1")


def samples(count: int, broken: int = -1) -> list[Sample]:
    def read(index: int):
        if index == broken:
            raise RadiographError("x.png", "is truncated.")
        return drawn(seed=index), lungs()

    return [Sample(f"s-{i}", "drawn", f"p-{i}", "drawn", partial(read, i)) for i in range(count)]


def test_the_same_weights_are_no_better(models, tmp_path):
    seen = []
    found = gate.judge(*models, samples(FEWEST), "cpu", lambda done, total: seen.append((done, total)))
    assert isinstance(found, Judgement) and found.verdict == NO_BETTER
    assert (found.candidate, found.incumbent) == ("small 2", "small 1")
    assert seen[-1] == (FEWEST, FEWEST) and len(found.pairs) == FEWEST
    assert all(pair.candidate == pair.incumbent for pair in found.pairs)
    gate.write(found, tmp_path)
    told = json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))
    assert told["difference"] == {"mean": 0.0, "ci95": [0.0, 0.0], "n": FEWEST}
    assert told["sets"]["drawn"]["sources"]["drawn"]["n"] == FEWEST
    page = (tmp_path / "gate.html").read_text(encoding="utf-8")
    assert "For research, not for diagnosis." in page and found.text in page


def test_what_cannot_be_read_is_left_out_and_told_of(models, tmp_path):
    found = gate.judge(*models, samples(3, broken=1), "cpu")
    assert [pair.sample.id for pair in found.pairs] == ["s-0", "s-2"]
    assert "truncated" in found.failed["s-1"]
    gate.write(found, tmp_path)
    assert "truncated" in (tmp_path / "gate.html").read_text(encoding="utf-8")


def test_an_empty_mask_is_nothing_to_compare_with(models):
    empty = Sample("s-9", "drawn", "p-9", "drawn", lambda: (drawn(seed=9), np.zeros_like(lungs())))
    found = gate.judge(*models, [*samples(2), empty], "cpu")
    assert [pair.sample.id for pair in found.pairs] == ["s-0", "s-1"]
    assert "is empty" in found.failed["s-9"]


def test_pictures_stand_side_by_side_where_it_loses(models, tmp_path):
    sample = samples(1)[0]
    lost = Judgement(WORSE, "Worse.", "small 2", "small 1", (Pair(sample, 0.5, 0.6),), {}, models, "cpu")
    gate.write(lost, tmp_path)
    page = (tmp_path / "gate.html").read_text(encoding="utf-8")
    assert "Where it loses most" in page and "Where it gains most" not in page
    assert page.count("<img ") == 3 and "s-0: 0.600 to 0.500" in page
    captions = [page.index(words) for words in (">the reference<", ">in use, Dice", ">candidate, Dice")]
    assert captions == sorted(captions)


def test_nothing_to_compare_on_is_too_few(models, tmp_path):
    found = gate.judge(*models, [], "cpu")
    assert found.verdict == TOO_FEW
    gate.write(found, tmp_path)
    assert json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["difference"]["mean"] is None


def test_samples_of_a_session_are_those_set_aside(tmp_path, monkeypatch):
    with make_session(tmp_path / "session", monkeypatch) as session:
        annotate(session)
        _, aside = parts(session)
        session.add_mask(aside[1].key, lungs(grown=0.7), "bea", APPROVED)
        session.add_mask(aside[0].key, lungs(grown=0.6), "bea", CORRECTED)
        found = {sample.id: sample for sample in gate.session_samples(session)}
        assert set(found) == {image.name for image in aside[:2]}
        shown, labels = found[aside[0].name].read()
        np.testing.assert_array_equal(labels, lungs(grown=0.6))
        assert shown.shape == labels.shape
        assert {sample.id for sample in gate.session_samples(session, ["ada"])} == {aside[0].name}


def test_samples_of_a_reference_are_those_with_masks(tmp_path):
    folder = make_training_folder(tmp_path / "cxr", None)
    found = gate.reference_samples([folder])
    assert {sample.set for sample in found} == {"cxr"}
    for sample in found:
        shown, labels = sample.read()
        assert labels.shape == shown.shape
    (folder / "manifest.csv").write_text("id,split,source,patient_group,mask\na,b,c,d,\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="no image there has a mask"):
        gate.reference_samples([folder])


def test_references_of_one_name_are_sets_of_their_own(tmp_path, monkeypatch):
    folders = [make_training_folder(tmp_path / name / "export", None) for name in "ab"]
    folders.append(make_training_folder(tmp_path / "session", None))
    monkeypatch.chdir(folders[0])
    sets = [sample.set for sample in gate.reference_samples([Path("."), *folders[1:]])]
    assert list(dict.fromkeys(sets)) == ["export", "export-2", "session-2"], "session is the session's own"

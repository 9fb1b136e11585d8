"""The quality score: what drawn masks are judged by, the fit that ships, and the measures of a fit."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from cxradain.evaluation.quality import (
    QualityCase,
    case_score,
    cross_fitted_scores,
    fit_quality,
    quality_figures,
    worse_lung_dice,
    worse_lung_score,
)
from cxradain.imaging.assessment import UpperPart, assess
from cxradain.imaging.letterbox import Letterbox
from cxradain.imaging.lungs import BACKGROUND, FLAG_TEXT, LEFT, RIGHT, are_sides_exchanged, clean_probability
from cxradain.imaging.quality import BAD_BELOW, LOOK_BELOW, LungQuality, MaskQuality, verdict_of
from cxradain.imaging.quality_model import FEATURES, FIT, QualityModel, shipped_model
from cxradain.imaging.turn import TURNS
from scipy import ndimage

SIZE = 192
WHOLE = Letterbox((SIZE, SIZE), SIZE)


def two_lungs() -> np.ndarray:
    """Two ellipses, as large as lungs are."""
    rows, columns = np.ogrid[:SIZE, :SIZE]
    drawn = np.zeros((SIZE, SIZE), np.uint8)
    for lung, middle in ((RIGHT, 60), (LEFT, 132)):
        drawn[((rows - 88) / 64) ** 2 + ((columns - middle) / 28) ** 2 <= 1] = lung
    return drawn


def sure(drawn: np.ndarray, blur: float = 1.1) -> np.ndarray:
    """Probabilities that follow a drawing, less sure at its outlines."""
    return np.stack([ndimage.gaussian_filter((drawn == n).astype(np.float32), blur) for n in range(3)])


def judged(drawn: np.ndarray, upper: np.ndarray | None = None, blur: float = 1.1, whole=WHOLE) -> MaskQuality:
    """Of a drawn prediction; `upper`: what is drawn without the foot, by default the same."""
    probability = sure(drawn, blur)
    again = probability if upper is None else sure(upper, blur)
    again = again.copy()
    first = whole.offset[0] + UpperPart(whole).canvas_rows
    again[:, first:] = np.array([[[1]], [[0]], [[0]]])
    return assess(clean_probability(probability), probability, again, whole)


def test_plain_lungs_are_likely_good():
    quality = judged(two_lungs())
    assert quality.verdict == quality.right.verdict == quality.left.verdict == "good"
    assert quality.flags == () and quality.right.box is None and quality.left.box is None


def test_lung_that_the_model_finds_only_with_the_foot_is_marked_there():
    drawn = two_lungs()
    drawn[140:165, 100:165] = LEFT  # stomach gas
    quality = judged(drawn, upper=two_lungs())
    assert quality.left.score < quality.right.score and quality.left.verdict != "good"
    assert quality.left.flags[0] == "views_disagree" and quality.right.flags == ()
    top, bottom, left, right = quality.left.box
    assert 130 < top < bottom <= 175 and 90 < left < right < 175


def test_a_missing_base_that_the_model_finds_without_the_foot_is_marked_there():
    drawn = two_lungs()
    drawn[115:][drawn[115:] == RIGHT] = BACKGROUND
    quality = judged(drawn, upper=two_lungs())
    assert quality.right.verdict != "good" and "views_disagree" in quality.right.flags
    assert quality.left.verdict == "good" and quality.left.box is None
    top, bottom, left, right = quality.right.box
    assert 105 < top < bottom < 160 and 25 < left < right < 95


def test_doubt_is_marked_where_it_is_gathered():
    drawn = two_lungs()
    probability = sure(drawn)
    doubtful = np.zeros(drawn.shape, bool)
    doubtful[110:145, 40:80] = True
    probability[:, doubtful] = np.array([[0.45], [0.55], [0]])
    again = probability.copy()
    again[:, UpperPart(WHOLE).canvas_rows :] = np.array([[[1]], [[0]], [[0]]])
    quality = assess(clean_probability(probability), probability, again, WHOLE)
    assert quality.right.verdict != "good" and quality.right.flags == ("low_confidence",)
    assert quality.left.verdict == "good"
    top, bottom, left, right = quality.right.box
    assert 105 < top < bottom < 150 and 35 < left < right < 85


def test_a_looped_outline_is_to_be_looked_at():
    drawn = two_lungs()
    drawn[100:108, 40:100][drawn[100:108, 40:100] == RIGHT] = BACKGROUND  # a deep cut from the side
    quality = judged(drawn)
    assert quality.verdict != "good" and quality.right.verdict != "good" and quality.left.flags == ()
    assert "ragged" in quality.right.flags
    top, bottom, left, right = quality.right.box
    assert 85 <= top < bottom <= 122 and 25 < left < right < 105


def test_a_thin_spur_is_no_notch():
    drawn = two_lungs()
    drawn[40:43, 85:96] = RIGHT
    assert "ragged" not in judged(drawn).flags


def test_unequal_lungs_and_doubt_lower_the_score():
    small = two_lungs()
    small[80:][small[80:] == LEFT] = BACKGROUND
    assert judged(small).left.score < judged(two_lungs()).left.score
    assert judged(two_lungs(), blur=6).score < judged(two_lungs()).score


def test_a_missing_lung_is_bad_and_swapped_sides_are_to_be_looked_at():
    alone = two_lungs()
    alone[alone == LEFT] = BACKGROUND
    quality = judged(alone)
    assert quality.score == quality.left.score == 0 and quality.left.flags == ("left_missing",)
    assert judged(np.zeros_like(alone)).flags == ("right_missing", "left_missing")
    mirrored = judged(two_lungs()[:, ::-1])
    assert mirrored.verdict == "look" and "sides_swapped" in mirrored.flags


def test_tails_across_the_chest_do_not_exchange_the_sides():
    """They are where most of a lung is, as in all other checks of the sides."""
    drawn = two_lungs()
    drawn[10:16, 57:190] = drawn[10:30, 57:63] = RIGHT
    drawn[164:170, 4:135] = drawn[145:170, 129:135] = LEFT
    assert not are_sides_exchanged(drawn)
    flags = judged(drawn).flags
    assert "sides_swapped" not in flags and not any(flag.endswith("missing") for flag in flags)


def test_padding_does_not_make_a_lung_look_missing():
    """80 pixels are 0.2 % of the canvas, but 2 % of a narrow radiograph's part of it."""
    narrow, drawn = Letterbox((SIZE, 20), SIZE), np.zeros((SIZE, SIZE), np.uint8)
    drawn[80:90, 87:95], drawn[80:90, 97:105] = RIGHT, LEFT
    assert judged(drawn).flags == ("right_missing", "left_missing")
    assert not {"right_missing", "left_missing"} & set(judged(drawn, whole=narrow).flags)


def test_shapes_that_do_not_match_are_refused():
    probability = sure(two_lungs())
    with pytest.raises(ValueError, match="do not match"):
        assess(probability, probability, probability[:, 1:], WHOLE)


@pytest.mark.parametrize("shape", [(300, 200), (200, 300), (1700, 1403), (191, 400)])
def test_what_is_seen_again_lies_where_it_was(shape):
    """A picture of its own rows, taken without the foot, is at the same place on the whole's canvas."""
    whole = Letterbox(shape, SIZE)
    image = np.repeat(np.linspace(0, 1, shape[0], dtype=np.float32)[:, None], shape[1], axis=1)
    part = UpperPart(whole)
    again = part.on_whole(np.stack([part.to_canvas(image)] * 3))[RIGHT]
    rows = slice(whole.offset[0] + 1, whole.offset[0] + part.canvas_rows - 1)
    expected = whole.to_canvas(image)
    assert np.abs(again - expected)[rows, whole.content[1]].max() < 0.01
    below = slice(whole.offset[0] + part.canvas_rows, None)
    assert not again[below].any()
    assert part.canvas_rows == pytest.approx(0.9 * whole.inner[0], abs=0.51)


def test_verdicts_change_at_their_bounds():
    below_look, below_bad = np.nextafter(LOOK_BELOW, 0), np.nextafter(BAD_BELOW, 0)
    assert [verdict_of(s) for s in (1, LOOK_BELOW, below_look, BAD_BELOW, below_bad, 0)] == [
        "good",
        "good",
        "look",
        "look",
        "bad",
        "bad",
    ]


def test_a_quality_comes_back_from_json():
    right = LungQuality(0.25, ("views_disagree", "unequal"), (10, 20, 30, 45))
    quality = MaskQuality(0.5, right, LungQuality(0.99))
    assert MaskQuality.from_json(json.loads(json.dumps(quality.to_json()))) == quality
    assert LungQuality.from_json({"score": 1, "flags": ["of a later version"]}).flags == ()


@pytest.mark.parametrize("turn", TURNS)
def test_the_place_to_look_at_is_turned_back_with_the_masks(turn):
    stored = np.zeros((30, 20), bool)
    stored[4:11, 15:18] = True
    rows, columns = (np.flatnonzero(turn.apply(stored).any(axis)) for axis in (1, 0))
    box = (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
    found = MaskQuality(0.5, LungQuality(0.4, ("ragged",), box), LungQuality(0.9))
    back = found.turned_back(turn, stored.shape)
    assert back.right == LungQuality(0.4, ("ragged",), (4, 11, 15, 18)) and back.left == found.left


@pytest.mark.parametrize("damaged", [{"score": 2}, {"score": math.nan}, {"score": "x"}, {"box": [1, 2]}])
def test_what_is_no_quality_is_refused(damaged):
    with pytest.raises((ValueError, TypeError)):
        LungQuality.from_json({"score": 0.5, "flags": [], **damaged})


def test_the_fit_that_ships_has_every_feature_and_each_counts_against_a_mask():
    fitted = json.loads(FIT.read_text())
    assert set(fitted["model"]["weights"]) == set(FEATURES) and set(FEATURES.values()) <= set(FLAG_TEXT)
    assert all(split.startswith("train_") for split in fitted["fitted_to"]["splits"])
    assert all(weight > 0 for weight in shipped_model().weights)
    assert QualityModel.from_json(shipped_model().to_json()) == shipped_model()


def test_every_flag_says_what_to_do():
    assert all(text.endswith(".") and len(text.split()) > 8 for text in FLAG_TEXT.values())


# --- the fit ----------------------------------------------------------------------------------------------


def made_cases(count: int = 400) -> list[QualityCase]:
    """Two images a patient; the first feature tells the error, the others nothing."""
    rng = np.random.default_rng(0)
    cases = []
    for number in range(count):
        features = rng.normal(size=(2, len(FEATURES)))
        errors = np.exp(-2.7 + 0.6 * features[:, 0] + rng.normal(0, 0.2, 2))
        right, left = (float(max(0.0, 1 - error)) for error in errors)
        cases.append(
            QualityCase(
                str(number),
                "train_made",
                "made",
                f"p{number // 2}",
                "m 1",
                "student",
                (tuple(features[0].tolist()), tuple(features[1].tolist())),
                (1000, 1000),
                (right, left, (right + left) / 2),
            )
        )
    return cases


def test_a_fit_finds_what_tells_bad_masks_from_good_ones():
    cases = made_cases()
    model = fit_quality(cases)
    strengths = np.abs(model.weights)
    assert strengths[0] > 5 * strengths[1:].max()
    figures = quality_figures(cases, cross_fitted_scores(cases))
    low, high = figures["auroc_ci95"]
    assert low < figures["auroc"] < high and figures["auroc"] > 0.9
    assert sum(of["n"] for of in figures["verdicts"].values()) == len(cases)
    scores = np.array([case_score(model, case) for case in cases])
    good = np.array([case.dice[2] >= 0.9 for case in cases])
    assert abs(scores.mean() - good.mean()) < 0.03, "scores are probabilities"


def test_cross_fitting_leaves_a_patients_own_images_out():
    """With features that name the patient, and nothing else, there is nothing to learn from the others."""
    cases = [replace(case, dice=(0.95, 0.95, 0.95)) for case in made_cases(40)]
    for number in (0, 1):  # one patient, both bad
        strange = tuple(50.0 for _ in FEATURES)
        cases[number] = replace(cases[number], features=(strange, strange), dice=(0.2, 0.2, 0.2))
    scores = cross_fitted_scores(cases)
    assert case_score(fit_quality(cases), cases[0]) < 0.2
    assert scores[0] > 0.5


def test_figures_are_known_for_known_scores():
    cases = [
        replace(case, dice=(d, d, d)) for case, d in zip(made_cases(20), [0.8] * 4 + [0.95] * 16, strict=True)
    ]
    told = quality_figures(cases, [0.1] * 4 + [0.9] * 16)
    assert (told["auroc"], told["marked"], told["bad"], told["n"]) == (1, 1, 4, 20)
    assert told["verdicts"]["bad"] == {"n": 4, "bad": 4} and told["verdicts"]["good"]["bad"] == 0
    assert quality_figures(cases, [0.5] * 20)["auroc"] == 0.5
    assert math.isnan(quality_figures(cases[4:], [0.5] * 16)["auroc"])


def test_the_worse_lung_tells_of_a_mask_that_is_bad_on_one_side():
    cases = [
        replace(case, dice=(0.96, d, 0.95))
        for case, d in zip(made_cases(20), [0.8] * 4 + [0.95] * 16, strict=True)
    ]
    assert [worse_lung_dice(case) for case in cases[:5]] == [0.8] * 4 + [0.95]
    assert quality_figures(cases, [0.1] * 4 + [0.9] * 16)["bad"] == 0
    assert quality_figures(cases, [0.1] * 4 + [0.9] * 16, worse_lung_dice)["bad"] == 4
    model = fit_quality(made_cases())
    worse = replace(cases[0], features=((0.0,) * len(FEATURES), (3.0,) * len(FEATURES)))
    assert worse_lung_score(model, worse) < case_score(model, worse)
    turned = replace(worse, features=worse.features[::-1])
    assert worse_lung_score(model, turned) == worse_lung_score(model, worse)


def test_cases_come_back_from_json():
    case = made_cases(1)[0]
    assert QualityCase.from_json(json.loads(json.dumps(case.to_json()))) == case

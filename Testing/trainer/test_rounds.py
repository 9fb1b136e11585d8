"""Rounds: which images they use and for what, and what their batches hold."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from cxradain.datasets import images_of_split
from cxradain.evaluation.metrics import FEWEST_GROUPS
from cxradain.imaging.letterbox import Letterbox
from cxradain.imaging.lungs import exchange_sides
from cxradain.imaging.radiograph import RadiographError, read_radiograph
from cxradain.imaging.turn import Turn
from cxradain.models.tasks import Domain
from cxradain.rounds.folder import ROUND, ROUNDS
from cxradain.rounds.gate_images import session_images
from cxradain.rounds.images import (
    SYNTHETIC,
    NothingToTrainOn,
    RoundImages,
    every_nth,
    read_image_list,
    stage_images,
)
from cxradain.rounds.readiness import readiness
from cxradain.rounds.selection import FEWEST, FEWEST_PATIENTS, select_images
from cxradain.sessions.records import APPROVED, CORRECTED, Origin, SessionError, pixel_key
from cxradain.training.batches import Batches
from cxradain.training.data import TrainingImages
from cxradain.training.options import ROUND as PRESET
from cxradain.training.options import ROUND_PRESETS, SELF_TRAINING_ROUND, Stage
from cxradain.training.pseudo_labels import UNSURE
from PIL import Image as Picture
from round_data import IMAGES, annotate, lungs, make_session, parts
from small_models import CONFIG, small_model
from training_data import make_training_folder

CANVAS = CONFIG.canvas


@pytest.fixture
def session(tmp_path, monkeypatch):
    with make_session(tmp_path / "session", monkeypatch) as made:
        annotate(made)
        yield made


@pytest.fixture
def folder(session, tmp_path):
    """A round's folder with the session's images, and synthetic normal ones."""
    stage_images(session, select_images(session), tmp_path / "round", small_model())
    return tmp_path / "round"


def keys(pairs) -> list[str]:
    return [image.key for image, _ in pairs]


def test_images_of_a_session_are_sorted_by_their_use_in_a_round(session):
    rest, aside = parts(session)
    found = select_images(session)
    assert keys(found.labelled) == [image.key for image in rest[:4]]
    assert keys(found.validation) == [aside[0].key]
    assert [image.key for image in found.unlabelled] == [image.key for image in rest[5:]]
    assert found.counts() == {
        "corrected": 3,
        "approved": 1,
        "unlabelled": IMAGES - len(aside) - 5,
        "validation": 1,
        "new": 4,
        "without_patient": 0,
    }


def test_of_several_readers_the_newest_approved_else_the_newest_corrected_mask_counts(session):
    first, second, *_ = parts(session)[0]
    approved = session.add_mask(first.key, lungs(grown=0.7), "bea", APPROVED)
    newer = session.add_mask(second.key, lungs(grown=0.7), "bea", CORRECTED)
    session.add_mask(first.key, lungs(grown=0.9), "cem", CORRECTED)
    chosen = {image.key: version for image, version in select_images(session).labelled}
    assert chosen[first.key] == approved and chosen[second.key] == newer
    of_ada = {image.key: version.reader for image, version in select_images(session, ["ada"]).labelled}
    assert set(of_ada.values()) == {"ada"} and len(of_ada) == 4
    with pytest.raises(SessionError, match=r"no reader 'Dr Geheim'\. Its readers are: ada, bea, cem"):
        select_images(session, ["ada", "Dr Geheim"])


def test_a_flag_keeps_an_image_out_until_another_reader_has_a_mask_for_it(session):
    flagged = parts(session)[0][4]
    session.add_mask(parts(session)[0][5].key, lungs(), "bea", CORRECTED)
    for readers in (None, ["ada"], ["bea"]):
        found = select_images(session, readers)
        assert flagged.key not in [*keys(found.labelled), *(image.key for image in found.unlabelled)]
    corrected = session.add_mask(flagged.key, lungs(), "bea", CORRECTED)
    for readers in (None, ["bea"]):
        assert (flagged, corrected) in select_images(session, readers).labelled
    assert flagged.key not in [image.key for image in select_images(session, ["ada"]).unlabelled]


def test_what_the_last_finished_round_used_is_not_new(session):
    used = [version.id for _, version in select_images(session).labelled][:3]
    for name, told in {
        "1": {"state": "finished", "started": 1.0, "used": []},
        "2": {"state": "finished", "started": 2.0, "used": used},
        "3": {"state": "failed", "started": 3.0, "used": []},
    }.items():
        place = session.path / ROUNDS / name
        place.mkdir(parents=True)
        (place / ROUND).write_text(json.dumps(told), encoding="utf-8")
    (session.path / ROUNDS / "4").mkdir()
    (session.path / ROUNDS / "4" / ROUND).write_text("{", encoding="utf-8")
    assert select_images(session).counts()["new"] == 1


def test_the_canvases_are_the_sessions_images_and_masks(session, folder):
    images = RoundImages(folder, CANVAS)
    (image, _), *_ = select_images(session).labelled
    case = next(case for case in images.labelled[Domain.ABNORMAL] if case.id == image.key)
    shown, labels = images.load(case, True)
    letterbox = Letterbox(image.shape, CANVAS)
    np.testing.assert_array_equal(labels, letterbox.labels_to_canvas(lungs()))
    assert shown.shape == (CANVAS, CANVAS) and shown.max() > 200
    assert images.load(case, False)[1] is None


def test_corrections_are_labels_of_the_abnormal_domain(folder):
    images = RoundImages(folder, CANVAS)
    options = replace(PRESET, stages=(Stage("round", 6, labelled=4, adaptation=2, unlabelled=2),))
    for step in range(6):
        batch = Batches(images, options, 0)[step]
        assert sorted(batch["labelled_domain"].tolist()) == [0, 0, 1, 1]
        assert batch["unlabelled_domain"].tolist().count(Domain.ABNORMAL) == 1
        assert set(batch["labels"].unique().tolist()) == {0, 1, 2}


def test_held_out_patients_are_in_no_batch(session, folder):
    aside = {image.key for image in parts(session)[1]}
    images = RoundImages(folder, CANVAS)
    drawn = [
        case.id for pools in (images.labelled, images.unlabelled) for pool in pools.values() for case in pool
    ]
    assert not aside & {name.removeprefix("normal-") for name in drawn}
    assert [case.id for case in images.validation] == keys(select_images(session).validation)


def test_without_base_data_normal_images_are_synthesized_by_the_model(folder):
    model, images = small_model(), RoundImages(folder, CANVAS)
    case = images.labelled[Domain.NORMAL][0]
    source = next(c for c in images.labelled[Domain.ABNORMAL] if f"normal-{c.id}" == case.id)
    shown, labels = images.load(case, True)
    original, _ = images.load(source, False)
    with torch.no_grad():
        normal = model.as_normal(torch.from_numpy(original).float()[None, None] / 127.5 - 1)
        expected = model.segment(normal, "direct").argmax(1)[0]
    np.testing.assert_array_equal(labels, expected.numpy())
    np.testing.assert_allclose(shown, ((normal[0, 0].clamp(-1, 1) + 1) * 127.5).numpy(), atol=0.51)


def test_base_data_are_replayed(session, tmp_path):
    base = make_training_folder(tmp_path / "base", None)
    stage_images(session, select_images(session), tmp_path / "round", small_model(), replay=True)
    images = RoundImages(tmp_path / "round", CANVAS, base)
    names = {case.id for case in images.labelled[Domain.NORMAL]}
    labelled = {case.id for case in images_of_split(base, "train_normal_labelled")}
    assert names and names < labelled
    assert {case.source for case in images.unlabelled[Domain.NORMAL]} == {"nih_normal"}
    assert {case.source for case in images.unlabelled[Domain.ABNORMAL]} == {"session"}
    assert len(images.validation) == 1 + len(labelled - names)
    image, labels = images.load(images.labelled[Domain.NORMAL][0], True)
    assert image.shape == labels.shape == (CANVAS, CANVAS)
    rows = images.described()
    assert [row["split"] for row in rows[:2]] == ["session, labelled", "session, unlabelled"]
    assert {row["split"] for row in rows[2:]} == {
        "replayed, train_normal_labelled",
        "replayed, train_normal_unlabelled",
    }


def test_base_data_of_held_out_patients_are_not_replayed(session, tmp_path):
    """The base data hold radiographs of the session, two that are set aside and one that is not."""
    base = make_training_folder(tmp_path / "base", None)
    there = TrainingImages(base, CANVAS)
    labelled, held = there.labelled[Domain.NORMAL], there.validation
    aside, (trained, *_) = parts(session)[1], parts(session)[0]
    for image, case in zip((*aside[:2], trained), (labelled[0], held[0], labelled[1]), strict=True):
        Picture.fromarray(session.radiograph(image).pixels).save(case.image)
        assert pixel_key(read_radiograph(case.image).pixels) == image.key
    stage_images(session, select_images(session), tmp_path / "round", small_model(), replay=True)
    images = RoundImages(tmp_path / "round", CANVAS, base)
    pools = [*images.labelled.values(), *images.unlabelled.values()]
    names = {case.id for pool in pools for case in pool}
    assert labelled[0].id not in names and labelled[1].id in names
    assert held[0].id not in {case.id for case in images.validation}
    assert {case.id for case in images.withheld} >= {labelled[0].id, held[0].id}
    assert any(row.get("not_replayed") for row in images.described())


def test_base_data_that_are_all_held_out_are_refused(session, tmp_path):
    base = make_training_folder(tmp_path / "base", None)
    there, aside = TrainingImages(base, CANVAS), parts(session)[1][0]
    pools = there.labelled[Domain.NORMAL], there.unlabelled[Domain.NORMAL], there.validation
    for case in (case for pool in pools for case in pool):
        Picture.fromarray(session.radiograph(aside).pixels).save(case.image)
    stage_images(session, select_images(session), tmp_path / "round", small_model(), replay=True)
    with pytest.raises(NothingToTrainOn, match="sets aside all normal radiographs"):
        RoundImages(tmp_path / "round", CANVAS, base)


def test_preparing_says_what_is_being_done(session, tmp_path):
    told = []
    chosen = select_images(session)
    stage_images(
        session, chosen, tmp_path / "round", small_model(), progress=lambda *event: told.append(event)
    )
    count = len(chosen.labelled) + len(chosen.validation) + len(chosen.unlabelled)
    made = sum(row["use"] == SYNTHETIC for row in read_image_list(tmp_path / "round"))
    assert made > 0 and told == [
        *(("reading the session", done, count) for done in range(count)),
        *(("making normal radiographs to rehearse", done, made) for done in range(made)),
    ]


def test_checkpoints_are_not_chosen_by_the_gates_patients():
    for preset in ROUND_PRESETS.values():
        assert not preset.validated_teacher and preset.keep_last


def test_card_hash_tells_whether_the_data_were_the_same(session, tmp_path):
    def described(name: str) -> dict[str, str]:
        stage_images(session, select_images(session), tmp_path / name, small_model())
        rows = RoundImages(tmp_path / name, CANVAS).described()
        return {row["split"]: row["sha256"] for row in rows}

    first, again = described("1"), described("2")
    assert first == again
    session.add_mask(parts(session)[0][0].key, lungs(grown=0.6), "ada", CORRECTED)
    other = described("3")
    assert other["session, labelled"] != first["session, labelled"]
    assert other["session, unlabelled"] == first["session, unlabelled"]


def test_a_damaged_image_is_reported_and_left_out(session, tmp_path):
    (image, _), *_ = select_images(session).labelled
    (session.path / image.file).write_bytes(b"no NRRD")
    told = []
    stage_images(
        session,
        select_images(session),
        tmp_path / "round",
        small_model(),
        leave_out=lambda *event: told.append(event),
    )
    assert [each for each, _ in told] == [image] and told[0][1].startswith(f"{image.name}: ")
    images = RoundImages(tmp_path / "round", CANVAS)
    assert image.key not in {case.id for case in images.labelled[Domain.ABNORMAL]}
    assert len(images.labelled[Domain.ABNORMAL]) == 3


def test_unlabelled_radiographs_are_taught_what_the_base_model_answered_once(session, tmp_path, monkeypatch):
    """On the image without its padding; never in place of a corrected mask."""
    asked = []

    def answer(teachers, image):
        asked.append(image.shape)
        labels = np.full(image.shape, UNSURE, np.uint8)
        labels[: len(image) // 2] = 1
        return labels if len(asked) > 1 else None

    monkeypatch.setattr("cxradain.training.pseudo_labels.pseudo_labels", answer)
    chosen, folder = select_images(session), tmp_path / "round"
    assert stage_images(session, chosen, folder, small_model(), teachers=["the base model"])
    assert asked == [Letterbox(image.shape, CANVAS).inner for image in chosen.unlabelled]
    images = RoundImages(folder, CANVAS)
    _rejected, *taught = chosen.unlabelled
    assert set(images.pseudo_labels) == {image.key for image in taught}
    labels = images.pseudo_labels[taught[0].key]
    rows, columns = Letterbox(taught[0].shape, CANVAS).content
    assert (labels[rows, columns][: CANVAS // 2] == 1).all() and (labels[:, : columns.start] == 0).all()
    assert (labels[rows, columns][CANVAS // 2 :] == UNSURE).all()
    options = replace(
        SELF_TRAINING_ROUND, stages=(replace(SELF_TRAINING_ROUND.stages[0], pseudo_labelled=4),)
    )
    batch = Batches(images, replace(options, augment=False, crop_probability=0.0), 0)[0]
    assert "unlabelled" not in batch and batch["pseudo_labelled"].shape == (4, 1, CANVAS, CANVAS)
    assert (batch["pseudo_labels"][:, : CANVAS // 2, columns] == 1).all()
    assert len(asked) == len(chosen.unlabelled)


def test_of_many_radiographs_as_many_get_pseudo_labels_as_a_round_has_use_for():
    assert every_nth(range(399), 200) == range(399)
    assert list(every_nth(range(1000), 200)) == list(range(0, 1000, 5))


def test_masks_on_the_wrong_sides_of_the_upright_image_neither_train_nor_judge(session, tmp_path):
    (image, version), *_ = select_images(session).labelled
    (judged, other), *_ = select_images(session).validation
    (flipped, _), *_ = select_images(session).labelled[1:]
    session.set_turn(flipped.key, Turn(0, True))  # whose masks follow it
    for each in (version, other):
        exchanged = exchange_sides(session.mask(each))
        session.add_mask(each.image, exchanged, each.reader, CORRECTED, Origin())
    messages: list[str] = []
    stage_images(
        session,
        select_images(session),
        tmp_path / "round",
        small_model(),
        leave_out=lambda _image, message: messages.append(message),
    )
    assert sorted(message.partition(": ")[0] for message in messages) == sorted([image.name, judged.name])
    assert all("on the right of the upright image" in message for message in messages)
    images = RoundImages(tmp_path / "round", CANVAS)
    assert image.key not in {case.id for case in images.labelled[Domain.ABNORMAL]}
    (compared,) = [each for each in session_images(session) if each.id == judged.name]
    with pytest.raises(RadiographError, match="on the right of the upright image"):
        compared.read()


def test_a_mask_that_was_erased_neither_trains_nor_judges(session, tmp_path):
    chosen = select_images(session)
    (image, version), (judged, _) = chosen.labelled[0], chosen.validation[0]
    for each in (image, judged):
        session.add_mask(each.key, np.zeros_like(session.mask(version)), "reader", CORRECTED, Origin())
    messages: list[str] = []
    stage_images(
        session,
        select_images(session),
        tmp_path / "round",
        small_model(),
        leave_out=lambda _image, message: messages.append(message),
    )
    assert sorted(message.partition(": ")[0] for message in messages) == sorted([image.name, judged.name])
    assert all("the mask is empty" in message for message in messages)
    (compared,) = [each for each in session_images(session) if each.id == judged.name]
    with pytest.raises(RadiographError, match="the mask is empty"):
        compared.read()


def test_a_session_without_training_images_is_refused(tmp_path, monkeypatch):
    with make_session(tmp_path / "empty", monkeypatch, images=0) as session:
        stage_images(session, select_images(session), tmp_path / "round", small_model())
    with pytest.raises(NothingToTrainOn, match="Add radiographs"):
        RoundImages(tmp_path / "round", CANVAS)


def test_a_verdict_needs_as_many_patients_as_an_interval():
    assert FEWEST_PATIENTS == FEWEST_GROUPS


def test_readiness_says_how_many_corrections_are_missing_for_a_verdict(session):
    before = readiness(session)
    aside = parts(session)[1]
    assert (before.set_aside, before.reviewed, before.counting) == (len(aside), 1, 1)
    assert before.missing == FEWEST - 1
    session.set_status(session.newest(aside[1].key), "ada", APPROVED)
    approved = readiness(session)
    assert (approved.reviewed, approved.counting) == (2, 1), "approved as the model made it"
    session.add_mask(aside[1].key, lungs(grown=0.6), "ada", CORRECTED)
    after = readiness(session)
    assert (after.reviewed, after.counting, after.missing) == (2, 2, FEWEST - 2)

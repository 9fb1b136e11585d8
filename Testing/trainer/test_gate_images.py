"""The images that the gate compares on: those held out, references without leakage, whose masks count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cxradain.datasets import DatasetError
from cxradain.exchange.export import SessionExport, select_items
from cxradain.exchange.export_files import export_png
from cxradain.imaging.image_facts import ImageFacts
from cxradain.rounds import gate
from cxradain.rounds.gate_images import reference_images, session_images
from cxradain.rounds.overlap import REPLAYED, TRAINED, TWICE, Excluded, LeakageFilter, cases_by_pixel_key
from cxradain.rounds.selection import select_images
from cxradain.sessions.records import APPROVED, CORRECTED, MODEL, Origin
from cxradain.sessions.store import Session
from round_data import annotate, lungs, make_session, parts
from small_models import save_small_model
from training_data import make_training_folder

MADE = Origin(model_id="small 1", model_hash="5a", mode="student")


@pytest.fixture
def session(tmp_path, monkeypatch):
    with make_session(tmp_path / "session", monkeypatch) as made:
        yield made


def test_gate_images_of_a_session_are_those_held_out(session):
    annotate(session)
    _, aside = parts(session)
    session.add_mask(aside[1].key, lungs(grown=0.7), "bea", APPROVED)
    session.add_mask(aside[0].key, lungs(grown=0.6), "bea", CORRECTED)
    found = {sample.id: sample for sample in session_images(session)}
    assert set(found) == {image.name for image in aside[:2]}
    shown, labels = found[aside[0].name].read()
    np.testing.assert_array_equal(labels, lungs(grown=0.6))
    assert shown.shape == labels.shape
    assert {sample.id for sample in session_images(session, ["ada"])} == {aside[0].name}


def test_gate_images_of_a_reference_are_those_with_masks(tmp_path):
    folder = make_training_folder(tmp_path / "cxr", None)
    found = reference_images([folder])
    assert {sample.set for sample in found} == {"cxr"}
    for sample in found:
        shown, labels = sample.read()
        assert labels.shape == shown.shape
    (folder / "manifest.csv").write_text("id,split,source,patient_group,mask\na,b,c,d,\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="no image there has a mask"):
        reference_images([folder])


def test_references_of_one_name_are_sets_of_their_own(tmp_path, monkeypatch):
    folders = [make_training_folder(tmp_path / name / "export", None) for name in "ab"]
    folders.append(make_training_folder(tmp_path / "session", None))
    monkeypatch.chdir(folders[0])
    sets = [sample.set for sample in reference_images([Path("."), *folders[1:]])]
    assert list(dict.fromkeys(sets)) == ["export", "export-2", "session-2"], "session is the session's own"


def unedited(session) -> bool:
    (sample,) = session_images(session)
    return sample.unedited


def test_a_mask_approved_unchanged_counts_as_the_models(session):
    key = parts(session)[1][0].key
    kept = session.add_mask(key, lungs(grown=0.8), MODEL, "auto", MADE)
    session.set_status(kept, "ada", APPROVED)
    assert unedited(session)


def test_a_mask_approved_before_it_was_kept_is_the_models(session):
    """The panel keeps one version, the reader's, where a mask is approved as soon as it was made."""
    key = parts(session)[1][0].key
    first = session.add_mask(key, lungs(grown=0.8), "ada", APPROVED, MADE)
    assert unedited(session)
    session.set_status(first, "ada", APPROVED, "looked at again")
    assert unedited(session)


def test_a_mask_that_a_reader_changed_counts(session):
    key = parts(session)[1][0].key
    kept = session.add_mask(key, lungs(grown=0.8), MODEL, "auto", MADE)
    fields = {**vars(MADE), "base": kept.id}
    session.add_mask(key, lungs(grown=0.9), "ada", CORRECTED, Origin(**fields))
    assert not unedited(session)
    painted = session.add_mask(
        key, lungs(grown=0.7), "ada", CORRECTED, Origin(**fields | {"tools": ("Paint",)})
    )
    session.set_status(painted, "bea", APPROVED)
    assert not unedited(session)
    session.add_mask(key, lungs(grown=0.8), "ada", APPROVED, Origin(**fields | {"tools": ("Paint", "Erase")}))
    assert unedited(session), "the change was taken back"


def test_an_imported_or_drawn_mask_counts(session):
    key = parts(session)[1][0].key
    session.add_mask(key, lungs(), "ada", APPROVED, Origin(tools=("import",)))
    assert not unedited(session)
    session.add_mask(key, lungs(grown=0.9), "ada", APPROVED)
    assert not unedited(session)


def test_tools_used_before_the_last_version_are_remembered(session):
    key = parts(session)[1][0].key
    first = session.add_mask(key, lungs(), "ada", CORRECTED, Origin(**{**vars(MADE), "clicks": ({"x": 1},)}))
    session.add_mask(key, lungs(), "ada", APPROVED, Origin(**{**vars(MADE), "base": first.id}))
    assert not unedited(session)


def test_a_models_own_masks_do_not_decide_between_it_and_another(session, tmp_path):
    """Before, its own mask gave the incumbent Dice 1, and any other model lost."""
    aside = parts(session)[1]
    for image in aside:
        session.add_mask(image.key, lungs(), "ada", APPROVED, MADE)
    models = (
        save_small_model(tmp_path / "new", "small", "2"),
        save_small_model(tmp_path / "old", "small", "1"),
    )
    found = gate.judge(*models, session_images(session), "cpu", of_session=True)
    assert not found.pairs and len(found.unedited) == len(aside)
    assert f"Masks approved unchanged: {len(aside)}. They cannot be used" in found.decision.text
    assert gate.as_json(found)["unedited"]["n"] == len(aside)


def read_all(samples) -> dict[str, int]:
    """How many could be read (""), and how many were left out, by why."""
    found: dict[str, int] = {}
    for sample in samples:
        try:
            sample.read()
            why = ""
        except Excluded as error:
            why = str(error)
        found[why] = found.get(why, 0) + 1
    return found


@pytest.mark.parametrize("inverted", [False, True], ids=["as stored", "inverted"])
def test_an_export_of_the_session_is_no_reference_to_it(tmp_path, monkeypatch, inverted):
    with make_session(tmp_path / "session", monkeypatch, facts=ImageFacts(inverted)) as session:
        annotate(session)
        export_png(SessionExport(session, tmp_path / "export"), select_items(session))
        validating = [image for image, _ in select_images(session).validation]
        found = read_all(reference_images([tmp_path / "export"], LeakageFilter(session, validating)))
        assert found == {TRAINED: 4, TWICE: 1}
        assert read_all(reference_images([tmp_path / "export"])) == {"": 5}


def test_held_out_patients_without_a_mask_here_may_be_in_a_reference(session, tmp_path):
    for image in session.images():
        session.add_mask(image.key, lungs(), "ada", CORRECTED)
    export_png(SessionExport(session, tmp_path / "export"), select_items(session))
    aside, rest = parts(session)[1], parts(session)[0]
    found = read_all(reference_images([tmp_path / "export"], LeakageFilter(session, aside[:1])))
    assert found == {TRAINED: len(rest), TWICE: 1, "": len(aside) - 1}


def test_other_images_of_a_patient_that_is_trained_on_are_left_out(tmp_path, monkeypatch):
    folder = make_training_folder(tmp_path / "cxr", None)
    samples = reference_images([folder])
    with make_session(tmp_path / "session", monkeypatch) as session:
        image = parts(session)[0][0]
        patient = session.keyed_hash("patient", samples[0].patient)
        monkeypatch.setattr(session, "images", lambda: [replaced(image, patient)])
        monkeypatch.setattr(session, "is_held_out", lambda image: False)
        with pytest.raises(Excluded, match="train on"):
            reference_images([folder], LeakageFilter(session))[0].read()


def replaced(image, patient: str):
    from dataclasses import replace

    return replace(image, patient=patient)


def test_replayed_base_images_are_left_out_of_a_reference(tmp_path):
    folder = make_training_folder(tmp_path / "cxr", None)
    samples = reference_images([folder])
    from cxradain.datasets import read_manifest

    replayed = cases_by_pixel_key(read_manifest(folder)[:3], {(64, 64)})
    assert len(replayed) == 3 and not cases_by_pixel_key(read_manifest(folder), {(1, 1)})
    with Session.create(tmp_path / "session") as session:
        found = read_all(reference_images([folder], LeakageFilter(session, replayed=replayed)))
    assert found == {REPLAYED: 3, "": len(samples) - 3}


def test_an_error_of_an_original_does_not_name_the_file(tmp_path, monkeypatch):
    from cxradain.sessions.folder import REFERENCES
    from cxradain.sessions.sources import add_file
    from cxradain.sessions.store import Session
    from PIL import Image
    from small_models import chest

    path = tmp_path / "in" / "Mueller_2.png"
    path.parent.mkdir()
    Image.fromarray((chest() // 16).astype(np.uint8)).save(path)
    with Session.create(tmp_path / "session", REFERENCES) as session:
        image, _ = add_file(session, path)
        monkeypatch.setattr(session, "is_held_out", lambda image: True)
        session.add_mask(image.key, lungs(), "ada", CORRECTED)
        path.unlink()
        (sample,) = session_images(session)
        with pytest.raises(ValueError) as told:
            sample.read()
        assert str(path.parent) not in str(told.value)

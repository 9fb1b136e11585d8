"""What is called corrected is proven by its pixels; what is not is listed, left out of rounds, and mended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cxradain.cli import main
from cxradain.exchange.export import select_items
from cxradain.rounds.selection import select_images
from cxradain.sessions import store
from cxradain.sessions.records import MODEL, NotCorrected, Origin, SessionImage, pixel_key
from cxradain.sessions.store import Session

SHAPE = (40, 30)
STUDENT = Origin(model_id="m 1", model_hash="ab", mode="student")
TEACHER = Origin(model_id="m 1", model_hash="ab", mode="teacher")


def mask(size: int = 10) -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint8)
    labels[5 : 5 + size, 4:10], labels[5 : 5 + size, 18:26] = 1, 2
    return labels


@pytest.fixture
def session(tmp_path: Path):
    with Session.create(tmp_path / "session") as session:
        pixels = np.random.default_rng(0).integers(0, 4000, SHAPE, np.uint16)
        session.add_image(SessionImage(pixel_key(pixels), "", SHAPE, "<u2", "", 0), pixels)
        yield session


@pytest.fixture
def key(session) -> str:
    return session.images()[0].key


def from_student(session, **more) -> Origin:
    made = session.newest(session.images()[0].key, MODEL)
    return Origin(base=made.id, model_id="m 1", model_hash="ab", mode="student", **more)


def as_before(session, monkeypatch, *arguments):
    """A version as programs kept it that did not look at the pixels."""
    with monkeypatch.context() as patched:
        patched.setattr(store, "CORRECTED", "none")
        return session.add_mask(*arguments)


def test_the_models_mask_cannot_be_kept_as_corrected(session, key):
    session.add_mask(key, mask(), MODEL, "auto", STUDENT)
    with pytest.raises(NotCorrected, match="Approve it"):
        session.add_mask(key, mask(), "A", "corrected", from_student(session, tools=("Paint",)))
    assert session.add_mask(key, mask(), "A", "approved", from_student(session)).status == "approved"
    assert session.add_mask(key, mask(12), "A", "corrected", from_student(session)).status == "corrected"
    assert session.unproven() == []


def test_a_models_mask_is_kept_once(session, key):
    first = session.add_model_mask(key, mask(), STUDENT)
    assert session.add_model_mask(key, mask(), STUDENT) == first
    assert session.add_model_mask(key, mask(), TEACHER) != first, "another mode's, though it is equal"
    assert session.add_model_mask(key, mask(11), STUDENT) != first
    assert len(session.versions()) == 3


@pytest.mark.parametrize("how", ["reset", "another mode", "another mode, kept later"])
def test_a_mask_no_person_changed_is_listed_left_out_and_mended(session, key, monkeypatch, capsys, how):
    """The two ways in which the panel called a model's mask corrected."""
    session.add_mask(key, mask(), MODEL, "auto", STUDENT)
    approved = session.set_status(session.newest(key), "A", "approved")
    if how == "reset":
        size, origin = 10, from_student(session)
    else:
        size, origin = 12, Origin(base=approved.id, model_id="m 1", model_hash="ab", mode="teacher")
    wrong = as_before(session, monkeypatch, key, mask(size), "A", "corrected", origin)
    if how.endswith("later"):
        session.add_mask(key, mask(12), MODEL, "auto", TEACHER)
    assert session.unproven() == [wrong]
    problems = session.verify().problems
    assert len(problems) == 1 and wrong.file in problems[0] and "session mend" in problems[0]
    counts = select_images(session).counts()
    assert counts["corrected"] + counts["validation"] == 0
    assert select_items(session) == []
    path = str(session.path)
    session.close()
    assert main(["session", "mend", path]) == 0
    assert "1 set back to auto" in capsys.readouterr().out
    with Session(path) as mended:
        newest = mended.newest(key, "A")
        assert (newest.status, newest.reader, newest.base) == ("auto", "A", wrong.id)
        assert np.array_equal(mended.mask(newest), mask(size))
        assert not mended.verify().problems and mended.mend_statuses() == []
        assert len(mended.versions()) == (5 if how.endswith("later") else 4), "nothing is written over"


@pytest.mark.parametrize(
    "origin",
    [
        Origin(),
        Origin(tools=("import",)),
        Origin(model_id="m 1", model_hash="cd", mode="teacher", tools=("Paint",)),
        Origin(model_id="m 1", model_hash="cd", mode="teacher", clicks=({"row": 1},)),
        Origin(model_id="m 1", model_hash="ab", mode="student"),
    ],
)
def test_a_persons_mask_stays_corrected(session, key, origin):
    session.add_mask(key, mask(), MODEL, "auto", STUDENT)
    session.add_mask(key, mask(12), "A", "corrected", origin)
    assert session.unproven() == [] and not session.verify().problems
    counts = select_images(session).counts()
    assert counts["corrected"] + counts["validation"] == 1


def test_the_source_of_a_mask_is_the_model_it_came_from(session, key):
    student = session.add_mask(key, mask(), MODEL, "auto", STUDENT)
    teacher = session.add_mask(key, mask(12), MODEL, "auto", TEACHER)
    again = session.add_mask(key, mask(13), MODEL, "auto", STUDENT)
    first = session.add_mask(key, mask(14), "A", "corrected", from_student(session))
    assert first.base == again.id
    origin = Origin(base=student.id, model_id="m 1", model_hash="ab", mode="student")
    second = session.add_mask(key, mask(15), "A", "corrected", origin)
    drawn = session.add_mask(key, mask(16), "A", "corrected", Origin(base=second.id))
    sources = [session.source(version) for version in (student, teacher, first, second, drawn)]
    assert sources == [student, teacher, again, student, None]


def test_a_damaged_mask_of_the_models_stops_no_reader(session, key):
    made = session.add_mask(key, mask(), MODEL, "auto", STUDENT)
    path = session.path / "masks" / key / made.file
    path.write_bytes(path.read_bytes()[:40])
    session._digests.clear()
    assert session.add_mask(key, mask(12), "A", "corrected", from_student(session)).status == "corrected"

"""An image that is removed leaves the session and loses nothing; added again, it is back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cxradain.cli import main
from cxradain.rounds.selection import select_images
from cxradain.sessions.records import SessionError
from cxradain.sessions.store import Session
from session_data import image, lungs, picture


@pytest.fixture
def session(tmp_path: Path):
    with Session.create(tmp_path / "session") as session:
        for seed in range(3):
            pixels = picture(seed)
            session.add_image(image(pixels, patient=f"patient-{seed}"), pixels)
        yield session


def test_a_removed_image_is_in_no_list_and_back_with_its_masks_when_it_is_added_again(session):
    last = session.images()[-1]
    kept = session.add_mask(last.key, lungs(1), "A", "corrected")
    session.remove_image(last.key)
    assert [each.name for each in session.images()] == ["image-0001", "image-0002"]
    assert len(session.worklist("A")) == 2 and not session.verify().problems
    labelled = [*select_images(session).labelled, *select_images(session).validation]
    assert labelled == []
    assert not session.rebuild().problems and len(session.images()) == 2
    with pytest.raises(SessionError):
        session.remove_image(last.key)
    new = session.add_image(image(picture(7)), picture(7))
    assert new.name == "image-0004", "a number is given once"
    back = session.add_image(image(picture(2), patient="patient-2"), picture(2))
    assert back == last and np.array_equal(session.mask(session.newest(back.key, "A")), lungs(1))
    assert session.versions(back.key) == [kept] and not session.verify().problems


def test_another_patients_image_of_the_same_pixels_gets_no_masks_of_a_removed_one(session):
    removed = session.images()[0]
    session.add_mask(removed.key, lungs(1), "A", "corrected")
    session.remove_image(removed.key)
    other = session.add_image(image(picture(0), patient="another"), picture(0))
    assert other.key != removed.key and session.versions(other.key) == []


def test_patients_that_were_set_aside_stay_so_when_the_image_that_set_them_aside_is_removed(tmp_path):
    with Session.create(tmp_path / "aside") as session:
        seeds = iter(range(100))
        first = next(
            each
            for seed in seeds
            if session.is_held_out(each := session.add_image(image(picture(seed)), picture(seed)))
        )
        seed = first.sequence - 1
        known = session.add_image(image(picture(seed), patient="p"), picture(seed))
        second = session.add_image(image(picture(200), patient="p"), picture(200))
        assert session.is_held_out(known) and session.is_held_out(second)
        session.remove_image(known.key)
        assert session.is_held_out(session.image(second.key))


def test_images_are_removed_by_the_command(session, capsys):
    path, key = str(session.path), session.images()[1].key
    session.close()
    assert main(["session", "remove", path, key[:10]]) == 0
    assert "image-0002: removed" in capsys.readouterr().out
    with Session(path, write=False) as opened:
        assert len(opened.images()) == 2

"""The heart's width in a session: a reader's two points, kept and given again."""

from __future__ import annotations

from pathlib import Path

import pytest
from cxradain.sessions.records import SessionError
from cxradain.sessions.store import Session
from session_data import image, picture

POINTS = ((120.25, 60.5), (140.0, 131.75))


@pytest.fixture
def opened(tmp_path: Path):
    with Session.create(tmp_path / "s", "copies") as session:
        pixels = picture(1)
        session.add_image(image(pixels), pixels)
        yield session


def test_points_are_kept_for_their_reader_and_read_again(opened: Session) -> None:
    key = opened.images()[0].key
    assert opened.heart(key, "ada") == ()
    opened.set_heart(key, "ada", POINTS)
    opened.set_heart(key, "ben", POINTS[::-1])
    opened.close()
    with Session(opened.path, write=False) as again:
        assert again.heart(key, "ada") == POINTS and again.heart(key, "ben") == POINTS[::-1]
        assert again.verify().problems == ()
        with pytest.raises(SessionError, match="reading only"):
            again.set_heart(key, "ada", ())
    with Session(opened.path) as again:
        again.set_heart(key, "ada", ())
        assert again.heart(key, "ada") == () and again.heart(key, "ben") == POINTS[::-1]


def test_what_is_no_width_is_refused_and_a_damaged_file_is_named(opened: Session) -> None:
    key = opened.images()[0].key
    with pytest.raises(ValueError, match="two points"):
        opened.set_heart(key, "ada", POINTS[:1])
    opened.set_heart(key, "ada", POINTS)
    (opened.path / "hearts" / f"{key}.json").write_text('{"ada": {"points": [[1, 2], [3]]}}')
    with pytest.raises(SessionError, match=f"{key}.json: is damaged"):
        opened.heart(key, "ada")


def test_a_link_in_the_folders_place_is_refused(opened: Session, tmp_path: Path) -> None:
    opened.close()
    (opened.path / "hearts").symlink_to(tmp_path)
    with pytest.raises(SessionError, match="hearts"):
        Session(opened.path)

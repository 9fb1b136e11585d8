"""The session worker of a window: adding, reading, thumbnails and saving masks in another process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from cxradain.engine.protocol import Cancelled, RequestError
from cxradain.engine.session_service import SessionService
from cxradain.frames import Message
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.turn import Turn
from cxradain.sessions.folder import COPIES, REFERENCES, THUMBNAILS, thumbnail_path
from cxradain.sessions.lock import SessionTaken
from cxradain.sessions.records import MODEL
from cxradain.sessions.store import Session
from cxradain.sessions.thumbnails import SIDE, png
from engine_client import Engine, EngineError
from PIL import Image as Picture
from session_data import lungs, picture, quality, session


def write_pictures(folder: Path, count: int) -> Path:
    folder.mkdir()
    for seed in range(count):
        Picture.fromarray((picture(seed) >> 4).astype(np.uint8)).save(folder / f"{seed}.png")
    return folder


def asks(opened: Session):
    """What asks a worker for the owner of a session."""
    service = SessionService()

    def ask(do: str, arrays=None, report=lambda done, text: None, **fields):
        header = {"do": do, "session": str(opened.path), "token": opened.token, **fields}
        return service.do(Message(header, arrays or {}), report)

    return ask


@pytest.mark.parametrize("kind", [COPIES, REFERENCES])
def test_worker_adds_folders_while_the_owner_goes_on_writing(tmp_path: Path, kind: str) -> None:
    pictures = write_pictures(tmp_path / "pictures", 3)
    (pictures / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with Session.create(tmp_path / "s", kind) as opened:
        ask, told = asks(opened), []
        said, _ = ask("add", paths=[str(pictures)], report=lambda done, text: told.append(text))
        assert (said["files"], said["added"], said["failed"]) == (4, 3, 1)
        assert "broken.png" in said["problems"][0] and "1/4" in told
        assert said["patients"] == said["without_patient"] == 3
        again, _ = ask("add", paths=[str(pictures)], patient=r"\d")
        assert (again["added"], again["without_patient"], len(again["updated"])) == (0, 0, 3)
        with pytest.raises(RequestError, match="not a regular expression"):
            ask("add", paths=[str(pictures)], patient="(")
        rows = opened.worklist("A")
        assert sorted(row.status for row in rows) == ["unlabelled"] * 3 + ["unreadable"]
        assert ("0.png" in [row.name for row in rows]) == (kind == REFERENCES)
        key = next(row.key for row in rows if row.status == "unlabelled")
        opened.add_mask(key, lungs(0), "A", "corrected")
        said, arrays = ask("read", key=key)
        assert arrays["pixels"].shape == (40, 30) and said["facts"]["inverted"] is False
    assert not Session(tmp_path / "s", write=False).verify().problems


def test_adding_stops_when_cancelled_and_keeps_what_it_has(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "pictures", 4)

    def report(done: float, text: str) -> None:
        if done >= 0.5:
            raise Cancelled

    with Session.create(tmp_path / "s") as opened:
        with pytest.raises(Cancelled):
            asks(opened)("add", paths=[str(pictures)], report=report)
        assert len(opened.images()) == 2


@pytest.mark.parametrize("texts", ["/", {"/": 1}, [None], 3])
def test_a_text_is_not_taken_for_a_list_of_paths(tmp_path: Path, texts: object) -> None:
    with session(tmp_path / "s", images=0) as opened:
        for do, name in (("add", "paths"), ("thumbnails", "keys"), ("agreement", "keys")):
            with pytest.raises(RequestError, match=f"{name} of the request is no list of texts"):
                asks(opened)(do, **{name: texts})


def test_a_saved_model_mask_is_no_longer_missing(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=3) as opened:
        ask = asks(opened)
        first, second, third = (image.key for image in opened.images())
        opened.add_mask(third, lungs(1), "A", "corrected")

        def lacking(**fields) -> list[str]:
            said, arrays = ask(
                "unsegmented", **({"model_hash": "aa", "mode": "student", "reader": "A"} | fields)
            )
            keys = arrays["keys"].tobytes().decode().split()
            assert said["count"] == len(keys)
            return keys

        assert lacking() == [first, second]
        origin = {
            "model_id": "m 1",
            "model_hash": "aa",
            "mode": "student",
            "flags": ["turned_90"],
            "disagreement": 0.5,
            "quality": quality(0.4).to_json(),
        }
        said, _ = ask("keep", {"labels": lungs(2)}, key=first, origin=origin, turn=None)
        version = opened.newest(first, "A")
        assert (version.id, version.reader, version.status) == (said["version"], MODEL, "auto")
        assert version.flags == ("turned_90",) and version.disagreement == 0.5
        assert version.quality == quality(0.4)
        assert lacking() == [second]
        assert lacking(model_hash="bb") == [first, second], "another model has made none yet"
        assert lacking(reader="B") == [second, third]


def test_round_counts_follow_the_owners_saves(tmp_path: Path) -> None:
    with session(tmp_path / "s", images=12) as opened:
        ask = asks(opened)
        apart = [image for image in opened.images() if not opened.is_held_out(image)]
        counts = ask("round_counts")[0]["counts"]
        assert counts["unlabelled"] == len(apart) and counts["corrected"] == counts["new"] == 0
        opened.add_mask(apart[0].key, lungs(1), "A", "corrected")
        assert ask("round_counts")[0]["counts"] == counts | {
            "corrected": 1,
            "unlabelled": len(apart) - 1,
            "new": 1,
        }


def test_worker_writes_nothing_for_an_owner_that_was_taken_over(tmp_path: Path) -> None:
    with session(tmp_path / "s") as opened:
        ask, key = asks(opened), opened.images()[0].key
        ask("read", key=key)
        with Session(tmp_path / "s", take_over=True) as other:
            with pytest.raises(RequestError) as told:
                ask("keep", {"labels": lungs()}, key=key, origin={}, turn=None)
            assert told.value.code == "taken"
            with pytest.raises(SessionTaken):
                Session(tmp_path / "s", token=opened.token)
            assert not other.versions()


def test_a_mask_of_an_image_that_was_turned_while_it_was_made_is_not_kept(tmp_path: Path) -> None:
    """Its right and left would be exchanged."""
    flipped = Turn(0, True)
    with session(tmp_path / "s", 1) as opened:
        ask, (image,) = asks(opened), opened.images()
        opened.set_turn(image.key, flipped)
        with pytest.raises(RequestError, match="was turned while") as told:
            ask("keep", {"labels": lungs()}, key=image.key, origin={}, turn=Turn().to_json())
        assert told.value.code == "turned" and not opened.versions()
        ask("keep", {"labels": lungs()}, key=image.key, origin={}, turn=flipped.to_json())
        assert opened.newest(image.key).turn == flipped


def test_a_delegated_session_leaves_ownership_with_the_owner(tmp_path: Path) -> None:
    with session(tmp_path / "s") as opened:
        with Session(tmp_path / "s", token=opened.token) as lent:
            lent.add_mask(lent.images()[0].key, lungs(), MODEL, "auto")
        opened.add_mask(opened.images()[1].key, lungs(), "A", "corrected")
        assert len(opened.versions()) == 2
    assert opened.token == ""


def test_thumbnails_are_small_have_dark_lungs_and_are_made_once(tmp_path: Path) -> None:
    pixels = np.full((1000, 800), 3000, np.uint16)
    pixels[300:700, 100:300] = 200
    with session(tmp_path / "s", images=0) as opened:
        from session_data import image

        added = opened.add_image(image(pixels, facts=ImageFacts(inverted=True)), pixels)
        data = png(opened, added)
        shown = np.asarray(Picture.open(io.BytesIO(data)))
        assert shown.shape == (SIDE, round(SIDE * 0.8)) and shown[28, 10] > 200 > 50 > shown[2, 40]
        thumbnail_path(opened.path, added.key).write_bytes(data[:-3])
        assert png(opened, added) == data, "one that was cut short is made anew"
        thumbnail_path(opened.path, added.key).write_bytes(data[:20] + b"x" + data[21:])
        assert png(opened, added) != data, "one that is there is not made again"
        (opened.path / "images" / f"{added.key}.nrrd").unlink()
        thumbnail_path(opened.path, added.key).unlink()
        assert asks(opened)("thumbnails", keys=[added.key])[1] == {}


def test_a_folder_that_takes_no_thumbnails_costs_only_time(tmp_path: Path) -> None:
    with session(tmp_path / "s") as opened:
        (opened.path / THUMBNAILS).write_text("in the way")
        assert png(opened, opened.images()[0]).startswith(b"\x89PNG")
        assert not opened.verify().problems


def test_session_worker_runs_without_torch(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys; sys.modules['torch'] = None\n"
        "from cxradain.engine.server import SESSIONS, main; sys.exit(main(SESSIONS))",
    ]
    with session(tmp_path / "s") as opened, Engine(command) as worker:
        said = {"session": str(opened.path), "token": opened.token}
        keys = [image.key for image in opened.images()]
        found = worker.request("thumbnails", keys=keys, **said)
        assert set(found.arrays) == set(keys)
        with pytest.raises(EngineError, match="no image"):
            worker.request("read", key="0" * 32, **said)
        with pytest.raises(EngineError, match="no request"):
            worker.request("predict", **said)


def test_session_worker_is_started_as_a_module() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cxradain.engine", "--sessions"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ,
    )
    assert ended.returncode == 0 and b'"ready"' in ended.stdout


def test_a_worker_whose_window_goes_leaves_no_half_export(tmp_path: Path) -> None:
    """Its input ends in the middle of the export; what it has written is removed, and it ends."""
    with session(tmp_path / "s", 40) as opened:
        for image in opened.images():
            opened.add_mask(image.key, lungs(0), "A", "approved")
    engine = Engine([sys.executable, "-m", "cxradain.engine", "--sessions"])
    wanted = {"format": "nifti", "output": str(tmp_path / "out"), "statuses": [], "identifiers": False}
    request = engine.send("export", session=str(tmp_path / "s"), token="", **wanted)
    while not (tmp_path / "out" / "images").is_dir():
        assert engine.process.poll() is None
        time.sleep(0.001)
    engine.process.stdin.close()
    assert engine.process.wait(30) == 0
    assert not (tmp_path / "out").exists()
    with pytest.raises(EngineError):
        engine.wait(request)

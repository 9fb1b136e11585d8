"""No patient's image or mask stays in a temporary folder after a kill."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from archive_files import pack
from cxradain.imaging import scratch
from cxradain.imaging.scratch import PREFIX, scratch_folder
from cxradain.sessions.sources import add_file
from cxradain.sessions.store import Session
from PIL import Image
from process_life import soon
from session_data import lungs, picture

TRAINER = Path(__file__).parents[2] / "trainer"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files, empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def start(code: str, temporary: Path, *arguments: str) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(TRAINER), "TMPDIR": str(temporary), "TEMP": str(temporary)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def left(temporary: Path) -> list[Path]:
    return list(temporary.glob(f"{PREFIX}*"))


def test_a_scratch_folder_is_the_users_alone_and_deleted(temporary: Path) -> None:
    with scratch_folder() as folder:
        (folder / "mask.png").write_bytes(b"mask")
        assert os.name != "posix" or left(temporary)[0].stat().st_mode & 0o077 == 0
        with scratch_folder():
            assert len(left(temporary)) == 2, "what is in use stays"
    assert not left(temporary)


def test_the_next_process_deletes_what_a_killed_one_left(temporary: Path) -> None:
    code = (
        "from cxradain.imaging.scratch import scratch_folder\\n"
        "with scratch_folder() as folder:\\n"
        "    (folder / 'mask.png').write_bytes(b'mask'); print('there', flush=True); input()"
    ).replace("\\n", "\n")
    killed = start(code, temporary)
    assert killed.stdout is not None and killed.stdout.readline()
    killed.kill()
    killed.communicate()
    assert len(left(temporary)) == 1
    (temporary / f"{PREFIX}young").mkdir()
    with scratch_folder():
        assert len(left(temporary)) == 2
    os.utime(temporary / f"{PREFIX}young", (0, 0))
    scratch.remove_leftovers()
    assert not left(temporary)


@pytest.mark.parametrize("how", ["takes the lock", "has deleted it"])
def test_a_folder_that_another_process_takes_for_left_is_made_anew(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Between its making and its lock."""
    lock, calls = scratch.try_lock, []

    def too_late(descriptor: int) -> bool:
        calls.append(descriptor)
        if len(calls) == 1 and how == "takes the lock":
            return False
        if len(calls) == 1:
            (folder,) = left(temporary)
            shutil.rmtree(folder)
        return lock(descriptor)

    monkeypatch.setattr(scratch, "try_lock", too_late)
    with scratch_folder() as folder:
        (folder / "mask.png").write_bytes(b"mask")
        assert len(calls) == 2
    scratch.remove_leftovers()
    assert not left(temporary)


def test_no_mask_is_left_of_an_import_that_is_killed(temporary: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.fromarray((picture() >> 4).astype("uint8")).save(tmp_path / "in" / "x.png")
    with Session.create(tmp_path / "s") as session:
        add_file(session, tmp_path / "in" / "x.png")
    masks = io.BytesIO()
    Image.fromarray(lungs(1)).save(masks, "PNG")
    archive = pack(tmp_path / "masks.zip", {f"{n}/image-0001.png": masks.getvalue() for n in range(3)})
    code = (
        "import sys; from cxradain import cli; from cxradain.exchange import import_masks\n"
        "read = import_masks.MaskReader.read\n"
        "def wait(*arguments):\n"
        "    print(flush=True); input(); return read(*arguments)\n"
        "import_masks.MaskReader.read = wait\n"
        "cli.main(['session', 'import', sys.argv[1], sys.argv[2], '--reader', 'Ann'])"
    )
    importing = start(code, temporary, str(tmp_path / "s"), str(archive))
    assert importing.stdout is not None and importing.stdout.readline()
    assert len(list(temporary.rglob("image-0001.png"))) == 3
    importing.kill()
    importing.communicate()
    with scratch_folder():
        assert not list(temporary.rglob("image-0001.png"))
    with Session(tmp_path / "s") as session:
        assert session.versions() == [] and not session.verify().problems


@pytest.mark.parametrize("at", [0.0, 0.02, 0.1])
def test_nothing_is_left_of_a_dicom_file_whose_reader_is_killed(
    temporary: Path, real_dicom, at: float
) -> None:
    import time

    code = (
        "import sys; from cxradain.imaging.radiograph import read_radiograph, RadiographError\n"
        "while True:\n"
        "    try: read_radiograph(sys.argv[1])\n"
        "    except RadiographError: pass\n"
        "    print(flush=True)"
    )
    reading = start(code, temporary, str(real_dicom("RG1_J2KR.dcm")))
    assert reading.stdout is not None and reading.stdout.readline()
    time.sleep(at)
    reading.kill()
    reading.communicate()
    assert soon(lambda: not left(temporary)), "the decoder ends with its parent, and deletes its files"

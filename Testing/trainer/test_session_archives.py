"""Archives are unpacked into their folder and nowhere else; a bad one is refused with a message."""

from __future__ import annotations

import gzip
import os
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from archive_files import pack
from cxradain.exchange import archives
from cxradain.exchange.archives import ArchiveError, unpack
from hypothesis import given, settings
from hypothesis import strategies as st

BAD_NAMES = [
    "../out.png",
    "a/../../out.png",
    "/tmp/out.png",
    "..\\out.png",
    "C:\\out.png",
    "\\\\host\\out.png",
]


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_paths_outside_the_folder_are_refused(kind: str, name: str, tmp_path: Path) -> None:
    path = pack(tmp_path / f"a.{kind}", {name: b"data"})
    (tmp_path / "in").mkdir()
    with pytest.raises(ArchiveError, match="leads elsewhere"):
        unpack(path, tmp_path / "in")
    assert sorted(p.name for p in tmp_path.rglob("*")) == sorted([path.name, "in"])


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path) -> None:
    entry = tarfile.TarInfo("link")
    entry.type, entry.linkname = kind, "/etc/passwd"
    with tarfile.open(tmp_path / "a.tar", "w") as opened:
        opened.addfile(entry)
    with pytest.raises(ArchiveError, match="link or a device"):
        unpack(tmp_path / "a.tar", tmp_path / "in")
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        opened.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveError, match="link or a device"):
        unpack(tmp_path / "a.zip", tmp_path / "in")


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_archives_that_unpack_to_too_much_are_refused(kind: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 1 << 16)
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 3 << 16)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 5)
    monkeypatch.setattr(archives, "CHUNK", 1 << 10)
    bombs = (
        {"bomb.png": bytes((1 << 16) + 1)},
        {f"{number}.png": bytes(1 << 16) for number in range(4)},
        {f"{number}.png": b"" for number in range(6)},
    )
    for number, members in enumerate(bombs):
        folder = tmp_path / str(number)
        with pytest.raises(ArchiveError):
            unpack(pack(tmp_path / f"{number}.{kind}", members), folder)
        assert sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) <= 3 << 16


def header(name: bytes, size: int, kind: bytes) -> bytes:
    """A member's 512 bytes in a TAR file."""
    entry = tarfile.TarInfo(name.decode())
    entry.size, entry.type = size, kind
    return entry.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_header_of_any_length_takes_no_memory(kind: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    with gzip.open(path, "wb", 6) as packed:
        packed.write(header(b"long", 1 << 30, kind))
        for _ in range(40):  # enough for the piece that is read, and it ends there
            packed.write(bytes(1 << 20))
    tracemalloc.start()
    with pytest.raises(ArchiveError, match="more than is reasonable"):
        unpack(path, tmp_path / "in")
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_folders_count_as_files_do(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 50)
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as opened:
            for number in range(60):
                opened.mkdir(f"{number}")
    else:
        with tarfile.open(path, "w:gz") as opened:
            for number in range(60):
                entry = tarfile.TarInfo(f"{number}")
                entry.type = tarfile.DIRTYPE
                opened.addfile(entry)
    with pytest.raises(ArchiveError, match="over 50 files and folders"):
        unpack(path, tmp_path / "in")


@pytest.mark.parametrize(
    "name", ["d/" * 40 + "a.png", "x" * 5000 + ".png", "x" * 300 + ".png", "a.png/b.png"]
)
@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_paths_that_no_folder_can_have_are_refused(kind: str, name: str, tmp_path: Path) -> None:
    path = pack(tmp_path / f"a.{kind}", {"a.png": b"data", name: b"data"})
    with pytest.raises(ArchiveError) as refused:
        unpack(path, tmp_path / "in")
    assert str(path) in str(refused.value) and len(str(refused.value)) < 900


METHODS = {
    "stored": {"method": zipfile.ZIP_STORED},
    "deflate": {"method": zipfile.ZIP_DEFLATED},
    "bzip2": {"method": zipfile.ZIP_BZIP2},
    "lzma": {"method": zipfile.ZIP_LZMA},
    "tar": {"mode": "w"},
    "gz": {"mode": "w:gz"},
    "bz2": {"mode": "w:bz2"},
    "xz": {"mode": "w:xz"},
}


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_damaged_archives_raise_only_archive_errors(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Of masks of some ten thousand bytes, so that most of the damage is in what decoders read."""
    folder = tmp_path_factory.mktemp("damaged")
    kind = data.draw(st.sampled_from(list(METHODS)))
    noise = np.random.default_rng(data.draw(st.integers(0, 9))).integers(0, 3, (120, 100), dtype=np.uint8)
    members = {f"image-{number:04d}.nrrd": noise.tobytes() + bytes(number) for number in (1, 2)}
    path = folder / ("a.zip" if "method" in METHODS[kind] else "a.tar.gz")
    content = bytearray(pack(path, members, **METHODS[kind]).read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))])
    try:
        for written in unpack(path, folder / "in"):
            assert (folder / "in") in written.parents
    except ArchiveError as error:
        assert os.fspath(path) in str(error)

"""Damaged files: whatever is cut off or changed, a radiograph or an error with the file's name comes out."""

from __future__ import annotations

import struct
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from cxradain.imaging.radiograph import RadiographError, read_radiograph
from dicom_files import drawing, write
from PIL import Image
from pydicom.uid import JPEG2000Lossless, RLELossless

KINDS = ["dcm", "rle.dcm", "j2k.dcm", "png", "jpg", "tif", "nrrd", "nii", "nii.gz", "mha"]


def sound(folder: Path, kind: str) -> bytes:
    """The bytes of a small, sound file; noise keeps a compressed one from being all header."""
    noise = np.random.default_rng(0).integers(0, 1 << 8, (40, 36))
    pixels = (drawing(8, 40, 36) // 2 + noise // 2).astype(np.uint8)
    path = folder / f"sound.{kind}"
    if kind.endswith("dcm"):
        compress = {"rle.dcm": RLELossless, "j2k.dcm": JPEG2000Lossless}.get(kind)
        write(path, pixels.astype(np.uint16) * 16, BitsStored=12, compress=compress)
    elif kind in ("png", "jpg", "tif"):
        Image.fromarray(pixels).save(path)
    else:
        sitk.WriteImage(sitk.GetImageFromArray(pixels.astype(np.float32)), str(path), kind != "mha")
    return path.read_bytes()


def outcome(path: Path) -> str:
    """ "read" or "refused"; any other end is a failure of the test."""
    try:
        radiograph = read_radiograph(path)
    except RadiographError as error:
        assert str(error).startswith(str(path)) and len(str(error)) < len(str(path)) + 500
        return "refused"
    try:
        seen = radiograph.intensities()
    except RadiographError as error:
        assert str(path) in str(error)
        return "refused"
    assert seen.shape == radiograph.shape and np.isfinite(seen).all()
    assert seen.min() >= 0 and seen.max() <= 1
    return "read"


@pytest.fixture(autouse=True)
def quiet(capfd: pytest.CaptureFixture) -> Iterator[None]:
    """Decoders write their complaints to the process's stderr."""
    yield
    capfd.readouterr()


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_file_is_read(tmp_path: Path, kind: str) -> None:
    sound(tmp_path, kind)
    assert outcome(tmp_path / f"sound.{kind}") == "read"


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_files_are_refused(tmp_path: Path, kind: str) -> None:
    data, path = sound(tmp_path, kind), tmp_path / f"cut.{kind}"
    found = []
    for length in np.linspace(1, len(data) - 1, 40).astype(int):
        path.write_bytes(data[:length])
        found.append(outcome(path))
    # What is lost at the very end may have been padding or a trailer.
    assert found[:36] == ["refused"] * 36


@pytest.mark.parametrize("kind", KINDS)
def test_changed_headers_are_read_or_refused_without_a_crash(tmp_path: Path, kind: str) -> None:
    random = np.random.default_rng(KINDS.index(kind))
    data, path = sound(tmp_path, kind), tmp_path / f"changed.{kind}"
    found = set()
    for _ in range(100):
        changed = bytearray(data)
        for place in random.integers(0, min(400, len(data)), random.integers(1, 4)):
            changed[place] = random.integers(0, 256)
        path.write_bytes(changed)
        found.add(outcome(path))
    assert "refused" in found


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">2I5B", width, height, 16, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99)))


def huge(folder: Path, kind: str) -> Path:
    """A small file that claims 60000 x 60000 pixels, which would take 7 GB."""
    path = folder / f"huge.{kind}"
    sides = struct.pack("<2H", 60000, 60000)
    if kind.endswith("dcm"):
        compress = {"rle.dcm": RLELossless, "j2k.dcm": JPEG2000Lossless}.get(kind)
        write(path, drawing(), compress=compress)
        data = path.read_bytes()
        for tag in (0x0010, 0x0011):
            place = data.index(struct.pack("<2H2sH", 0x0028, tag, b"US", 2)) + 8
            data = data[:place] + sides[:2] + data[place + 2 :]
    elif kind == "png":
        data = png(60000, 60000)
    elif kind == "jpg":
        data = sound(folder, kind)
        place = data.index(b"\xff\xc0") + 5
        data = data[:place] + struct.pack(">2H", 60000, 60000) + data[place + 4 :]
    elif kind == "tif":
        data = sound(folder, kind)
        entries = struct.unpack_from("<H", data, struct.unpack_from("<I", data, 4)[0])[0]
        first = struct.unpack_from("<I", data, 4)[0] + 2
        for entry in range(entries):
            tag = struct.unpack_from("<H", data, first + 12 * entry)[0]
            if tag in (256, 257):
                place = first + 12 * entry
                data = data[:place] + struct.pack("<2H2I", tag, 4, 1, 60000) + data[place + 12 :]
    elif kind == "nrrd":
        data = sound(folder, kind).replace(b"sizes: 36 40", b"sizes: 60000 60000")
    elif kind == "mha":
        data = sound(folder, kind).replace(b"DimSize = 36 40", b"DimSize = 60000 60000")
    else:
        data = sound(folder, "nii")
        data = data[:42] + struct.pack("<2h", 30000, 30000) + data[46:]
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "nii.gz"])
def test_an_impossible_size_is_refused_before_memory_is_allocated(tmp_path: Path, kind: str) -> None:
    path = huge(tmp_path, kind)
    assert path.stat().st_size < 50_000
    resource = pytest.importorskip("resource", reason="Windows does not tell the memory taken")
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(RadiographError) as caught:
        read_radiograph(path)
    assert str(path) in str(caught.value) and "0000" in str(caught.value)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < 200e6
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("least,greatest", [(0, 1e300), (-1e300, 1e300), (-3e38, 3e38), (0, 1e-310)])
def test_values_past_float32_are_refused(tmp_path: Path, least: float, greatest: float) -> None:
    pixels = np.linspace(least, greatest, 1600).reshape(40, 40)
    sitk.WriteImage(sitk.GetImageFromArray(pixels), str(tmp_path / "wide.nrrd"))
    assert outcome(tmp_path / "wide.nrrd") == "refused"

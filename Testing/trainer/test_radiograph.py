"""Radiographs in pictures and volumes: values, spacing, what is refused, and lists of files."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import cxradain
import numpy as np
import pytest
import SimpleITK as sitk
from cxradain.imaging.folders import find_files
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.radiograph import (
    LooksLikeMask,
    Radiograph,
    RadiographError,
    read_radiograph,
)
from cxradain.imaging.turn import Turn
from dicom_files import drawing, write
from PIL import Image


def save_volume(path: Path, pixels: np.ndarray, spacing: tuple[float, ...] | None = None) -> Path:
    image = sitk.GetImageFromArray(pixels)
    if spacing:
        image.SetSpacing(spacing)
    sitk.WriteImage(image, str(path))
    return path


def refused(path: Path) -> str:
    with pytest.raises(RadiographError) as caught:
        read_radiograph(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


# Pictures


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("bits", [8, 16])
def test_gray_pictures_keep_every_value(tmp_path: Path, ending: str, bits: int) -> None:
    pixels = drawing(bits)
    Image.fromarray(pixels).save(tmp_path / f"chest.{ending}")
    found = read_radiograph(tmp_path / f"chest.{ending}")
    assert np.array_equal(found.pixels, pixels) and found.pixels.dtype == pixels.dtype
    assert (found.name, found.path) == ("chest", tmp_path / f"chest.{ending}")
    assert (found.facts, found.warnings) == (ImageFacts(source={"png": "PNG", "tif": "TIFF"}[ending]), ())


def test_a_jpeg_is_close(tmp_path: Path) -> None:
    pixels = drawing(8)
    Image.fromarray(pixels).save(tmp_path / "chest.jpeg", quality=95)
    found = read_radiograph(tmp_path / "chest.jpeg").pixels
    assert found.dtype == np.uint8 and np.abs(found.astype(int) - pixels).max() <= 6


def test_a_tiff_of_floats(tmp_path: Path) -> None:
    pixels = drawing(12).astype(np.float32) / 7
    Image.fromarray(pixels).save(tmp_path / "chest.tiff")
    assert np.array_equal(read_radiograph(tmp_path / "chest.tiff").pixels, pixels)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA"])
def test_gray_as_color_stays_what_it_was(tmp_path: Path, mode: str) -> None:
    pixels = drawing(8)
    Image.fromarray(pixels).convert(mode).save(tmp_path / "chest.png")
    found = read_radiograph(tmp_path / "chest.png").pixels
    assert found.shape == pixels.shape and found.dtype == np.uint8
    assert np.abs(found.astype(int) - pixels).max() <= 1


def test_color_becomes_luminance_and_transparency_is_left_out(tmp_path: Path) -> None:
    color = np.zeros((40, 30, 4), np.uint8)
    color[:10, :, 0], color[10:20, :, 1], color[20:30, :, 2] = 255, 255, 255
    color[-1, :, 0] = np.arange(30)  # more values than a mask has
    Image.fromarray(color).save(tmp_path / "chest.png")
    assert read_radiograph(tmp_path / "chest.png").pixels[::10, 0].tolist() == [76, 150, 29, 0]


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("channels", [3, 4])
def test_color_of_16_bits_keeps_them(tmp_path: Path, ending: str, channels: int) -> None:
    """Also where only the lowest are used, of which Pillow leaves none."""
    for bits in (8, 12, 16):
        pixels = drawing(bits).astype(np.uint16)
        color = sitk.GetImageFromArray(np.dstack([pixels] * channels), isVector=True)
        sitk.WriteImage(color, str(tmp_path / f"chest.{ending}"))
        found = read_radiograph(tmp_path / f"chest.{ending}").pixels
        assert found.dtype == np.uint16 and np.array_equal(found, pixels)


def tiff(path: Path, pixels: np.ndarray, **tags: int) -> Path:
    """Uncompressed gray or color by hand: Pillow and ITK write neither white as 0 nor signed bytes."""
    planes = pixels.reshape(-1, pixels.size)[0].tobytes()
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    channels = pixels.shape[0] if pixels.ndim == 3 else 1
    each = len(planes) // channels
    entries = {
        **{256: [pixels.shape[-1]], 257: [pixels.shape[-2]], 258: [8 * pixels.itemsize] * channels},
        **{259: [1], 262: [tags.get("photometric", 1)], 273: [2000 + n * each for n in range(channels)]},
        **{277: [channels], 278: [pixels.shape[-2]], 279: [each] * channels},
        **{284: [2 if channels > 1 else 1], 339: [kind] * channels},
    }
    data = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    beyond = b""
    for tag, values in entries.items():
        packed = struct.pack(f"<{len(values)}I", *values)
        if len(values) > 1:
            packed, beyond = struct.pack("<I", 1000 + len(beyond)), beyond + packed
        data += struct.pack("<HHI", tag, 4, len(values)) + packed
    path.write_bytes((data + bytes(4)).ljust(1000, b"\0") + beyond.ljust(1000, b"\0") + planes)
    return path


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "u4", "f4"])
def test_a_tiff_of_any_numbers_keeps_their_order(kind: str, tmp_path: Path) -> None:
    """Signed bytes and the upper half of 32 bits are no other values, and white may be 0."""
    shades = np.linspace(0, 1, 40 * 36).reshape(40, 36)
    whole = np.iinfo(kind) if kind[0] != "f" else np.finfo(kind)
    low, high = (float(whole.min), float(whole.max)) if kind[0] != "f" else (0.0, 1.0)
    pixels = (low + (high - low) * (0.02 + 0.96 * shades)).astype(kind)
    for photometric in (0, 1) if kind in ("u1", "u2", "f4") else (1,):  # others are refused by Pillow
        path = tiff(tmp_path / "chest.tif", pixels, photometric=photometric)
        seen = read_radiograph(path).intensities()
        seen = 1 - seen if photometric == 0 else seen
        assert np.corrcoef(seen.ravel(), shades.ravel())[0, 1] > 0.999


def test_deep_color_in_planes_is_no_noise(tmp_path: Path) -> None:
    pixels = np.stack([drawing(16)] * 3)
    assert "16 bits a channel" in refused(tiff(tmp_path / "chest.tif", pixels, photometric=2))
    shallow = (pixels >> 8).astype(np.uint8)
    found = read_radiograph(tiff(tmp_path / "chest.tif", shallow, photometric=2)).pixels
    assert np.array_equal(found, shallow[0])


@pytest.mark.parametrize("start", [b"GIF89a", b"%!PS-Adobe-3.0 EPSF", b"\0\0\0\x18ftypheic", b"<svg/>"])
def test_what_is_a_picture_by_its_name_alone_is_said_to_be(start: bytes, tmp_path: Path) -> None:
    (tmp_path / "chest.jpg").write_bytes(start + bytes(500))
    assert "despite its name" in refused(tmp_path / "chest.jpg")


def test_gray_of_16_bits_with_transparency_is_refused(tmp_path: Path) -> None:
    both = sitk.GetImageFromArray(np.dstack([drawing(16)] * 2), isVector=True)
    sitk.WriteImage(both, str(tmp_path / "chest.png"))
    assert "16 bits" in refused(tmp_path / "chest.png")


def test_rotated_color_of_16_bits_is_refused(tmp_path: Path) -> None:
    color = sitk.GetImageFromArray(np.dstack([drawing(16)] * 3), isVector=True)
    sitk.WriteImage(color, str(tmp_path / "chest.tif"))
    data = bytearray((tmp_path / "chest.tif").read_bytes())
    entry = data.index(struct.pack("<HHI", 274, 3, 1))
    struct.pack_into("<H", data, entry + 8, 4)
    (tmp_path / "chest.tif").write_bytes(data)
    assert "upright" in refused(tmp_path / "chest.tif")


def test_black_and_white_is_refused(tmp_path: Path) -> None:
    Image.fromarray(drawing(8) > 99).save(tmp_path / "drawing.png")
    assert "black and white" in refused(tmp_path / "drawing.png")


# Volumes

ENDINGS = ["nrrd", "nhdr", "nii", "nii.gz", "mha", "mhd"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("axis", [0, 1, 2, None])
def test_a_single_slice_whichever_its_axis(tmp_path: Path, ending: str, axis: int | None) -> None:
    pixels = drawing(12, height=50, width=40)
    # numpy's axes are z, y, x; SimpleITK's spacing x, y, z.
    each = {0: (0.1, 0.2, 9.0), 1: (0.1, 9.0, 0.2), 2: (9.0, 0.1, 0.2), None: (0.1, 0.2)}
    volume = pixels if axis is None else np.expand_dims(pixels, axis)
    found = read_radiograph(save_volume(tmp_path / f"chest.{ending}", volume, each[axis]))
    assert np.array_equal(found.pixels, pixels)
    assert found.spacing == pytest.approx((0.2, 0.1)) and found.name == "chest"


@pytest.mark.parametrize("ending", ENDINGS)
def test_unit_spacing_is_no_calibration(tmp_path: Path, ending: str) -> None:
    found = read_radiograph(save_volume(tmp_path / f"chest.{ending}", drawing(12)))
    assert found.spacing is None
    sources = {"n": "NRRD", "m": "MetaImage"} | ({"n": "NIfTI"} if "nii" in ending else {})
    assert found.facts.source == sources[ending[0]]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_volume_is_refused(tmp_path: Path, ending: str) -> None:
    volume = np.stack([drawing(12, 32, 32)] * 20)
    assert "volume" in refused(save_volume(tmp_path / f"ct.{ending}", volume))


def test_a_volume_of_colors_becomes_luminance(tmp_path: Path) -> None:
    color = np.repeat(drawing(8)[..., None], 3, 2)
    sitk.WriteImage(sitk.GetImageFromArray(color, isVector=True), str(tmp_path / "chest.nrrd"))
    assert np.array_equal(read_radiograph(tmp_path / "chest.nrrd").pixels, drawing(8))


def test_a_header_and_its_data_may_have_different_names(tmp_path: Path) -> None:
    pixels = drawing(12, height=1200, width=1000)
    (tmp_path / "values.bin").write_bytes(pixels.tobytes())
    (tmp_path / "chest.nhdr").write_text(
        "NRRD0004\ntype: uint16\ndimension: 2\nsizes: 1000 1200\nendian: little\nencoding: raw\n"
        "data file: values.bin\n"
    )
    assert np.array_equal(read_radiograph(tmp_path / "chest.nhdr").pixels, pixels)


# What every format is refused for


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are Unicode there")
@pytest.mark.parametrize("ending", ["png", "nrrd", "nii.gz"])
def test_a_name_that_is_not_utf8_is_reported_as_an_error(tmp_path: Path, ending: str) -> None:
    """In a process of its own, which such a name would end."""
    save_volume(tmp_path / f"chest.{ending}", drawing(16))
    strange = os.path.join(os.fsencode(tmp_path), b"ch\xe9st." + ending.encode())
    os.rename(tmp_path / f"chest.{ending}", strange)
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from cxradain.imaging.mask_files import write_mask\n"
        "from cxradain.imaging.radiograph import RadiographError, read_radiograph\n"
        "path = Path(sys.argv[1])\n"
        "try: found = read_radiograph(path)\n"
        "except RadiographError as error: sys.exit('refused' if 'UTF-8' in str(error) else str(error))\n"
        "try: write_mask(path.with_suffix('.nrrd'), (found.pixels > 9).astype('uint8'), found)\n"
        "except OSError as error: sys.exit('refused' if 'UTF-8' in str(error) else str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, strange],
        env={**os.environ, "PYTHONPATH": str(Path(cxradain.__file__).parents[1])},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr.decode().strip()) == (1, "refused")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "chest.png")
    assert "pipe" in refused(tmp_path / "chest.png")


@pytest.mark.parametrize("ending", ["tif", "nrrd", "nii", "mha"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused(tmp_path: Path, ending: str, value: float) -> None:
    pixels = drawing(12).astype(np.float32)
    pixels[60, 33] = value
    path = tmp_path / f"chest.{ending}"
    if ending == "tif":
        Image.fromarray(pixels).save(path)
    else:
        save_volume(path, pixels)
    assert "no numbers" in refused(path)


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "nrrd", "nii.gz", "mha"])
def test_a_constant_is_refused(tmp_path: Path, ending: str) -> None:
    path, pixels = tmp_path / f"flat.{ending}", np.full((64, 64), 9, np.uint8)
    if ending in ("png", "jpg", "tif"):
        Image.fromarray(pixels).save(path)
    else:
        save_volume(path, pixels)
    assert "same value" in refused(path)


@pytest.mark.parametrize("values", [(0, 1), (0, 1, 2), (0, 1, 2, 3), (0, 255), (0, 128, 255)])
@pytest.mark.parametrize("ending", ["png", "tif", "nrrd", "nii.gz", "mha", "dcm"])
def test_a_label_map_is_no_radiograph(tmp_path: Path, ending: str, values: tuple[int, ...]) -> None:
    path, pixels = tmp_path / f"chest.{ending}", np.zeros((200, 300), np.uint8)
    pixels[:9, : len(values)] = values  # a few pixels of it, which a look at every fourth one passes over
    if ending == "dcm":
        write(path, pixels.astype(np.uint16))
    elif ending in ("png", "tif"):
        Image.fromarray(pixels).save(path)
    else:
        save_volume(path, pixels.astype(np.float32) if ending == "nii.gz" else pixels)
    with pytest.raises(LooksLikeMask) as caught:
        read_radiograph(path)
    assert str(caught.value).startswith(
        f"{path}: looks like a mask, not a radiograph: it holds only {len(values)} "
    )


@pytest.mark.parametrize("shades", [5, 9])
def test_an_image_of_few_gray_values_is_still_a_radiograph(tmp_path: Path, shades: int) -> None:
    pixels = np.zeros((200, 300), np.uint8)
    pixels[150:, 100:103] = 7
    pixels[3, :shades] = np.arange(shades)  # most of it black, as where the beam was narrow
    Image.fromarray(pixels).save(tmp_path / "chest.png")
    assert np.array_equal(read_radiograph(tmp_path / "chest.png").pixels, pixels)


@pytest.mark.parametrize("ending", ["png", "jpg", "tif", "nrrd", "nii.gz", "mha"])
def test_error_of_a_damaged_file_names_it_once(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"broken.{ending}"
    path.write_bytes(b"Chest PA: no finding.\n" * 50)
    said = refused(path)
    assert said.startswith(f"{path}: is damaged or incomplete") and said.endswith(" Copy or export it again.")
    assert said.count(str(path)) == 1 and "Chest PA" not in said
    Image.fromarray(drawing(8)).save(tmp_path / "half.png")
    data = (tmp_path / "half.png").read_bytes()
    (tmp_path / "half.png").write_bytes(data[: len(data) // 2])
    assert "incomplete (image file is truncated). Copy" in refused(tmp_path / "half.png")


def test_error_of_another_file_type_lists_the_supported_formats(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Chest PA: no finding.")
    said = refused(tmp_path / "notes.txt")
    assert "notes.txt: cannot be read as an image. DICOM, PNG, JPEG" in said and "(" not in said


ANY = ["dcm", "png", "jpg", "tif", *ENDINGS, "xyz"]


@pytest.mark.parametrize("ending", ANY)
def test_text_is_refused(tmp_path: Path, ending: str, capfd: pytest.CaptureFixture) -> None:
    path = tmp_path / f"notes.{ending}"
    path.write_text("Chest PA: no finding.\n" * 50)
    refused(path)


@pytest.mark.parametrize("ending", ANY)
def test_an_empty_file_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"empty.{ending}"
    path.touch()
    assert "empty" in refused(path)


@pytest.mark.parametrize("ending", ANY)
def test_a_missing_file_is_refused(tmp_path: Path, ending: str) -> None:
    assert "cannot be opened" in refused(tmp_path / f"none.{ending}")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path)


def test_a_few_pixels_are_refused(tmp_path: Path) -> None:
    Image.fromarray(drawing(8, 8, 90)).save(tmp_path / "strip.png")
    assert "90 x 8" in refused(tmp_path / "strip.png")


# What is seen


def test_eight_bits_go_from_minimum_to_maximum() -> None:
    pixels = drawing(8) // 2 + 50
    pixels[0, 0], pixels[3, 3] = 0, 255
    assert np.allclose(Radiograph(pixels, "made").intensities(), pixels / np.float32(255), atol=1e-6)


def test_a_few_extreme_pixels_leave_the_contrast() -> None:
    pixels = drawing(12, 500, 400)
    pixels[7, :20], pixels[9, :20] = 0, 65535
    seen = Radiograph(pixels, "made").intensities()
    assert seen[-1, -1] > 0.97 and seen[250, 200] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"])
def test_every_pixel_type_gives_the_same_intensities(kind: str) -> None:
    pixels = drawing(8)
    expected = pixels / np.float32(255)
    seen = Radiograph(pixels.astype(kind), "made").intensities()
    assert seen.dtype == np.float32 and np.abs(seen - expected).max() < 0.03


@pytest.mark.parametrize("kind", ["int32", "uint32", "float64"])
def test_large_values_keep_their_differences(kind: str) -> None:
    pixels = drawing(8).astype(kind)
    expected = Radiograph(pixels, "made").intensities()
    assert np.allclose(Radiograph(pixels + 10**9, "made").intensities(), expected, atol=1e-6)


def test_the_pixels_stay_as_they_are() -> None:
    for kind in (np.uint16, np.float32):
        pixels = drawing(12).astype(kind)
        before = pixels.copy()
        Radiograph(pixels, "made", ImageFacts(inverted=True, window=(1548, 2548))).intensities()
        assert np.array_equal(pixels, before)


def test_intensities_of_a_large_radiograph_are_right() -> None:
    pixels = drawing(16, 2500, 2000)
    low, high = np.percentile(pixels, (0.1, 99.9))
    expected = np.clip((pixels - low) / (high - low), 0, 1)
    assert np.abs(Radiograph(pixels, "made").intensities() - expected).max() < 2e-3


def test_no_contrast_is_an_error_with_the_name() -> None:
    with pytest.raises(RadiographError, match="made"):
        Radiograph(np.zeros((64, 64), np.uint16), "made").intensities()


def test_image_facts_survive_json() -> None:
    pixels = drawing(12)
    facts = ImageFacts(True, (10.5, 3000.25), (0.1, 0.2), ("L", "F"), "DICOM", Turn(90), view="AP")
    sent = Radiograph(pixels, "made", facts, warnings=("rotated",))
    fields = json.loads(json.dumps(sent.to_json())) | {"key": "of a request"}
    assert Radiograph.from_json(pixels, fields) == sent
    assert Radiograph.from_json(pixels, {}) == Radiograph(pixels, "the image")


@pytest.mark.parametrize(
    "damaged",
    [
        [],
        {"inverted": 1},
        {"window": [1]},
        {"window": [2, 1]},
        {"window": [1, float("nan")]},
        {"spacing": [0.2, 0]},
        {"spacing": "no"},
        {"orientation": ["L", 3]},
        {"source": None},
    ],
)
def test_damaged_image_facts_are_refused(damaged: object) -> None:
    with pytest.raises(ValueError, match=r"fact|window|orientation"):
        ImageFacts.from_json(damaged)


# Lists


def test_a_folder_is_a_list_of_radiographs(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "below/c.nii.gz", ".hidden.png", ".cache/d.png", "notes.txt", "sub/e.dcm"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    write(tmp_path / "1.2.840.5", drawing())
    (tmp_path / "DICOMDIR").write_bytes((tmp_path / "1.2.840.5").read_bytes())
    found = [str(path.relative_to(tmp_path)) for path in find_files([tmp_path]).files]
    assert found == ["1.2.840.5", "a.JPG", "b.png", str(Path("below/c.nii.gz")), str(Path("sub/e.dcm"))]


def test_files_are_taken_as_named_and_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "inside.png").write_bytes(b"x")
    named = [tmp_path / "z.txt", str(folder), tmp_path / ".missing"]
    assert find_files(named).files == [tmp_path / "z.txt", folder / "inside.png", tmp_path / ".missing"]
    assert find_files([]).files == []


@pytest.mark.skipif(os.name == "nt", reason="Windows makes links for administrators alone")
def test_a_dangling_link_is_reported(tmp_path: Path) -> None:
    (tmp_path / "chest.png").symlink_to(tmp_path / "gone.png")
    assert find_files([tmp_path]).files == [tmp_path / "chest.png"]
    assert "cannot be opened" in refused(tmp_path / "chest.png")


def test_a_dicom_file_without_an_ending_is_read_and_keeps_its_name(tmp_path: Path) -> None:
    found = read_radiograph(write(tmp_path / "1.2.840.5", drawing()))
    assert found.name == "1.2.840.5" and np.array_equal(found.pixels, drawing())


@pytest.mark.parametrize(
    ("orientation", "turn", "side"),
    [
        (("L", "F"), Turn(), "left"),
        (("L", "F"), Turn(0, True), "right"),
        (("L", "F"), Turn(180), "right"),
        (("R", "F"), Turn(), "right"),
        (("R", "F"), Turn(0, True), "left"),
        (("F", "R"), Turn(90), "left"),
        (("F", "R"), Turn(270), "right"),
        (("A", "F"), Turn(), ""),
        (None, Turn(), ""),
    ],
)
def test_the_patients_right_is_where_the_file_has_it_however_the_image_is_turned(
    orientation: tuple[str, str] | None, turn: Turn, side: str
) -> None:
    assert ImageFacts(orientation=orientation, turn=turn).patients_right == side


def test_only_a_frontal_view_position_is_kept() -> None:
    for stated, kept in (("PA", "PA"), ("ap ", "AP"), ("LL", ""), ("Smith^John", ""), (None, "")):
        assert ImageFacts.from_json({"view": stated}).view == kept

"""Radiographs in DICOM: the pixels of real files, and of files of every kind made for the purpose."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cxradain
import numpy as np
import pytest
from cxradain.imaging.dicom_checks import RAW
from cxradain.imaging.radiograph import RadiographError, read_radiograph
from cxradain.imaging.turn import Turn
from dicom_files import PATIENT, Make, dataset, drawing, real_dicom, write
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1, RLELossless

# Real files


@pytest.mark.parametrize("kind", ["UNCR", "UNCI", "J2KR", "J2KI"])
def test_a_real_chest_radiograph_has_dark_lungs_in_every_encoding(kind: str) -> None:
    radiograph = read_radiograph(real_dicom(f"RG1_{kind}.dcm"))
    assert (radiograph.shape, radiograph.name) == ((1955, 1841), f"RG1_{kind}")
    assert radiograph.inverted and radiograph.spacing is None and radiograph.warnings == ()
    assert radiograph.pixels.dtype == np.uint16 and 2**14 < radiograph.pixels.max() < 2**15
    seen = radiograph.intensities()
    assert seen.dtype == np.float32 and seen.min() >= 0 and seen.max() <= 1
    right, left = seen[450:650, 400:700], seen[450:650, 1200:1450]
    mediastinum, below = seen[700:1100, 850:1000], seen[1600:1800, 300:600]
    assert max(right.mean(), left.mean()) < min(mediastinum.mean(), below.mean()) - 0.2


@pytest.mark.parametrize("name", ["RG1", "RG3"])
def test_reversible_jpeg_2000_is_the_uncompressed_image(name: str) -> None:
    plain, compressed = (read_radiograph(real_dicom(f"{name}_{kind}.dcm")) for kind in ("UNCR", "J2KR"))
    assert np.array_equal(plain.pixels, compressed.pixels)
    assert np.array_equal(plain.pixels, dcmread(real_dicom(f"{name}_UNCR.dcm")).pixel_array)


def test_a_leg_is_read_with_a_warning() -> None:
    read = read_radiograph(real_dicom("RG3_UNCR.dcm"))
    assert "body part" in " ".join(read.warnings)
    assert read.facts.turn == Turn(0, True)  # its marker R is indeed mirrored


# Transfer syntaxes


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless], ids=lambda s: s.keyword)
@pytest.mark.parametrize("bits,signed", [(8, False), (12, False), (16, False), (16, True)])
def test_lossless_compression(make: Make, syntax: str, bits: int, signed: bool) -> None:
    pixels = drawing(bits, signed=signed)
    assert np.array_equal(make(pixels, BitsStored=bits, compress=syntax).pixels, pixels)


# As on a machine that has no pylibjpeg-libjpeg (GPL): neither its plugin nor its module is found.


WITHOUT_GPL = """
import importlib.metadata, sys

every = importlib.metadata.entry_points
importlib.metadata.entry_points = lambda **chosen: importlib.metadata.EntryPoints(
    e for e in every(**chosen) if not e.value.startswith("libjpeg")
)
sys.modules["libjpeg"] = None
sys.path.insert(0, sys.argv[3])
import numpy as np
from cxradain.imaging.radiograph import read_radiograph

np.save(sys.argv[2], read_radiograph(sys.argv[1]).pixels)
"""


def test_lossless_jpeg_needs_no_gpl_decoder(tmp_path: Path) -> None:
    source, out = real_dicom("JPEG-LL.dcm"), tmp_path / "pixels.npy"
    package = Path(cxradain.__file__).parents[1]
    command = [sys.executable, "-W", "ignore", "-c", WITHOUT_GPL, str(source), str(out), str(package)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = np.load(out)
    assert found.shape == (1024, 256) and found.min() >= 0 and found.max() > 200
    assert np.array_equal(found, read_radiograph(source).pixels)


def lossless_jpeg(pixels: np.ndarray, bits: int) -> bytes:
    """ITU-T T.81 process 14, selection value 1, with a Huffman code of five bits for each of 17 lengths."""
    values = pixels.astype(np.int64)
    predicted = np.empty_like(values)
    predicted[:, 1:] = values[:, :-1]
    predicted[1:, 0] = values[:-1, 0]
    predicted[0, 0] = 1 << (bits - 1)
    stream = []
    for difference in (values - predicted).ravel().tolist():
        length = abs(difference).bit_length()  # 16 stands for 32768 alone, modulo 65536, without more bits
        extra = difference if difference >= 0 else difference + (1 << length) - 1
        stream.append(f"{length:05b}" + (f"{extra:0{length}b}" if 0 < length < 16 else ""))
    packed = "".join(stream)
    packed += "1" * (-len(packed) % 8)
    coded = int(packed, 2).to_bytes(len(packed) // 8, "big").replace(b"\xff", b"\xff\x00")

    def segment(marker: int, payload: bytes) -> bytes:
        return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload

    height, width = pixels.shape
    frame = bytes((bits,)) + height.to_bytes(2, "big") + width.to_bytes(2, "big") + bytes((1, 1, 0x11, 0))
    table = bytes((0,)) + bytes((0, 0, 0, 0, 17)) + bytes(11) + bytes(range(17))
    scan = bytes((1, 1, 0, 1, 0, 0))
    head = b"\xff\xd8" + segment(0xC3, frame) + segment(0xC4, table) + segment(0xDA, scan)
    return head + coded + b"\xff\xd9"


@pytest.mark.parametrize("bits", [8, 12, 15, 16])
def test_lossless_jpeg_of_every_depth(tmp_path: Path, bits: int) -> None:
    pixels = drawing(bits)
    made = dataset(pixels, BitsStored=bits, PhotometricInterpretation="MONOCHROME1")
    made.PixelData = encapsulate([lossless_jpeg(pixels, bits)])
    made["PixelData"].VR = "OB"
    made.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    made.save_as(tmp_path / "lossless.dcm", enforce_file_format=True)
    assert np.array_equal(read_radiograph(tmp_path / "lossless.dcm").pixels, pixels)


# Values


@pytest.mark.parametrize("bits", [8, 10, 12, 15, 16])
@pytest.mark.parametrize("signed", [False, True])
def test_pixels_of_every_bit_depth_are_read_unchanged(make: Make, bits: int, signed: bool) -> None:
    pixels = drawing(bits, signed=signed)
    found = make(pixels, BitsStored=bits)
    assert np.array_equal(found.pixels, pixels) and found.pixels.dtype == pixels.dtype
    seen = found.intensities()
    assert seen[0, 0] < 0.01 and seen[-1, -1] > 0.99 and np.all(np.diff(seen, axis=1) >= 0)


def test_monochrome1_inverts_the_intensities_and_not_the_pixels(make: Make) -> None:
    plain, inverted = make(), make(PhotometricInterpretation="MONOCHROME1")
    assert not plain.inverted and inverted.inverted
    assert np.array_equal(plain.pixels, inverted.pixels)
    assert np.allclose(plain.intensities(), 1 - inverted.intensities(), atol=1e-6)


@pytest.mark.parametrize("photometric,shape", [("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "IDENTITY")])
def test_a_presentation_shape_is_not_applied_on_top(make: Make, photometric: str, shape: str) -> None:
    alone = make(PhotometricInterpretation=photometric)
    both = make(PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    assert both.inverted == alone.inverted
    assert np.array_equal(both.intensities(), alone.intensities())


@pytest.mark.parametrize("slope,intercept", [(2.5, -1000), (1, 7), (-1, 4095)])
def test_rescale_slope_and_intercept_are_applied(make: Make, slope: float, intercept: float) -> None:
    pixels = drawing()
    found = make(pixels, RescaleSlope=slope, RescaleIntercept=intercept)
    assert np.allclose(found.pixels, pixels.astype(float) * slope + intercept)
    assert not found.inverted
    brightest = np.unravel_index(found.intensities().argmax(), found.shape)
    assert (brightest == (0, 0)) == (slope < 0)


def test_an_identity_rescale_keeps_the_type(make: Make) -> None:
    assert make(RescaleSlope=1, RescaleIntercept=0).pixels.dtype == np.uint16


def test_a_modality_lut_is_applied(make: Make) -> None:
    lut = Dataset()
    lut.LUTDescriptor, lut.ModalityLUTType = [4096, 0, 16], "US"
    lut.LUTData = np.arange(4096, dtype="<u2")[::-1].tobytes()
    lut.add_new(0x00283002, "US", [4096, 0, 16])
    pixels = drawing()
    assert np.array_equal(make(pixels, BitsStored=12, ModalityLUTSequence=[lut]).pixels, 4095 - pixels)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize(
    ("first", "representation", "stated"),
    [(0, "US", 0), (40000, "US", 40000), (40000, "SS", -25536), (-2048, "SS", -2048), (-2048, "US", 63488)],
)
def test_a_modality_lut_of_any_depth_and_place(
    make: Make, bits: int, first: int, representation: str, stated: int
) -> None:
    """What old computed radiography writes; the first value has the pixels' sign, whatever it is read by."""
    table = np.arange(0, 1 << bits, 5, dtype="<u2")
    pixels = first - 3 + np.arange(0, len(table) + 7).repeat(20).reshape(-1, 20)  # also before and beyond
    item = Dataset()
    item.add_new("LUTDescriptor", representation, [len(table), stated, bits])
    data = table.astype("u1" if bits == 8 else "<u2").tobytes()
    item.add_new("LUTData", "OW", data + b"\0" * (len(data) % 2))
    stored = pixels.astype("<u2" if first >= 0 else "<i2").clip(0 if first >= 0 else None)
    if first == 0:
        pixels, stored = pixels.clip(0), pixels.clip(0).astype("<u2")
    expected = table[(pixels - first).clip(0, len(table) - 1)]
    assert np.array_equal(make(stored, ModalityLUTSequence=[item]).pixels, expected)


def test_a_modality_lut_that_is_none(make: Make) -> None:
    with pytest.raises(RadiographError, match=r"made\.dcm: has a modality LUT that is damaged"):
        make(ModalityLUTSequence=[Dataset()])


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("bits", "high"), [(12, 15), (12, 13), (10, 15), (12, 11)])
def test_values_are_in_the_bits_below_the_high_bit(make: Make, signed: bool, bits: int, high: int) -> None:
    """PS3.5 8.1.1; the other bits may hold anything."""
    pixels = drawing(bits, signed=signed).astype("<i2" if signed else "<u2")
    words = (pixels.view("<u2").astype(np.uint32) << (high + 1 - bits)) & ((1 << (high + 1)) - 1)
    words |= (1 << (high + 1 - bits)) - 1  # set, below the values
    stored = words.astype("<u2").view(pixels.dtype)
    assert np.array_equal(make(stored, BitsStored=bits, HighBit=high).pixels, pixels)


@pytest.mark.parametrize(("representation", "first"), [("US", 40000), ("SS", 40000 - 65536)])
def test_the_first_value_of_a_voi_lut_is_as_the_pixels_are(
    make: Make, representation: str, first: int
) -> None:
    """PS3.3 C.11.2.1.1: two bytes of a sign that is the pixels', read by either."""
    pixels = (40000 + drawing(11, 300, 200)).astype(np.uint16)
    lut = Dataset()
    lut.add_new("LUTDescriptor", representation, [2048, first, 12])
    lut.add_new("LUTData", "OW", np.linspace(0, 4095, 2048).astype("<u2").tobytes())
    low, high = make(pixels, VOILUTSequence=[lut]).facts.window or (0.0, 0.0)
    assert 40000 <= low < 40100 and 41900 < high <= 42048


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(("sign", "inverted"), [(1, True), (-1, False)])
def test_raw_data_are_shown_by_what_more_exposure_is(
    make: Make, photometric: str, sign: int, inverted: bool
) -> None:
    """PS3.3 C.8.11.3.1.2; of an image for presentation it says nothing of how to show it."""
    how = {"PhotometricInterpretation": photometric, "PixelIntensityRelationshipSign": sign}
    raw = make(PresentationIntentType="FOR PROCESSING", **how)
    assert raw.inverted is inverted and RAW in raw.warnings
    shown = make(PresentationIntentType="FOR PRESENTATION", **how)
    assert shown.inverted is (photometric == "MONOCHROME1") and RAW not in shown.warnings
    unsaid = make(PresentationIntentType="FOR PROCESSING", PhotometricInterpretation=photometric)
    assert unsaid.inverted is (photometric == "MONOCHROME1") and RAW in unsaid.warnings


def test_color_becomes_luminance(make: Make) -> None:
    color = np.zeros((40, 30, 3), np.uint8)
    color[:10], color[10:20, :, 0], color[20:30, :, 1], color[30:, :, 2] = 255, 255, 255, 255
    color[-1, :, 2] = np.arange(30)  # more values than a mask has
    found = make(color).pixels
    assert found.shape == (40, 30) and found[::10, 0].tolist() == [255, 76, 150, 29]


# What is refused


def refused(path: Path) -> str:
    with pytest.raises(RadiographError) as caught:
        read_radiograph(path)
    message = str(caught.value)
    assert str(path) in message and PATIENT not in message and "4711" not in message
    return message


def test_several_frames_are_refused(tmp_path: Path) -> None:
    frames = np.stack([drawing(), drawing()])
    assert "2 frames" in refused(write(tmp_path / "cine.dcm", frames, NumberOfFrames=2))


def test_a_file_without_pixels_is_refused(tmp_path: Path) -> None:
    assert "no pixel data" in refused(write(tmp_path / "report.dcm", drawing(), PixelData=None))


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "short.dcm", drawing())
    path.write_bytes(path.read_bytes()[:-5000])
    assert "incomplete" in refused(path)


def test_a_constant_image_is_refused(tmp_path: Path) -> None:
    assert "same value" in refused(write(tmp_path / "flat.dcm", np.full((50, 50), 7, np.uint16)))


@pytest.mark.parametrize("rows,columns", [(0, 80), (96, 0), (60000, 60000)])
def test_impossible_sizes_are_refused(tmp_path: Path, rows: int, columns: int) -> None:
    refused(write(tmp_path / "size.dcm", drawing(), Rows=rows, Columns=columns))


def test_text_named_dcm_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.dcm"
    path.write_text("no image\n" * 100)
    assert "DICOM" in refused(path)

"""The DICOM header: the window, the spacing, and warnings of images unfit for lung segmentation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cxradain.imaging.radiograph import Radiograph
from dicom_files import PATIENT, Make
from pydicom import Dataset

# Windows: where black and white are, of the 12-bit ramp


def ends(radiograph: Radiograph) -> tuple[float, float]:
    """The least and greatest pixel values that are neither black nor white."""
    seen = radiograph.intensities()
    between = radiograph.pixels[(seen > 0) & (seen < 1)]
    return float(between.min()), float(between.max())


def test_window_center_and_width_set_the_contrast(make: Make) -> None:
    low, high = ends(make(WindowCenter=2048, WindowWidth=2048))
    assert low == pytest.approx(1024, abs=60) and high == pytest.approx(3071, abs=60)


def test_the_first_of_several_windows_is_used(make: Make) -> None:
    several = make(WindowCenter=[2048, 100], WindowWidth=[2048, 50])
    assert several.facts == make(WindowCenter=2048, WindowWidth=2048).facts


def test_linear_and_linear_exact_differ_as_the_standard_has_it(make: Make) -> None:
    for function, expected in (
        (None, (2047.5, 2047)),
        ("LINEAR", (2047.5, 2047)),
        ("LINEAR_EXACT", (2048, 2048)),
    ):
        extra = {"VOILUTFunction": function} if function else {}
        assert make(WindowCenter=2048, WindowWidth=2048, **extra).facts.center_width == expected


def test_a_sigmoid_keeps_the_order_and_the_middle(make: Make) -> None:
    found = make(WindowCenter=2048, WindowWidth=1500, VOILUTFunction="SIGMOID")
    seen = found.intensities()
    assert np.all(np.diff(seen, axis=1) >= 0)
    assert np.interp(2048, found.pixels[48], seen[48]) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    "center,width",
    [(2048, 0), (2048, -50), (90000, 10), (0, 1), (40, 400), (2048, 4_000_000)],
    ids=["zero", "negative", "far", "single", "of CT", "endless"],
)
def test_absurd_windows_are_ignored(make: Make, center: float, width: float) -> None:
    assert np.allclose(make(WindowCenter=center, WindowWidth=width).intensities(), make().intensities())


@pytest.mark.parametrize("width", [5000, 16384, 65536])
def test_a_wide_window_takes_no_contrast_away(make: Make, width: int) -> None:
    assert np.allclose(make(WindowCenter=2048, WindowWidth=width).intensities(), make().intensities())


def test_a_window_without_a_width_is_ignored(make: Make) -> None:
    assert make(WindowCenter=2048).facts.window is None


# A VOI LUT, where there is no window


def lut(*, falls: bool, low: int = 1000, high: int = 3000) -> Dataset:
    """Of 12 bits, from black to white (or back) between two values."""
    values = np.clip((np.arange(4096) - low) / (high - low), 0, 1) * 65535
    made = Dataset()
    made.LUTDescriptor = [4096, 0, 16]
    made.add_new("LUTData", "OW", (65535 - values if falls else values).astype("<u2").tobytes())
    return made


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_a_falling_lut_shows_high_values_dark(make: Make, photometric: str) -> None:
    """As a negative: what MONOCHROME1 says is turned around by it (PS3.3 C.11.2.1.1, C.7.6.3.1.2)."""
    rising, falling = (
        make(PhotometricInterpretation=photometric, VOILUTSequence=[lut(falls=falls)])
        for falls in (False, True)
    )
    assert (rising.inverted, falling.inverted) == (
        photometric == "MONOCHROME1",
        photometric == "MONOCHROME2",
    )
    for found in (rising, falling):
        assert found.facts.center_width == pytest.approx((2000, 1960), abs=2)
    assert np.allclose(falling.intensities(), 1 - rising.intensities(), atol=1e-3)


def test_a_window_goes_before_a_lut(make: Make) -> None:
    found = make(WindowCenter=2048, WindowWidth=2048, VOILUTSequence=[lut(falls=True)])
    assert not found.inverted and found.facts.window == (1024, 3071)


# Spacing


@pytest.mark.parametrize(
    "attributes,expected",
    [
        ({}, None),
        ({"PixelSpacing": [0.2, 0.1]}, (0.2, 0.1)),
        ({"ImagerPixelSpacing": [0.3, 0.15]}, (0.3, 0.15)),
        ({"PixelSpacing": [0.2, 0.1], "ImagerPixelSpacing": [0.3, 0.15]}, (0.2, 0.1)),
        ({"PixelSpacing": [0, 0], "ImagerPixelSpacing": [0.3, 0.15]}, (0.3, 0.15)),
        ({"PixelSpacing": [0, 0]}, None),
        ({"PixelSpacing": [-0.2, 0.1]}, None),
        ({"PixelSpacing": [0.2, 0]}, None),
        ({"PixelSpacing": 0.2}, None),
        ({"PixelSpacing": ""}, None),
    ],
)
def test_spacing_comes_from_the_attributes_that_calibrate_it(
    make: Make, attributes: dict[str, Any], expected: tuple[float, float] | None
) -> None:
    assert make(**attributes).spacing == expected


@pytest.mark.parametrize(
    "stated,expected",
    [
        ("", None),
        (["L", "F"], ("L", "F")),
        (["r ", "H"], ("R", "H")),
        ("L", None),
        (["L", "F", "A"], None),
        (["L", "ROE^JANE"], None),
    ],
)
def test_the_patients_orientation(make: Make, stated: Any, expected: tuple[str, str] | None) -> None:
    facts = make(PatientOrientation=stated).facts
    assert (facts.orientation, facts.source) == (expected, "DICOM")


# Warnings


def test_a_frontal_chest_has_no_warning(make: Make) -> None:
    assert make().warnings == ()
    bare = {"BodyPartExamined": None, "ViewPosition": None, "PatientOrientation": None}
    assert make(**bare).warnings == ()
    for part in ("THX", "LUNG", "CHEST PORTABLE"):
        assert make(BodyPartExamined=part).warnings == ()
    for view in ("AP", "LLD", "BILAT"):
        assert make(ViewPosition=view).warnings == ()


@pytest.mark.parametrize(
    "attributes,word",
    [
        ({"ViewPosition": "LL"}, "lateral"),
        ({"ViewPosition": "RL"}, "lateral"),
        ({"ViewPosition": "LATERAL"}, "lateral"),
        ({"ViewPosition": "LLAT"}, "lateral"),
        ({"ViewPosition": "RLAT"}, "lateral"),
        ({"ViewPosition": "LATERAL L"}, "lateral"),
        ({"ViewPosition": "LLO"}, "lateral"),
        ({"PatientOrientation": ["A", "F"]}, "lateral"),
        ({"PatientOrientation": ["P", "F"], "ViewPosition": None}, "lateral"),
        ({"BodyPartExamined": "KNEE"}, "body part"),
    ],
)
def test_warnings_name_the_matter_and_no_patient(make: Make, attributes: dict[str, Any], word: str) -> None:
    (warning,) = make(**attributes).warnings
    assert word in warning
    assert not any(part in warning for part in (*PATIENT.split("^"), "4711"))


def test_the_detectors_flip_is_no_mirrored_image(make: Make) -> None:
    assert make(FieldOfViewHorizontalFlip="YES").warnings == ()


def test_a_lateral_view_by_its_code(make: Make) -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "399198007", "SCT", "right lateral"
    (warning,) = make(ViewPosition=None, ViewCodeSequence=[code]).warnings
    assert "lateral" in warning

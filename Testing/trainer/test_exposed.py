"""What shows no patient is black for the model, and pixels are square; the file stays as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cxradain.imaging.dicom_checks import MORE_BITS
from cxradain.imaging.exposed import content
from cxradain.imaging.image_facts import ImageFacts
from cxradain.imaging.letterbox import Letterbox
from cxradain.imaging.lungs import clean_probability, most_probable_labels
from cxradain.imaging.radiograph import Radiograph, read_radiograph
from cxradain.imaging.turn import TURNS
from cxradain.models.refinement import Evidence
from cxradain.models.segmenter import Segmenter
from dicom_files import Make, dataset, drawing, write
from small_models import chest

TOP, BOTTOM, LEFT, RIGHT = 12, 20, 9, 15
INSIDE = (slice(TOP, -BOTTOM), slice(LEFT, -RIGHT))


def framed(value: int, inside: np.ndarray | None = None) -> np.ndarray:
    """A drawing of 12 bits in a frame of one value."""
    inside = np.minimum(drawing(12), 4000) if inside is None else inside
    return np.pad(inside, ((TOP, BOTTOM), (LEFT, RIGHT)), constant_values=value)


RECTANGLE = {
    "ShutterShape": "RECTANGULAR",
    "ShutterUpperHorizontalEdge": TOP + 1,
    "ShutterLowerHorizontalEdge": TOP + 96,
    "ShutterLeftVerticalEdge": LEFT + 1,
    "ShutterRightVerticalEdge": LEFT + 80,
}
CORNERS = [(TOP + 1, LEFT + 1), (TOP + 1, LEFT + 80), (TOP + 96, LEFT + 80), (TOP + 96, LEFT + 1)]
POLYGON = {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [n for c in CORNERS for n in c]}


@pytest.mark.parametrize(
    ("frame", "attributes"),
    [
        (4095, {"PixelPaddingValue": 4095}),
        (4050, {"PixelPaddingValue": 4095, "PixelPaddingRangeLimit": 4050}),
        (4095, {"PixelPaddingValue": 4095, "RescaleSlope": 2, "RescaleIntercept": -7}),
        (1234, RECTANGLE),
        (4095, {name.replace("Shutter", "Collimator"): value for name, value in RECTANGLE.items()}),
        (4095, {}),  # a collimator's border that no header tells of
        (4095, {"PixelPaddingValue": 9}),
        (0, {"PhotometricInterpretation": "MONOCHROME1"}),
    ],
)
def test_what_shows_no_patient_is_black_and_takes_no_contrast(
    make: Make, frame: int, attributes: dict[str, Any]
) -> None:
    inside = np.minimum(np.clip(drawing(12), 200, None), 4000)
    read = make(pixels=framed(frame, inside), **attributes)
    alone = make(
        pixels=inside, **{k: v for k, v in attributes.items() if "Edge" not in k and "Shape" not in k}
    )
    seen = read.intensities()
    outside = np.ones(seen.shape, bool)
    outside[INSIDE] = False
    assert (seen[outside] == 0).all()
    assert np.allclose(seen[INSIDE], alone.intensities(), atol=0.01)
    slope, intercept = attributes.get("RescaleSlope", 1), attributes.get("RescaleIntercept", 0)
    assert np.array_equal(read.pixels, framed(frame, inside).astype(float) * slope + intercept), "as stored"


@pytest.mark.parametrize(
    ("kind", "frame", "padding", "limit"),
    [
        ("<u2", 64036, ("SS", -1500), None),
        ("<u2", 64036, ("SS", -2000), ("SS", -1000)),
        ("<u2", 64036, ("US", 63536), ("SS", -1000)),
        ("<i2", -1500, ("US", 64036), None),
        ("<i2", -1500, ("US", 63536), ("US", 64536)),
        ("<i2", -1500, ("SS", -2000), ("US", 64536)),
    ],
)
def test_padding_of_the_other_sign_is_padding(
    tmp_path: Path, kind: str, frame: int, padding: tuple[str, int], limit: tuple[str, int] | None
) -> None:
    """Two bytes read by another representation than the pixels'."""
    inside = np.clip(drawing(12), 200, 4000)
    pixels = np.full(framed(0, inside).shape, frame, kind)
    pixels[INSIDE] = inside
    made = dataset(pixels)
    made.add_new("PixelPaddingValue", *padding)
    if limit:
        made.add_new("PixelPaddingRangeLimit", *limit)
    made.save_as(tmp_path / "made.dcm", enforce_file_format=True)
    read = read_radiograph(tmp_path / "made.dcm")
    assert read.facts.padding == (frame, frame)
    seen = read.intensities()
    outside = np.ones(seen.shape, bool)
    outside[INSIDE] = False
    assert (seen[outside] == 0).all() and (seen[INSIDE] > 0).mean() > 0.99


def test_shutters_of_all_shapes_count_together(make: Make) -> None:
    circle = {"CenterOfCircularShutter": [61, 50], "RadiusOfCircularShutter": 30}
    seen = make(pixels=framed(900) + 9, **POLYGON).intensities()
    rows, columns = np.ogrid[: seen.shape[0], : seen.shape[1]]
    assert (seen[0] == 0).all() and (seen[INSIDE][1:-1, 1:-1] > 0).mean() > 0.99
    both = make(pixels=framed(900) + 9, **POLYGON | circle | {"ShutterShape": ["POLYGONAL", "CIRCULAR"]})
    distance = np.hypot(rows - 60, columns - 49)
    seen = both.intensities()
    assert (seen[distance > 31] == 0).all() and (seen[distance < 29] > 0).mean() > 0.99


@pytest.mark.parametrize(
    "attributes",
    [
        {"ShutterShape": "RECTANGULAR"},
        RECTANGLE | {"ShutterLowerHorizontalEdge": TOP + 2},
        {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [1, 1], "RadiusOfCircularShutter": 3},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 2, 3]},
        {"ShutterShape": "OVAL"},
        {"PixelPaddingValue": 9},
    ],
)
def test_a_damaged_shutter_or_padding_that_is_not_there_changes_nothing(
    make: Make, attributes: dict[str, Any]
) -> None:
    pixels = framed(900) + 10
    assert np.allclose(make(pixels=pixels, **attributes).intensities(), make(pixels=pixels).intensities())


def test_one_bright_side_is_the_abdomen_and_stays(make: Make) -> None:
    pixels = np.minimum(drawing(12), 4000)
    pixels[-20:] = 4095
    assert (make(pixels=pixels).intensities()[-20:] == 1).all()


@pytest.mark.parametrize("turn", TURNS)
def test_a_shutter_turns_with_its_image_and_shrinks_with_it(turn: Any, make: Make) -> None:
    read = make(pixels=framed(1234), **RECTANGLE)
    turned = replace(read, facts=replace(read.facts, turn=turn))
    assert np.array_equal(turn.undo(turned.upright().intensities()), read.intensities())
    coarse = turned.thinned(2, 3).upright().intensities()
    assert (turn.undo(coarse)[: TOP // 2 - 1] == 0).all() and (
        turn.undo(coarse)[TOP // 2 + 1, 6:20] > 0
    ).all()


def test_facts_with_shutter_and_pixels_that_are_not_square_come_back(make: Make) -> None:
    facts = make(pixels=framed(1), PixelAspectRatio=[1, 2], PixelPaddingValue=1, **RECTANGLE).facts
    assert facts.padding == (1, 1) and facts.pixel_aspect == 0.5 and len(facts.shutter) == 1
    assert ImageFacts.from_json(facts.to_json()) == facts
    huge = ({"window": [1e308, 1e308]}, {"window": [-1e308, 1e308]}, {"spacing": [1e-300, 1e300]})
    for damaged in ({"shutter": [[1, 2]]}, {"shutter": 3}, {"pixel_aspect": 0}, {"padding": ["a", 1]}, *huge):
        with pytest.raises(ValueError):
            ImageFacts.from_json(damaged)


@pytest.mark.parametrize("huge", [[1e-300, 1e300], [1e300, 1e-300]])
def test_numbers_that_cannot_be_reckoned_with_are_not_taken_from_a_header(huge: Any, make: Make) -> None:
    stated = {name: [f"{n:g}" for n in huge] for name in ("PixelSpacing", "PixelAspectRatio")}
    facts = make(pixels=framed(1), WindowCenter="1e308", WindowWidth="1.5e308", **stated).facts
    assert facts.spacing is None and facts.aspect == 1 and facts.window is None
    assert ImageFacts.from_json(facts.to_json()) == facts


# A chest that is small on its plate


@pytest.mark.parametrize("shade", ["least", "middle", "greatest"])
@pytest.mark.parametrize("turn", [TURNS[0], TURNS[5]])
def test_wide_borders_change_nothing_of_what_is_found(shade: str, turn: Any, models: Path) -> None:
    inside = chest()
    value = {"least": inside.min(), "middle": np.median(inside), "greatest": inside.max()}[shade]
    above, below, left, right = (round(share * len(inside)) for share in (0.4, 0.2, 0.1, 0.35))
    around = np.pad(inside, ((above, below), (left, right)), constant_values=inside.dtype.type(value))
    segmenter = Segmenter(device="cpu")
    alone = segmenter.predict(Radiograph(inside, "alone"), explain=True)
    facts = ImageFacts(turn=turn)
    stored = np.ascontiguousarray(turn.undo(around))
    small = segmenter.predict(Radiograph(stored, "small", facts), explain=True)
    for name in ("labels", "probability", "as_normal", "disagreement"):
        seen = turn.apply(getattr(small, name))
        assert np.array_equal(seen[above:-below, left:-right], getattr(alone, name)), name
        assert np.count_nonzero(seen) == np.count_nonzero(getattr(alone, name)), "nothing is found around it"
    assert small.quality is not None and alone.quality is not None
    moved = alone.quality.moved(above, left).turned_back(turn, around.shape)
    assert small.quality == moved
    canvas = small.canvas_probability
    assert np.allclose(canvas.sum(axis=0), 1, atol=1e-5)
    letterbox = small.radiograph.letterbox(canvas.shape[-1])
    again = most_probable_labels(letterbox.from_canvas(clean_probability(canvas)))
    assert (again == small.labels).mean() > 0.9, "clicks go on from the same masks, though on fewer pixels"


def test_narrow_borders_and_one_dark_side_stay(make: Make) -> None:
    for widths in (((9, 9), (9, 9)), ((0, 0), (20, 0))):
        pixels = np.pad(drawing(12), widths)
        assert content(make(pixels=pixels).intensities()) == (
            slice(0, pixels.shape[0]),
            slice(0, pixels.shape[1]),
        )


# Pixels that are not square


@pytest.mark.parametrize(
    ("attributes", "aspect"),
    [
        ({"PixelAspectRatio": ["1", "2"]}, 0.5),
        ({"PixelAspectRatio": ["3", "2"]}, 1.5),
        ({"PixelSpacing": [0.1, 0.2]}, 0.5),
        ({"PixelSpacing": [0.2, 0.2], "PixelAspectRatio": ["1", "2"]}, 1),
        ({"PixelSpacing": [0.143, 0.1435]}, 1),
        ({"PixelSpacing": [0.1, 20]}, 1),
        ({"PixelAspectRatio": ["0", "2"]}, 1),
        ({"PixelAspectRatio": ["1"]}, 1),
    ],
)
def test_the_sides_of_a_pixel(make: Make, attributes: dict[str, Any], aspect: float) -> None:
    assert make(**attributes).facts.aspect == pytest.approx(aspect)


def test_on_the_canvas_pixels_are_square_and_masks_are_on_the_files_grid(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    square = np.repeat(chest(), 2, axis=0)
    seen: list[np.ndarray] = []
    segmenter = Segmenter(device="cpu")
    predict = segmenter.backend.predict

    def noted(canvases: np.ndarray, *rest: Any) -> Any:
        seen.append(canvases[0])
        return predict(canvases, *rest)

    monkeypatch.setattr(segmenter.backend, "predict", noted)
    for turn in TURNS:
        flat = Radiograph(np.ascontiguousarray(turn.undo(chest())), "flat")
        aspect = 0.5 if turn.degrees % 180 else 2.0
        flat = replace(flat, facts=ImageFacts(turn=turn, pixel_aspect=aspect))
        labels = segmenter.predict(flat, quality=False).labels
        expected = segmenter.predict(Radiograph(square, "square"), quality=False).labels
        assert labels.shape == flat.shape
        assert np.abs(seen[-2] - seen[-1]).mean() < 0.02
        assert (np.repeat(turn.apply(labels), 2, axis=0) == expected).mean() > 0.97, turn


def test_a_letterbox_of_pixels_that_are_not_square() -> None:
    box = Letterbox((40, 60), 48, 3.0)
    assert box.inner == (48, 24)
    assert box.from_canvas(box.to_canvas(np.ones((40, 60)))).shape == (40, 60)
    with pytest.raises(ValueError):
        Letterbox((40, 60), 48, 0.0)


# What headers say in other words


def test_more_bits_than_the_header_says_are_kept_and_said(make: Make) -> None:
    read = make(pixels=drawing(12), BitsStored=10)
    assert read.warnings == (MORE_BITS,) and np.array_equal(read.pixels, drawing(12))
    assert make(pixels=drawing(12), BitsStored=12).warnings == ()


@pytest.mark.parametrize("written", ["monochrome1", "MONOCHROME1 ", "Monochrome1\0"])
def test_code_strings_are_taken_as_they_are_meant(make: Make, written: str) -> None:
    assert make(PhotometricInterpretation=written).inverted
    assert make(PresentationIntentType=" for processing").warnings != ()


@pytest.mark.parametrize(("name", "kind"), [("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")])
def test_pixels_of_floating_point_numbers_are_read(name: str, kind: str, tmp_path: Path) -> None:
    values = (drawing(12) / 4095).astype(kind)
    made = dataset(drawing(12), PixelData=None, **{name: values.tobytes()})
    made.BitsAllocated = 8 * values.itemsize
    made.save_as(tmp_path / "float.dcm", enforce_file_format=True)
    read = read_radiograph(tmp_path / "float.dcm")
    assert read.pixels.dtype == values.dtype and np.array_equal(read.pixels, values)


def test_a_written_file_keeps_its_pixels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", framed(4095), PixelPaddingValue=4095)
    assert np.array_equal(read_radiograph(path).pixels, framed(4095))


def test_a_click_lies_on_the_same_canvas_as_the_prediction(models: Path) -> None:
    flat = Radiograph(chest()[::2], "flat", ImageFacts(pixel_aspect=2.0))
    prediction = Segmenter(device="cpu").predict(flat, quality=False)
    evidence = Evidence(flat.intensities(), prediction.canvas_probability, flat.facts.aspect)
    assert evidence.letterbox == flat.letterbox(prediction.canvas_probability.shape[-1])
    seen = most_probable_labels(evidence.letterbox.from_canvas(clean_probability(evidence.probability)))
    assert np.array_equal(seen, prediction.labels)

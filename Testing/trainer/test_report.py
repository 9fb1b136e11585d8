"""The report page and its pictures: what is in them can be read back and counted."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from cxradain import DISCLAIMER
from cxradain.evaluation.pictures import (
    LUNG_COLORS,
    REFERENCE_COLOR,
    color_bar,
    color_scale,
    grayscale,
    heat_map,
    overlay,
)
from cxradain.evaluation.report import Picture, Report, summary_table
from cxradain.imaging.lungs import LEFT, RIGHT
from PIL import Image


def lungs() -> np.ndarray:
    drawn = np.zeros((120, 100), np.uint8)
    drawn[20:100, 10:45] = RIGHT
    drawn[20:100, 55:90] = LEFT
    return drawn


class Elements(HTMLParser):
    """Checks that elements close in order, and counts them."""

    VOID = frozenset({"meta", "img"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_well_formed_and_marked_not_for_diagnosis(tmp_path: Path) -> None:
    report = Report("Lungs", "Four radiographs.")
    report.heading("Pictures")
    report.row("First", [Picture(grayscale(np.eye(20)), "as read")], notes=["Calibrated."])
    report.table(["source", "dice", "n"], [["a", 0.91234, 3], ["b", float("nan"), None]], caption="Means")
    path = report.write(tmp_path / "deep" / "report.html")
    page = path.read_text(encoding="utf-8")
    seen = Elements(page).seen
    assert (seen.count("figure"), seen.count("img"), seen.count("tr"), seen.count("li")) == (1, 1, 3, 1)
    assert page.count(DISCLAIMER) == 2
    assert '<td>a</td><td class="number">0.912</td><td class="number">3</td>' in page
    assert page.count("&ndash;") == 2
    assert DISCLAIMER in Report("empty").html()
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert [found.name for found in path.parent.iterdir()] == ["report.html"]


def test_all_text_is_escaped() -> None:
    evil = "<script>alert(1)</script>\" onload='x' &"
    report = Report(evil, evil)
    report.heading(evil)
    report.paragraph(evil)
    report.row(evil, [Picture(grayscale(np.eye(4)), evil, alt=evil)], notes=[evil])
    report.table([evil], [[evil]], caption=evil)
    page = report.html()
    seen = Elements(page).seen
    assert "script" not in seen
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&#34; onload=&#39;x&#39; &amp;") == 12
    assert "onload='" not in page


def test_pictures_can_be_decoded_from_the_page() -> None:
    report = Report("t")
    scale = color_bar(64, 4)
    report.row("r", [Picture(scale, "exact", lossless=True), Picture(grayscale(np.eye(32)), "small")])
    kinds = re.findall(r'data:image/(\w+);base64,([^"]+)"', report.html())
    assert [kind for kind, _ in kinds] == ["png", "jpeg"]
    images = [Image.open(io.BytesIO(base64.b64decode(data))) for _, data in kinds]
    np.testing.assert_array_equal(np.asarray(images[0]), np.asarray(scale))
    assert (images[1].size, images[1].mode) == ((32, 32), "L")


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells in a table of 2 columns"):
        Report("t").table(["a", "b"], [["only one"]])


def test_metrics_become_a_table() -> None:
    numbers = {"mean": 0.5, "ci95": [0.25, 0.75], "p10": 0.125, "n": 4}
    nothing = {"mean": None, "ci95": [None, None], "p10": None, "n": 0}
    metrics = ("dice", "iou", "assd", "hd95")
    results = {
        "overall": {"union": dict.fromkeys(metrics, numbers)},
        "sources": {"there": {"left": dict.fromkeys(metrics, nothing)}},
    }
    columns, rows = summary_table(results)
    assert rows[0] == ["overall", "union", 0.5, "0.250 to 0.750", 0.125, 0.5, 50, 50, 4]
    report = Report("t")
    report.table(columns, rows)
    assert report.html().count("&ndash;") == 6


def test_outlines_lie_on_the_edges_and_both_lungs_are_lettered() -> None:
    drawn = lungs()
    picture = np.asarray(overlay(np.zeros(drawn.shape), drawn))
    for lung, (first, last) in ((RIGHT, (10, 44)), (LEFT, (55, 89))):
        color = np.array(LUNG_COLORS[lung], np.uint8)
        for column in (first, last):
            assert (picture[20:100, column] == color).all()
        inside = picture[21:99, first + 1 : last].any(axis=-1)
        assert 20 < inside.sum() < 300  # the letter, and no filling
    outside = picture[drawn == 0]
    assert not outside.any()


def test_a_reference_is_dashed() -> None:
    drawn = lungs()
    picture = np.asarray(overlay(np.zeros(drawn.shape), np.zeros_like(drawn), reference=drawn))
    white = (picture == REFERENCE_COLOR).all(axis=-1)
    assert not (white & (drawn == 0)).any()
    outline = 2 * (2 * 80 + 2 * 35) - 8
    assert 0.35 < white.sum() / outline < 0.65
    with pytest.raises(ValueError, match="reference"):
        overlay(np.zeros(drawn.shape), drawn, reference=drawn[1:])


def test_large_pictures_are_reduced_and_small_ones_left() -> None:
    assert grayscale(np.zeros((1000, 500)), longest=200).size == (100, 200)
    assert grayscale(np.zeros((100, 50)), longest=200).size == (50, 100)
    assert overlay(
        np.zeros((1200, 1000)), np.kron(lungs(), np.ones((10, 10), np.uint8)), longest=300
    ).size == (250, 300)
    assert heat_map(np.zeros((1000, 500)), over=np.zeros((1000, 500)), longest=200).size == (100, 200)


def test_heat_map_covers_its_range() -> None:
    values = np.array([[0.0, 0.5, 1.0, -3.0, 9.0, np.nan]])
    colors = np.asarray(heat_map(values))[0]
    scale = color_scale()
    np.testing.assert_array_equal(colors, [scale[0], scale[128], scale[255], scale[0], scale[255], [128] * 3])
    np.testing.assert_array_equal(np.asarray(heat_map(values * 4 + 2, low=2, high=6))[0, :3], colors[:3])
    with pytest.raises(ValueError, match="lower to a higher"):
        heat_map(values, low=1, high=1)


def test_equal_steps_of_the_scale_look_equally_large() -> None:
    from skimage.color import rgb2lab

    lab = rgb2lab(color_scale()[None] / 255.0)[0]
    steps = np.linalg.norm(np.diff(lab[::15], axis=0), axis=1)
    assert np.all(np.diff(lab[:, 0]) > -0.5) and lab[-1, 0] - lab[0, 0] > 70
    assert steps.max() / steps.min() < 2.0

"""An HTML page of pictures and tables in a single, self-contained file."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from PIL import Image

from .. import DISCLAIMER
from ..datasets import DatasetImage, read_mask
from ..files import write_text
from ..imaging.lungs import FLAG_TEXT
from ..imaging.radiograph import read_radiograph
from .evaluate import as_float
from .pictures import overlay

if TYPE_CHECKING:
    from ..models.segmenter import Segmenter

TEMPLATE = Path(__file__).with_name("report.html.jinja")


@dataclass(frozen=True)
class Picture:
    """A picture with its caption.

    alt: describes the picture to those who cannot see it; by default the caption. lossless: store PNG, for
        drawings and maps; otherwise JPEG, a fifth of the size for radiographs.
    """

    image: Image.Image
    caption: str
    alt: str = ""
    lossless: bool = False


class Report:
    """A page, built from top to bottom.

    All text is plain text and is escaped. The disclaimer is at the top and at the bottom of every page.
    """

    def __init__(self, title: str, lead: str = "") -> None:
        self.title = title
        self._parts: list[dict[str, Any]] = []
        if lead:
            self.paragraph(lead)

    def heading(self, text: str) -> None:
        self._parts.append({"kind": "heading", "text": text})

    def paragraph(self, text: str) -> None:
        self._parts.append({"kind": "paragraph", "text": text})

    def row(self, title: str, pictures: Sequence[Picture], notes: Sequence[str] = ()) -> None:
        """Add pictures that belong together, side by side if there is room, with a title and notes."""
        self._parts.append(
            {"kind": "row", "title": title, "notes": notes, "pictures": [_embedded(p) for p in pictures]}
        )

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> None:
        """Add a table; floats have three decimals, nan and None are a dash.

        Raises:
            ValueError: a row has more or fewer cells than there are columns.
        """
        for cells in rows:
            if len(cells) != len(columns):
                raise ValueError(f"{len(cells)} cells in a table of {len(columns)} columns: {list(cells)}")
        self._parts.append(
            {
                "kind": "table",
                "caption": caption,
                "columns": columns,
                "numeric": [_numeric([cells[at] for cells in rows]) for at in range(len(columns))],
                "rows": [[_cell(value) for value in cells] for cells in rows],
            }
        )

    def html(self) -> str:
        """The complete page."""
        environment = Environment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
        return template.render(title=self.title, notice=DISCLAIMER, parts=self._parts)

    def write(self, path: str | Path) -> Path:
        """Write the page atomically; returns its path."""
        return write_text(path, self.html())


def summary_table(results: dict[str, Any]) -> tuple[list[str], list[list[object]]]:
    """Columns and rows of the results of `evaluate` (or their JSON), for `Report.table`.

    One row for every source and region: the mean Dice with its 95 % interval and 10th percentile, and the
    means of the other metrics, distances in percent of the image's diagonal.
    """
    figures = ["Dice", "95 % interval", "10th percentile", "IoU", "ASSD %", "HD95 %"]
    columns = ["data", "region", *figures, "cases"]
    rows: list[list[object]] = []
    for name, part in {"overall": results["overall"], **results["sources"]}.items():
        for region, metrics in part.items():
            dice = metrics["dice"]
            ends = [as_float(end) for end in dice["ci95"]]
            interval = None if any(map(math.isnan, ends)) else f"{ends[0]:.3f} to {ends[1]:.3f}"
            iou, assd, hd95 = (as_float(metrics[metric]["mean"]) for metric in ("iou", "assd", "hd95"))
            measured = [as_float(dice["mean"]), interval, as_float(dice["p10"]), iou, 100 * assd, 100 * hd95]
            rows.append([name, region, *measured, dice["n"]])
    return columns, rows


def evaluation_page(results: dict[str, Any], cases: Sequence[DatasetImage], segmenter: Segmenter) -> Report:
    """The page of the results of `evaluate` or `evaluate_unlabelled` for these cases: tables, and outlines of
    the worst cases; without masks, of the cases with the largest disagreement, and of others."""
    report = Report(f"Evaluation on {results['split']}", f"Model {results['model']}, mode {results['mode']}.")
    by_id = {case.id: case for case in cases}

    def row(id: str, note: str, compare: bool) -> None:
        radiograph = read_radiograph(by_id[id].image)
        prediction = segmenter.predict(radiograph, results["mode"])
        reference, caption = None, "The model's outlines."
        if compare:
            mask, caption = read_mask(by_id[id]), "The model's outlines; dashed: the reference."
            reference = mask if mask.shape == radiograph.shape else None
        outlines = overlay(radiograph.intensities(), prediction.labels, reference)
        report.row(id, [Picture(outlines, caption)], [note, *(FLAG_TEXT[flag] for flag in prediction.flags)])

    if "overall" in results:
        report.table(*summary_table(results), "Distances in percent of the diagonal.")
        report.heading("The worst cases")
        for worst in results["worst"]:
            row(worst["id"], f"Dice {worst['union_dice']:.3f}", compare=True)
        return report
    flags = [[code, results["flags"][code]["mean"]] for code in ("any", *FLAG_TEXT)]
    report.table(["flag", "share of the radiographs"], flags)
    rows = [
        [name, *(results[name][key] for key in ("mean", "p50", "p90"))]
        for name in ("area_ratio", "disagreement")
    ]
    report.table(["", "mean", "median", "90th percentile"], rows)
    report.heading("Where teacher and student disagree most, and as many others")
    for id in _sample(results["cases"]):
        row(id, f"disagreement {results['cases'][id]['disagreement']:.3f}", compare=False)
    return report


def _sample(cases: dict[str, dict[str, Any]]) -> list[str]:
    """Twelve ids: the six with the largest disagreement, and six spread evenly over the rest."""
    ranked = sorted(cases, key=lambda id: cases[id]["disagreement"], reverse=True)
    rest = ranked[6:]
    return ranked[:6] + [rest[i * len(rest) // 6] for i in range(min(6, len(rest)))]


def _embedded(picture: Picture) -> dict[str, Any]:
    """A picture for the template: its bytes as a data URI, its size and texts."""
    buffer = io.BytesIO()
    kind = "png" if picture.lossless else "jpeg"
    if picture.lossless:
        picture.image.save(buffer, "PNG", optimize=True)
    else:
        opaque = picture.image.convert("L" if picture.image.mode == "L" else "RGB")
        opaque.save(buffer, "JPEG", quality=88, subsampling=0, optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width, height = picture.image.size
    return {
        "source": f"data:image/{kind};base64,{data}",
        "width": width,
        "height": height,
        "caption": picture.caption,
        "alt": picture.alt or picture.caption,
    }


def _numeric(cells: Sequence[object]) -> bool:
    """Whether a column is numeric: all its values are numbers or missing."""
    return any(cell is not None for cell in cells) and all(
        cell is None or isinstance(cell, (int, float)) for cell in cells
    )


def _cell(value: object) -> str | None:
    """A cell's text, None for a missing value."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return f"{value:.3f}" if isinstance(value, float) else str(value)

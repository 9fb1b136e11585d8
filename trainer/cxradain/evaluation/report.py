"""One HTML page of pictures and tables, complete in a single file that opens offline."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from PIL import Image

from .. import DISCLAIMER
from ..files import write_text
from .evaluate import as_float

TEMPLATE = Path(__file__).with_name("report.html.jinja")


@dataclass(frozen=True)
class Picture:
    """A picture with its caption.

    `alt` describes the picture to those who cannot see it; without it the caption does. `lossless` stores
    PNG, for drawings and maps; otherwise JPEG, a fifth of the size for radiographs.
    """

    image: Image.Image
    caption: str
    alt: str = ""
    lossless: bool = False


class Report:
    """A page built from top to bottom.

    All text is plain text and is escaped. "For research, not for diagnosis." stands at the top and at the
    foot of every page.
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
        """Pictures that belong together, side by side where there is room, with a title and notes."""
        self._parts.append(
            {"kind": "row", "title": title, "notes": notes, "pictures": [_embedded(p) for p in pictures]}
        )

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> None:
        """A table; floats show three decimals and nan or None a dash.

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
        """The whole page."""
        environment = Environment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
        return template.render(title=self.title, notice=DISCLAIMER, parts=self._parts)

    def write(self, path: str | Path) -> Path:
        """Write the page, replacing an older one in one step; returns its path."""
        return write_text(path, self.html())


def summary_table(results: dict[str, Any]) -> tuple[list[str], list[list[object]]]:
    """Columns and rows of a table of what `evaluate` returned (or its JSON), for `Report.table`.

    One row for every source and region: the mean Dice with its 95 % interval and 10th percentile, and the
    means of the other metrics, distances in percent of the diagonal.
    """
    columns = [
        "data",
        "region",
        "Dice",
        "95 % interval",
        "10th percentile",
        "IoU",
        "ASSD %",
        "HD95 %",
        "cases",
    ]
    rows: list[list[object]] = []
    for name, part in {"overall": results["overall"], **results["sources"]}.items():
        for region, metrics in part.items():
            dice = metrics["dice"]
            ends = [as_float(end) for end in dice["ci95"]]
            interval = None if any(map(math.isnan, ends)) else f"{ends[0]:.3f} to {ends[1]:.3f}"
            distances = [100 * as_float(metrics[metric]["mean"]) for metric in ("assd", "hd95")]
            overlaps = [as_float(dice["p10"]), as_float(metrics["iou"]["mean"])]
            rows.append([name, region, as_float(dice["mean"]), interval, *overlaps, *distances, dice["n"]])
    return columns, rows


def _embedded(picture: Picture) -> dict[str, Any]:
    """What the template shows of a picture: its bytes as a data URI, size and texts."""
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
    """Whether a column is set as numbers: all that is in it is a number or missing."""
    return any(cell is not None for cell in cells) and all(
        cell is None or isinstance(cell, (int, float)) for cell in cells
    )


def _cell(value: object) -> str | None:
    """A cell's text, None where its value is missing."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return f"{value:.3f}" if isinstance(value, float) else str(value)

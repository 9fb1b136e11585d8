"""One HTML page of pictures and tables, complete in a single file that opens offline."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from ..datasets import Case, read_mask
from ..files import write_text
from ..imaging.lungs import FLAG_TEXT
from ..imaging.radiograph import read_radiograph
from .pictures import overlay

if TYPE_CHECKING:
    from ..models.segmenter import Segmenter

NOT_FOR_DIAGNOSIS = "For research, not for diagnosis."

# Nothing is loaded and nothing runs: pictures are in the page, and there is no script.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

STYLE = """
:root { color-scheme: light dark; --page: #fff; --text: #1b1f24; --faint: #57606a; --line: #d0d7de;
  --card: #f6f8fa; --notice: #7a4b00; --notice-back: #fff4db; }
@media (prefers-color-scheme: dark) { :root { --page: #111417; --text: #e6e8ea; --faint: #a2abb4;
  --line: #343b42; --card: #1a1f24; --notice: #ffd58a; --notice-back: #33280f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem); max-width: 90rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.2rem; }
h3 { margin: 0; font-size: 1rem; }
.notice { padding: .5rem .8rem; border-left: .3rem solid; color: var(--notice);
  background: var(--notice-back); font-weight: 600; }
.row { margin: 1rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--card); }
.row ul { margin: .3rem 0 0; padding-left: 1.2rem; }
.pictures { display: grid; gap: 1rem; margin-top: .8rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); }
figure { margin: 0; max-width: 40rem; }
img { display: block; width: 100%; height: auto; border-radius: .25rem; }
figcaption, caption, footer { color: var(--faint); font-size: .875rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .5rem 0 1rem; font-variant-numeric: tabular-nums;
  overflow-wrap: normal; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; }
footer { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--line); }
@media print { .row { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class Picture:
    """A picture with its caption.

    `alt` says what is to be seen, for those who cannot see it; without it the caption does. `lossless`
    stores PNG, for drawings and maps; otherwise JPEG, a fifth of the size for radiographs.
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
        self._parts: list[str] = []
        if lead:
            self.paragraph(lead)

    def heading(self, text: str) -> None:
        self._parts.append(f"<h2>{escape(text)}</h2>")

    def paragraph(self, text: str) -> None:
        self._parts.append(f"<p>{escape(text)}</p>")

    def row(self, title: str, pictures: Sequence[Picture], notes: Sequence[str] = ()) -> None:
        """Pictures that belong together, side by side where there is room, with a title and notes."""
        listed = f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in notes)}</ul>" if notes else ""
        shown = "".join(_figure(picture) for picture in pictures)
        frame = f'<div class="pictures">{shown}</div>'
        self._parts.append(f'<section class="row"><h3>{escape(title)}</h3>{listed}{frame}</section>')

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> None:
        """A table; floats show three decimals and nan or None a dash.

        Raises:
            ValueError: a row has more or fewer cells than there are columns.
        """
        for cells in rows:
            if len(cells) != len(columns):
                raise ValueError(f"{len(cells)} cells in a table of {len(columns)} columns: {list(cells)}")
        kinds = [
            ' class="number"' if _numeric([cells[at] for cells in rows]) else "" for at in range(len(columns))
        ]
        head = "".join(
            f'<th scope="col"{kind}>{escape(name)}</th>' for name, kind in zip(columns, kinds, strict=True)
        )
        body = ""
        for cells in rows:
            shown = (f"<td{kind}>{_cell(cell)}</td>" for cell, kind in zip(cells, kinds, strict=True))
            body += f"<tr>{''.join(shown)}</tr>"
        label = f"<caption>{escape(caption)}</caption>" if caption else ""
        content = f"{label}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        self._parts.append(f'<div class="scroll"><table>{content}</table></div>')

    def html(self) -> str:
        """The whole page."""
        content = "\n".join(self._parts)
        return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(self.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<header><h1>{escape(self.title)}</h1><p class="notice">{NOT_FOR_DIAGNOSIS}</p></header>
<main>
{content}
</main>
<footer>{NOT_FOR_DIAGNOSIS}</footer>
</body>
</html>
"""

    def write(self, path: str | Path) -> Path:
        """Write the page, replacing an older one in one step; returns its path."""
        write_text(path, self.html())
        return Path(path)


def figures(results: dict[str, Any]) -> tuple[list[str], list[list[object]]]:
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
            ends = [_number(end) for end in dice["ci95"]]
            interval = None if any(map(math.isnan, ends)) else f"{ends[0]:.3f} to {ends[1]:.3f}"
            distances = [100 * _number(metrics[metric]["mean"]) for metric in ("assd", "hd95")]
            overlaps = [_number(dice["p10"]), _number(metrics["iou"]["mean"])]
            rows.append([name, region, _number(dice["mean"]), interval, *overlaps, *distances, dice["n"]])
    return columns, rows


def evaluation_page(results: dict[str, Any], cases: Sequence[Case], segmenter: Segmenter) -> Report:
    """The page of what `evaluate` or `evaluate_unlabelled` returned for these cases: figures, and outlines of
    the worst cases; without masks, of those where teacher and student disagree most, and of others."""
    report = Report(f"Evaluation on {results['split']}", f"Model {results['model']}, mode {results['mode']}.")
    by_id = {case.id: case for case in cases}
    if "overall" not in results:
        rows = [[code, results["flags"][code]["mean"]] for code in ("any", *FLAG_TEXT)]
        report.table(["flag", "share of the radiographs"], rows)
        rows = [
            [name, *(results[name][key] for key in ("mean", "p50", "p90"))]
            for name in ("area_ratio", "disagreement")
        ]
        report.table(["", "mean", "median", "90th percentile"], rows)
        report.heading("Where teacher and student disagree most, and as many others")
        for id in _sample(results["cases"]):
            radiograph = read_radiograph(by_id[id].image)
            prediction = segmenter.predict(radiograph, results["mode"])
            outlines = Picture(overlay(radiograph.intensities(), prediction.labels), "The model's outlines.")
            notes = [f"disagreement {results['cases'][id]['disagreement']:.3f}"]
            report.row(id, [outlines], notes + [FLAG_TEXT[flag] for flag in prediction.flags])
        return report
    report.table(*figures(results), "Distances in percent of the diagonal.")
    report.heading("The worst cases")
    for case in (by_id[row["id"]] for row in results["worst"]):
        radiograph = read_radiograph(case.image)
        prediction = segmenter.predict(radiograph, results["mode"])
        reference, gray = read_mask(case), radiograph.intensities()
        picture = overlay(gray, prediction.labels, reference if reference.shape == gray.shape else None)
        notes = [f"Dice {results['cases'][case.id]['union']['dice']:.3f}"]
        report.row(
            case.id,
            [Picture(picture, "The model's outlines; dashed: the reference.")],
            notes + [FLAG_TEXT[flag] for flag in prediction.flags],
        )
    return report


def _sample(cases: dict[str, dict[str, Any]]) -> list[str]:
    """Twelve ids: the six of most disagreement, and six spread evenly over the rest."""
    ranked = sorted(cases, key=lambda id: cases[id]["disagreement"], reverse=True)
    rest = ranked[6:]
    return ranked[:6] + [rest[i * len(rest) // 6] for i in range(min(6, len(rest)))]


def _number(value: float | None) -> float:
    """A null of the JSON is nan again."""
    return math.nan if value is None else float(value)


def _figure(picture: Picture) -> str:
    buffer = io.BytesIO()
    if picture.lossless:
        kind = "png"
        picture.image.save(buffer, "PNG", optimize=True)
    else:
        kind = "jpeg"
        picture.image.convert("L" if picture.image.mode == "L" else "RGB").save(
            buffer, "JPEG", quality=88, subsampling=0, optimize=True
        )
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width, height = picture.image.size
    caption, alt = escape(picture.caption), escape(picture.alt or picture.caption)
    return (
        f'<figure><img src="data:image/{kind};base64,{data}" width="{width}" height="{height}" alt="{alt}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _numeric(cells: Sequence[object]) -> bool:
    """Whether a column is set as numbers: all that is in it is a number or missing."""
    return any(cell is not None for cell in cells) and all(
        cell is None or isinstance(cell, (int, float)) for cell in cells
    )


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "&ndash;"
    if isinstance(value, float):
        return f"{value:.3f}"
    return escape(str(value))

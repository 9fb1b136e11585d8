"""Export as COCO: images as PNG, annotations as run lengths and as polygons.

https://cocodataset.org/#format-data
"""

from __future__ import annotations

import json

import numpy as np

from .. import DISCLAIMER
from ..imaging.image_data import bounding_box
from ..imaging.lungs import LUNG_NAMES
from ..imaging.raster_files import png_bytes
from .export import ExportItem, SessionExport, manifest_row, png_pixels


def export_coco(export: SessionExport, items: list[ExportItem]) -> int:
    """Write `images/ID.png`, `instances_rle.json` and `instances_polygons.json`; returns the number of
    images.

    Run lengths are exact. Polygons are outlines along pixel edges, with holes filled, as COCO's polygons have
    none.
    """
    rows: list[dict[str, object]] = []
    images: list[dict[str, object]] = []
    annotations: dict[str, list[dict[str, object]]] = {"rle": [], "polygons": []}
    for number, (item, image, labels) in enumerate(export.read(items), 1):
        pixels, values = png_pixels(image)
        file = f"{item.name}.png"
        export.write(f"images/{file}", png_bytes(pixels))
        height, width = labels.shape
        images.append({"id": number, "file_name": file, "height": height, "width": width})
        for lung in LUNG_NAMES:
            mask = labels == lung
            if not mask.any():
                continue
            y, x = bounding_box(mask)
            common = {
                "id": len(annotations["rle"]) + 1,
                "image_id": number,
                "category_id": lung,
                "area": int(mask.sum()),
                "bbox": [x.start, y.start, x.stop - x.start, y.stop - y.start],
                "iscrowd": 0,
            }
            annotations["rle"].append(common | {"segmentation": run_lengths(mask)})
            annotations["polygons"].append(common | {"segmentation": polygons(mask)})
        rows.append(manifest_row(item) | {"mask": "", "values": values})
    for kind, listed in annotations.items():
        content = {
            "info": {"description": f"Right and left lung in chest radiographs. {DISCLAIMER}"},
            "licenses": [],
            "images": images,
            "categories": [
                {"id": lung, "name": name.english, "supercategory": "lung"}
                for lung, name in LUNG_NAMES.items()
            ],
            "annotations": listed,
        }
        export.write(f"instances_{kind}.json", (json.dumps(content) + "\n").encode())
    return export.finish("COCO annotations. The run lengths are exact; polygons fill holes.", rows)


def run_lengths(mask: np.ndarray) -> dict[str, list[int]]:
    """COCO's uncompressed run lengths of an (H, W) bool mask: column by column, zeros first."""
    flat = np.concatenate([[False], mask.T.ravel()])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    counts = np.diff(np.concatenate([[0], changes, [mask.size]]))
    return {"size": list(mask.shape), "counts": counts.tolist()}


def polygons(mask: np.ndarray) -> list[list[float]]:
    """The outline x, y, x, y, ... of each component; the first pixel covers 0 to 1."""
    from scipy import ndimage
    from skimage import measure

    filled = np.pad(ndimage.binary_fill_holes(mask), 1)
    outlines = measure.find_contours(filled.astype(np.float32), 0.5)
    # The mask is padded by one and has pixel centers at integers, where COCO has pixel corners.
    polygons = [np.flip(outline[:-1], 1) - 0.5 for outline in outlines]
    return [np.round(polygon, 2).ravel().tolist() for polygon in polygons if len(polygon) >= 3]

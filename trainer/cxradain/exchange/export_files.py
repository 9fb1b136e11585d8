"""Export as pairs of files: PNG as a data set (`datasets`), NIfTI with geometry, or nnU-Net v2."""

from __future__ import annotations

import json

from .. import DISCLAIMER
from ..imaging.itk_files import itk_image, write_itk_image
from ..imaging.lungs import BACKGROUND, LUNG_NAMES
from ..imaging.raster_files import png_bytes
from .export import ExportItem, SessionExport, as_monochrome2, manifest_row, png_pixels

PAIRS = "Radiographs in images, masks of the same name in masks."


def export_png(export: SessionExport, items: list[ExportItem]) -> int:
    """Write `images/ID.png`, `masks/ID.png` and a manifest; returns their number.

    Images of 8 and 16 bits keep their values, except that lungs are dark; others are scaled to 16 bits. Masks
    have the values 0, 1 and 2, which look black.
    """
    return export.finish(PAIRS, _write_png_pairs(export, items, "images/{}.png", "masks"))


def export_nifti(export: SessionExport, items: list[ExportItem]) -> int:
    """Write `images/ID.nii.gz`, `masks/ID.nii.gz` and a manifest; returns their number.

    Pixels keep their type and values, except that lungs are dark. Both have the source's geometry. Raises
    OSError.
    """
    rows = []
    for item, image, labels in export.read(items):
        place = item.image.placement
        for folder, pixels in (("images", as_monochrome2(image)), ("masks", labels)):
            volume = itk_image(pixels, place.spacing, place.origin, place.direction)
            write_itk_image(export.output / folder / f"{item.name}.nii.gz", volume)
        rows.append(manifest_row(item) | {"values": "inverted" if image.inverted else "as stored"})
    return export.finish(PAIRS, rows)


def export_nnunet(export: SessionExport, items: list[ExportItem]) -> int:
    """Write `imagesTr/ID_0000.png`, `labelsTr/ID.png` and `dataset.json`; returns the number of images.

    `splits_final.json` keeps the held-out patients for validation: copy it to the data set's folder in
    nnUNet_preprocessed. https://github.com/MIC-DKFZ/nnUNet/blob/master/documentation/dataset_format.md
    """
    rows = _write_png_pairs(export, items, "imagesTr/{}_0000.png", "labelsTr")
    lungs = {name.english.replace(" ", "_"): lung for lung, name in LUNG_NAMES.items()}
    description = {
        "channel_names": {"0": "radiograph"},
        "labels": {"background": BACKGROUND, **lungs},
        "numTraining": len(rows),
        "file_ending": ".png",
        "overwrite_image_reader_writer": "NaturalImage2DIO",
        "description": f"Right and left lung in chest radiographs. {DISCLAIMER}",
    }
    split = {
        place: [row["id"] for row in rows if (row["split"] == "validation") == (place == "val")]
        for place in ("train", "val")
    }
    export.write("dataset.json", (json.dumps(description, indent=1) + "\n").encode())
    export.write("splits_final.json", (json.dumps([split], indent=1) + "\n").encode())
    return export.finish(
        "A data set of nnU-Net v2. Name its folder Dataset, a number of three digits, _ and a name.", rows
    )


def _write_png_pairs(
    export: SessionExport, items: list[ExportItem], image_file: str, mask_folder: str
) -> list[dict[str, object]]:
    """Write images and masks as PNG; returns the rows of the manifest."""
    rows = []
    for item, image, labels in export.read(items):
        pixels, values = png_pixels(image)
        export.write(image_file.format(item.name), png_bytes(pixels))
        export.write(f"{mask_folder}/{item.name}.png", png_bytes(labels))
        rows.append(manifest_row(item) | {"mask": mask_folder, "values": values})
    return rows

"""A session as pairs of files: PNG, in the shared data set format, or NIfTI with its geometry."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import replace_atomically
from ..imaging.image_data import ImageFault
from ..imaging.itk_files import itk_path
from ..sessions.records import Placement
from .export import Case, Export, facts, gray, upright

if TYPE_CHECKING:
    import SimpleITK
import json

from .export import NOTE


def png(export: Export, cases: list[Case]) -> int:
    """`images/ID.png`, `masks/ID.png` and a manifest; returns how many were written.

    Images of 8 and 16 bits are as stored, but that lungs are dark; others are scaled to 16 bits. Masks have
    the values 0, 1 and 2, which look all black.
    """
    rows = []
    for case, found, labels in export.pixels(cases):
        image, values = gray(found)
        export.write(f"images/{case.name}.png", png_bytes(image))
        export.write(f"masks/{case.name}.png", png_bytes(labels))
        rows.append(facts(case) | {"values": values})
    export.finish("Radiographs in images, masks of the same name in masks.", rows)
    return len(rows)


def nifti(export: Export, cases: list[Case]) -> int:
    """`images/ID.nii.gz`, `masks/ID.nii.gz` and a manifest; returns how many were written.

    Pixels keep type and value, but that lungs are dark. Both have the geometry of the source.
    """
    rows = []
    for case, found, labels in export.pixels(cases):
        for folder, pixels in (("images", upright(found)), ("masks", labels)):
            path = export.output / folder / f"{case.name}.nii.gz"
            write_nifti(path, pixels, case.image.placement)
        rows.append(facts(case) | {"values": "inverted" if found.inverted else "as stored"})
    export.finish("Radiographs in images, masks of the same name in masks.", rows)
    return len(rows)


def png_bytes(pixels: np.ndarray) -> bytes:
    """A PNG of (H, W) uint8 or uint16."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def write_nifti(path: Path, pixels: np.ndarray, placement: Placement) -> None:
    """Write (H, W) pixels in their place. Raises OSError."""
    import SimpleITK as sitk

    image = on_grid(pixels, placement)
    try:
        replace_atomically(path, lambda temporary: sitk.WriteImage(image, itk_path(temporary), True))
    except RuntimeError as error:
        raise OSError(f"{path}: cannot be written ({error})") from error
    except ImageFault as fault:
        raise OSError(f"{path}: {fault}") from fault


def on_grid(pixels: np.ndarray, placement: Placement) -> SimpleITK.Image:
    """(H, W) pixels as ITK's image, of three axes where the placement has three."""
    import SimpleITK as sitk

    three = len(placement.spacing) == 3
    image = sitk.GetImageFromArray(pixels[None] if three else pixels)
    image.SetSpacing(placement.spacing)
    image.SetOrigin(placement.origin)
    image.SetDirection(placement.direction)
    return image


def nnunet(export: Export, cases: list[Case]) -> int:
    """Write the data set; returns how many cases it has.

    `splits_final.json` keeps the patients that are set aside for validation apart: copy it to the data set's
    folder below nnUNet_preprocessed, where nnU-Net looks for it.
    """
    rows = []
    for case, found, labels in export.pixels(cases):
        image, values = gray(found)
        export.write(f"imagesTr/{case.name}_0000.png", png_bytes(image))
        export.write(f"labelsTr/{case.name}.png", png_bytes(labels))
        rows.append(facts(case) | {"mask": "labelsTr", "values": values})
    description = {
        "channel_names": {"0": "radiograph"},
        "labels": {"background": 0, "right_lung": 1, "left_lung": 2},
        "numTraining": len(rows),
        "file_ending": ".png",
        "overwrite_image_reader_writer": "NaturalImage2DIO",
        "description": f"Right and left lung in chest radiographs. {NOTE}",
    }
    split = {
        place: [row["id"] for row in rows if (row["split"] == "validation") == (place == "val")]
        for place in ("train", "val")
    }
    export.write("dataset.json", (json.dumps(description, indent=1) + "\n").encode())
    export.write("splits_final.json", (json.dumps([split], indent=1) + "\n").encode())
    export.finish(
        "A data set of nnU-Net v2. Name its folder Dataset, a number of three digits, _ and a name.", rows
    )
    return len(rows)

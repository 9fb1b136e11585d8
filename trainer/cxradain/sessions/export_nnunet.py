"""A session as a data set of nnU-Net v2: `imagesTr`, `labelsTr`, `dataset.json`, and the split.

https://github.com/MIC-DKFZ/nnUNet/blob/master/documentation/dataset_format.md
"""

from __future__ import annotations

import json

from ..exchange.export import NOTE, Case, Export, facts, gray
from ..exchange.export_files import png_bytes


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

"""The bundled radiographs in Slicer's Sample Data module. They are on the disk: nothing is downloaded."""

from __future__ import annotations

import importlib.util
from csv import DictReader

from cxradain.model_folders import samples_folder
from slicer.i18n import tr as _

CATEGORY = "CXRAdaINSeg"
SHOWN = (".png", ".jpg", ".jpeg")  # what serves as its own thumbnail


def registerSampleRadiographs() -> None:
    """Register them where the application has the Sample Data module; each is named with who to thank."""
    if importlib.util.find_spec("SampleData") is None:
        return
    from SampleData import SampleDataLogic

    folder = samples_folder()
    SampleDataLogic.registerCustomSampleDataCategory(CATEGORY, _("Lungs in Chest Radiographs (CXRAdaINSeg)"))
    with (folder / "samples.csv").open(newline="", encoding="utf-8") as file:
        rows = list(DictReader(file))
    for row in rows:
        path = folder / row["file"]
        SampleDataLogic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=f"{row['finding']}, {row['view']} ({row['attribution']}; {row['licence']})",
            uris=path.as_uri(),
            fileNames=row["file"],
            nodeNames=row["id"],
            thumbnailFileName=str(path) if path.name.endswith(SHOWN) else None,
        )

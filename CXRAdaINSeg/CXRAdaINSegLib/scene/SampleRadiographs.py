"""The bundled radiographs in Slicer's Sample Data module. They are on the disk: nothing is downloaded.

A button has a short name of its own, by which `SampleData.downloadSample` finds it; whom to thank is in
`ATTRIBUTION.md` beside the radiographs.
"""

from __future__ import annotations

import importlib.util
from csv import DictReader

from cxradain.models.folders import samples_folder
from slicer.i18n import tr as _

CATEGORY = "CXRAdaINSeg"


def registerSampleRadiographs() -> None:
    """Register them where the application has the Sample Data module."""
    if importlib.util.find_spec("SampleData") is None:
        return
    from SampleData import SampleDataLogic

    folder = samples_folder()
    SampleDataLogic.registerCustomSampleDataCategory(CATEGORY, _("Lungs in Chest Radiographs (CXRAdaINSeg)"))
    with (folder / "samples.csv").open(newline="", encoding="utf-8") as file:
        rows = list(DictReader(file))
    for row in rows:
        SampleDataLogic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=row["name"],
            uris=(folder / row["file"]).as_uri(),
            fileNames=row["file"],
            nodeNames=row["id"],
            thumbnailFileName=str((folder / row["thumbnail"]).resolve()),
            # Without it a numbered file would be stacked with its neighbors in the cache to a false volume.
            loadFileProperties={"singleFile": True},
        )

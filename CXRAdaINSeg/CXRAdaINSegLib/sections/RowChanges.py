"""How a new version of a mask changes its image's row in the worklist, without listing all images again."""

from __future__ import annotations

from typing import Any

from cxradain.imaging.quality import MaskQuality
from cxradain.sessions.index import WorklistRow
from cxradain.sessions.records import APPROVED, AUTO, CORRECTED, FLAGGED, MODEL, Version
from cxradain.sessions.store import Session

from ..logic.LoadedImage import statusOf


def byVersion(session: Session, version: Version, reader: str) -> dict[str, Any]:
    """The fields of `WorklistRow` after the reader has saved a version; None: no change."""
    made = [each for each in session.versions(version.image) if each.reader != MODEL]
    return {
        "status": statusOf(version, reader),
        "reader": version.reader,
        "quality": version.quality.score if version.quality is not None else None,
        "seconds": sum(each.seconds for each in made if each.reader == reader),
        "readers": len({each.reader for each in made}),
    }


def byModel(
    session: Session, key: str, row: WorklistRow | None, quality: MaskQuality | None
) -> dict[str, Any]:
    """The changed fields of `WorklistRow` after a model made a mask in the background; a reader's mask, if
    there is one, keeps its status."""
    isModels = row is None or row.status not in (CORRECTED, APPROVED, FLAGGED)
    changes: dict[str, Any] = {"status": AUTO, "reader": MODEL} if isModels else {}
    made = [each for each in session.versions(key) if each.reader == MODEL]
    if quality is not None and made:
        changes |= {"quality": quality.score, "flags": " ".join((*made[-1].flags, *quality.flags))}
    return changes

"""What a new version of a mask changes in its image's row of the worklist, which is not listed anew."""

from __future__ import annotations

from typing import Any

from cxradain.imaging.quality import MaskQuality
from cxradain.sessions.index import WorklistRow
from cxradain.sessions.records import APPROVED, AUTO, CORRECTED, FLAGGED, MODEL, Version
from cxradain.sessions.store import Session

from ..logic.LoadedImage import statusOf


def byVersion(session: Session, version: Version, reader: str) -> dict[str, Any]:
    """By a version that the reader has made: fields of `WorklistRow`; None is no change."""
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
    """By a mask that a model has made in the background, which is not the reader's if there is one."""
    isModels = row is None or row.status not in (CORRECTED, APPROVED, FLAGGED)
    changes: dict[str, Any] = {"status": AUTO, "reader": MODEL} if isModels else {}
    made = [each for each in session.versions(key) if each.reader == MODEL]
    if quality is not None and made:
        changes |= {"quality": quality.score, "flags": " ".join((*made[-1].flags, *quality.flags))}
    return changes

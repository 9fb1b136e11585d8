"""Whether a mask that is called corrected is one: a person has changed the model's mask that it came from.

Nothing but the pixels proves that. Sessions may hold masks that were called corrected though another mode of
the model had made them, or though they had been reset to the model's; a round must not learn from those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .records import CORRECTED, MODEL, Version


def source_of(version: Version, versions: Sequence[Version]) -> Version | None:
    """The model's mask that a version came from, of all versions of its image, the oldest first.

    None where it was drawn from nothing, imported, or where that mask was not kept.
    """
    if version.reader == MODEL:
        return version
    made = [v for v in versions if v.reader == MODEL and _model_of(v) == _model_of(version)]
    if version.model_id is None or not made:
        return None
    by_id = {v.id: v for v in versions}
    before, seen = by_id.get(version.base or ""), {version.id}
    while before is not None and before.id not in seen:
        if before in made:
            return before
        seen.add(before.id)
        before = by_id.get(before.base or "")
    return made[-1]


def unproven(versions: Sequence[Version], are_equal: Callable[[Version, Version], bool]) -> list[Version]:
    """Of an image's versions, the oldest first, the readers' newest that are called corrected without proof.

    Such a version has the pixels of a mask that a model made. Or its model's mask was not kept, to compare it
    with, and no tool or click of a person is recorded.

    are_equal: whether two versions have the same pixels.
    """
    newest = {version.reader: version for version in versions}
    made = [version for version in versions if version.reader == MODEL]
    found = []
    for version in newest.values():
        if version.status != CORRECTED:
            continue
        acted = version.model_id is None or version.tools or version.clicks
        compared = any(_model_of(each) == _model_of(version) for each in made)
        if any(are_equal(version, each) for each in made) or not (acted or compared):
            found.append(version)
    return found


def _model_of(version: Version) -> tuple[str | None, str | None]:
    return version.model_hash, version.mode

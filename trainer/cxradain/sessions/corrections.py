"""Whether a mask of status "corrected" really is one: a person changed the model's mask from which it was
made.

Only the pixels prove that. Sessions may hold masks that are called corrected although another mode of the
model made them, or although they were reset to the model's; a round must not learn from those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .records import CORRECTED, MODEL, Version


def source_of(version: Version, versions: Sequence[Version]) -> Version | None:
    """The model's mask from which a version was made, among all versions of its image from the oldest on.

    None if it was drawn from scratch or imported, or if that mask was not kept.
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
    """The readers' newest versions that are called corrected without proof, among an image's versions from
    the oldest on.

    Such a version has the pixels of a model's mask; or its model's mask was not kept for comparison, and no
    tool or click is recorded.

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

"""Which lung a segment is, from its codes (DICOM PS3.3 C.8.20.4, PS3.16) and its label.

Either a code for the right or left lung, or the code for a lung with a modifier for the side; on the
segment's type or on its anatomic region. DICOM segmentations and Slicer's segment tags use the same codes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..imaging.lungs import BACKGROUND, LEFT, LUNG_NAMES, RIGHT, lung_named_in, side_named_in

# SNOMED CT, and SNOMED RT in older files.
LUNGS = {code: lung for lung, name in LUNG_NAMES.items() for code in (name.snomed_ct, name.snomed_rt)}
ANY_LUNG = {"39607008", "T-28000"}
SIDES = {"24028007": RIGHT, "G-A100": RIGHT, "7771000": LEFT, "G-A101": LEFT}
# Tissue, organ, anatomical structure and body structure: the region says which.
GENERAL = {"", "85756007", "T-D0050", "113343008", "T-D0060", "91723000", "T-D0005", "123037004", "T-D000A"}
SNOMED = {"SCT", "SRT", "SNM3", "99SDM"}


@dataclass(frozen=True)
class Code:
    """A coded term (PS3.3 8.8): its value, the scheme that defines it, and its meaning in words."""

    value: str = ""
    scheme: str = ""
    meaning: str = ""

    @property
    def words(self) -> str:
        """The meaning, if its scheme is not one known here; otherwise ""."""
        return "" if self.scheme in SNOMED else self.meaning


@dataclass(frozen=True)
class SegmentNames:
    """A segment's type and anatomic region with their modifiers' code values, and its label."""

    type: Code
    type_modifiers: Collection[str]
    region: Code
    region_modifiers: Collection[str]
    label: str

    @property
    def lung(self) -> int:
        """RIGHT or LEFT by the codes, or else by the label; BACKGROUND if it is not a lung."""
        coded = self._coded_lung()
        if coded is not None:
            return coded
        return lung_named_in(f"{self.label} {self.type.words} {self.region.words}")

    @property
    def contradicts_itself(self) -> bool:
        """Whether label and codes name opposite sides."""
        coded, named = self._coded_lung(), side_named_in(self.label)
        return bool(coded) and named != BACKGROUND and named != coded

    def _coded_lung(self) -> int | None:
        """The lung by the codes; BACKGROUND for anything but a lung, None if they are inconclusive."""
        type, region = self.type.value, self.region.value
        if type in LUNGS:
            return LUNGS[type]
        if type in ANY_LUNG or (type in GENERAL and (region in LUNGS or region in ANY_LUNG)):
            if region in LUNGS:
                return LUNGS[region]
            sides = {SIDES[code] for code in (*self.type_modifiers, *self.region_modifiers) if code in SIDES}
            return sides.pop() if len(sides) == 1 else None
        if type in GENERAL or self.type.scheme not in SNOMED:
            return None
        return BACKGROUND

"""What is packaged is what is there."""

from __future__ import annotations

import re

from places import ROOT

MODULE = ROOT / "CXRAdaINSeg"


def listed(variable: str) -> set[str]:
    text = (MODULE / "CMakeLists.txt").read_text(encoding="utf-8")
    found = re.search(rf"set\({variable}\n(.*?)\)", text, re.DOTALL).group(1)
    return {
        line.strip().replace("${MODULE_NAME}", "CXRAdaINSeg") for line in found.splitlines() if line.strip()
    }


def test_every_script_and_resource_is_listed_for_packaging():
    scripts = {str(path.relative_to(MODULE).as_posix()) for path in MODULE.rglob("*.py")}
    assert listed("MODULE_PYTHON_SCRIPTS") == scripts
    resources = {str(path.relative_to(MODULE).as_posix()) for path in (MODULE / "Resources").rglob("*.*")}
    assert listed("MODULE_PYTHON_RESOURCES") == resources

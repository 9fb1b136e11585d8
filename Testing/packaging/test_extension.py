"""The extension as catalog and package see it: what CMake says, what is installed, and that it runs there."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cxradain.setup.environment import SETS

ROOT = Path(__file__).resolve().parents[2]
MODULES = Path("lib", "Slicer-5.12", "qt-scripted-modules")
TOP = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")


def metadata(build: Path) -> dict[str, str]:
    lines = (build / "metadata.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def catalog() -> dict:
    return json.loads((ROOT / "CXRAdaINSeg.json").read_text(encoding="utf-8"))


def test_cmake_metadata_agrees_with_the_catalog_entry(build):
    said, entry = metadata(build), catalog()
    assert said["DEPENDS"] == "NA" and entry["build_dependencies"] == []
    assert said["CATEGORY"] == entry["category"] and said["TIER"] == str(entry["tier"])
    assert entry["scm_url"] == said["HOMEPAGE"] + ".git"
    assert Path(said["LICENSE_FILE"]) == ROOT / "LICENSE.txt"
    assert Path(said["README_FILE"]) == ROOT / "README.md"
    assert "not for diagnosis" in said["DESCRIPTION"] and all(said.values())


def test_project_name_icon_and_screenshots_match_the_patterns_of_the_index():
    """The patterns of the index's own checks: project name, icon and screenshots each on one line."""
    assert re.search(r"project\((\w+)", TOP).group(1) == "CXRAdaINSeg"
    icon = re.search(r'set\(EXTENSION_ICONURL "(http[^"]+)"', TOP).group(1)
    pictures = re.search(r'set\(EXTENSION_SCREENSHOTURLS "(http[^"]+)"', TOP).group(1).split()
    for address in (icon, *pictures):
        path = ROOT / address.split("/main/", 1)[1]
        assert path.is_file(), f"{address} shows a file that is not there"
    raw = (ROOT / "CXRAdaINSeg.json").read_bytes()
    assert b"\r" not in raw


def test_cmake_demands_what_slicer_demands():
    """A CMake that Slicer refuses is refused at once (UseSlicerMacros.cmake:1 of 5.12 and 5.13)."""
    first = next(line for line in TOP.splitlines() if not line.startswith("#"))
    assert first == "cmake_minimum_required(VERSION 3.28.0...3.28.0 FATAL_ERROR)"


def test_the_catalog_entry_has_the_keys_of_its_schema():
    entry = catalog()
    assert "schema-v1.0.2" in entry["$schema"], "the first to know dicom_support_rule"
    allowed = {"$schema", "build_dependencies", "build_subdirectory", "category", "dicom_support_rule"}
    allowed |= {"enabled", "scm_revision", "scm_type", "scm_url", "tier"}
    assert {"$schema", "category", "scm_url"} <= entry.keys() <= allowed
    assert entry["scm_url"].startswith("https://")
    assert entry["scm_url"].rsplit("/", 1)[1].startswith("Slicer")


def test_the_dicom_support_rule_names_what_the_dicom_plugin_offers():
    """Alternatives of SOP classes, in the syntax of the PyPI package rule-engine."""
    alternatives = catalog()["dicom_support_rule"].split(" or ")
    classes = [re.fullmatch(r"SOPClassUID == '([\d.]+)'", each).group(1) for each in alternatives]
    source = (ROOT / "CXRAdaINSeg" / "CXRAdaINSegLib" / "scene" / "DicomRadiographs.py").read_text("utf-8")
    offered = re.search(r"^RADIOGRAPHS = \((.*?)^\)", source, re.MULTILINE | re.DOTALL).group(1)
    assert classes == re.findall(r'"([\d.]+)"', offered)


def test_extension_meets_the_requirements_of_tier_3():
    """Of the index's list, what a program can look up; its conventions are Testing/panel's to prove."""
    assert catalog()["tier"] == 3
    pages = [ROOT / "README.md", *sorted((ROOT / "Docs").glob("*.md"))]
    page = next(p for p in pages if re.search(r"(?im)^#+ .*tutorial", p.read_text(encoding="utf-8")))
    tutorial = page.read_text(encoding="utf-8")
    pictures = [page.parent / found for found in re.findall(r"\]\(([^)]+\.webp)\)", tutorial)]
    assert len(pictures) >= 3 and all(picture.is_file() for picture in pictures), (
        "step by step, with pictures"
    )
    assert "Sample Data" in tutorial, "where its images come from"
    assert (ROOT / "LICENSE.txt").read_text(encoding="utf-8").lstrip().startswith("Apache License")


def test_importing_a_file_of_the_module_runs_nothing_and_needs_slicers_packages_alone():
    """The index's reviewers ask for both."""
    allowed = {"slicer", "qt", "ctk", "vtk", "SimpleITK", "numpy", "scipy", "cxradain", "CXRAdaINSegLib"}
    allowed |= {"DICOMLib"}  # whose class a DICOM plugin inherits from
    for path in (ROOT / "CXRAdaINSeg").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            assert not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)), path.name
            assert not isinstance(node, ast.For | ast.While | ast.With | ast.Try), path.name
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            roots = {name.split(".")[0] for name in names}
            assert roots <= allowed | sys.stdlib_module_names, path.name


def test_checkout_stays_small():
    """The index refuses 100 MB; with its history the project keeps well under."""
    listed = git("ls-files", "-z").split("\0")
    tracked = sum((ROOT / name).stat().st_size for name in listed if name and (ROOT / name).is_file())
    # What a clone brings: a checkout may hold packs twice, or branches of its own.
    assert tracked + int(git("rev-list", "--objects", "--disk-usage", "HEAD")) < 80e6


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


PACKAGE = (
    *("trainer/cxradain", "Resources/Models", "Resources/SampleData", "Resources/SampleMasks"),
    *("Resources/SampleThumbnails", "Resources/SampleCalibrated"),
)
REQUIREMENTS = {
    "run.txt",
    "train.txt",
    "lock.txt",
}  # not what only tests, the small window and developers need


def files_in(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def test_whole_module_is_installed_without_stray_files(installed):
    modules = {"CXRAdaINSeg.py", "DICOMChestRadiographPlugin.py"}  # 3D Slicer loads each as a module
    assert {path.name for path in installed.glob("*.py")} == modules
    assert_whole(installed / "CXRAdaINSegPackage")


def test_build_tree_has_the_whole_package(build):
    assert_whole(build / MODULES / "CXRAdaINSegPackage")


def assert_whole(package: Path) -> None:
    """All that the checkout has of it, without what Python left there."""
    for folder in PACKAGE:
        there = {path for path in files_in(ROOT / folder) if "__pycache__" not in path.parts}
        assert files_in(package / folder) == there
    assert files_in(package / "requirements") == {Path(name) for name in REQUIREMENTS}
    assert not list(package.rglob("__pycache__")) and not list(package.rglob("make_samples.py"))
    of_the_engine = {f"{name}.txt" for name in (*SETS["run"], *SETS["train"], "lock")}
    assert of_the_engine == REQUIREMENTS


RUN = """
import sys
from pathlib import Path
import embedded_slicer
from embedded_slicer import demo
desktop = embedded_slicer.boot([Path(sys.argv[1])], headless=True)
demo.load(desktop, Path(sys.argv[2]))
demo.segment(desktop)
print("MASKS", demo.wait_for_masks(desktop))
print("PACKAGE", sys.modules["cxradain"].__file__)
desktop.close()
"""


def test_the_installed_module_segments_in_the_desktop(installed):
    pytest.importorskip("slicer_core", reason="no slicer-core for this platform")
    sample = ROOT / "Resources" / "SampleData" / "v7cohen__53c9be49.jpg"
    # The tree that is installed stays as it was: other tests look at it.
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "desktop"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", RUN, str(installed / "CXRAdaINSeg.py"), str(sample)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert "MASKS True" in done.stdout, done.stdout + done.stderr
    assert str(installed) in re.search(r"PACKAGE (.*)", done.stdout).group(1)

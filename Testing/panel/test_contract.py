"""The contract of the module with 3D Slicer, desktop/embedded_slicer/contract.json, is what the module uses.

Each name is either real (slicer-core, VTK or Qt have it) or imitated, and then there stands by it how Python
reaches it in Slicer, and the place in Slicer's source where that was looked up. A name used and not listed
fails here, as does one listed and not used.

Of a class in C++, PythonQt gives Python its properties, slots, signals, what is Q_INVOKABLE, what a decorator
adds, and the enums that are declared to Qt; a class is "wrapped" where CTK's CMake/ctkWrapPythonQt.py makes
its constructor. Any other public method is out of reach.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from names_used import all_attributes, all_used, attributes, dotted, trees

CONTRACT = Path(__file__).resolve().parents[2] / "desktop" / "embedded_slicer" / "contract.json"


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    return json.loads(CONTRACT.read_text())


@cache
def imitations() -> tuple[type, ...]:
    """The classes of the desktop whose objects the module can hold: those it names, and those it is given."""
    import ctk
    import dicom_stand_in as dicom
    import slicer
    from embedded_slicer.app.application import qSlicerApplication
    from embedded_slicer.app.layout_manager import qSlicerLayoutManager
    from embedded_slicer.editor.effect import SegmentEditorEffect

    given = [qSlicerApplication, qSlicerLayoutManager, slicer.qMRMLSliceWidget, slicer.qMRMLSliceView]
    given += [dicom.ctkDICOMDatabase, dicom.DICOMPlugin, dicom.DICOMLoadable]
    if all_attributes() & {"effectByName", "activeEffect", "effectByIndex"}:
        given.append(SegmentEditorEffect)
    could = [*vars(slicer.qMRMLWidgets).values(), *(getattr(ctk, name) for name in ctk.__all__)]
    named = {name.split(".")[1] for name in all_used()}
    return tuple(dict.fromkeys([*given, *(each for each in could if each.__name__ in named)]))


def imitated_methods() -> set[str]:
    """Class.name for each attribute the module uses that an imitation defines, Qt's own left aside."""
    return {
        f"{cls.__name__}.{name}"
        for cls in imitations()
        for name in all_attributes() & set(vars(cls))
        if not name.startswith("_") and not name.endswith("Event") and "_" not in name  # a_b is its own
    }


def resolve(name: str) -> Any:
    """The object of a dotted name; "slicer.app.x" and "slicer.mrmlScene.x" on what is there."""
    first, *rest = name.split(".")
    found = sys.modules.get(first) or __import__(first)
    for part in rest:
        found = getattr(found, part)
    return found


def is_real(name: str) -> bool:
    """Whether slicer-core, VTK or Qt have it: no class or function of the desktop is on the way."""
    first, *rest = name.split(".")
    if first == "slicer" and rest[0] == "util":
        return True
    found = resolve(first)
    for part in rest:
        found = getattr(found, part)
        owner = inspect.getmodule(found) or inspect.getmodule(type(found))
        if owner is not None and owner.__name__.startswith(("embedded_slicer", "dicom_stand_in")):
            return False
    return True


def test_every_name_used_is_in_the_contract_and_none_more(window, contract) -> None:
    listed = set(contract["real"]) | {name for name in contract["imitated"] if name.split(".")[0].islower()}
    assert all_used() - listed == set(), "used, and not in the contract"
    assert listed - all_used() == set(), "in the contract, and not used"


def test_every_method_of_an_imitation_used_is_in_the_contract_and_none_more(window, contract) -> None:
    listed = {name for name in contract["imitated"] if name.split(".")[0] not in ("slicer", "ctk", "qt")}
    assert imitated_methods() - listed == set()
    assert listed - imitated_methods() == set()


def test_real_names_are_real_and_imitated_ones_are_not(window, contract) -> None:
    assert [name for name in contract["real"] if not is_real(name)] == []
    dotted = [name for name in contract["imitated"] if name.split(".")[0] in ("slicer", "ctk", "qt")]
    assert [name for name in dotted if is_real(name)] == []


def test_imitated_names_state_how_python_reaches_them_and_where_slicers_source_says_so(contract) -> None:
    reached = re.compile(
        r"(property|slot|Q_INVOKABLE|enum|wrapped): (CTK/)?[\w/-]+\.h:\d+"
        r"|decorator: (CTK/)?[\w/-]+PythonQtDecorators\.h:\d+"
        r"|Python: (Base/Python|Modules/Scripted)/[\w/]+\.py:\d+"
        r"|Qt: .+"
    )
    assert contract["version"].startswith("v5.12")
    assert [name for name, source in contract["imitated"].items() if not reached.fullmatch(source)] == []


def test_imitations_have_properties_and_methods_where_slicer_has_them(window, contract) -> None:
    classes = {cls.__name__: cls for cls in imitations()}
    kinds = {"property": False, "slot": True, "Q_INVOKABLE": True, "decorator": True}
    listed = {
        name: kinds[source.partition(":")[0]]
        for name, source in contract["imitated"].items()
        if name.split(".")[0] in classes and source.partition(":")[0] in kinds
    }
    assert len(listed) > 60
    for name, is_method in listed.items():
        cls, attribute = name.split(".")
        assert inspect.isfunction(inspect.getattr_static(classes[cls], attribute)) == is_method, name


def test_imitations_have_no_members_that_nobody_uses(window) -> None:
    """Neither the module, the desktop, the tests nor slicer.util. What overrides Qt is used by Qt."""
    import slicer.util

    root = CONTRACT.parents[2]
    paths = [path for name in ("CXRAdaINSeg", "desktop", "Testing") for path in (root / name).rglob("*.py")]
    named = set().union(*map(names_in, [*paths, Path(slicer.util.__file__)]))
    modules = [each for name, each in sys.modules.items() if name.startswith("embedded_slicer.")]
    classes = {each for module in modules for each in vars(module).values() if inspect.isclass(each)}
    own = [each for each in classes if each.__module__.startswith("embedded_slicer.")]
    assert len(own) > 40
    assert [
        f"{cls.__name__}.{name}"
        for cls in own
        for name in set(vars(cls)) - named
        if not name.startswith("_") and not hasattr(super(cls, cls), name)
    ] == []


def names_in(path: Path) -> set[str]:
    """A file's attributes and keywords, and the words of its strings without spaces: "clicked()"."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = attributes(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            found.add(node.arg or "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            found.update(re.findall(r"\w+", node.value))
    return found


@pytest.mark.parametrize("name", ["setRange", "setMinimum", "setSuffix", "spinBox"])
def test_a_slider_has_no_method_that_slicers_python_cannot_reach(window, name) -> None:
    import ctk

    assert not hasattr(ctk.ctkSliderWidget, name)


def test_methods_of_vtk_and_mrml_objects_exist(window) -> None:
    """What is called and looks like a method of VTK (GetName) is one, of slicer-core's classes or VTK's."""
    import slicer
    import vtk

    known = {
        name
        for module in (slicer, vtk)
        for value in list(vars(module).values())
        if inspect.isclass(value)
        for name in dir(value)
    }
    own = {
        node.name
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    called = {
        node.func.attr
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not dotted_root(node.func)
    }
    looks_like_vtk = {name for name in called if re.fullmatch(r"[A-Z][A-Za-z0-9]+", name)}
    assert len(looks_like_vtk) > 30
    assert looks_like_vtk - known - own == set()


def dotted_root(node: ast.Attribute) -> bool:
    """Whether it is a name from a module, qt.QLabel say, and no method of an object."""
    root = dotted(node).split(".")
    return root[0] in ("qt", "ctk", "vtk", "np") or root[:2] == ["slicer", "util"] or "io" in root[:1]

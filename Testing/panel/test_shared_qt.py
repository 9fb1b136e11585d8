"""The module keeps to what PythonQt (3D Slicer) and PySide6 (the embedded desktop) share."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from names_used import dotted, signatures, trees

Finding = Iterator[tuple[ast.AST, str]]


@cache
def qt_classes() -> tuple[type, ...]:
    import qt

    return tuple(value for value in list(vars(qt).values()) if inspect.isclass(value))


@cache
def properties_alone() -> frozenset[str]:
    """Names that are a property in some Qt class, and a method of its own in none."""
    from PySide6.QtCore import QObject

    properties, methods = set(), set()
    for cls in qt_classes():
        if issubclass(cls, QObject):
            meta = cls.staticMetaObject
            properties |= {meta.property(index).name() for index in range(meta.propertyCount())}
    for cls in qt_classes():
        if not issubclass(cls, QObject):
            methods |= set(dir(cls))
    return frozenset(properties - methods)


@cache
def signals() -> frozenset[str]:
    """The names of all signals of Qt and of the imitated widgets."""
    import ctk
    import slicer
    from embedded_slicer.app.application import qSlicerApplication
    from embedded_slicer.app.layout_manager import qSlicerLayoutManager
    from embedded_slicer.modules.manager import qSlicerModuleManager

    others = [*vars(slicer.qMRMLWidgets).values(), *(getattr(ctk, name) for name in ctk.__all__)]
    others += [qSlicerApplication, qSlicerLayoutManager, qSlicerModuleManager]
    return frozenset(
        name
        for cls in (*qt_classes(), *others)
        for name in dir(cls)
        if type(inspect.getattr_static(cls, name, None)).__name__ == "Signal"
    )


def foreign_imports(tree: ast.Module) -> Finding:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            if name.split(".")[0] in ("PySide6", "PyQt5", "PyQt6", "torch", "embedded_slicer"):
                yield node, f"imports {name}"


def called_properties(tree: ast.Module) -> Finding:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            of_python = dotted(node.func).split(".")[0] in ("os", "sys", "np", "Path")
            if name in properties_alone() and not node.args and not node.keywords and not of_python:
                yield node, f"calls the Qt property {name}"


def type_questions(tree: ast.Module) -> Finding:
    for node in ast.walk(tree):
        asks = isinstance(node, ast.Call) and dotted(node.func) == "isinstance" and len(node.args) == 2
        if asks and any(dotted(each).startswith(("qt.", "ctk.")) for each in ast.walk(node.args[1])):
            yield node, "isinstance of a Qt class is False in PythonQt: ask inherits()"


def own_signals(tree: ast.Module) -> Finding:
    for node in ast.walk(tree):
        if dotted(node) in ("qt.Signal", "qt.Slot", "qt.Property", "qt.pyqtSignal"):
            yield node, f"{dotted(node)} is not in PythonQt"
        if (
            isinstance(node, ast.Attribute)
            and node.attr == "connect"
            and isinstance(node.value, ast.Subscript)
        ):
            yield node, "chooses a signal by an index: connect('name(type)', slot)"


def unbounded_slots(tree: ast.Module) -> Finding:
    """PythonQt hands a slot with *args all of a signal's arguments, PySide6 none but those it names."""
    taking = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.args.vararg is not None
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "connect" and node.args:
            slot = node.args[-1]
            starred = isinstance(slot, ast.Lambda) and slot.args.vararg is not None
            if starred or getattr(slot, "attr", getattr(slot, "id", None)) in taking:
                yield node, "connects a slot with *args"


def unknown_signals(tree: ast.Module) -> Finding:
    for signature in signatures(tree):
        if not re.fullmatch(r"\w+\([\w:,*& <>]*\)", signature):
            yield tree, f"{signature!r} is no signal's signature"
        elif signature.partition("(")[0] not in signals():
            yield tree, f"there is no signal {signature}"


def subclasses(tree: ast.Module) -> Finding:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        if not any(dotted(base).startswith(("qt.Q", "ctk.")) for base in node.bases):
            continue
        starts = [each for each in node.body if getattr(each, "name", "") == "__init__"]
        called = {dotted(each) or getattr(each, "attr", "") for each in ast.walk(node)}
        if not starts or not any(name.endswith("__init__") for name in called):
            yield node, "a subclass of a Qt class needs an __init__ that calls its parent's"
        for each in ast.walk(node):
            is_own = isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
            if is_own and dotted(each) in {
                f"self.{name}" for name in properties_alone() | {"x", "y", "size"}
            }:
                yield each, f"{dotted(each)} is a Qt property's name"


GONE_IN_QT_6 = {"exec_", "MidButton", "setMargin", "QDesktopWidget", "QMatrix", "QRegExp", "QTextCodec"}


def of_one_qt(tree: ast.Module) -> Finding:
    """3D Slicer 5.13 is built with Qt 5.15 or with Qt 6.8 (its CMakeLists.txt:196)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in GONE_IN_QT_6:
            yield node, f"{node.attr} is not in Qt 6"
        if re.fullmatch(r"ctk\.\w+\.[A-Z]\w*", dotted(node)):
            yield (
                node,
                f"{dotted(node)}: under Qt 6, PythonQt has no enums but Q_ENUM's",
            )


RULES = [
    foreign_imports,
    called_properties,
    type_questions,
    own_signals,
    unbounded_slots,
    unknown_signals,
    subclasses,
    of_one_qt,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_module_uses_only_what_pythonqt_and_pyside6_share(
    window, rule: Callable[[ast.Module], Finding]
) -> None:
    found = [
        f"{path.name}:{getattr(node, 'lineno', 1)}: {text}"
        for path, tree in trees()
        for node, text in rule(tree)
    ]
    assert found == []


BAD = {
    foreign_imports: "from PySide6 import QtCore",
    called_properties: "label.objectName()",
    type_questions: "isinstance(b, (int, qt.QLabel))",
    own_signals: "box.activated[int].connect(f)",
    unbounded_slots: "def f(self, *args): pass\nb.connect('clicked(bool)', self.f)",
    unknown_signals: "b.connect('clikced(bool)', f)",
    subclasses: "class A(qt.QFrame):\n    pass",
    of_one_qt: "edit.filters = ctk.ctkPathLineEdit.Dirs",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_each_rule_finds_its_violation(window, rule: Callable[[ast.Module], Finding]) -> None:
    assert len(list(rule(ast.parse(BAD[rule])))) == 1
    assert list(rule(ast.parse("b.connect('clicked(bool)', f)\nlabel.text = 'a'\nisinstance(a, str)"))) == []


def test_the_module_never_names_the_desktop() -> None:
    for path, tree in trees():
        words = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert not [each for each in words if isinstance(each, str) and "embedded" in each.lower()], path.name


def test_no_widget_of_qts_own_was_given_a_new_attribute(window) -> None:
    """PythonQt refuses it; PySide6 puts it into the widget's __dict__."""
    from PySide6.QtCore import QObject

    panel = window.module("CXRAdaINSeg").parent
    every: list[Any] = [panel, *panel.findChildren(QObject)]
    plain = [each for each in every if type(each).__module__.startswith("PySide6")]
    assert len(plain) > 30
    given = {  # signals are kept there by PySide6 itself
        (each.objectName, name)
        for each in plain
        for name, value in vars(each).items()
        if type(value).__name__ != "SignalInstance"
    }
    assert given == set()

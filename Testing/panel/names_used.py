"""Which names of slicer, qt, ctk and vtk the module uses, and which attributes: by its syntax trees."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

MODULE = Path(__file__).resolve().parents[2] / "CXRAdaINSeg"
ROOTS = ("slicer", "qt", "ctk", "vtk")


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    """Each file of the module, parsed."""
    paths = sorted(MODULE.rglob("*.py"))
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"), str(path))) for path in paths)


def dotted(node: ast.AST) -> str:
    """ "slicer.util.loadVolume" for such an expression, "" for others."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def used(tree: ast.Module) -> set[str]:
    """Dotted names from one of the roots, the longest of each, and names imported from them."""
    names, inner = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            if name.split(".")[0] in ROOTS:
                names.add(name)
                inner.add(dotted(node.value))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOTS:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names - inner


def attributes(tree: ast.Module) -> set[str]:
    """The names of all attributes that are read, set or called."""
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def signatures(tree: ast.Module) -> set[str]:
    """The signals' signatures given to connect and disconnect: "clicked(bool)"."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("connect", "disconnect"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


@cache
def all_used() -> frozenset[str]:
    return frozenset().union(*(used(tree) for _, tree in trees()))


@cache
def all_attributes() -> frozenset[str]:
    return frozenset().union(*(attributes(tree) for _, tree in trees()))

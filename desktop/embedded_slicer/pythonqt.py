"""PySide6 spoken in PythonQt's manner: properties are attributes, and connect takes a signal's signature.

3D Slicer's Python sees Qt through PythonQt. There `label.text` is the text, `label.text = "a"` sets it and
`label.text()` fails; setters and isX() stay methods; `button.connect("clicked(bool)", slot)` connects.
`install` changes PySide6's classes so, once and for the whole process: from then on all code in it, this
package's too, is written in that manner.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtGui, QtNetwork, QtWidgets

MODULES = (QtCore, QtGui, QtWidgets, QtNetwork)
_installed = False


def install() -> None:
    """Change PySide6's classes to PythonQt's manner. Does nothing the second time."""
    global _installed
    if _installed:
        return
    _installed = True
    for module in MODULES:
        for name in dir(module):  # PySide6 makes its classes as they are asked for
            cls = getattr(module, name)
            if inspect.isclass(cls) and issubclass(cls, QtCore.QObject):
                _properties_as_attributes(cls)
                _signals_by_signature(cls)
    _names_and_children()
    _exec_with_underscore()


class Attribute:
    """A Qt property as an attribute of objects; on the class, the method of that name, if it has one."""

    def __init__(self, method: Any, getter: Callable[..., Any], setter: Callable[..., Any] | None) -> None:
        self.method, self.getter, self.setter = method, getter, setter

    def __get__(self, holder: Any, owner: type | None = None) -> Any:
        return self.method if holder is None else self.getter(holder)

    def __set__(self, holder: Any, value: Any) -> None:
        if self.setter is None:
            raise AttributeError("this property cannot be set")
        self.setter(holder, value)


def _properties_as_attributes(cls: type) -> None:
    """Give a class an attribute for each Qt property that it declares, or has a method of its own for."""
    meta = cls.staticMetaObject
    own = vars(cls)  # QComboBox.sizeHint, say, of which the property is QWidget's
    for index in range(meta.propertyCount()):
        declared = meta.property(index)
        name = declared.name()
        if index < meta.propertyOffset() and name not in own:
            continue
        capital = name[0].upper() + name[1:]
        method = _first_method(cls, name)
        is_static = type(method).__name__ == "builtin_function_or_method"  # QTimer.singleShot
        getter = None if is_static else method
        getter = getter or _first_method(cls, f"is{capital}", f"has{capital}") or _by_name(name)
        setter = _first_method(cls, f"set{capital}")
        if setter is None and declared.isWritable():
            setter = _setting_by_name(name)
        setattr(cls, name, Attribute(method, getter, setter))


def _first_method(cls: type, *names: str) -> Callable[..., Any] | None:
    """The first of the methods that the class has; signals do not count."""
    for name in names:
        found = getattr(cls, name, None)
        # not isinstance(found, Signal): PySide6 6.12 counts its False wrongly
        if found is not None and type(found).__name__ != "Signal":
            return found
    return None


def _by_name(name: str) -> Callable[[Any], Any]:
    return lambda self: self.property(name)


def _setting_by_name(name: str) -> Callable[[Any, Any], None]:
    def set_property(self: Any, value: Any) -> None:
        self.setProperty(name, value)

    return set_property


def _names_and_children() -> None:
    """`name` is the object's name, className() its class; findChildren also takes a class's name."""
    QtCore.QObject.name = property(
        lambda self: self.objectName, lambda self, value: self.setObjectName(value)
    )
    QtCore.QObject.className = lambda self: self.metaObject().className()
    original = QtCore.QObject.findChildren

    def findChildren(self: Any, kind: Any = QtCore.QObject, *rest: Any) -> list[Any]:
        if isinstance(kind, str):
            found = [each for each in original(self, QtCore.QObject) if each.inherits(kind)]
            return [each for each in found if not rest or each.objectName == rest[0]]
        return original(self, kind, *rest)

    QtCore.QObject.findChildren = findChildren


def _signals_by_signature(cls: type) -> None:
    """`object.connect("name(type)", slot)` beside `object.name.connect(slot)`.

    Shiboken answers `connect` before it looks at the class, so the way in is __getattribute__.
    """
    original = cls.__getattribute__
    if original.__name__ == "_answer_connect":
        return  # it has its parent's

    def _answer_connect(self: Any, name: str) -> Any:
        if name == "connect":
            return lambda *arguments: _connect(self, original(self, name), True, *arguments)
        if name == "disconnect":
            return lambda *arguments: _connect(self, original(self, name), False, *arguments)
        return original(self, name)

    cls.__getattribute__ = _answer_connect


def _connect(sender: Any, plain: Callable[..., Any], on: bool, *arguments: Any) -> Any:
    if not arguments or not isinstance(arguments[0], str):
        return plain(*arguments)
    signature, slot = arguments[0].lstrip("12"), arguments[-1]
    if len(arguments) == 3:  # a receiver and its slot's signature
        slot = getattr(arguments[1], arguments[2].lstrip("12").partition("(")[0])
    signal = _signal(sender, signature)
    if on:
        signal.connect(slot)
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # PythonQt says False, and no more
        try:
            return signal.disconnect(slot) is not False
        except (RuntimeError, TypeError):
            return False


def _signal(sender: Any, signature: str) -> Any:
    """The signal of an object by name and argument types. Raises ValueError where there is none."""
    name, _, types = signature.partition("(")
    signal = getattr(sender, name.strip(), None)
    if signal is None or not hasattr(signal, "connect"):
        raise ValueError(f"{sender.metaObject().className()} has no signal {signature}")
    wanted = types.rstrip(")").replace(" ", "")
    if wanted:
        try:
            return signal[wanted]  # one of several with this name
        except (IndexError, KeyError, TypeError):
            return signal
    return signal


def _exec_with_underscore() -> None:
    for cls in (QtWidgets.QDialog, QtWidgets.QMenu, QtWidgets.QApplication, QtCore.QEventLoop, QtGui.QDrag):
        if not hasattr(cls, "exec_"):
            cls.exec_ = cls.exec

"""Makes PySide6 behave like PythonQt: properties are attributes, and connect takes a signal's signature.

3D Slicer's Python uses Qt through PythonQt. There `label.text` is the text, `label.text = "a"` sets it and
`label.text()` fails; setters and isX() stay methods; `button.connect("clicked(bool)", slot)` connects.
`install` changes PySide6's classes accordingly for the whole process: after it, all code, including this
package's, must be written that way.
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
    """Make PySide6's classes behave like PythonQt's. Does nothing when called again."""
    global _installed
    if _installed:
        return
    _installed = True
    for module in MODULES:
        for name in dir(module):  # PySide6 creates its classes on demand
            cls = getattr(module, name)
            if inspect.isclass(cls) and issubclass(cls, QtCore.QObject):
                _properties_as_attributes(cls)
                _signals_by_signature(cls)
    _names_and_children()
    _exec_with_underscore()


class Attribute:
    """A descriptor: on an object, the Qt property; on the class, the method of that name, if any."""

    def __init__(self, method: Any, getter: Callable[..., Any], setter: Callable[..., Any] | None) -> None:
        self.method, self.getter, self.setter = method, getter, setter

    def __get__(self, holder: Any, owner: type | None = None) -> Any:
        return self.method if holder is None else self.getter(holder)

    def __set__(self, holder: Any, value: Any) -> None:
        if self.setter is None:
            raise AttributeError("this property cannot be set")
        self.setter(holder, value)


def _properties_as_attributes(cls: type) -> None:
    """Add an attribute for each Qt property that a class declares or has a method of its own for."""
    meta = cls.staticMetaObject
    own = vars(cls)  # for example QComboBox.sizeHint, whose property QWidget declares
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
    """The first of these methods that the class has; signals do not count."""
    for name in names:
        found = getattr(cls, name, None)
        # isinstance(found, Signal) is not used: PySide6 6.12 miscounts the references to its False
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
    """Add `name` (the objectName) and className(); let findChildren also take the name of a class."""
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
    """Add `object.connect("name(type)", slot)`, beside `object.name.connect(slot)`.

    Shiboken resolves `connect` before it looks at the class, so this overrides __getattribute__.
    """
    original = cls.__getattribute__
    if original.__name__ == "_answer_connect":
        return  # inherited

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
        warnings.simplefilter("ignore", RuntimeWarning)  # PythonQt only returns False
        try:
            return signal.disconnect(slot) is not False
        except (RuntimeError, TypeError):
            return False


def _signal(sender: Any, signature: str) -> Any:
    """An object's signal by name and argument types. Raises ValueError if there is none."""
    name, _, types = signature.partition("(")
    signal = getattr(sender, name.strip(), None)
    if signal is None or not hasattr(signal, "connect"):
        raise ValueError(f"{sender.metaObject().className()} has no signal {signature}")
    wanted = types.rstrip(")").replace(" ", "")
    if wanted:
        try:
            return signal[wanted]  # one of several overloads
        except (IndexError, KeyError, TypeError):
            return signal
    return signal


def _exec_with_underscore() -> None:
    for cls in (QtWidgets.QDialog, QtWidgets.QMenu, QtWidgets.QApplication, QtCore.QEventLoop, QtGui.QDrag):
        if not hasattr(cls, "exec_"):
            cls.exec_ = cls.exec

"""The base class of effects: parameters stored in the editor node, options, and mouse events."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from .labelmap import LabelmapEditing


class SegmentEditorEffect(QtCore.QObject):
    """A segment editor effect. `common` parameters, such as the brush size, are shared between effects."""

    effect, title, tip = "", "", ""
    own: dict[str, Any] = {}  # noqa: RUF012 - each class has its defaults
    common: dict[str, Any] = {}  # noqa: RUF012
    mouse = False  # whether it uses the mouse in the view, and not only a button

    def __init__(self, widget: Any) -> None:
        super().__init__(widget)
        self.setObjectName(self.effect)
        self.widget = widget
        self.editing = LabelmapEditing(widget.editor_logic())
        self.options = QtWidgets.QFrame()
        self._layout = QtWidgets.QFormLayout(self.options)
        self._layout.setContentsMargins(0, 4, 0, 0)
        self.setupOptionsFrame()

    def self(self) -> SegmentEditorEffect:
        """In Slicer, the Python object of a scripted effect."""
        return self

    def setupOptionsFrame(self) -> None:
        """Create the widgets of the options."""

    def optionsFrame(self) -> Any:
        return self.options

    def addLabeledOptionsWidget(self, label: str, widget: Any) -> Any:
        self._layout.addRow(label, widget)
        return widget

    def addOptionsWidget(self, widget: Any) -> None:
        self._layout.addRow(widget)

    def updateGUIFromMRML(self) -> None:
        """Update the options from the parameters."""

    def activate(self) -> None:
        self.updateGUIFromMRML()

    def deactivate(self) -> None:
        """Drop unfinished edits."""

    def active(self) -> bool:
        return self.widget.activeEffect() is self

    # Parameters

    def parameterSetNode(self) -> Any:
        return self.widget.mrmlSegmentEditorNode()

    def parameter(self, name: str) -> str:
        node, default = self.parameterSetNode(), self.own.get(name, self.common.get(name, ""))
        found = node.GetAttribute(self._attribute(name)) if node is not None else None
        return str(default) if found is None else found

    def integerParameter(self, name: str) -> int:
        return int(float(self.parameter(name) or 0))

    def doubleParameter(self, name: str) -> float:
        return float(self.parameter(name) or 0)

    def setParameter(self, name: str, value: Any) -> None:
        self._set(f"{self.effect}.{name}", value)

    def setCommonParameter(self, name: str, value: Any) -> None:
        self._set(name, value)

    def _attribute(self, name: str) -> str:
        return name if name in self.common else f"{self.effect}.{name}"

    def _set(self, attribute: str, value: Any) -> None:
        node = self.parameterSetNode()
        if node is not None:
            node.SetAttribute(attribute, str(int(value) if isinstance(value, bool) else value))
            self.updateGUIFromMRML()

    # Work

    def saveStateForUndo(self) -> None:
        self.editing.save_for_undo()

    def onApply(self) -> None:
        """Apply the effect to the whole segment, for effects with an Apply button."""

    def interact(self, event: str, interactor: Any, sliceWidget: Any) -> bool:
        """Handle a mouse or key event in a view; returns whether to keep it from the view's own handlers."""
        return False

    def paint_cursor(self, painter: QtGui.QPainter, view: Any) -> None:
        """Draw over the view, for example the brush's outline or an unfinished line."""


def place_of(interactor: Any) -> tuple[int, int]:
    """The mouse position: x, y in device pixels from the bottom left."""
    return interactor.GetEventPosition()

"""What all effects have: parameters kept in the editor's node, options to show, and the mouse."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from .labelmap import LabelmapEditing


class SegmentEditorEffect(QtCore.QObject):
    """An effect; the `common` parameters are shared by the effects that have them: the brush, say."""

    effect, title, tip = "", "", ""
    own: dict[str, Any] = {}  # noqa: RUF012 - the defaults of each class
    common: dict[str, Any] = {}  # noqa: RUF012
    mouse = False  # whether it works by the mouse in the view, and not by a button alone

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
        """In Slicer, a scripted effect's Python object."""
        return self

    scriptedEffect = property(lambda self: self)

    def setupOptionsFrame(self) -> None:
        """Fill the options."""

    def optionsFrame(self) -> Any:
        return self.options

    def addLabeledOptionsWidget(self, label: str, widget: Any) -> Any:
        self._layout.addRow(label, widget)
        return widget

    def addOptionsWidget(self, widget: Any) -> None:
        self._layout.addRow(widget)

    def updateGUIFromMRML(self) -> None:
        """Show the parameters as they are."""

    def activate(self) -> None:
        self.updateGUIFromMRML()

    def deactivate(self) -> None:
        """Let go of what is half done."""

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

    def parameterDefined(self, name: str) -> bool:
        node = self.parameterSetNode()
        return node is not None and node.GetAttribute(self._attribute(name)) is not None

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
        """Do it to the whole segment: of the effects with a button."""

    def interact(self, event: str, interactor: Any, sliceWidget: Any) -> bool:
        """The mouse did something in a view; returns whether that was for this effect, and no one else."""
        return False

    def paint_cursor(self, painter: QtGui.QPainter, view: Any) -> None:
        """Draw over the view: a brush's outline, a line being drawn."""


def place_of(interactor: Any) -> tuple[int, int]:
    """Where the mouse is: x, y in device pixels from the bottom left."""
    return interactor.GetEventPosition()

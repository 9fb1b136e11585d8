"""The segment editor's widgets: node selectors, segments table, effect buttons and options."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from ..qmrml.node_combo_box import qMRMLNodeComboBox
from ..qmrml.segments_table import qMRMLSegmentsTableView
from .masking import MaskingOptions


class EditorPanel:
    """Creates the widgets of a qMRMLSegmentEditorWidget and keeps them up to date."""

    def __init__(self, widget: Any) -> None:
        self.widget, self.columns = widget, 4
        self._buttons: dict[str, Any] = {}
        layout = QtWidgets.QVBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        self._parts = {
            "segmentation": self._selector("Segmentation:", "vtkMRMLSegmentationNode"),
            "source": self._selector("Source volume:", "vtkMRMLScalarVolumeNode"),
            "addRemove": self._add_and_remove(),
        }
        self.segmentation, self.source = (self._parts[name].selector for name in ("segmentation", "source"))
        self.segmentation.currentNodeChanged.connect(self._onSegmentationChosen)
        self.source.currentNodeChanged.connect(self._onSourceChosen)
        self.table = qMRMLSegmentsTableView()
        self.table.selectionChanged.connect(self._onSelectionChanged)
        self._effects = QtWidgets.QFrame()
        self._grid = QtWidgets.QGridLayout(self._effects)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(3)
        self._undo, self._redo = QtWidgets.QPushButton("Undo"), QtWidgets.QPushButton("Redo")
        self._undo.connect("clicked()", widget.undo)
        self._redo.connect("clicked()", widget.redo)
        self._parts["undo"] = QtWidgets.QFrame()
        row = QtWidgets.QHBoxLayout(self._parts["undo"])
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._undo)
        row.addWidget(self._redo)
        self._options = QtWidgets.QWidget()
        options = QtWidgets.QVBoxLayout(self._options)
        options.setContentsMargins(0, 0, 0, 0)
        self._masking = MaskingOptions(widget)
        for name in ("segmentation", "source", "addRemove"):
            layout.addWidget(self._parts[name])
        layout.addWidget(self.table)
        layout.addWidget(self._effects)
        layout.addWidget(self._parts["undo"])
        layout.addWidget(self._options)
        layout.addWidget(self._masking)
        widget.mrmlSceneChanged.connect(self.segmentation.setMRMLScene)
        widget.mrmlSceneChanged.connect(self.source.setMRMLScene)
        self.update_undo()

    def show_part(self, name: str, visible: bool) -> None:
        if name in self._parts:
            self._parts[name].setVisible(visible)

    def show_effects(self) -> None:
        """Create the effects' buttons again."""
        for button in self._buttons.values():
            self._grid.removeWidget(button)
            button.setParent(None)
            button.deleteLater()
        self._buttons = {}
        for index, effect in enumerate(self.widget.visibleEffects()):
            button = QtWidgets.QToolButton()
            button.setText(effect.title)
            button.setToolTip(f"{effect.tip} (key {(index + 1) % 10})")
            button.setCheckable(True)
            button.setObjectName(effect.effect)
            button.setSizePolicy(QtWidgets.QSizePolicy.Expanding, QtWidgets.QSizePolicy.Fixed)
            button.clicked.connect(
                lambda on, effect=effect: self.widget.setActiveEffect(effect if on else None)
            )
            self._grid.addWidget(button, index // self.columns, index % self.columns)
            self._buttons[effect.effect] = button
            if self._options.layout().indexOf(effect.options) < 0:
                self._options.layout().addWidget(effect.options)
                effect.options.hide()
        self.update_active()

    def update_active(self) -> None:
        active = self.widget.activeEffect()
        for name, button in self._buttons.items():
            button.setChecked(active is not None and active.effect == name)
        for effect in self.widget.visibleEffects():
            effect.options.setVisible(effect is active)
        self._options.setVisible(active is not None)
        self._masking.setVisible(active is not None)

    def update_undo(self) -> None:
        logic = self.widget.editor_logic()
        self._undo.setEnabled(logic.CanUndo())
        self._redo.setEnabled(logic.CanRedo())

    def update_nodes(self) -> None:
        node = self.widget.segmentationNode()
        for selector, chosen in ((self.segmentation, node), (self.source, self.widget.sourceVolumeNode())):
            blocked = selector.blockSignals(True)
            selector.setCurrentNode(chosen)
            selector.blockSignals(blocked)
        self._masking.update_from_node(self.widget.mrmlSegmentEditorNode())
        self.table.setSegmentationNode(node)
        blocked = self.table.blockSignals(True)
        self.table.setSelectedSegmentIDs([self.widget.currentSegmentID()])
        self.table.blockSignals(blocked)
        usable = node is not None
        self._effects.setEnabled(usable)
        self._options.setEnabled(usable)
        self._parts["addRemove"].setEnabled(usable)
        self.update_undo()

    def _selector(self, label: str, kind: str) -> Any:
        row = SelectorRow(label, kind)
        row.selector.noneEnabled = True
        return row

    def _add_and_remove(self) -> Any:
        frame = QtWidgets.QFrame()
        layout = QtWidgets.QHBoxLayout(frame)
        layout.setContentsMargins(0, 0, 0, 0)
        for text, action in (("Add", self._onAdd), ("Remove", self._onRemove)):
            button = QtWidgets.QPushButton(text)
            button.connect("clicked()", action)
            layout.addWidget(button)
        return frame

    def _onAdd(self) -> None:
        self.widget.saveStateForUndo()
        self.widget.editor_logic().AddEmptySegment()

    def _onRemove(self) -> None:
        self.widget.saveStateForUndo()
        self.widget.editor_logic().RemoveSelectedSegment()

    def _onSegmentationChosen(self, node: Any) -> None:
        self.widget.setSegmentationNode(node)

    def _onSourceChosen(self, node: Any) -> None:
        self.widget.setSourceVolumeNode(node)

    def _onSelectionChanged(self, *_: Any) -> None:
        selected = self.table.selectedSegmentIDs()
        if selected:
            self.widget.setCurrentSegmentID(selected[0])


class SelectorRow(QtWidgets.QWidget):
    """A label and a node selector."""

    def __init__(self, label: str, kind: str) -> None:
        super().__init__()
        self.selector = qMRMLNodeComboBox()
        self.selector.nodeTypes = [kind]
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QtWidgets.QLabel(label))
        layout.addWidget(self.selector, 1)
        layout.setAlignment(QtCore.Qt.AlignTop)

"""Slicer's masking options: where effects may change the segment; stored in the editor node."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtWidgets

AREAS = {
    "Everywhere": slicer.vtkMRMLSegmentationNode.EditAllowedEverywhere,
    "Inside all segments": slicer.vtkMRMLSegmentationNode.EditAllowedInsideAllSegments,
    "Inside all visible segments": slicer.vtkMRMLSegmentationNode.EditAllowedInsideVisibleSegments,
    "Outside all segments": slicer.vtkMRMLSegmentationNode.EditAllowedOutsideAllSegments,
    "Outside all visible segments": slicer.vtkMRMLSegmentationNode.EditAllowedOutsideVisibleSegments,
}
INSIDE_ONE = slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment


class MaskingOptions(QtWidgets.QGroupBox):
    """The editable area and intensity range; shown while an effect is active."""

    def __init__(self, widget: Any) -> None:
        super().__init__("Masking")
        self.widget = widget
        self.area = QtWidgets.QComboBox()
        self.area.activated.connect(self._onArea)
        self.limits = QtWidgets.QCheckBox("Editable intensity range")
        self.limits.toggled.connect(self._onLimits)
        self.low, self.high = QtWidgets.QDoubleSpinBox(), QtWidgets.QDoubleSpinBox()
        row = QtWidgets.QHBoxLayout()
        for box in (self.low, self.high):
            box.setKeyboardTracking(False)
            box.setRange(-1e9, 1e9)
            box.valueChanged.connect(self._onRange)
            row.addWidget(box)
        layout = QtWidgets.QFormLayout(self)
        layout.addRow("Editable area:", self.area)
        layout.addRow(self.limits)
        layout.addRow(row)

    def update_from_node(self, node: Any) -> None:
        """Show the options of the editor node, or of none (None)."""
        blocked = [(each, each.blockSignals(True)) for each in (self.area, self.limits, self.low, self.high)]
        self.area.clear()
        for text, mode in AREAS.items():
            self.area.addItem(text, mode)
        segmentation = node.GetSegmentationNode() if node is not None else None
        if segmentation is not None:
            segments = segmentation.GetSegmentation()
            for index in range(segments.GetNumberOfSegments()):
                name = segments.GetNthSegment(index).GetName()
                self.area.addItem(f"Inside {name}", segments.GetNthSegmentID(index))
        if node is not None:
            one = node.GetMaskMode() == INSIDE_ONE
            chosen = (node.GetMaskSegmentID() or "") if one else node.GetMaskMode()
            self.area.setCurrentIndex(self.area.findData(chosen))
            on = bool(node.GetSourceVolumeIntensityMask())
            self.limits.setChecked(on)
            for box, value in zip(
                (self.low, self.high), node.GetSourceVolumeIntensityMaskRange(), strict=True
            ):
                box.setValue(value)
                box.setVisible(on)
        for each, before in blocked:
            each.blockSignals(before)

    def _onArea(self, index: int) -> None:
        node, data = self.widget.mrmlSegmentEditorNode(), self.area.itemData(index)
        if isinstance(data, str):
            node.SetMaskSegmentID(data)
            node.SetMaskMode(INSIDE_ONE)
        else:
            node.SetMaskMode(data)

    def _onLimits(self, on: bool) -> None:
        node, volume = self.widget.mrmlSegmentEditorNode(), self.widget.sourceVolumeNode()
        low, high = node.GetSourceVolumeIntensityMaskRange()
        if on and low == high and volume is not None:  # the initial range in Slicer's widget
            low, high = volume.GetImageData().GetScalarRange()
            node.SetSourceVolumeIntensityMaskRange(low + 0.25 * (high - low), low + 0.75 * (high - low))
        node.SetSourceVolumeIntensityMask(on)

    def _onRange(self, _value: float) -> None:
        self.widget.mrmlSegmentEditorNode().SetSourceVolumeIntensityMaskRange(self.low.value, self.high.value)

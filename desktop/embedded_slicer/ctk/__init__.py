"""The CTK widgets that modules use, importable as `ctk` once the desktop is started."""

from .collapsible_button import ctkCollapsibleButton, ctkCollapsibleGroupBox
from .combo_box import ctkComboBox
from .message_box import ctkMessageBox
from .path_line_edit import ctkDirectoryButton, ctkPathLineEdit
from .slider_widget import ctkDoubleSlider, ctkDoubleSpinBox, ctkSliderWidget

__all__ = [
    "ctkCollapsibleButton",
    "ctkCollapsibleGroupBox",
    "ctkComboBox",
    "ctkDirectoryButton",
    "ctkDoubleSlider",
    "ctkDoubleSpinBox",
    "ctkMessageBox",
    "ctkPathLineEdit",
    "ctkSliderWidget",
]

"""The CTK widgets that modules use, importable as `ctk` once the desktop is started."""

from .collapsible_button import ctkCollapsibleButton, ctkCollapsibleGroupBox
from .message_box import ctkMessageBox
from .path_line_edit import ctkPathLineEdit
from .slider_widget import ctkSliderWidget

__all__ = [
    "ctkCollapsibleButton",
    "ctkCollapsibleGroupBox",
    "ctkMessageBox",
    "ctkPathLineEdit",
    "ctkSliderWidget",
]

"""Dark colors and the panel's language: choices in the View menu, stored in the settings."""

from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from ..modules import i18n

DARK, LANGUAGE = "darkColors", "language"
Roles = QtGui.QPalette.ColorRole
GROUND, BASE, BUTTON, TEXT = (QtGui.QColor(c) for c in ("#2b2d30", "#1e1f22", "#3a3d41", "#e6e6e6"))
DARK_COLORS = {
    Roles.Window: GROUND,
    Roles.WindowText: TEXT,
    Roles.Base: BASE,
    Roles.AlternateBase: GROUND,
    Roles.Text: TEXT,
    Roles.PlaceholderText: QtGui.QColor("#9aa0a6"),
    Roles.Button: BUTTON,
    Roles.ButtonText: TEXT,
    Roles.BrightText: QtGui.QColor("#ffffff"),
    Roles.ToolTipBase: BUTTON,
    Roles.ToolTipText: TEXT,
    Roles.Light: QtGui.QColor("#56595e"),
    Roles.Midlight: QtGui.QColor("#484b50"),
    Roles.Mid: QtGui.QColor("#7a7e85"),
    Roles.Dark: QtGui.QColor("#17181a"),
    Roles.Shadow: QtGui.QColor("#000000"),
    Roles.Highlight: QtGui.QColor("#2f6fb5"),
    Roles.HighlightedText: QtGui.QColor("#ffffff"),
    Roles.Link: QtGui.QColor("#7ab7ff"),
}
FAINT = QtGui.QColor("#808489")


def dark_palette() -> QtGui.QPalette:
    """The dark palette; disabled text is fainter."""
    palette = QtGui.QPalette()
    for role, color in DARK_COLORS.items():
        palette.setColor(role, color)
    for role in (Roles.WindowText, Roles.Text, Roles.ButtonText):
        palette.setColor(QtGui.QPalette.ColorGroup.Disabled, role, FAINT)
    return palette


def use_dark(on: bool) -> None:
    """Turn the dark palette on or off, and remember that."""
    QtCore.QSettings().setValue(DARK, on)
    QtWidgets.QApplication.setPalette(
        dark_palette() if on else QtWidgets.QApplication.style().standardPalette()
    )


def add_appearance(window: Any, menu: Any) -> None:
    """Add both choices to a menu, and apply the remembered ones."""
    dark = menu.addAction("&Dark colors")
    dark.setObjectName("DarkColorsAction")
    dark.setCheckable(True)
    dark.toggled.connect(use_dark)
    dark.setChecked(QtCore.QSettings().value(DARK, False, type=bool))
    languages = menu.addMenu("&Language")
    languages.setObjectName("LanguageMenu")
    group = QtGui.QActionGroup(window)
    for code in ("en", *i18n.languages()):
        action = languages.addAction(QtCore.QLocale(code).nativeLanguageName())
        action.setObjectName(f"Language_{code}")
        action.setCheckable(True)
        action.setChecked(code == i18n.chosen())
        action.triggered.connect(lambda *_, code=code: _choose_language(code))
        group.addAction(action)


def _choose_language(code: str) -> None:
    QtCore.QSettings().setValue(LANGUAGE, code)
    if code != i18n.chosen():
        slicer.util.infoDisplay("The language changes when the window is next opened.")

"""The window's dark colors and the panel's language: chosen in the View menu, kept, and readable."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from places import ROOT
from PySide6 import QtCore, QtGui, QtWidgets

Roles = QtGui.QPalette.ColorRole


def action(window, name: str):
    return window.window.findChild(QtGui.QAction, name)


def contrast(one: QtGui.QColor, other: QtGui.QColor) -> float:
    """As of WCAG 2.1, 1 to 21."""

    def luminance(color: QtGui.QColor) -> float:
        parts = [color.redF(), color.greenF(), color.blueF()]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_dark_colors_are_dark_readable_and_kept(window):
    toggle = action(window, "DarkColorsAction")
    light = QtWidgets.QApplication.palette()
    try:
        toggle.trigger()
        dark = QtWidgets.QApplication.palette()
        assert dark.color(Roles.Window).lightness() < 80 < light.color(Roles.Window).lightness()
        pairs = [
            (Roles.Window, Roles.WindowText),
            (Roles.Base, Roles.Text),
            (Roles.Button, Roles.ButtonText),
            (Roles.Highlight, Roles.HighlightedText),
            (Roles.ToolTipBase, Roles.ToolTipText),
            (Roles.Base, Roles.PlaceholderText),
        ]
        assert [pair for pair in pairs if contrast(*map(dark.color, pair)) < 4.5] == []
        assert QtCore.QSettings().value("darkColors", type=bool)
        window.process(0.1)
        grabbed = window.window.panel.grab().toImage()
        assert grabbed.pixelColor(grabbed.width() // 2, grabbed.height() - 20).lightness() < 100
    finally:
        toggle.setChecked(False)
    assert QtWidgets.QApplication.palette().color(Roles.Window) == light.color(Roles.Window)


OPENED = """
import sys
from pathlib import Path

root = Path(sys.argv[1])
sys.path[:0] = [str(root / "desktop"), str(root / "CXRAdaINSeg"), str(root / "trainer")]
import embedded_slicer

desktop = embedded_slicer.boot(
    [root / "CXRAdaINSeg" / "CXRAdaINSeg.py"], headless=True, testing=True, settings=Path(sys.argv[2])
)
panel = desktop.module("CXRAdaINSeg")
print(panel.worklistSection.widget.text, panel.segmentSection.segmentButton.text, sep="|", flush=True)
desktop.close()
"""


def test_the_language_that_was_chosen_is_there_when_the_window_is_next_opened(window, tmp_path, monkeypatch):
    import slicer

    said = []
    monkeypatch.setattr(slicer.util, "infoDisplay", said.append)
    assert window.module("CXRAdaINSeg").worklistSection.widget.text == "Worklist", "when none was chosen"
    try:
        action(window, "Language_de").trigger()
        settings = QtCore.QSettings()
        settings.sync()
        assert settings.value("language") == "de" and "next opened" in said[0]
        kept = tmp_path.joinpath(*Path(settings.fileName()).parts[-2:])  # as Qt names it in any folder
        kept.parent.mkdir()
        shutil.copy(settings.fileName(), kept)
    finally:
        action(window, "Language_en").trigger()
    words = [sys.executable, "-c", OPENED, str(ROOT), str(tmp_path)]
    ended = subprocess.run(words, capture_output=True, timeout=180)
    assert ended.returncode == 0, ended.stderr.decode()
    assert ended.stdout.decode().strip().splitlines()[-1] == "Arbeitsliste|&Segmentieren"


def test_a_language_that_is_not_there_is_english(window):
    from embedded_slicer.modules import i18n

    text = ("sections.WorklistSection", "Worklist")
    try:
        i18n.choose("de")
        assert i18n.translate(*text) == "Arbeitsliste"
        i18n.choose("xx")
        assert i18n.translate(*text) == "Worklist" and i18n.chosen() == "en"
    finally:
        i18n.choose("en")

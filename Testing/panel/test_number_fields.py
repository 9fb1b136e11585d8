"""Number fields show the decimal sign of the panel's language, whatever the system's, and accept both."""

from __future__ import annotations

import pytest
from PySide6 import QtCore, QtTest, QtWidgets
from test_mouse_wheel import reach, unfolded  # noqa: F401
from test_nothing_moves import panel_of
from worklist_driver import filled, worklist

Qt = QtCore.Qt
SIGNS = {"en": ".", "de": ","}


@pytest.fixture(params=[("en", "de_DE"), ("de", "C")])
def language(window, request):
    """The panel made in a language, on a system of another."""
    from embedded_slicer.modules import i18n

    system = QtCore.QLocale()
    language, other = request.param
    QtCore.QLocale.setDefault(QtCore.QLocale(other))
    i18n.choose(language)
    window.module("CXRAdaINSeg").onReload()
    yield language
    i18n.choose("en")
    QtCore.QLocale.setDefault(system)
    window.module("CXRAdaINSeg").onReload()
    window.process()


@pytest.fixture
def hands(language, window, tmp_path):
    with worklist(window) as hands:
        hands.open(filled(tmp_path / "session"))
        hands.show(0)
        yield hands


def enter(field: QtWidgets.QDoubleSpinBox, text: str) -> None:
    """Type over what a field holds."""
    QtTest.QTest.mouseClick(field.findChild(QtWidgets.QLineEdit), Qt.LeftButton)
    QtTest.QTest.keyClick(field, Qt.Key_A, Qt.ControlModifier)
    QtTest.QTest.keyClicks(field, text)


def paste(field: QtWidgets.QDoubleSpinBox, text: str) -> None:
    """Paste over what a field holds."""
    QtWidgets.QApplication.clipboard().setText(text)
    enter(field, "")
    QtTest.QTest.keyClick(field, Qt.Key_V, Qt.ControlModifier)


def test_both_signs_make_the_same_number_which_is_shown_in_the_panels_language(unfolded, language):  # noqa: F811
    options = unfolded.panel.widget.trainSection.options
    sign, given = SIGNS[language], QtWidgets.QApplication.clipboard().text()
    assert options.scale.text == f"1{sign}000"
    for act in (enter, paste):
        for other in SIGNS.values():
            for field, text, value in ((options.scale, "1{}5", 1.5), (options.rate, "0{}00025", 0.00025)):
                field.value = field.maximum
                reach(unfolded, field)
                act(field, text.format(other))
                assert field.value == pytest.approx(value), (field.objectName, act.__name__, other)
                QtTest.QTest.keyClick(field, Qt.Key_Return)
                assert field.text.startswith(text.format(sign))
    assert options.arguments()[4:8] == ["--scale", "1.5", "--learning-rate", "0.00025"]
    QtWidgets.QApplication.clipboard().setText(given)
    options.scale.value = 1.0


def test_every_number_field_of_the_panel_accepts_both_signs(unfolded, language):  # noqa: F811
    seen = set()
    for tool in ("Paint", "Threshold", "Scissors"):
        unfolded.panel.correct.editor.setActiveEffectByName(tool)
        unfolded.window.process(0.05)
        for field in panel_of(unfolded.window).findChildren(QtWidgets.QDoubleSpinBox):
            if not (field.isVisible() and field.isEnabled() and field.decimals) or field in seen:
                continue
            seen.add(field)
            reach(unfolded, field)
            number = next(each for each in (1.5, 0.5, 0.0025) if field.minimum <= each <= field.maximum)
            before = field.value
            for sign in SIGNS.values():
                field.value = field.maximum
                enter(field, f"{number}".replace(".", sign))
                QtTest.QTest.keyClick(field, Qt.Key_Return)
                assert field.value == pytest.approx(number), (tool, field.parentWidget().objectName, sign)
                assert field.text.startswith(f"{number}".replace(".", SIGNS[language]))
            field.value = before
    unfolded.panel.correct.editor.setActiveEffect(None)
    assert len(seen) >= 6


@pytest.mark.parametrize("text", ["1.234,5", "1,234.5"])
def test_a_pasted_number_in_groups_is_refused_whole(unfolded, text):  # noqa: F811
    given = QtWidgets.QApplication.clipboard().text()
    fields = panel_of(unfolded.window).findChildren(QtWidgets.QDoubleSpinBox)
    for field in [each for each in fields if each.decimals and each.isEnabled()]:
        before = field.value
        QtWidgets.QApplication.clipboard().setText(text)
        QtTest.QTest.keyClick(field, Qt.Key_A, Qt.ControlModifier)
        QtTest.QTest.keyClick(field, Qt.Key_V, Qt.ControlModifier)
        assert field.value == before and field.text, field.parentWidget().objectName
    QtWidgets.QApplication.clipboard().setText(given)

"""Number fields: the decimal sign that they show is that of the panel's language, and they accept both."""

from __future__ import annotations

import qt
import slicer

from .Texts import decimalSign

# Of languages that do not group digits by the other sign: a pasted 1.5 would become 15 in German.
LOCALES = {".": "de_CH", ",": "fr"}


def useDecimalSign(panel) -> None:
    """Show the numbers in a panel's fields with the decimal sign of its language, whatever the system's."""
    panel.setLocale(qt.QLocale(LOCALES[decimalSign()]))


def takeDecimalSign(field, event) -> bool:
    """Write what a key types or pastes into a number field with the field's decimal sign, if it has another;
    returns whether it did."""
    pasted = event.matches(qt.QKeySequence.Paste)
    text = qt.QApplication.clipboard().text() if pasted else event.text()
    signs = [character for character in text if character in LOCALES]
    if len(signs) != 1 or signs[0] == decimalSign() or field.readOnly:
        return False
    for edit in slicer.util.findChildren(field, className="QLineEdit"):
        edit.insert(text.replace(signs[0], decimalSign()))
    return True

"""Functions that create the panel's widgets and layouts. name: the objectName, for tests and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

import ctk
import qt
import slicer
from cxradain import CxradainError
from slicer.i18n import tr as _

from .Timers import Slot, callLater

FOLDERS = 0x001  # ctkPathLineEdit::Dirs, which Python lacks under Qt 6 (CTK pull request 1334)


def pushButton(name: str, text: str, onClick: Slot | None = None):
    """A button. onClick(): called when it is clicked."""
    button = _named(qt.QPushButton(text), name)
    if onClick is not None:
        button.connect("clicked()", lambda: _keepingFocus(button, onClick))
    return button


def toggleButton(name: str, text: str, onToggle: Slot):
    """A toggle button. onToggle(checked): called when it is toggled."""
    button = pushButton(name, text)
    button.checkable = True
    button.connect("toggled(bool)", lambda down: _keepingFocus(button, lambda: onToggle(down)))
    button.connect("toggled(bool)", lambda down: showDown(button, down))
    return button


def showDown(button, down: bool) -> None:
    """Make a checked button stand out in light and dark palettes, as Qt's own shade does not. Not with a
    style sheet, which would keep the button from following changes of the palette."""
    palette = qt.QPalette()  # the application's, of which the button takes what is set
    if down:
        light = palette.color(qt.QPalette.Window).lightness() > 127
        ground, text = ("#1f5fa8", "#ffffff") if light else ("#8ec5ff", "#000000")
        palette.setColor(qt.QPalette.Button, qt.QColor(ground))
        palette.setColor(qt.QPalette.ButtonText, qt.QColor(text))
    button.setPalette(palette)


def _keepingFocus(control, act: Slot) -> None:
    """Do what a control is for. If that disables the control, Qt would give its focus to the next one, which
    might remove an image or be written into by the panel's keys: then no control has the focus."""
    hadFocus = control.hasFocus()
    control.clearFocus()
    act()
    if hadFocus and control.isEnabled() and qt.QApplication.focusWidget() is None:
        control.setFocus()


def checkBox(name: str, text: str, checked: bool):
    """A check box."""
    return _named(qt.QCheckBox(text), name, checked=checked)


def comboBox(name: str, items: Iterable[tuple[str, Any]], onChange: Slot | None = None, chosen=None):
    """A combo box of (text, data) items. onChange(index). chosen: the data of the initial item."""
    box = _named(qt.QComboBox(), name)
    for text, data in items:
        box.addItem(text, data)
    if chosen is not None:
        box.currentIndex = max(0, box.findData(chosen))
    if onChange is not None:
        box.connect("currentIndexChanged(int)", lambda index: _keepingFocus(box, lambda: onChange(index)))
    return box


def chosenData(box):
    """The data of a combo box's current item; None without items."""
    return box.itemData(box.currentIndex)


def lineEdit(name: str, text: str = "", placeholder: str = ""):
    """A text field. Return clears its focus, so that the panel's keys work again."""
    edit = _named(qt.QLineEdit(), name, text=text, placeholderText=placeholder)
    edit.connect("returnPressed()", lambda: edit.clearFocus())
    return edit


def editableBox(edit, name: str, onChosen: Slot):
    """A combo box around a text field, with `setItems` for what it offers. onChosen(): an item was chosen."""
    box = _named(qt.QComboBox(), name, editable=True)
    box.setInsertPolicy(qt.QComboBox.NoInsert)
    box.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)  # long items widen nothing
    box.setLineEdit(edit)
    box.completer().setCompletionMode(qt.QCompleter.PopupCompletion)  # not what was not typed

    def onActivated(_index: int) -> None:
        onChosen()
        box.clearFocus()  # or the next keys would be typed into it: the box has the focus for its text field

    box.connect("activated(int)", onActivated)
    # The list of completions would keep what the view is clicked for.
    edit.connect("returnPressed()", box.completer().popup().hide)
    return box


def refill(box, items: Iterable[tuple[str, Any]], chosen: int) -> None:
    """Replace a combo box's (text, data) items and choose the one at an index, without emitting signals."""
    blocked = box.blockSignals(True)
    box.clear()
    for text, data in items:
        box.addItem(text, data)
    box.currentIndex = chosen
    box.blockSignals(blocked)


def setItems(box, texts: Iterable[str]) -> None:
    """Set what an editable combo box offers; its text stays."""
    text, blocked = box.currentText, box.blockSignals(True)
    box.clear()
    for each in texts:
        box.addItem(each)
    box.currentIndex = -1
    box.setEditText(text)
    box.blockSignals(blocked)


def numberBox(name: str, low: float, high: float, step: float, decimals: int):
    """A number field with limits low and high."""
    box = qt.QDoubleSpinBox()
    return _named(box, name, decimals=decimals, singleStep=step, minimum=low, maximum=high)


def folderEdit(name: str, settingKey: str = ""):
    """A field for a folder's path. settingKey: the setting that holds its history."""
    edit = _named(ctk.ctkPathLineEdit(), name)
    edit.filters = FOLDERS
    if settingKey:
        edit.settingKey = settingKey
    return edit


def progressBar(name: str = "", maximum: int = 0):
    """A progress bar. maximum: 0 for a busy indicator."""
    return _named(qt.QProgressBar(), name, maximum=maximum)


def textLabel(name: str):
    """An empty label that wraps its text, and does not widen the panel even for a long word."""
    label = _named(qt.QLabel(), name)
    label.setTextFormat(qt.Qt.PlainText)  # file names may look like markup
    label.wordWrap = True
    label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)
    label.setTextInteractionFlags(qt.Qt.TextSelectableByMouse)
    return label


def setText(label, text: str, hint: str = "") -> None:
    """Set a label's text. Its tool tip has the text too, where there is no room for it, above a hint."""
    whole = escape("\n\n".join(filter(None, (text, hint))))  # file names may look like markup
    label.text, label.toolTip = text, "<p>{}</p>".format(whole.replace("\n", "<br>")) if whole else ""


def setMessage(label, text: str, hint: str = "") -> None:
    """As `setText`; "" hides the label."""
    setText(label, text, hint)
    label.visible = bool(text)


def messagePlace(lines: int, *widgets):
    """A scroll area, some lines high, for labels and bars: longer messages move nothing around it."""
    layout = column(*widgets)
    layout.addStretch(1)
    inside = holder(layout)
    place = qt.QScrollArea()
    place.setFrameShape(qt.QFrame.NoFrame)
    place.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
    place.setWidgetResizable(True)
    place.setWidget(inside)
    for each in (place.viewport(), inside):
        each.setAutoFillBackground(False)  # Qt would fill it with another color
    place.setFixedHeight(lines * place.fontMetrics().lineSpacing() + 4)
    return place


def keepPlace(*widgets) -> None:
    """Keep the space of widgets while they are hidden, so that nothing moves when they are shown."""
    for widget in widgets:
        policy = widget.sizePolicy
        policy.setRetainSizeWhenHidden(True)
        widget.setSizePolicy(policy)


def logView(name: str, height: int):
    """A read-only text view. height: its maximum height in pixels."""
    return _named(qt.QPlainTextEdit(), name, readOnly=True, maximumHeight=height)


def readOnlyTable(name: str, titles: list[str]):
    """A read-only table with column titles; the last column is stretched."""
    table = _named(qt.QTableWidget(), name)
    table.setColumnCount(len(titles))
    table.setHorizontalHeaderLabels(titles)
    table.horizontalHeader().setStretchLastSection(True)
    table.verticalHeader().setVisible(False)
    table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
    table.setTabKeyNavigation(False)
    return table


def fillTable(table, rows: Iterable[Iterable[str]]) -> None:
    """Replace the rows of a table."""
    texts = list(rows)
    table.setRowCount(len(texts))
    for y, line in enumerate(texts):
        for x, text in enumerate(line):
            table.setItem(y, x, qt.QTableWidgetItem(text))
    table.resizeColumnsToContents()


def row(*widgets, stretch: Iterable[int] = ()):
    """A layout of widgets side by side. stretch: their stretch factors."""
    layout = qt.QHBoxLayout()
    for widget in widgets:
        layout.addWidget(widget)
    for index, share in enumerate(stretch):
        layout.setStretch(index, share)
    return layout


def column(*parts):
    """A layout of widgets and layouts, one below the other."""
    layout = qt.QVBoxLayout()
    for part in parts:
        if part.inherits("QLayout"):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    return layout


def form(*rows):
    """A form layout. rows: each a widget, a layout, or a pair of a title and one of them."""
    layout = qt.QFormLayout()
    for parts in rows:
        layout.addRow(*parts if isinstance(parts, tuple) else (parts,))
    return layout


def withoutMargins(layout):
    """Remove a layout's margins, and return it."""
    layout.setContentsMargins(0, 0, 0, 0)
    return layout


def holder(layout):
    """A widget for a layout, to show and hide it as one."""
    widget = qt.QWidget()
    widget.setLayout(withoutMargins(layout))
    return widget


def section(name: str, title: str, layout, collapsed: bool = True):
    """A collapsible section of the panel."""
    return _folding(ctk.ctkCollapsibleButton(), name, layout, collapsed, text=title)


def groupBox(name: str, title: str, layout, collapsed: bool = True):
    """A collapsible group box in a section."""
    return _folding(ctk.ctkCollapsibleGroupBox(), name, layout, collapsed, title=title)


def _folding(widget, name: str, layout, collapsed: bool, **heading: str):
    _named(widget, name, **heading).setLayout(layout)
    widget.collapsed = collapsed  # last, because it hides the contents one by one
    return widget


def _named(widget, name: str, **properties: object):
    widget.objectName = name
    for attribute, value in properties.items():
        setattr(widget, attribute, value)
    return widget


def silently(widget, name: str, value: object) -> None:
    """Set a widget's property without emitting signals."""
    blocked = widget.blockSignals(True)
    setattr(widget, name, value)
    widget.blockSignals(blocked)
    if name == "checked" and widget.inherits("QPushButton"):
        showDown(widget, bool(value))  # as `toggleButton` does by the signal


def attempt(action: Callable[[], Any], onProblem: Callable[[str], object]):
    """Run an action and return its result; on CxradainError or OSError, call onProblem(text), return None."""
    try:
        return action()
    except (CxradainError, OSError) as problem:
        onProblem(str(problem))
        return None


def confirm(question: str, title: str, act: str, keep: str = "") -> bool:
    """Ask before something that cannot be undone; returns whether to do it.

    act, keep: the buttons' texts, verbs; keep "" for Cancel. Return and Escape choose keep.
    """
    box = ctk.ctkMessageBox(slicer.util.mainWindow())
    box.windowTitle = title
    box.setTextFormat(qt.Qt.PlainText)
    box.text = question
    box.setIcon(qt.QMessageBox.Question)
    box.setStandardButtons(qt.QMessageBox.Ok | qt.QMessageBox.Cancel)
    box.button(qt.QMessageBox.Ok).text = act
    box.button(qt.QMessageBox.Cancel).text = keep or _("Cancel")
    box.setDefaultButton(qt.QMessageBox.Cancel)
    return box.exec() == qt.QMessageBox.Ok


class DropArea(qt.QFrame):
    """A frame that accepts dropped files and folders. onFiles(paths)."""

    def __init__(self, onFiles: Callable[[list[str]], None], parent=None):
        super().__init__(parent)
        self._onFiles = onFiles
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event):
        """Accept drags of files."""
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event):
        """Call onFiles after the other application has finished the drag."""
        paths = _paths(event)
        if paths:
            event.acceptProposedAction()
            callLater(lambda: self._onFiles(paths))


def _paths(event) -> list[str]:
    data = event.mimeData()
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []

"""Widgets and layouts of the panel, each made by one call; names are for tests and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ctk
import qt
import slicer
from cxradain import CxradainError
from slicer.i18n import tr as _

from .Timers import Slot, callLater

FOLDERS = 0x001  # ctkPathLineEdit::Dirs; under Qt 6, Python does not have the name (CTK's pull request 1334)


def pushButton(name: str, text: str, onClick: Slot | None = None):
    """A button; onClick(): it was pressed."""
    button = _named(qt.QPushButton(text), name)
    if onClick is not None:
        button.connect("clicked()", onClick)
    return button


def toggleButton(name: str, text: str, onToggle: Slot):
    """A button that stays down; onToggle(down)."""
    button = pushButton(name, text)
    button.checkable = True
    button.connect("toggled(bool)", onToggle)
    return button


def checkBox(name: str, text: str, checked: bool):
    """A check box."""
    return _named(qt.QCheckBox(text), name, checked=checked)


def comboBox(name: str, items: Iterable[tuple[str, Any]], onChange: Slot | None = None, chosen=None):
    """A drop-down list of (text, data); onChange(index). chosen: the data of the item shown at first."""
    box = _named(qt.QComboBox(), name)
    for text, data in items:
        box.addItem(text, data)
    if chosen is not None:
        box.currentIndex = max(0, box.findData(chosen))
    if onChange is not None:
        box.connect("currentIndexChanged(int)", onChange)
    return box


def chosenData(box):
    """The data of a combo box's current item; None without items."""
    return box.itemData(box.currentIndex)


def lineEdit(name: str, text: str = "", placeholder: str = ""):
    """A line of text to edit. Return gives the keys back, which would go on writing into it."""
    edit = _named(qt.QLineEdit(), name, text=text, placeholderText=placeholder)
    edit.connect("returnPressed()", lambda: edit.clearFocus())
    return edit


def numberBox(name: str, low: float, high: float, step: float, decimals: int):
    """A number to edit; low and high are its limits."""
    box = qt.QDoubleSpinBox()
    return _named(box, name, decimals=decimals, singleStep=step, minimum=low, maximum=high)


def folderEdit(name: str, settingKey: str = ""):
    """A folder's path to edit; settingKey: where the paths used before are remembered."""
    edit = _named(ctk.ctkPathLineEdit(), name)
    edit.filters = FOLDERS
    if settingKey:
        edit.settingKey = settingKey
    return edit


def progressBar(name: str = "", maximum: int = 0):
    """A progress bar to a maximum; 0: that something is at work, no more."""
    return _named(qt.QProgressBar(), name, maximum=maximum)


def textLabel(name: str):
    """An empty label that wraps its text and never widens the panel, however long a word in it is."""
    label = _named(qt.QLabel(), name)
    label.setTextFormat(qt.Qt.PlainText)  # what looks like markup may be a file's name
    label.wordWrap = True
    label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)
    label.setTextInteractionFlags(qt.Qt.TextSelectableByMouse)
    return label


def setMessage(label, text: str) -> None:
    """Show a label's text, or with "" no label."""
    label.text = text
    label.visible = bool(text)


def messagePlace(lines: int, *widgets):
    """Labels and bars in a place of their own, so many lines high whatever they show: nothing around it
    moves, and what is longer can be scrolled."""
    layout = column(*widgets)
    layout.addStretch(1)
    inside = holder(layout)
    place = qt.QScrollArea()
    place.setFrameShape(qt.QFrame.NoFrame)
    place.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
    place.setWidgetResizable(True)
    place.setWidget(inside)
    for each in (place.viewport(), inside):
        each.setAutoFillBackground(False)  # Qt fills it by a color of its own
    place.setFixedHeight(lines * place.fontMetrics().lineSpacing() + 4)
    return place


def keepPlace(*widgets) -> None:
    """Have widgets keep their place while they are hidden, so that nothing moves when they are shown."""
    for widget in widgets:
        policy = widget.sizePolicy
        policy.setRetainSizeWhenHidden(True)
        widget.setSizePolicy(policy)


def logView(name: str, height: int):
    """Lines of text to read, at most `height` pixels of them at a time."""
    return _named(qt.QPlainTextEdit(), name, readOnly=True, maximumHeight=height)


def readOnlyTable(name: str, titles: list[str]):
    """A table to read, with a title for each column; the last column takes the room that is left."""
    table = _named(qt.QTableWidget(), name)
    table.setColumnCount(len(titles))
    table.setHorizontalHeaderLabels(titles)
    table.horizontalHeader().setStretchLastSection(True)
    table.verticalHeader().setVisible(False)
    table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
    return table


def fillTable(table, rows: Iterable[Iterable[str]]) -> None:
    """Make the rows of a table these texts."""
    texts = list(rows)
    table.setRowCount(len(texts))
    for y, line in enumerate(texts):
        for x, text in enumerate(line):
            table.setItem(y, x, qt.QTableWidgetItem(text))
    table.resizeColumnsToContents()


def row(*widgets, stretch: Iterable[int] = ()):
    """A layout of widgets side by side; stretch: each one's share of the room that is left."""
    layout = qt.QHBoxLayout()
    for widget in widgets:
        layout.addWidget(widget)
    for index, share in enumerate(stretch):
        layout.setStretch(index, share)
    return layout


def column(*parts):
    """A layout of widgets and layouts one below the other."""
    layout = qt.QVBoxLayout()
    for part in parts:
        if part.inherits("QLayout"):
            layout.addLayout(part)
        else:
            layout.addWidget(part)
    return layout


def form(*rows):
    """A layout of rows, each a widget, a layout, or a pair of a title and one of them."""
    layout = qt.QFormLayout()
    for parts in rows:
        layout.addRow(*parts if isinstance(parts, tuple) else (parts,))
    return layout


def withoutMargins(layout):
    """The same layout, without room around its contents."""
    layout.setContentsMargins(0, 0, 0, 0)
    return layout


def holder(layout):
    """A widget that holds a layout, to be shown and hidden as one."""
    widget = qt.QWidget()
    widget.setLayout(withoutMargins(layout))
    return widget


def section(name: str, title: str, layout, collapsed: bool = True):
    """A section of the panel: a heading that folds what is in a layout away."""
    return _folding(ctk.ctkCollapsibleButton(), name, layout, collapsed, text=title)


def groupBox(name: str, title: str, layout, collapsed: bool = True):
    """A part of a section that can be folded away on its own."""
    return _folding(ctk.ctkCollapsibleGroupBox(), name, layout, collapsed, title=title)


def _folding(widget, name: str, layout, collapsed: bool, **heading: str):
    _named(widget, name, **heading).setLayout(layout)
    widget.collapsed = collapsed  # once it has its contents, which are hidden one by one
    return widget


def _named(widget, name: str, **properties: object):
    widget.objectName = name
    for attribute, value in properties.items():
        setattr(widget, attribute, value)
    return widget


def silently(widget, name: str, value: object) -> None:
    """Set a widget's property without its signals."""
    blocked = widget.blockSignals(True)
    setattr(widget, name, value)
    widget.blockSignals(blocked)


def attempt(action: Callable[[], Any], onProblem: Callable[[str], object]):
    """What an action returns; None where it fails, and why is given to `onProblem`."""
    try:
        return action()
    except (CxradainError, OSError) as problem:
        onProblem(str(problem))
        return None


def confirm(question: str, title: str, act: str, keep: str = "") -> bool:
    """Ask before something is done that cannot be taken back; whether it is to be done.

    act, keep: what the two buttons do, verbs; keep "" is Cancel. Return and Escape keep.
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
    """Takes dropped files and folders; onFiles(paths)."""

    def __init__(self, onFiles: Callable[[list[str]], None], parent=None):
        super().__init__(parent)
        self._onFiles = onFiles
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event):
        """Accept what has files."""
        if _paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event):
        """Take the files once the other application is done with the drag."""
        paths = _paths(event)
        if paths:
            event.acceptProposedAction()
            callLater(lambda: self._onFiles(paths))


def _paths(event) -> list[str]:
    data = event.mimeData()
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


class Shortcuts:
    """`actions` by key, for example "N" or "Ctrl+Z". inViews: keys act only while a view has the focus."""

    def __init__(self, actions: Mapping[str, Slot], inViews: bool = False):
        self._actions, self._inViews = actions, inViews
        self._installed: list[Any] = []

    def activate(self, active: bool) -> None:
        """Whether the keys act from now on; without a main window they never do."""
        if active == bool(self._installed):
            return
        window = slicer.util.mainWindow()
        if window is None:
            return
        for shortcut in self._installed:
            shortcut.setEnabled(False)  # deleted later, and no key may reach it till then
            shortcut.deleteLater()
        self._installed = []
        place = slicer.app.layoutManager().viewport() if self._inViews else window
        for keys, action in self._actions.items() if active else ():
            shortcut = qt.QShortcut(qt.QKeySequence(keys), place)
            if self._inViews:
                shortcut.setContext(qt.Qt.WidgetWithChildrenShortcut)
            shortcut.connect("activated()", action)
            self._installed.append(shortcut)


@contextmanager
def withoutKeys(keys: Iterable[str]) -> Iterator[None]:
    """Shortcuts that others make meanwhile on the main window leave these keys to the panel's own."""
    window = slicer.util.mainWindow()
    before = len(window.children())
    yield
    for child in window.children()[before:]:
        if child.inherits("QShortcut") and child.key.toString() in keys:
            child.setEnabled(False)


class WidgetEvents(qt.QObject):
    """onEvent(): an event of a kind comes to a widget, before that sees it; True refuses it. None, as the
    main window where there is none, has no events."""

    def __init__(self, widget, kind, onEvent: Callable[[], object]):
        super().__init__()
        self._widget, self._kind, self._onEvent = widget, kind, onEvent
        if self._widget is not None:
            self._widget.installEventFilter(self)

    def eventFilter(self, _watched, event):
        """Take from the widget what is refused."""
        refused = event.type() == self._kind and self._onEvent() is True
        if refused:
            event.ignore()
        return refused

    def stop(self) -> None:
        """The panel goes."""
        if self._widget is not None:
            self._widget.removeEventFilter(self)
            self._widget = None


class GrowingHeight:
    """Gives a widget at least `smallest` pixels of height, and a share of the main window's."""

    def __init__(self, widget, smallest: int, share: float):
        self._widget, self._smallest, self._share = widget, smallest, share
        self._events = WidgetEvents(slicer.util.mainWindow(), qt.QEvent.Resize, self._fit)
        self._fit()

    def stop(self) -> None:
        """The panel goes."""
        self._events.stop()

    def _fit(self) -> None:
        window = slicer.util.mainWindow()
        height = 0 if window is None else round(self._share * window.height)
        self._widget.setMinimumHeight(max(self._smallest, height))


class HeldKey(qt.QObject):
    """onHold(True) when a key of the main window goes down, onHold(False) when it comes up again."""

    def __init__(self, keys: str, onHold: Callable[[bool], None]):
        super().__init__()
        self._key, self._onHold, self._held = ord(keys), onHold, False
        self._shortcut = Shortcuts({keys: self._press})

    def activate(self, active: bool) -> None:
        """Whether the key acts from now on."""
        self._shortcut.activate(active)
        if not active:
            self._release()

    def eventFilter(self, _watched, event):
        """Wait for the key, or for the window to be left with it."""
        kind = event.type()
        if kind == qt.QEvent.KeyRelease:
            if event.key() == self._key and not event.isAutoRepeat():
                self._release()
        elif kind == qt.QEvent.ApplicationDeactivate:
            self._release()
        return False

    def _press(self) -> None:
        if not self._held:
            self._held = True
            slicer.app.installEventFilter(self)  # of all events, so only as long as the key is down
            self._onHold(True)

    def _release(self) -> None:
        if self._held:
            self._held = False
            slicer.app.removeEventFilter(self)
            self._onHold(False)

"""Keys, the mouse wheel and other events of the panel's widgets and of the main window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import qt
import slicer

from .NumberFields import takeDecimalSign, useDecimalSign
from .Timers import CallsInOrder, Slot, callLater


def _isReleased() -> bool:
    return not qt.QApplication.mouseButtons()


_pressed = CallsInOrder(_isReleased)


def inOrder(act: Slot) -> Slot:
    """The action of a key that may be pressed in the middle of a stroke: it waits until no mouse button is
    down, and for the keys that were pressed before it."""
    return lambda: _pressed.add(act)


class Shortcuts:
    """Keyboard shortcuts. actions: by key, such as "N" or "Ctrl+Z". inViews: only while a view has focus.
    repeated: keys that act repeatedly while held; the others act once."""

    def __init__(self, actions: Mapping[str, Slot], inViews: bool = False, repeated: Iterable[str] = ()):
        self._actions, self._inViews, self._repeated = actions, inViews, frozenset(repeated)
        self._installed: list[Any] = []

    def activate(self, active: bool) -> None:
        """Enable or disable the shortcuts; without a main window there are none."""
        if active == bool(self._installed):
            return
        window = slicer.util.mainWindow()
        if window is None:
            return
        for shortcut in self._installed:
            shortcut.setEnabled(False)  # it is deleted later, and must not act until then
            shortcut.deleteLater()
        self._installed = []
        place = slicer.app.layoutManager().viewport() if self._inViews else window
        for keys, action in self._actions.items() if active else ():
            shortcut = qt.QShortcut(qt.QKeySequence(keys), place)
            shortcut.autoRepeat = keys in self._repeated
            if self._inViews:
                shortcut.setContext(qt.Qt.WidgetWithChildrenShortcut)
            shortcut.connect("activated()", action)
            self._installed.append(shortcut)


@contextmanager
def withoutKeys(keys: Iterable[str]) -> Iterator[None]:
    """Disable shortcuts for these keys that the block creates on the main window."""
    window = slicer.util.mainWindow()
    before = len(window.children())
    yield
    for child in window.children()[before:]:
        if child.inherits("QShortcut") and child.key.toString() in keys:
            child.setEnabled(False)


class WidgetEvents(qt.QObject):
    """onEvent(): called before a widget receives an event of a kind; returning True rejects the event.
    widget: None, such as the main window if there is none, has no events."""

    def __init__(self, widget, kind, onEvent: Callable[[], object]):
        super().__init__()
        self._widget, self._kind, self._onEvent = widget, kind, onEvent
        if self._widget is not None:
            self._widget.installEventFilter(self)

    def eventFilter(self, _watched, event):
        """Call onEvent; a rejected event does not reach the widget."""
        refused = event.type() == self._kind and self._onEvent() is True
        if refused:
            event.ignore()
        return refused

    def stop(self) -> None:
        """Called when the panel is closed."""
        if self._widget is not None:
            self._widget.removeEventFilter(self)
            self._widget = None


class PanelControls(qt.QObject):
    """How a panel's combo boxes, sliders and number fields take the mouse wheel, Return and decimal signs.

    The wheel scrolls the panel that it passes over; it changes a slider or a number field only if that was
    given the focus. Return ends typing in a field, so that the next keys are the panel's. A number field
    shows the decimal sign of the panel's language and takes a point and a comma for it.
    """

    def __init__(self, panel):
        super().__init__()
        useDecimalSign(panel)
        self._controls = [
            child
            for child in slicer.util.findChildren(panel)
            if any(child.inherits(kind) for kind in ("QComboBox", "QAbstractSpinBox", "QSlider"))
        ]
        for control in self._controls:
            control.setFocusPolicy(qt.Qt.StrongFocus)  # by default the wheel gives some of them the focus
            control.installEventFilter(self)
            if control.inherits("QComboBox") and control.lineEdit() is not None:
                # An open list of completions hands Return to the text field, past the filter, and gives the
                # box the focus when it closes.
                control.lineEdit().connect("returnPressed()", partial(callLater, control.clearFocus))

    def eventFilter(self, watched, event):
        """Leave the wheel to what is around the control; let it take Return, then give up the focus; give it
        its own decimal sign."""
        kind = event.type()
        if kind == qt.QEvent.KeyPress and event.key() in (qt.Qt.Key_Return, qt.Qt.Key_Enter):
            callLater(watched.clearFocus)
        if kind == qt.QEvent.KeyPress and watched.inherits("QDoubleSpinBox"):
            return takeDecimalSign(watched, event)
        if kind != qt.QEvent.Wheel or (watched.hasFocus() and not watched.inherits("QComboBox")):
            return False
        event.ignore()
        return True

    def stop(self) -> None:
        """Called when the panel is closed."""
        for control in self._controls:
            control.removeEventFilter(self)
        self._controls = []


class GrowingHeight:
    """Sets a widget's minimum height to a share of the main window's, but at least `smallest` pixels."""

    def __init__(self, widget, smallest: int, share: float):
        self._widget, self._smallest, self._share = widget, smallest, share
        self._events = WidgetEvents(slicer.util.mainWindow(), qt.QEvent.Resize, self._fit)
        self._fit()

    def stop(self) -> None:
        """Called when the panel is closed."""
        self._events.stop()

    def _fit(self) -> None:
        window = slicer.util.mainWindow()
        height = 0 if window is None else round(self._share * window.height)
        self._widget.setMinimumHeight(max(self._smallest, height))


class HeldKey(qt.QObject):
    """onHold(True) when a key is pressed in the main window, onHold(False) when it is released."""

    def __init__(self, keys: str, onHold: Callable[[bool], None]):
        super().__init__()
        self._key, self._onHold, self._held = ord(keys), onHold, False
        self._shortcut = Shortcuts({keys: self._press})

    def activate(self, active: bool) -> None:
        """Enable or disable the key."""
        self._shortcut.activate(active)
        if not active:
            self._release()

    def eventFilter(self, _watched, event):
        """Detect the release of the key, or that the application loses the focus."""
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
            slicer.app.installEventFilter(self)  # only while the key is down: it sees all events
            self._onHold(True)

    def _release(self) -> None:
        if self._held:
            self._held = False
            slicer.app.removeEventFilter(self)
            self._onHold(False)

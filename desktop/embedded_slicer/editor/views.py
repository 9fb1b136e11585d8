"""Passes mouse and key events in the slice views to the active effect, before the views handle them."""

from __future__ import annotations

from typing import Any

import slicer

EVENTS = (
    "LeftButtonPressEvent",
    "LeftButtonReleaseEvent",
    "LeftButtonDoubleClickEvent",
    "RightButtonPressEvent",
    "RightButtonReleaseEvent",
    "MouseMoveEvent",
    "MouseWheelForwardEvent",
    "MouseWheelBackwardEvent",
    "KeyPressEvent",
    "LeaveEvent",
)


class ViewObservations:
    """Observes all slice views for an editor widget, between `start` and `stop`."""

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        self._tags: list[tuple[Any, int]] = []
        self._views: list[Any] = []

    def start(self) -> None:
        self.stop()
        layout = slicer.app.layoutManager()
        for name in layout.sliceViewNames() if layout is not None else ():
            self._observe(layout.sliceWidget(name))

    def stop(self) -> None:
        for interactor, tag in self._tags:
            interactor.RemoveObserver(tag)
        for view in self._views:
            view.overlays.remove(self._paint)
            view.update()
        self._tags, self._views = [], []

    def update(self) -> None:
        for view in self._views:
            view.update()

    def _observe(self, sliceWidget: Any) -> None:
        interactor, view = sliceWidget.sliceView().interactor(), sliceWidget.sliceView()
        commands: dict[str, int] = {}

        def forward(caller: Any, event: str) -> None:
            effect = self._widget.activeEffect()
            handled = effect is not None and effect.interact(event, caller, sliceWidget)
            caller.GetCommand(commands[event]).SetAbortFlag(int(bool(handled)))

        for event in EVENTS:
            commands[event] = interactor.AddObserver(event, forward, 1.0)  # the same priority as in Slicer
            self._tags.append((interactor, commands[event]))
        view.overlays.append(self._paint)
        self._views.append(view)

    def _paint(self, painter: Any, view: Any) -> None:
        effect = self._widget.activeEffect()
        if effect is not None:
            effect.paint_cursor(painter, view)

"""Comparison with the model's mask, another reader's, an older version or a prior, in a second view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Comparing import Choice, Comparing
from ..logic.Worklist import Worklist
from ..scene.CompareView import FollowZoom, clearView, closeView, openView, showVolume
from ..scene.Overlays import showOverlays
from ..scene.SliceViews import isCompareShown
from ..scene.ViewText import ViewText
from .SegmentSection import SegmentSection
from .ViewLabels import sideMarker
from .WorklistModel import NAMES, readerName

COMPARE = "C"  # key


class CompareRow:
    """A button and a list of what to compare with, in `layout`. onViews(): the views' sizes have changed."""

    def __init__(self, worklist: Worklist, segmentSection: SegmentSection, onViews: Callable[[], object]):
        self._segmentSection, self._onViews = segmentSection, onViews
        self.comparing = Comparing(worklist)
        self._volume: Any = None
        self._choices: list[Choice] = []
        self._chosen: tuple[str, str] | None = None  # kind and text of what was compared with last
        self.text, self._zoom = ViewText("Compare"), FollowZoom()
        self.button = ui.toggleButton(
            "CompareButton", _("Compare ({key})").format(key=COMPARE), self._onToggled
        )
        self.button.toolTip = _(
            "Show beside it the model's mask, another reader's, an older version, or another radiograph of "
            "the same patient. Only the first view is worked on. Key: {key}"
        ).format(key=COMPARE)
        self.box = ui.comboBox("CompareBox", [], self._onChoice)
        self.box.toolTip = _("What is shown beside it.")
        self.layout = ui.row(self.button, self.box, stretch=(1, 1))
        segmentSection.turning.turned.connect(self._onTurned)
        worklist.readerChanged.connect(self._onReader)

    # --- lifetime -----------------------------------------------------------------------------------------

    def setVolume(self, volume) -> None:
        """Follow the radiograph that is shown, or None."""
        self._volume = volume
        if self.button.checked:
            self.compare()

    def update(self) -> None:
        """Enable the controls that can be used now."""
        self.button.enabled = self._volume is not None or self.button.checked
        self.box.enabled = self.button.checked

    def end(self) -> None:
        """End the comparison and show the radiograph alone."""
        self.button.checked = False

    def toggle(self) -> None:
        """Begin or end the comparison; if there is no radiograph to compare, a message says so."""
        if self.button.checked or self._segmentSection.isShown():
            self.button.toggle()

    def release(self) -> None:
        """Release the scene's nodes before it closes."""
        self.end()
        self._volume = None

    def close(self) -> None:
        """Called when the panel is closed."""
        self._zoom.removeObservers()
        self.text.close()

    def renew(self) -> None:
        """Update the comparison after the model has made another mask."""
        if self.button.checked and (self.comparing.wanted is None or self.comparing.isModels):
            self.compare()

    def followViews(self) -> None:
        """End the comparison if the layout no longer has the second view."""
        if self.button.checked and not isCompareShown():
            self.end()

    def followDisplay(self, volume) -> None:
        """Copy a volume's window, level and inversion to its copy in the second view."""
        other, display = self.comparing.volume, volume.GetDisplayNode()
        if other is not None and other.GetImageData() is volume.GetImageData():
            other.GetDisplayNode().SetWindowLevel(display.GetWindow(), display.GetLevel())
            other.GetDisplayNode().SetInvertDisplayScalarRange(display.GetInvertDisplayScalarRange())

    def compare(self) -> None:
        """Show the chosen comparison or, for another radiograph, one of the same kind."""
        kind, text = ui.chosenData(self.box) or self._chosen or ("", "")
        self._choices = self.comparing.choices(self._volume) if self._volume is not None else []
        same = [n for n, each in enumerate(self._choices) if (each.kind, each.text) == (kind, text)]
        alike = [n for n, each in enumerate(self._choices) if each.kind == kind]
        chosen = next(iter([*same, *alike, *range(min(1, len(self._choices)))]), -1)
        ui.refill(self.box, ((each.text, (each.kind, each.text)) for each in self._choices), chosen)
        self._showChoice()

    # --- events -------------------------------------------------------------------------------------------

    def _onToggled(self, on: bool) -> None:
        self.box.enabled = on
        if on and self._volume is not None and self._segmentSection.isShown():
            openView()
            self.compare()
            self._onViews()
            return
        self._chosen = ui.chosenData(self.box) or self._chosen
        self._choices = []
        ui.refill(self.box, (), -1)  # another radiograph has others
        self._zoom.follow(None, None)
        self.comparing.forget()
        self.text.close()
        closeView()
        self._onViews()
        if on:
            self.end()

    def _onChoice(self, _index: int) -> None:
        self._showChoice()

    def _showChoice(self) -> None:
        index = self.box.currentIndex
        clearView()
        if not 0 <= index < len(self._choices):
            self.comparing.forget()
            self._zoom.follow(None, None)
            self.text.show([_("Nothing to compare this radiograph with.")])
            return
        volume = self._volume

        def show() -> None:
            node = self.comparing.volume
            if node is None or volume is not self._volume or not isCompareShown():
                return
            ui.attempt(lambda: showVolume(node, volume), self._segmentSection.showMessage)
            showOverlays()
            marker, side = sideMarker(node)
            self.text.show(_lines(self.comparing), marker, side)
            self._zoom.follow(volume, node)

        self.text.show([_("Reading...")])
        self.comparing.make(volume, self._choices[index], show, self._segmentSection.showMessage)

    def _onReader(self) -> None:
        if self.button.checked:
            self.compare()  # whose masks are others' has changed

    def _onTurned(self, volume) -> None:
        if volume is self._volume and self.button.checked:
            self.compare()  # the copy must be turned in the same way


def _lines(comparing: Comparing) -> list[str]:
    """The second view's labels."""
    choice, name = comparing.wanted, comparing.volume.GetName()
    lines = [_("For comparison"), name]
    if choice.image is None:
        lines.append(choice.text)
    if choice.version is not None:
        lines.append(f"{NAMES[choice.version.status]()} ({readerName(choice.version.reader)})")
    return lines

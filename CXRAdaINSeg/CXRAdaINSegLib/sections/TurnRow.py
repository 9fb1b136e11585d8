"""How the radiograph is turned to be upright: a button for the suggested turn, and a list of all turns."""

from __future__ import annotations

from typing import Any

import numpy as np
from cxradain.imaging.lungs import other_lung
from cxradain.imaging.turn import TURNS, Turn
from cxradain.sessions.records import Version
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.MaskOfTurn import restoreMask
from ..logic.Segmenting import Segmenting, workingText
from ..logic.Worklist import Worklist
from ..scene.Display import showRadiograph
from ..scene.LungSegments import LUNGS, labelsOf, lungsOf, presentLungs
from ..scene.LungSides import SWAP, areSidesExchanged, followTurn, swapSides
from ..scene.MaskProvenance import proposedTurn
from ..scene.VolumeImages import setTurn, turnOf
from ..Signal import Signal


class TurnRow:
    """A row of the Segment section, `section`, which has the volume, the mode and messages.

    Only the view and the model's input are turned; the file, the volume node and masks that a reader has
    corrected or approved stay as they are. If a turn exchanges left and right, these masks exchange their
    names, as all readers' do in the session. Undo does not reach back to before a turn.

    worklist: keeps the turn of its images, and their masks as they were for each turn.
    Signals: turned(volume), the volume is shown with another turn; masksExchanged(volume), it has other masks
    or sides than before the turn.
    """

    def __init__(self, segmenting: Segmenting, section, worklist: Worklist):
        self._segmenting, self._section, self._worklist = segmenting, section, worklist
        self.turned, self.masksExchanged = Signal(), Signal()
        self._exchanged: Any = None  # the volume whose reviewed masks have followed a turn, while it is shown
        turns = [(turnName(turn), number) for number, turn in enumerate(TURNS)]
        self.box = ui.comboBox("TurnBox", turns, self._onChosen)
        self.box.toolTip = _(
            "How the radiograph is turned to stand upright: as its header says, until you choose another "
            "turn. Its file stays as it is, and so do exports."
        )
        self.box.setMinimumWidth(120)  # so that long names, as in German, do not widen the panel
        self.button = ui.pushButton("TurnButton", "", self._onButton)
        ui.keepPlace(self.button)
        self.layout = ui.row(self.box, self.button, stretch=(1, 1))

    def update(self) -> None:
        """Show how the chosen radiograph is turned, and the suggested turn."""
        volume = self._section.volume
        turn = turnOf(volume) if volume is not None else Turn()
        ui.silently(self.box, "currentIndex", TURNS.index(turn))
        self.box.enabled = volume is not None  # also at work: it would lose the focus, and the next arrow key
        self.button.enabled = volume is not None and not self._segmenting.busy
        proposed = proposedTurn(lungsOf(volume))
        self.button.visible = bool(proposed or turn)
        self.button.text = _proposal(proposed) if proposed else _("Undo turn")
        self.button.toolTip = (
            _("Set the radiograph upright, and segment it again. The file stays as it is.")
            if proposed
            else _("Show and segment the radiograph as its file has it.")
        )

    def turn(self, turn: Turn) -> None:
        """Set the chosen radiograph's turn, and segment again the lungs whose masks are the model's."""
        volume = self._section.volume
        if volume is not None and turn != turnOf(volume):
            if self._segmenting.busy:
                self._section.refuse(workingText(), lambda: self._segmenting.busy)
            else:
                ui.attempt(lambda: self._turn(volume, turn), self._section.showMessage)
        self.update()

    def _turn(self, volume, turn: Turn) -> None:
        former = turnOf(volume)
        exchanged = self._worklist.keepTurn(volume, turn)
        setTurn(volume, turn)
        self._section.overlay.hideViews()
        showRadiograph(volume)
        segmentation = lungsOf(volume)
        before = labelsOf(segmentation, volume)
        kept = self._segmenting.corrected(volume)
        self._segmenting.history.forget()  # it has the masks' sides, and not the turn that they belong to
        if exchanged is None:
            exchanged = areSidesExchanged(before, turn)
        if exchanged and presentLungs(segmentation):
            swapSides(segmentation, volume, models=True)
            kept = tuple(other_lung(lung) for lung in kept)
        else:
            followTurn(segmentation, former, turn)
        self.turned.emit(volume)
        self._exchanged = volume if exchanged and kept else None
        if restoreMask(self._worklist, volume, kept):
            self._segmenting.masksChanged.emit(volume)
        else:
            self._segment(volume, kept)
        if not np.array_equal(before, labelsOf(lungsOf(volume), volume)):
            self.masksExchanged.emit(volume)

    def forget(self) -> None:
        """Another radiograph is shown, or another reader sees it."""
        self._exchanged = None

    @property
    def note(self) -> str:
        """What the last turn has done to the masks of the radiograph that is shown; "" if nothing."""
        if self._exchanged is None or self._exchanged is not self._section.volume:
            return ""
        return _("The turn has exchanged right and left, and so the sides of the masks. Check them.")

    def resume(self, shown: Version) -> None:
        """Segment the chosen radiograph again, but what was corrected or approved, if its masks were made for
        another turn: it was turned by another reader, or left before that was done.

        Masks whose sides the reader has exchanged are kept, too, even if the turn makes them the model's.
        """
        volume = self._section.volume
        if shown.turn not in (None, turnOf(volume)) and presentLungs(lungsOf(volume)):
            kept = LUNGS if SWAP in shown.tools else self._segmenting.corrected(volume)
            ui.attempt(lambda: self._segment(volume, kept), self._section.showMessage)

    def _segment(self, volume, kept: tuple[int, ...]) -> None:
        """Segment again the lungs but those that are kept."""
        lungs = tuple(lung for lung in presentLungs(lungsOf(volume)) if lung not in kept)
        if lungs:
            self._segmenting.segment(volume, self._section.mode, lungs)
        else:
            self._section.showResult()

    def _onButton(self) -> None:
        volume = self._section.volume
        proposed = proposedTurn(lungsOf(volume))
        self.turn(turnOf(volume).then(proposed) if proposed else Turn())

    def _onChosen(self, index: int) -> None:
        self.turn(TURNS[index])


def turnName(turn: Turn) -> str:
    """A turn in the user's language."""
    if not turn:
        return _("As in the file")
    if not turn.degrees:
        return _("Flipped")
    text = _("Rotated by {degrees}°, flipped") if turn.flipped else _("Rotated by {degrees}°")
    return text.format(degrees=turn.degrees)


def _proposal(turn: Turn) -> str:
    """The button's text."""
    if turn.degrees:
        return _("Rotate and flip") if turn.flipped else _("Rotate")
    return _("Flip")

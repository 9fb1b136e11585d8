"""The controls for a radiograph in the view that is not the worklist's current image: adding it to the
session or, for a copy of the session's radiograph, showing the original."""

from __future__ import annotations

from collections.abc import Callable

from cxradain.sessions.records import AUTO
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Copies import Copies
from ..logic.LoadedImage import statusOf
from ..logic.OpenSession import noSessionText, readOnlyText
from ..logic.Segmenting import isThere, waitingText
from ..logic.Worklist import Worklist
from ..scene.ChestLines import heartPoints
from ..scene.SliceViews import isShown
from ..scene.VolumeImages import sourceFile
from .SegmentSection import SegmentSection
from .SessionJobs import SessionJobs


class RadiographInView:
    """`addButton` adds the radiograph, `copyRow` is shown for a copy. show(key): shows an image of the list.
    showMessage(text): shows a problem."""

    def __init__(
        self,
        worklist: Worklist,
        segmentSection: SegmentSection,
        jobs: SessionJobs,
        show: Callable[[str], None],
        showMessage: Callable[[str], None],
    ):
        self._worklist, self._segmentSection, self._jobs = worklist, segmentSection, jobs
        self._show, self._showMessage = show, showMessage
        self.copies = Copies(worklist)
        self.addButton = ui.pushButton("AddShownButton", _("Add radiograph in view"), self.add)
        self.copyText = ui.textLabel("CopyText")
        self.originalButton = ui.pushButton("ShowOriginalButton", _("Show original"), self.showOriginal)
        self.originalButton.toolTip = _("Leave the copy, and show the session's own radiograph.")
        self.copyRow = ui.holder(ui.row(self.copyText, self.originalButton, stretch=(1, 0)))

    def update(self) -> None:
        """Update the controls for the view and the session."""
        why, image = self._whyNot(), self._image()
        self.addButton.enabled = not why
        hint = _("Bring the radiograph in view into the session, with its masks: for you to review.")
        if image is not None:
            hint = _(
                "Keep the masks of this copy as your newest version of {name}, and show the original."
            ).format(name=image.name)
            text = _("The view shows a copy of {name} of this session. Strokes on it are not kept.")
            ui.setText(self.copyText, text.format(name=image.name))
        self.copyRow.visible = image is not None
        self.addButton.toolTip = self.addButton.statusTip = why or hint

    def showOriginal(self) -> None:
        """Show the session's radiograph instead of its copy."""
        image = self._image()
        if image is not None:
            self._show(image.key)

    def add(self) -> None:
        """Add the radiograph in the view and its masks to the session; of a copy, only the masks."""
        volume, image = self._segmentSection.volume, self._image()
        path = sourceFile(volume) if volume is not None else None
        if why := self._whyNot():
            self._showMessage(why)
        elif self._worklist.segmenting.writing:
            self._showMessage(waitingText())
            self._worklist.whenAnswered(lambda: self._addLater(volume))
        elif not self._worklist.isFinished():
            pass  # isFinished reports it
        elif image is not None:
            self._keep(volume, image.key)
        elif path is None:
            self._showMessage(_("The file of this radiograph is not known. Add its file to the session."))
        else:
            self._showMessage("")
            self._jobs.add([path], lambda key: self._keep(volume, key) if key else None)

    def _addLater(self, volume) -> None:
        self._showMessage("")
        if self._segmentSection.volume is volume:
            self.add()

    def _keep(self, volume, key: str) -> None:
        """Save a volume's work to the session's image `key`, and show that. The reader's own work there is
        replaced only by other work, after asking."""
        if not isThere(volume):
            return
        worklist, message = self._worklist, ""
        if worklist.hasWork(key):
            name = worklist.session.image(key).name
            isNew = worklist.segmenting.corrected(volume) or heartPoints(volume)
            if not isNew or self.copies.has(key, volume):
                message = _("{name} is in the session already. Your work on it stays as it is.")
                message = message.format(name=name)
            elif not ui.confirm(replaceText(name), _("Replace your work?"), _("Replace"), _("Keep")):
                return
        isChanged = bool(worklist.segmenting.corrected(volume))
        kept = bool(message) or worklist.keepWorkOf(volume, key)
        version = worklist.session.newest(key, worklist.reader)
        if kept and isChanged and version is not None and statusOf(version, worklist.reader) == AUTO:
            message = message or reviewText()
        stays = volume is self._segmentSection.volume and not worklist.isReading
        if kept and stays:  # otherwise the reader has moved on
            self._show(key)
        if message:
            self._showMessage(message)

    def _image(self):
        """The session's image of which the view shows a copy, or None."""
        volume = self._segmentSection.volume
        return self.copies.imageOf(volume) if volume is not None and isShown(volume) else None

    def _whyNot(self) -> str:
        """Why the radiograph in the view cannot be added; "" if it can."""
        volume, opened = self._segmentSection.volume, self._worklist.opened
        if opened.session is None:
            return noSessionText()
        if opened.onlyReads:
            return readOnlyText()
        if volume is None or not isShown(volume):
            return _("The view shows no radiograph. Choose one.")
        if self.copies.isAtHand(volume):
            return _("The radiograph in the view is in the session already.")
        if self._jobs.adding.running:
            return _("Radiographs are being added. Wait for them, or cancel.")
        return ""


def reviewText() -> str:
    """The message for masks that somebody has changed, but as far as is known not the reader."""
    return _(
        "Added for review: these masks were not changed here under your name. Approve them, or correct them."
    )


def replaceText(name: str) -> str:
    """The question before the reader's own work on an image is replaced."""
    return _(
        "{name} is in the session already, with work of yours. Replace it by the masks and heart points in "
        "the view? Your present mask stays as an older version."
    ).format(name=name)

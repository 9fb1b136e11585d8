"""The Worklist section: the session's images as a list, to be read one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cxradain.sessions.original_names import original_names
from cxradain.sessions.records import (
    MODEL,
    UNLABELLED,
    UNREADABLE,
    Version,
)
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.LoadedImage import statusOf
from ..logic.OpenSession import noSessionText, readOnlyText
from ..logic.Renewing import Renewing
from ..logic.Segmenting import waitingText
from ..logic.Worklist import Worklist, openOutlineText
from ..scene.SliceViews import isShown
from ..Settings import rememberForSession, sessionSetting
from ..Timers import callLater
from .Decisions import Decisions
from .ExportBox import ExportBox
from .LeavingImage import mayLeave
from .RadiographInView import RadiographInView
from .ReadingButtons import APPROVE, DONE, FLAG, NEXT, PREVIOUS, UNREVIEWED, ReadingButtons
from .RefusalTexts import (
    causesOf,
    emptyListText,
    firstText,
    lastText,
    reviewedText,
    toolText,
)
from .RemovingImage import removeAfterAsking
from .SegmentSection import SegmentSection
from .SessionJobs import SessionJobs
from .SessionRows import SessionRows
from .StandingMessage import Holds
from .VersionsDialog import VersionsDialog
from .WorklistMessages import WorklistMessages
from .WorklistTable import WorklistTable


class WorklistSection:
    """onImage(current or None): another image of the session is in the scene."""

    def __init__(
        self,
        worklist: Worklist,
        segmentSection: SegmentSection,
        onImage: Callable[[object], None],
    ):
        self._worklist, self._segmentSection, self._onImage = worklist, segmentSection, onImage
        self._entered = False
        self.messages = WorklistMessages()
        self._listed: Path | None = None  # the folder of the session that is listed
        self.rows = SessionRows(worklist, self.showMessage, self._showLast)
        self.table = WorklistTable(worklist.opened.worker, self.show, self._onOrder, self.rowMenu)
        self.versions = VersionsDialog(worklist, self.tellOfImage)
        self.jobs = SessionJobs(
            worklist, segmentSection, self._onMade, self.refresh, self.messages.showJob, self.show
        )
        self.inView = RadiographInView(worklist, segmentSection, self.jobs, self.show, self.showMessage)
        self.exports = ExportBox(worklist.opened, worklist.save, self.showMessage)
        self._renewing = Renewing(worklist, self._onOffered, self._onRenewed)
        segmentSection.turning.masksExchanged.connect(self._renewing.noteExchange)
        self.decisions = Decisions(worklist, self, self._renewing)
        slots = {
            PREVIOUS: self.previous,
            NEXT: self.next,
            UNREVIEWED: self.nextUnreviewed,
            APPROVE: self.decisions.approve,
            DONE: self.decisions.approveAndNext,
            FLAG: self.decisions.flag,
        }
        self.reading = ReadingButtons(slots, lambda: self.messages.tell(toolText()))
        self.messages.causes = causesOf(self, worklist)
        self._build()
        worklist.opened.changed.connect(self._onSession)
        worklist.imageChanged.connect(self._onImageChanged)
        worklist.versionSaved.connect(self._onVersion)
        worklist.imageTurned.connect(self.table.pictures.drop)
        worklist.imageTurned.connect(self._updateRow)
        worklist.readerLeaves.connect(self.messages.forgetImage)
        worklist.readerChanged.connect(self.refresh)
        worklist.segmenting.busyChanged.connect(self.messages.onBusy)
        worklist.problemChanged.connect(self._onProblem)
        self._update()

    def _build(self) -> None:
        self.removeButton = ui.pushButton(
            "RemoveImageButton", _("Remove image..."), lambda: self.remove(self.table.highlighted)
        )
        self.removeButton.toolTip = _(
            "Take the highlighted image out of the session; asks first, and keeps its masks."
        )
        self.versionsButton = ui.pushButton("VersionsButton", _("Versions..."), self.showVersions)
        self.versionsButton.toolTip = _("Look at all versions of the shown image's mask, and take one back.")
        self.beforeButton = ui.pushButton("MaskBeforeButton", _("Earlier mask"), self.decisions.takeBefore)
        self.beforeButton.toolTip = _(
            "Bring back the mask that you had before this one; press again to go further back. "
            "Nothing is lost: all are versions. Undo (Ctrl+Z) reaches back to when the image was opened, no "
            "further."
        )
        self.body = ui.holder(
            ui.column(
                self.jobs.layout,
                self.table.layout,
                self.reading.layout,
                ui.row(self.beforeButton, self.versionsButton, stretch=(1, 1)),
                ui.row(self.inView.addButton, self.removeButton, stretch=(1, 1)),
                self.exports.widget,
            )
        )
        self.hint, self.message = ui.textLabel("WorklistHint"), self.messages.label
        self.area = ui.DropArea(self.add)
        texts = (self.message, self.rows.readText, self.inView.copyRow, self.hint)  # by their urgency
        place = ui.messagePlace(3, self.jobs.progressRow, *texts)
        self.area.setLayout(ui.column(self.rows.form, place, self.body))
        self.showMessage("")
        self.widget = ui.section("WorklistSection", _("Worklist"), ui.withoutMargins(ui.column(self.area)))

    def showMessage(self, text: str, holds: Holds | None = None) -> None:
        """Show a message in the section; "" clears it. holds: whether its cause is still there."""
        self.messages.show(text, holds)

    def tellOfImage(self, text: str, holds: Holds | None = None) -> None:
        """Tell something about the image in view, in the section and in the view. holds: whether the cause is
        still there."""
        self.messages.tellOf(self._segmentSection.volume, text, holds)

    def _update(self) -> None:
        self.rows.update()
        self.jobs.update()
        self.exports.update()
        isOpen, count = self._worklist.session is not None, len(self.table.model.rows)
        self.body.visible = isOpen
        self.hint.visible = not count
        self.hint.text = (
            _("Add radiographs: files or whole folders, or drop them here.")
            if isOpen
            else _(
                "A session is a folder that keeps radiographs and every version of their masks, for "
                "correcting one after the other and for training. Choose one, or an empty folder to begin."
            )
        )
        writes = not self._worklist.opened.onlyReads
        self.inView.update()
        self.versionsButton.enabled = self.isShown()
        self.removeButton.enabled = writes and self.table.highlighted != ""
        self.beforeButton.enabled = writes and self.isShown()
        self.reading.update(goes=count > 0, decides=writes and self.isShown())

    # --- lifetime -----------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Called when the module is opened."""
        self._entered = True
        self._updateKeys()

    def exit(self) -> None:
        """Release the keys: another module is opened."""
        self._entered = False
        self._updateKeys()

    def close(self) -> None:
        """Called when the panel is closed."""
        self.reading.activate(False)
        self.jobs.stop()
        self.exports.stop()
        self.versions.close()
        self.messages.close()
        self.table.close()

    def _updateKeys(self) -> None:
        self.reading.activate(self._entered and self._worklist.session is not None)

    # --- actions ------------------------------------------------------------------------------------------

    def show(self, key: str) -> None:
        """Show an image of the list in the view."""
        isOther = self._worklist.current is not None and self._worklist.current.image.key != key
        if isOther and self._worklist.hasOpenOutline():
            self.showCurrent()
            self.tellOfImage(openOutlineText())
            return
        if isOther and not mayLeave(self._worklist):
            self.showCurrent()
            return
        self.messages.forgetImage()
        self.showMessage("")
        self._segmentSection.input.passOver()
        waits = self._worklist.segmenting.writing
        if self._worklist.show(key) and self._worklist.isReading and waits:
            self.messages.tell(waitingText())
        self.showCurrent()
        self._renewing.show(key)

    def showCurrent(self) -> None:
        """Highlight the chosen image if it is in the view, being read or unreadable; no row if the view shows
        a radiograph from outside the session."""
        current, volume = self._worklist.current, self._segmentSection.volume
        isOurs = volume is (None if current is None else current.volume)
        self.table.select(self._worklist.key if isOurs or self._worklist.isReading else "")
        self.messages.follow(volume)
        self._update()

    def next(self) -> None:
        """Show the next image of the list."""
        self._go(1, lastText())

    def previous(self) -> None:
        """Show the previous image of the list."""
        self._go(-1, firstText())

    def nextUnreviewed(self) -> None:
        """Show the next image that the reader has not reviewed, wrapping around at the end of the list."""
        key = self.table.unreviewedAfter(self.keyToGoFrom)
        self._showOrTell(key, reviewedText())

    @property
    def keyToGoFrom(self) -> str:
        """The key of the chosen image, or of the last one if the scene was closed; "" before the first."""
        return self._worklist.key or self.table.last

    def remove(self, key: str) -> None:
        """Remove an image of the list from the session, after asking."""
        self.showMessage("")
        removeAfterAsking(self, self._worklist, key)

    def isShown(self) -> bool:
        """Whether the chosen image is in the view."""
        return self._worklist.key != "" and self.shownKey() == self._worklist.key

    def shownKey(self) -> str:
        """The key of the session's image in the view; "" if the view shows another radiograph."""
        current = self._worklist.current
        isOurs = current is not None and current.volume is self._segmentSection.volume
        return current.image.key if isOurs and isShown(current.volume) else ""

    def add(self, paths) -> None:
        """Add files, and all images in folders, to the session."""
        if self._worklist.session is None:
            self.showMessage(noSessionText())
            return
        if self._worklist.opened.onlyReads:
            self.showMessage(readOnlyText())
            return
        self.showMessage("")
        self.jobs.add(paths)

    def showVersions(self) -> None:
        """Open the dialog with all versions of the current image's mask."""
        if self.isShown():
            self.versions.show(self._worklist.current.image)

    def explainUndo(self) -> None:
        """Explain, when there is nothing to undo, how to restore an earlier mask."""
        if self.isShown():
            text = _(
                "Nothing to undo since this image was opened. {button}, in the worklist, goes further back."
            )
            self._segmentSection.answer(text.format(button=self.beforeButton.text))
        elif self._segmentSection.isShown():
            self._segmentSection.answer(_("Nothing to undo."))

    def rowMenu(self, key: str) -> list:
        """A row's context menu: texts and functions."""
        actions = [
            (_("Show"), lambda: self.show(key)),
            (_("Versions..."), lambda: self.versions.show(self._worklist.session.image(key))),
        ]
        if not self._worklist.opened.onlyReads:
            actions.append((_("Remove image..."), lambda: self.remove(key)))
        return actions

    def refresh(self) -> None:
        """List the session's present images, in the chosen order."""
        session = self._worklist.session
        if session is None:
            self.table.clear()
        else:
            self.table.setFiles(original_names(session))
            self.table.setRows(session.worklist(self._worklist.reader, self.table.order))
            self._worklist.opened.worker.request("set_aside", onResult=self._onSetAside)
        self.showCurrent()

    def _showLast(self) -> None:
        """Show the image that was shown last, or first one whose mask could not be saved."""
        rows = self.table.model.rows
        unsaved = (key for key in rows if self._worklist.isUnsaved(key))
        key = next(unsaved, "") or sessionSetting("lastImages", self._worklist.session.path)
        row = rows.get(key)
        if self._worklist.current is None and row is not None and row.status != UNREADABLE:
            self.show(key)

    def _go(self, step: int, atTheEnd: str) -> None:
        self._showOrTell(self.table.beside(self.keyToGoFrom, step), atTheEnd)

    def _showOrTell(self, key: str, why: str) -> None:
        """Show the image, or tell why there is none."""
        if key:
            self.show(key)
        else:
            self.messages.tell(why if self.table.model.rowCount() else emptyListText())

    # --- events -------------------------------------------------------------------------------------------

    def _onSession(self) -> None:
        self.jobs.stop()
        self.exports.stop()
        self.versions.close()
        session = self._worklist.session
        folder = session.path if session is not None else None
        if folder == self._listed:  # taken over: it goes on as it is
            self.table.forget()
        else:
            self.table.begin(sessionSetting("orders", folder) if folder is not None else "")
        self._listed = folder
        self._updateKeys()
        self.refresh()

    def _onOrder(self) -> None:
        if self._worklist.session is not None:
            rememberForSession("orders", self._worklist.session.path, self.table.order)
        self.refresh()

    def _onImageChanged(self, current) -> None:
        self._onImage(current)
        self.showCurrent()
        session = self._worklist.session
        if current is None or session is None:
            return
        rememberForSession("lastImages", session.path, current.image.key)
        self._adjust(current)
        callLater(self._onPainted)

    def _adjust(self, current) -> None:
        """Refresh the list if its row of the image is outdated: the reader changed, or another application
        has written to the session."""
        row, version = self.table.model.rows.get(current.image.key), current.version
        status = UNLABELLED if version is None else statusOf(version, self._worklist.reader)
        if row is not None and (status, version.reader if version else None) != (row.status, row.reader):
            self.refresh()

    def _onSetAside(self, _header: dict, arrays: dict) -> None:
        self.table.setAside(bytes(arrays["keys"]).decode().split())

    def _onPainted(self) -> None:
        """Do what can wait until the image is in the view."""
        session, current = self._worklist.session, self._worklist.current
        if session is None or current is None:
            return
        key = self.table.beside(self._worklist.key, 1)
        if key:
            self.jobs.prepare(self.table.model.rows[key])

    def _onVersion(self, version: Version) -> None:
        self._updateRow(version.image)
        self.versions.follow(version.image)
        self.messages.forgetNewMask()
        self._update()

    def _updateRow(self, key: str) -> None:
        """Show what the session has now of an image."""
        row = self._worklist.session.worklist_row(key, self._worklist.reader)
        if row is not None:
            self.table.update(row)

    def _onMade(self, key: str) -> None:
        self._updateRow(key)
        self.versions.follow(key)
        self._renewing.note(key)

    def _onOffered(self, image) -> None:
        text = _("{name}: the model has a new mask. Choose the image in the list again to see it.")
        self._tellNewMask(text.format(name=image.name))

    def _onRenewed(self, image) -> None:
        if self.isShown():
            self._segmentSection.overlay.hideViews()
        version = self._worklist.current.version
        if version is None or version.reader == MODEL:
            text = _("{name}: the model's new mask is shown.").format(name=image.name)
        else:
            text = _("{name}: the newest mask by {reader} is shown.").format(
                name=image.name, reader=version.reader
            )
        self._updateRow(image.key)
        self._tellNewMask(text)
        self._update()

    def _tellNewMask(self, text: str) -> None:
        self.messages.tellNewMask(self._worklist.current.volume, text)

    def _onProblem(self, text: str) -> None:
        self.messages.tellProblem(text)
        self._update()

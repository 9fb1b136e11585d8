"""The section with the session: its images as a list, gone through one after the other."""

from __future__ import annotations

from collections.abc import Callable

import qt
from cxradain.imaging.quality import MaskQuality
from cxradain.sessions.records import APPROVED, AUTO, CORRECTED, FLAGGED, MODEL, UNLABELLED, Version
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Worklist import Worklist, statusOf
from .SegmentSection import SegmentSection
from .SessionJobs import SessionJobs
from .SessionRows import SessionRows
from .WorklistTable import WorklistTable

PREVIOUS, NEXT, APPROVE, FLAG = "P", "N", "A", "F"  # keys


class WorklistSection:
    """onImage(current or None): another image of the session is in the scene."""

    def __init__(self, worklist: Worklist, segmentSection: SegmentSection, onImage: Callable[[object], None]):
        self._worklist, self._segmentSection, self._onImage = worklist, segmentSection, onImage
        self._entered = False
        self.rows = SessionRows(worklist, self.showMessage)
        self.table = WorklistTable(worklist.opened.worker, self.show, self.refresh)
        self.jobs = SessionJobs(worklist, segmentSection, self._onMade, self.refresh, self.showMessage)
        slots = {PREVIOUS: self.previous, NEXT: self.next, APPROVE: self.approve, FLAG: self.flag}
        self._keys = ui.Shortcuts(slots)
        self._build(slots)
        worklist.opened.changed.connect(self._onSession)
        worklist.imageChanged.connect(self._onImageChanged)
        worklist.versionSaved.connect(self._onVersion)
        worklist.problemChanged.connect(self._onProblem)
        self._update()

    def _build(self, slots) -> None:
        names = {
            PREVIOUS: ("PreviousButton", _("Previous"), _("Keep the mask and show the image before.")),
            NEXT: ("NextButton", _("Next"), _("Keep the mask and show the next image.")),
            APPROVE: ("ApproveButton", _("Approve"), _("The mask is right, and rounds may train on it.")),
            FLAG: (
                "FlagButton",
                _("Flag"),
                _("Put the image aside: no round trains on it, unless another reader has a mask."),
            ),
        }
        self.buttons = {}
        for key, (name, title, hint) in names.items():
            self.buttons[key] = ui.pushButton(name, f"{title} ({key})", slots[key])
            self.buttons[key].toolTip = _("{hint} Key: {key}").format(hint=hint, key=key)
        buttons = ui.row(*self.buttons.values(), stretch=(1,) * len(self.buttons))
        self.body = ui.holder(ui.column(self.jobs.layout, self.table.layout, buttons))
        self.hint, self.message = ui.textLabel("WorklistHint"), ui.textLabel("WorklistMessage")
        self.area = ui.DropArea(self.add)
        self.area.setLayout(ui.column(self.rows.form, self.hint, self.body, self.message))
        self.showMessage("")
        self.widget = ui.section("WorklistSection", _("Worklist"), ui.withoutMargins(ui.column(self.area)))

    def showMessage(self, text: str) -> None:
        """Show a message in the section, "" for none."""
        ui.setMessage(self.message, text)

    def _update(self) -> None:
        self.rows.update()
        self.jobs.update()
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
        self.buttons[PREVIOUS].enabled = self.buttons[NEXT].enabled = count > 0
        self.buttons[APPROVE].enabled = self.buttons[FLAG].enabled = self._worklist.current is not None

    # --- conduct ------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """The module was opened."""
        self._entered = True
        self._updateKeys()

    def exit(self) -> None:
        """The module was left: keys are another's."""
        self._entered = False
        self._updateKeys()

    def close(self) -> None:
        """The panel goes."""
        self._keys.activate(False)
        self.jobs.stop()

    def _updateKeys(self) -> None:
        self._keys.activate(self._entered and self._worklist.session is not None)

    # --- what users do ------------------------------------------------------------------------------------

    def show(self, key: str) -> None:
        """Bring an image of the list into the view."""
        self.showMessage("")
        self._worklist.show(key)
        self.table.select(self._worklist.key)

    def next(self) -> None:
        """The next image of the list."""
        self._go(1, _("That was the last image of the list."))

    def previous(self) -> None:
        """The one before."""
        self._go(-1, _("That is the first image of the list."))

    def approve(self) -> None:
        """The mask is right."""
        self._decide(self._worklist.approve)

    def flag(self) -> None:
        """The image is put aside."""
        self._decide(self._worklist.flag)

    def _decide(self, action: Callable[[], object]) -> None:
        current = self._worklist.current
        if current is not None and current.volume is self._segmentSection.volume:
            action()
        else:
            self.showMessage(_("No image of the list is shown. Choose one first."))

    def add(self, paths) -> None:
        """Add files, and all images in folders, to the session."""
        if self._worklist.session is None:
            self.showMessage(_("Open a session first, or make one: choose a folder."))
            return
        self.showMessage("")
        self.jobs.add(paths)

    def refresh(self) -> None:
        """List the session's images as they are now, in the chosen order."""
        session = self._worklist.session
        if session is None:
            self.table.clear()
        else:
            self.table.setRows(session.worklist(self._worklist.reader, self.table.order))
            self.table.select(self._worklist.key)
        self._update()

    def _go(self, step: int, atTheEnd: str) -> None:
        key = self.table.beside(self._worklist.key, step)
        if key:
            self.show(key)
        else:
            self.showMessage(atTheEnd)

    # --- what happens -------------------------------------------------------------------------------------

    def _onSession(self) -> None:
        self.jobs.stop()
        self.table.pictures.forget()
        self._updateKeys()
        self.refresh()

    def _onImageChanged(self, current) -> None:
        self._onImage(current)
        self._update()
        if current is None:
            return
        self._adjust(current)
        self.table.select(current.image.key)
        qt.QTimer.singleShot(0, self._prepareNext)  # once this one has been painted

    def _adjust(self, current) -> None:
        """Where the list says otherwise, it is another reader's, or another application has written."""
        row, version = self.table.model.rows.get(current.image.key), current.version
        status = UNLABELLED if version is None else statusOf(version, self._worklist.reader)
        if row is not None and (status, version.reader if version else None) != (row.status, row.reader):
            self.refresh()

    def _prepareNext(self) -> None:
        key = self.table.beside(self._worklist.key, 1)
        if key and self._worklist.session is not None and self._worklist.current is not None:
            self.jobs.prepare(self.table.model.rows[key])

    def _onVersion(self, version: Version) -> None:
        self.table.update(
            version.image,
            version=version.id,
            status=statusOf(version, self._worklist.reader),
            reader=version.reader,
            quality=version.quality.score if version.quality is not None else None,
        )
        self._update()

    def _onMade(self, key: str, quality: MaskQuality | None) -> None:
        row = self.table.model.rows.get(key)
        isModels = row is None or row.status not in (CORRECTED, APPROVED, FLAGGED)
        changes = {"status": AUTO, "reader": MODEL} if isModels else {}
        self.table.update(key, quality=quality.score if quality is not None else None, **changes)
        if key == self._worklist.key:
            self._worklist.renew()

    def _onProblem(self, text: str) -> None:
        self.showMessage(f"⚠ {text}" if text else "")
        self._update()

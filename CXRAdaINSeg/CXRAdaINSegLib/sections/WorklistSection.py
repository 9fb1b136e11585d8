"""The section with the session: its images as a list, gone through one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ctk
import qt
from cxradain.sessions.records import APPROVED, AUTO, CORRECTED, FLAGGED, MODEL, UNLABELLED, Version
from slicer.i18n import tr as _

from ..logic.Cases import Cases, statusOf
from ..Widgets import DropArea, Shortcuts, textLabel
from .SessionJobs import SessionJobs
from .SessionRows import SessionRows
from .WorklistTable import WorklistTable

PREVIOUS, NEXT, APPROVE, FLAG = "P", "N", "A", "F"  # keys


class WorklistSection:
    """mode(): student, teacher or direct. volume(): the one that is looked at. onCase(case or None): another
    image of the session is at hand."""

    def __init__(
        self,
        cases: Cases,
        mode: Callable[[], str],
        volume: Callable[[], object],
        onCase: Callable[[object], None],
    ):
        self._cases, self._volume, self._onCase = cases, volume, onCase
        self._entered = False
        self.rows = SessionRows(cases, self.say)
        self.table = WorklistTable(cases.opened.worker, self.show, self.refresh)
        self.jobs = SessionJobs(cases, mode, self._onMade, self.refresh, self.say)
        slots = {PREVIOUS: self.previous, NEXT: self.next, APPROVE: self.approve, FLAG: self.flag}
        self._keys = Shortcuts(slots)
        self._build(slots)
        self._heard: tuple[tuple[list, Callable], ...] = (
            (cases.opened.onChanged, self._onSession),
            (cases.onCase, self._onCaseChanged),
            (cases.onVersion, self._onVersion),
            (cases.onProblem, self._onProblem),
        )
        for callbacks, own in self._heard:
            callbacks.append(own)
        self._update()

    def _build(self, slots) -> None:
        self.widget = ctk.ctkCollapsibleButton()
        self.widget.text = _("Worklist")
        self.widget.objectName = "WorklistSection"
        outer = qt.QVBoxLayout(self.widget)
        outer.setContentsMargins(0, 0, 0, 0)
        self.area = DropArea(self.add)
        outer.addWidget(self.area)
        layout = qt.QVBoxLayout(self.area)
        layout.addLayout(self.rows.form)
        self.hint = textLabel("WorklistHint")
        layout.addWidget(self.hint)
        self.body = qt.QWidget()
        layout.addWidget(self.body)
        body = qt.QVBoxLayout(self.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.addLayout(self.jobs.layout)
        body.addLayout(self._patientRow())
        body.addLayout(self.table.layout)
        row = qt.QHBoxLayout()
        self.buttons = {}
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
        for key, (name, title, hint) in names.items():
            button = qt.QPushButton(f"{title} ({key})")
            button.objectName = name
            button.toolTip = _("{hint} Key: {key}").format(hint=hint, key=key)
            button.connect("clicked()", slots[key])
            self.buttons[key] = button
            row.addWidget(button, 1)
        body.addLayout(row)
        self.message = textLabel("WorklistMessage")
        layout.addWidget(self.message)
        self.say("")
        self.widget.collapsed = True  # once it has its contents

    def _patientRow(self):
        """What tells patients apart where files do not."""
        self.patientEdit = qt.QLineEdit()
        self.patientEdit.objectName = "PatientPattern"
        self.patientEdit.placeholderText = _("each image is one patient")
        self.patientEdit.toolTip = _(
            "What in a file's name tells patients apart, a regular expression such as pat[0-9]+, for files "
            "that do not say it, such as PNG. Then all images of a patient are in training or all in "
            "validation. To say it later, add the files again."
        )
        self.patientEdit.connect("textChanged(QString)", self._onPatient)
        row = qt.QHBoxLayout()
        row.addWidget(qt.QLabel(_("Patient from file name:")))
        row.addWidget(self.patientEdit, 1)
        return row

    def _onPatient(self, text: str) -> None:
        self.jobs.adding.patient = text

    def say(self, text: str) -> None:
        """Show a message in the section, "" for none."""
        self.message.text = text
        self.message.visible = bool(text)

    def _update(self) -> None:
        self.rows.update()
        self.jobs.update()
        isOpen, count = self._cases.session is not None, self.table.model.total
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
        self.buttons[APPROVE].enabled = self.buttons[FLAG].enabled = self._cases.case is not None

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
        self._keys.remove()
        self.jobs.close()
        for callbacks, own in self._heard:
            callbacks.remove(own)

    def _updateKeys(self) -> None:
        if self._entered and self._cases.session is not None:
            self._keys.install()
        else:
            self._keys.remove()

    # --- what users do ------------------------------------------------------------------------------------

    def show(self, key: str) -> None:
        """Bring an image of the list into the view."""
        self.say("")
        self._cases.show(key)
        self.table.select(self._cases.key)

    def next(self) -> None:
        """The next image of the list."""
        self._go(1, _("That was the last image of the list."))

    def previous(self) -> None:
        """The one before."""
        self._go(-1, _("That is the first image of the list."))

    def approve(self) -> None:
        """The mask is right."""
        if self._isLookedAt():
            self._cases.approve()

    def flag(self) -> None:
        """The image is put aside."""
        if self._isLookedAt():
            self._cases.flag()

    def _isLookedAt(self) -> bool:
        case = self._cases.case
        if case is not None and case.volume is self._volume():
            return True
        self.say(_("No image of the list is shown. Choose one first."))
        return False

    def add(self, paths) -> None:
        """Add files, and all images in folders, to the session."""
        if self._cases.session is None:
            self.say(_("Open a session first, or make one: choose a folder."))
            return
        self.say("")
        self.jobs.add(paths)

    def refresh(self) -> None:
        """List the session's images as they are now, in the chosen order."""
        session = self._cases.session
        if session is None:
            self.table.clear()
        else:
            self.table.setRows(session.worklist(self._cases.reader, self.table.order))
            self.table.select(self._cases.key)
        self._update()

    def _go(self, step: int, atTheEnd: str) -> None:
        key = self.table.beside(self._cases.key, step)
        if key:
            self.show(key)
        else:
            self.say(atTheEnd)

    # --- what happens -------------------------------------------------------------------------------------

    def _onSession(self) -> None:
        self.jobs.stop()
        self.table.pictures.forget()
        self._updateKeys()
        self.refresh()

    def _onCaseChanged(self, case) -> None:
        self._onCase(case)
        self._update()
        if case is None:
            return
        self._adjust(case)
        self.table.select(case.image.key)
        qt.QTimer.singleShot(0, self._prepareNext)  # once this one has been painted

    def _adjust(self, case) -> None:
        """Where the list says otherwise, it is another reader's, or another application has written."""
        row, version = self.table.model.row(case.image.key), case.version
        status = UNLABELLED if version is None else statusOf(version, self._cases.reader)
        if row is not None and (status, version.reader if version else None) != (row.status, row.reader):
            self.refresh()

    def _prepareNext(self) -> None:
        if self._cases.session is None or self._cases.case is None:
            return
        row = self.table.model.row(self.table.beside(self._cases.key, 1))
        if row is not None:
            self.jobs.prepare(row)

    def _onVersion(self, version: Version) -> None:
        changes: dict[str, Any] = {"status": statusOf(version, self._cases.reader), "reader": version.reader}
        if version.disagreement is not None:
            changes["disagreement"] = version.disagreement
        self.table.update(version.image, version=version.id, **changes)
        self._update()

    def _onMade(self, key: str, disagreement: float | None) -> None:
        row = self.table.model.row(key)
        changes: dict[str, Any] = {} if disagreement is None else {"disagreement": disagreement}
        if row is None or row.status not in (CORRECTED, APPROVED, FLAGGED):
            changes |= {"status": AUTO, "reader": MODEL}
        self.table.update(key, **changes)
        if key == self._cases.key:
            self._cases.renew()

    def _onProblem(self, text: str) -> None:
        self.say(f"⚠ {text}" if text else "")
        self._update()

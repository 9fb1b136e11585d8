"""The dialog with all versions of an image's mask: a list, a preview, and a button that restores one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
import slicer
from cxradain.sessions.records import SessionImage, Version
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.Segmenting import waitingText
from ..logic.Worklist import Worklist
from ..Texts import durationText, localTime
from .WorklistModel import readerName, statusName

SIDE = 420  # pixels: width and height of the preview


class VersionsDialog:
    """A modeless dialog. showMessage(text): says what was restored."""

    def __init__(self, worklist: Worklist, showMessage: Callable[[str], None]):
        self._worklist, self._showMessage = worklist, showMessage
        self._image: SessionImage | None = None
        self.versions: list[Version] = []  # as they are listed, the newest first
        self.dialog: Any = None
        worklist.imageChanged.connect(lambda current: self._update())

    def show(self, image: SessionImage) -> None:
        """Save the mask in the view, then show the versions of an image's mask."""
        if not self._worklist.save():
            return
        if self.dialog is None:
            self._build()
        self._image = image
        self.dialog.windowTitle = _("Versions of {name}").format(name=image.name)
        self._fill()
        self.dialog.show()
        self.dialog.raise_()

    def follow(self, key: str) -> None:
        """List a new version of an image's mask, if the dialog shows that image. The selection stays, and at
        the top goes with the newest."""
        if self.dialog is not None and self.dialog.visible and self._image.key == key:
            chosen = self.chosen
            self._fill("" if chosen is None or chosen is self.versions[0] else chosen.id)

    def close(self) -> None:
        """Called when the session or the panel is closed."""
        if self.dialog is not None:
            self.dialog.hide()

    def _build(self) -> None:
        self.dialog = qt.QDialog(slicer.util.mainWindow())
        self.dialog.objectName = "VersionsDialog"
        self.table = ui.readOnlyTable(
            "VersionsTable", [_("Version"), _("Status"), _("Reader"), _("Saved"), _("Time")]
        )
        self.table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self.table.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        self.table.setMinimumSize(380, SIDE)
        self.table.connect("itemSelectionChanged()", self._onChosen)
        self.picture = qt.QLabel()
        self.picture.objectName = "VersionPicture"
        self.picture.setFixedSize(SIDE, SIDE)
        self.picture.setAlignment(qt.Qt.AlignCenter)
        self.takeButton = ui.pushButton("TakeBackButton", _("Take this mask back"), self._onTake)
        self.takeButton.toolTip = _(
            "Make it your newest version, while its image is in the view; the others stay."
        )
        closeButton = ui.pushButton("CloseVersionsButton", _("Close"), self.dialog.hide)
        self.dialog.setLayout(
            ui.column(
                ui.row(self.table, self.picture, stretch=(1, 0)),
                ui.row(self.takeButton, closeButton, stretch=(1, 0)),
            )
        )

    @property
    def chosen(self) -> Version | None:
        """The selected version, or None."""
        rows = [index.row() for index in self.table.selectionModel().selectedRows()]
        return self.versions[rows[0]] if rows and rows[0] < len(self.versions) else None

    def _fill(self, chosen: str = "") -> None:
        """List the versions, with the one of that id selected; "": the newest."""
        self.versions = list(reversed(self._worklist.session.versions(self._image.key)))
        ui.fillTable(
            self.table,
            (
                (
                    str(version.number),
                    statusName(version.status),
                    readerName(version.reader),
                    localTime(version.time),
                    durationText(version.seconds) if version.seconds else "",
                )
                for version in self.versions
            ),
        )
        if self.versions:
            ids = [version.id for version in self.versions]
            self.table.selectRow(ids.index(chosen) if chosen in ids else 0)
        self._onChosen()

    def _onChosen(self) -> None:
        version = self.chosen
        self._update()
        self.picture.text = "" if version is None else _("The picture is being drawn...")
        if version is None:
            return

        def arrived(header, arrays):
            if self.chosen is version:
                picture = qt.QPixmap()
                picture.loadFromData(qt.QByteArray(bytes(arrays["picture"])))
                size = qt.QSize(SIDE, SIDE)
                self.picture.setPixmap(
                    picture.scaled(size, qt.Qt.KeepAspectRatio, qt.Qt.SmoothTransformation)
                )

        def failed(text, code):
            if self.chosen is version:
                self.picture.text = text

        self._worklist.opened.worker.request(
            "picture", onResult=arrived, onError=failed, key=version.image, version=version.id
        )

    def _update(self) -> None:
        """Enable restoring if the version's image is in the view and the version is not the newest."""
        if self.dialog is None:
            return
        version, current = self.chosen, self._worklist.current
        isHere = current is not None and version is not None and current.image.key == version.image
        isNewest = isHere and current.version is not None and current.version.id == version.id
        self.takeButton.enabled = isHere and not isNewest and not self._worklist.opened.onlyReads

    def _onTake(self) -> None:
        version = self.chosen
        if version is None:
            return
        if self._worklist.segmenting.writing:
            self._showMessage(waitingText())
            self._worklist.whenAnswered(lambda: self._take(version))
        else:
            self._take(version)

    def _take(self, version: Version) -> None:
        if self._worklist.takeBack(version):
            self._showMessage(takenText(version))
            self._fill()


def takenText(version: Version) -> str:
    """The message after a version was restored."""
    return _("Version {number} is your newest one now. The others are kept.").format(number=version.number)

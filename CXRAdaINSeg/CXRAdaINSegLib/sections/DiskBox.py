"""What the extension stores on this computer: where, how much, and buttons to remove it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import qt
from cxradain.models.registry import MODELS, home
from cxradain.sessions.original_names import names_folder
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..processes import Environments
from ..Texts import sizeText
from .OneJob import OneJob


@dataclass(frozen=True)
class Place:
    """Something stored. folder(): its folder; None, or a folder that does not exist, if there is nothing.
    remove(): deletes it after asking."""

    name: str
    """Prefix of its widgets' object names."""
    title: str
    folder: Callable[[], Path | None]
    remove: Callable[[], None] | None
    hint: str


def storedPlaces(
    removeEnvironment: Callable[[], None],
    removeModels: Callable[[], None],
    sessionFolder: Callable[[], Path | None],
    removeNames: Callable[[], None],
) -> list[Place]:
    """What the extension stores. Sessions belong to the user and are not removed here."""
    return [
        Place(
            "Environment",
            _("Environment:"),
            lambda: Environments.ownFolder() if Environments.ownExists() else None,
            removeEnvironment,
            _("Delete the environment that was made here. It can be made again."),
        ),
        Place(
            "Models",
            _("Models:"),
            lambda: home() / MODELS,
            removeModels,
            _("Delete all models made by rounds. The bundled one stays, and is used then."),
        ),
        Place(
            "Names",
            _("File names:"),
            names_folder,
            removeNames,
            _("Forget the names of the files that sessions of copies were made from."),
        ),
        Place("Session", _("Session:"), sessionFolder, None, ""),
    ]


class DiskBox(OneJob):
    """A row for each of `places`. Sizes are computed in a separate process when the box is unfolded."""

    def __init__(self, places: Sequence[Place]):
        self._again = False
        self._rows = []
        grid = qt.QGridLayout()
        for row, place in enumerate(places):
            path, size = ui.textLabel(f"{place.name}Path"), ui.textLabel(f"{place.name}Size")
            openButton = ui.pushButton(f"{place.name}OpenButton", _("Open"), self._opener(place))
            openButton.toolTip = _("Show the folder in the computer's own file manager.")
            buttons = [openButton]
            if place.remove is not None:
                buttons.append(ui.pushButton(f"{place.name}RemoveButton", _("Remove..."), place.remove))
                buttons[-1].toolTip = place.hint
            for column, widget in enumerate([qt.QLabel(place.title), size, *buttons]):
                grid.addWidget(widget, 2 * row, column)
            grid.addWidget(path, 2 * row + 1, 0, 1, 4)
            self._rows.append((place, path, size, buttons))
        grid.setColumnStretch(1, 1)
        self.widget = ui.groupBox("DiskBox", _("On this computer"), grid)
        self.widget.connect("toggled(bool)", lambda unfolded: self.update() if unfolded else None)
        self.update()

    def update(self) -> None:
        """Show what is stored now."""
        existing = []
        for place, path, size, buttons in self._rows:
            folder = place.folder()
            exists = folder is not None and folder.is_dir()
            path.text = str(folder) if exists else _("None.")
            size.text = "..." if exists else ""
            for button in buttons:
                button.enabled = exists
            if exists:
                existing.append(str(folder))
        if not self.widget.collapsed and self.busy:
            self._again = True
        elif not self.widget.collapsed and existing:
            self.run(Environments.diskCommand(existing), self._onCounted)

    def _onCounted(self, succeeded: bool, reason: str, output: str) -> None:
        if self._again:
            self._again = False
            self.update()
            return
        sizes = json.loads(output) if succeeded else {}
        for place, _path, size, _buttons in self._rows:
            count = sizes.get(str(place.folder()))
            size.text = sizeText(count) if count is not None else ""

    def _opener(self, place: Place) -> Callable[[], object]:
        return lambda: qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(place.folder())))

"""The models kept on this computer: which one is in use, back to the one before, and away with old ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ctk
import qt
import slicer
from cxradain.models.registry import Entry, Registry, RegistryError
from slicer.i18n import tr as _

from ..Widgets import pushButton
from .Texts import sizeWords

COLUMNS = 4


class ModelsBox:
    """onUse(folder): another model is in use from now on. say(text): what went wrong.

    Empty till it is first updated, so that opening the module reads nothing.
    """

    def __init__(self, onUse: Callable[[Path], None], say: Callable[[str], None]):
        self._onUse, self._say = onUse, say
        self._entries: list[Entry] = []
        self.widget = ctk.ctkCollapsibleGroupBox()
        self.widget.title = _("Models")
        self.widget.objectName = "ModelsBox"
        layout = qt.QVBoxLayout(self.widget)
        self.table = qt.QTableWidget()
        self.table.objectName = "ModelsTable"
        self.table.toolTip = _("The models kept here; choose one to use or delete it.")
        self.table.setColumnCount(COLUMNS)
        self.table.setHorizontalHeaderLabels([_("Model"), _("Made"), _("Compared"), _("Size")])
        self.table.verticalHeader().setVisible(False)
        self.table.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self.table.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        self.table.setFixedHeight(130)
        self.table.connect("itemSelectionChanged()", self._onSelection)
        layout.addWidget(self.table)
        self.useButton = pushButton("UseModelButton", _("Use"), self._onUseClicked)
        self.rollBackButton = pushButton("RollBackButton", _("Roll &back"), self._onRollBack)
        self.rollBackButton.toolTip = _("Use the model again that was in use before.")
        self.deleteButton = pushButton("DeleteModelButton", _("Delete..."), self._onDelete)
        self.useButton.toolTip = _("Segment with the chosen model from now on.")
        self.deleteButton.toolTip = _(
            "Delete the chosen model. Neither the one in use nor the one that came along."
        )
        row = qt.QHBoxLayout()
        for button in (self.useButton, self.rollBackButton, self.deleteButton):
            row.addWidget(button)
        layout.addLayout(row)
        self._onSelection()
        self.widget.collapsed = True  # once it has its contents

    def update(self) -> None:
        """Show what the registry has now."""
        self._entries = self._try(lambda: Registry().models()) or []
        self.table.setRowCount(len(self._entries))
        for row, entry in enumerate(self._entries):
            name = f"{entry.name} {entry.version}"
            texts = [
                _("{name} (in use)").format(name=name) if entry.current else name,
                str(entry.created or "")[:16].replace("T", " "),
                entry.verdict or "",
                sizeWords(entry.bytes),
            ]
            for column, text in enumerate(texts):
                self.table.setItem(row, column, qt.QTableWidgetItem(text))
        self.table.resizeColumnsToContents()
        self.table.horizontalHeader().setStretchLastSection(True)
        self._onSelection()

    def promote(self, folder: Path) -> Entry | None:
        """Keep a round's model and use it from now on; None where that failed, which is told."""
        entry = self._try(lambda: Registry().promote_folder(folder))
        if entry is not None:
            self._changed(entry.folder)
        return entry

    def removeAll(self) -> None:
        """Delete every kept model, after asking; the one that came along is used then."""
        kept = [entry for entry in self._try(lambda: Registry().models()) or [] if not entry.bundled]
        size = sizeWords(sum(entry.bytes for entry in kept))
        question = _(
            "{count} models of rounds are deleted, which frees {size}. The model that came along is used "
            "from then on. Go on?"
        ).format(count=len(kept), size=size)
        if not kept:
            self._say(_("No models of rounds are kept here."))
            return
        if not slicer.util.confirmOkCancelDisplay(question, _("Delete the models?")):
            return
        if self._try(lambda: Registry().delete_all()) is not None:
            self._say(_("{size} were freed.").format(size=size))
            current = self._try(lambda: Registry().current())
            if current is not None:
                self._changed(current.folder)
        self.update()

    # --- what users do ------------------------------------------------------------------------------------

    def _chosen(self) -> Entry | None:
        selected = self.table.selectedItems()
        return self._entries[selected[0].row()] if selected else None

    def _onSelection(self) -> None:
        entry = self._chosen()
        self.useButton.enabled = entry is not None and not entry.current
        self.deleteButton.enabled = entry is not None and not entry.current and not entry.bundled

    def _onUseClicked(self) -> None:
        entry = self._chosen()
        if entry is not None and self._try(lambda: (Registry().promote(entry.id), entry)):
            self._changed(entry.folder)

    def _onRollBack(self) -> None:
        entry = self._try(lambda: Registry().rollback())
        if entry is not None:
            self._changed(entry.folder)

    def _onDelete(self) -> None:
        entry = self._chosen()
        if entry is None:
            return
        question = _("The model {name} {version} is deleted, which frees {size}. Go on?").format(
            name=entry.name, version=entry.version, size=sizeWords(entry.bytes)
        )
        if slicer.util.confirmOkCancelDisplay(question, _("Delete the model?")):
            freed = self._try(lambda: Registry().delete(entry.id))
            if freed is not None:
                self._say(_("{size} were freed.").format(size=sizeWords(freed)))
            self.update()

    def _changed(self, folder: Path) -> None:
        self.update()
        self._onUse(folder)

    def _try(self, action):
        try:
            return action()
        except (RegistryError, OSError) as error:
            self._say(str(error))
            return None

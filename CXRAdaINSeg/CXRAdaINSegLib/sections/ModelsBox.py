"""The models on this computer: which one is in use, rolling back, and deleting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import qt
from cxradain.models.registry import Entry, Registry, has_same_weights
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..Texts import sizeText
from .VerdictTexts import roundVerdictName


class ModelsBox:
    """onUse(folder): another model is in use now. showMessage(text): shows a problem.
    tryModel(folder, then): has the engine load and run a model, and calls then() if that succeeds.

    It is empty until the first `update`, so that opening the module reads no files.
    """

    def __init__(
        self,
        onUse: Callable[[Path], None],
        showMessage: Callable[[str], None],
        tryModel: Callable[[Path, Callable[[], None]], None],
    ):
        self._onUse, self._showMessage, self._tryModel = onUse, showMessage, tryModel
        self._entries: list[Entry] = []
        self.table = ui.readOnlyTable("ModelsTable", [_("Model"), _("Made"), _("Compared"), _("Size")])
        self.table.toolTip = _("The models kept here; choose one to use or delete it.")
        self.table.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self.table.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        self.table.setFixedHeight(130)
        self.table.connect("itemSelectionChanged()", self._onSelection)
        self.useButton = ui.pushButton("UseModelButton", _("Use"), self._onUseClicked)
        self.useButton.toolTip = _("Segment with the chosen model from now on.")
        self.rollBackButton = ui.pushButton("RollBackButton", _("Roll &back"), self._onRollBack)
        self.rollBackButton.toolTip = _("Use the model again that was in use before.")
        self.deleteButton = ui.pushButton("DeleteModelButton", _("Delete..."), self._onDelete)
        self.deleteButton.toolTip = _(
            "Delete the chosen model. Neither the model in use nor the bundled one."
        )
        buttons = ui.row(self.useButton, self.rollBackButton, self.deleteButton)
        self.widget = ui.groupBox("ModelsBox", _("Models"), ui.column(self.table, buttons))
        self._onSelection()

    def update(self) -> None:
        """List the models in the registry."""
        self._entries = self._try(lambda: Registry().models()) or []
        ui.fillTable(self.table, map(_texts, self._entries))
        self._onSelection()

    def usedBeside(self, folder: Path) -> str:
        """The name of the model in use; "" if that is a round's model in a folder, kept in the registry."""
        used = self._try(lambda: Registry().current())
        if used is None:
            return "?"
        isOurs = not used.bundled and has_same_weights(used.folder, folder)
        return "" if isOurs else f"{used.name} {used.version}"

    def promote(self, folder: Path, onUsed: Callable[[Entry], None]) -> None:
        """Try a round's model, then put it in use; onUsed(entry), or a message if that failed."""
        self._useTried(folder, lambda: Registry().promote_folder(folder), onUsed)

    def removeAll(self) -> None:
        """Delete all models of rounds, after asking, and use the bundled one."""
        kept = [entry for entry in self._try(lambda: Registry().models()) or [] if not entry.bundled]
        if not kept:
            self._showMessage(_("No models of rounds are kept here."))
            return
        question = _(
            "Delete the models of rounds ({count}), which frees {size}? The bundled model "
            "is used from then on."
        ).format(count=len(kept), size=sizeText(sum(entry.bytes for entry in kept)))
        if self._delete(lambda: Registry().delete_all(), question, _("Delete the models?")):
            self._use(lambda: Registry().current())

    # --- actions ------------------------------------------------------------------------------------------

    def _chosen(self) -> Entry | None:
        selected = self.table.selectedItems()
        return self._entries[selected[0].row()] if selected else None

    def _onSelection(self) -> None:
        entry = self._chosen()
        self.useButton.enabled = entry is not None and not entry.current
        self.deleteButton.enabled = entry is not None and not entry.current and not entry.bundled

    def _onUseClicked(self) -> None:
        entry = self._chosen()
        if entry is not None:
            self._useTried(entry.folder, lambda: Registry().promote(entry.id), lambda used: None)

    def _onRollBack(self) -> None:
        self._use(lambda: Registry().rollback())

    def _onDelete(self) -> None:
        entry = self._chosen()
        if entry is None:
            return
        question = _("Delete the model {name} {version}, which frees {size}?").format(
            name=entry.name, version=entry.version, size=sizeText(entry.bytes)
        )
        self._delete(lambda: Registry().delete(entry.id), question, _("Delete the model?"))

    def _useTried(self, folder: Path, action: Callable[[], Entry], onUsed: Callable[[Entry], None]) -> None:
        def use() -> None:
            entry = self._use(action)
            if entry is not None:
                onUsed(entry)

        self._tryModel(folder, use)

    def _use(self, action: Callable[[], Entry]) -> Entry | None:
        """Run an action that puts a model in use, then show and load that model; None if it failed."""
        entry = self._try(action)
        if entry is not None:
            self.update()
            self._onUse(entry.folder)
        return entry

    def _delete(self, action: Callable[[], int], question: str, title: str) -> bool:
        """Ask, then run an action that deletes models and returns the bytes freed; whether it was done."""
        if not ui.confirm(question, title, _("Delete"), _("Keep")):
            return False
        freed = self._try(action)
        if freed is not None:
            self._showMessage(_("{size} were freed.").format(size=sizeText(freed)))
        self.update()
        return freed is not None

    def _try(self, action):
        return ui.attempt(action, self._showMessage)


def _texts(entry: Entry) -> tuple[str, ...]:
    """A row of the table."""
    name = f"{entry.name} {entry.version}"
    return (
        _("{name} (in use)").format(name=name) if entry.current else name,
        str(entry.created or "")[:16].replace("T", " "),
        roundVerdictName(entry.verdict or ""),
        sizeText(entry.bytes),
    )

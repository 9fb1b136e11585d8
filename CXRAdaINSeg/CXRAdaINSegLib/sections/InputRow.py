"""The choice of the radiograph: a selector of the scene's volumes, and a button that adds images from files
or, while files are being read, cancels that."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..logic.ImageNodes import IMAGE_KEY
from ..processes.FileReading import FileReading
from ..scene.ImageFiles import addRadiograph, chooseFiles, noImageText, openedFrom
from ..scene.VolumeImages import VOLUME_CLASSES, imageVolumes
from ..Texts import passedOverText
from ..Timers import singleShotTimer

SHOW_AFTER = 500  # ms of reading before progress and Cancel are shown
SIGNALS = ("currentNodeChanged(vtkMRMLNode*)", "nodeActivated(vtkMRMLNode*)")


class InputRow:
    """onVolume(volume or None): another volume was chosen. onProblem(text): files could not be used."""

    def __init__(self, onVolume: Callable[[object], None], onProblem: Callable[[str], None]):
        self._onVolume, self._onProblem = onVolume, onProblem
        self._reported = None  # the volume of the last onVolume
        self.selector = slicer.qMRMLNodeComboBox()
        self.selector.objectName = "RadiographSelector"
        self.selector.nodeTypes = list(VOLUME_CLASSES)
        self.selector.showChildNodeTypes = False  # no labelmaps
        self.selector.addEnabled = False
        self.selector.removeEnabled = True
        self.selector.renameEnabled = True
        self.selector.noneEnabled = True
        self.selector.noneDisplay = _("Choose or add one")
        self.selector.setMinimumWidth(120)  # so that long names do not widen the panel
        self.selector.toolTip = _("The frontal chest radiograph to work on.")
        self._addText = _("&Add images...")
        self.addButton = ui.pushButton("AddImagesButton", self._addText, self._onAdd)
        self.addButton.toolTip = _(
            "Load radiographs from DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD or NIfTI files. Files "
            "and folders can also be dropped on this panel."
        )
        self.progress = ui.progressBar("AddImagesProgress")
        self.progress.visible = False
        self._reading: FileReading | None = None
        self._showsFirst = False  # whether the reader still waits for the files that are being read
        self._added: list = []
        self._problems: list[str] = []
        self._slow = singleShotTimer(SHOW_AFTER, lambda: self._showReading(True))
        row = ui.row(self.selector, self.addButton, stretch=(1, 0))
        self.layout = ui.column(row, self.progress)
        # The first compares names: it is not emitted between volumes of the same name, but on renaming.
        for signal in SIGNALS:
            self.selector.connect(signal, self._onNodeChanged)

    def setScene(self, scene) -> None:
        """Set the scene whose volumes are offered."""
        self.selector.setMRMLScene(scene)

    def close(self) -> None:
        """Stop following the scene: the panel is closed."""
        for signal in SIGNALS:
            self.selector.disconnect(signal, self._onNodeChanged)
        self._reported = None
        if self._reading is not None:
            self._reading.close()
            self._reading = None
        self._showReading(False)
        self.selector.setMRMLScene(None)

    @property
    def volume(self):
        """The chosen volume node, or None."""
        return self.selector.currentNode()

    def choose(self, volume) -> None:
        """Choose a volume node, or None."""
        self.selector.setCurrentNode(volume)
        self._onNodeChanged(self.volume)

    def chooseSome(self) -> None:
        """Choose the last image of the scene if none is chosen, but not an image of a session."""
        images = [each for each in imageVolumes() if not each.GetAttribute(IMAGE_KEY)]
        if self.volume is None and images:
            self.choose(images[-1])

    @property
    def reading(self) -> bool:
        """Whether files are being read."""
        return self._reading is not None

    def addFiles(self, paths) -> None:
        """Load images in the background and choose the first one, unless the reader asks for another
        radiograph meanwhile; problems, and files that are already open, are reported at the end."""
        if self._reading is not None:
            self._onProblem(_("Other files are being read. Wait for them, or cancel."))
            return
        self._added, self._problems, self._showsFirst = [], [], True
        self._slow.start()
        self._reading = FileReading(paths, self._onRead, self._problems.append, self._onReadAll)

    def _onRead(self, radiograph) -> None:
        before = openedFrom(radiograph)
        if before is not None:
            self._problems.append(_("{name} was open already.").format(name=before.GetName()))
        self._added.append(before if before is not None else addRadiograph(radiograph))
        if len(self._added) > 1:
            return
        if self._showsFirst:
            self.choose(self._added[0])
        else:
            text = _("{name} was added, but not shown, because you went on. Choose it above.")
            self._problems.append(text.format(name=radiograph.name))

    def passOver(self) -> None:
        """The reader goes on to another radiograph: files that are still being read are not shown."""
        self._showsFirst = False

    def _onReadAll(self, passedOver: dict[str, int]) -> None:
        cancelled = self._reading.cancelled
        self._reading = None
        self._showReading(False)
        if cancelled:
            self._problems.append(_("Cancelled: not all of the images were read."))
        elif not self._added and not self._problems:
            self._problems.append(noImageText())
        if text := passedOverText(passedOver):
            self._problems.append(text)
        if self._problems:
            self._onProblem("\n".join(self._problems))

    def _showReading(self, on: bool) -> None:
        """Switch the button between Cancel, with progress, and adding images."""
        if not on:
            self._slow.stop()
        self.progress.visible = on
        self.addButton.text = _("Cancel") if on else self._addText

    def _onAdd(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        elif paths := chooseFiles():
            self.addFiles(paths)

    def _onNodeChanged(self, node) -> None:
        if node is not self._reported:
            self._reported = node
            if node is not None:
                self.passOver()
            self._onVolume(node)

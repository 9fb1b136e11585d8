"""Which radiograph: a selector of the scene's volumes, and a button that adds images from files."""

from __future__ import annotations

from collections.abc import Callable

import slicer
from slicer.i18n import tr as _

from .. import Widgets as ui
from ..scene.ImageFiles import addImages, chooseFiles
from ..scene.VolumeImages import VOLUME_CLASSES, isImage

SIGNALS = ("currentNodeChanged(vtkMRMLNode*)", "nodeActivated(vtkMRMLNode*)")


class InputRow:
    """onVolume(volume or None): another one was chosen. onProblem(text): files that could not be used."""

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
        self.selector.setMinimumWidth(120)  # long names are cut off rather than the panel widened
        self.selector.toolTip = _("The frontal chest radiograph to work on.")
        self.addButton = ui.pushButton("AddImagesButton", _("&Add images..."), self._onAdd)
        self.addButton.toolTip = _(
            "Load radiographs from DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD or NIfTI files. Files "
            "and folders can also be dropped on this panel."
        )
        self.layout = ui.row(self.selector, self.addButton, stretch=(1, 0))
        # The first goes by names: silent between two of one name, and heard when one is renamed.
        for signal in SIGNALS:
            self.selector.connect(signal, self._onNodeChanged)

    def setScene(self, scene) -> None:
        """The scene whose volumes are offered."""
        self.selector.setMRMLScene(scene)

    def close(self) -> None:
        """The panel goes: follow the scene no longer."""
        for signal in SIGNALS:
            self.selector.disconnect(signal, self._onNodeChanged)
        self._reported = None
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
        """Choose the last image of the scene, where none is chosen."""
        if self.volume is not None:
            return
        images = [
            node
            for name in VOLUME_CLASSES
            for node in slicer.util.getNodesByClass(name)
            if not node.GetHideFromEditors() and node.GetClassName() == name and isImage(node)
        ]
        if images:
            self.choose(images[-1])

    def addFiles(self, paths) -> None:
        """Load images and choose the first of them."""
        with slicer.util.WaitCursor(True):
            volumes, problems = addImages(paths)
        if volumes:
            self.choose(volumes[0])
        if problems:
            self._onProblem("\n".join(problems))

    def _onAdd(self) -> None:
        if paths := chooseFiles():
            self.addFiles(paths)

    def _onNodeChanged(self, node) -> None:
        if node is not self._reported:
            self._reported = node
            self._onVolume(node)

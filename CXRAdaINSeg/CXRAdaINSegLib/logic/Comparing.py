"""What the second view can show: the model's mask, another reader's, an older version, or a prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from cxradain.imaging.radiograph import Radiograph
from cxradain.sessions.records import MODEL, RecordError, SessionImage, Version
from slicer.i18n import tr as _

from ..scene.CompareView import copyVolume, moveFar, newVolume
from ..scene.LungSegments import LUNGS, lungsOf, presentLungs, writeLabels
from ..scene.MaskProvenance import modelMaskOf
from ..scene.VolumeImages import fillVolume
from ..Texts import localTime
from .ImageNodes import putMask, removeImage
from .Segmenting import isThere
from .Worklist import Worklist

MODELS, READERS, OLDER, PRIOR = "model", "reader", "older", "prior"


@dataclass(frozen=True)
class Choice:
    """One choice of the comparison list.

    kind: MODELS, READERS, OLDER or PRIOR. text: its title in the user's language. version: the mask to show;
    None for no mask and, with MODELS, for the model's mask in the scene. image: with PRIOR, the other image
    of the patient.
    """

    kind: str
    text: str
    version: Version | None = None
    image: SessionImage | None = None


class Comparing:
    """Creates the volume that the second view shows. `wanted` is the choice, `volume` its volume; or None."""

    def __init__(self, worklist: Worklist):
        self._worklist = worklist
        self.volume: Any = None
        self.wanted: Choice | None = None

    @property
    def isModels(self) -> bool:
        """Whether the model's mask is the choice."""
        return self.wanted is not None and self.wanted.kind == MODELS

    def choices(self, volume) -> list[Choice]:
        """What a volume can be compared with, the model's mask first."""
        current = self._worklist.current
        found = []
        segmentation = lungsOf(volume)
        if any(modelMaskOf(segmentation, lung, volume) is not None for lung in presentLungs(segmentation)):
            found.append(Choice(MODELS, _("The model's mask")))
        if current is None or current.volume is not volume or self._worklist.session is None:
            return found
        session, reader = self._worklist.session, self._worklist.reader
        others: dict[str, Version] = {}
        versions = session.versions(current.image.key)
        models = [version for version in versions if version.reader == MODEL]
        if models and not found:  # the mask in the scene comes from elsewhere
            found.append(Choice(MODELS, _("The model's mask"), models[-1]))
        for version in versions:
            if version.reader not in (MODEL, reader):
                others[version.reader] = version
            elif version.reader == reader and (current.version is None or version.id != current.version.id):
                text = _("Version {number} of {time}")
                text = text.format(number=version.number, time=localTime(version.time))
                found.append(Choice(OLDER, text, version))
        found[1:1] = [Choice(READERS, name, version) for name, version in others.items()]
        for image in session.images_of_patient(current.image.patient):
            if image.key != current.image.key and not image.fault:
                text = _("{name}, same patient").format(name=image.name)
                found.append(Choice(PRIOR, text, session.newest(image.key, reader), image))
        return found

    def make(
        self, volume, choice: Choice, onDone: Callable[[], None], onProblem: Callable[[str], None]
    ) -> None:
        """Create the volume and masks of a choice, then call onDone; the session's worker reads priors."""
        self.forget()
        self.wanted = choice
        if choice.image is None:
            node = copyVolume(volume)
            if choice.version is None:
                self._putModels(volume, node)
            else:
                self._put(node, choice.version, onProblem)
            self.volume = node
            onDone()
            return

        def arrived(radiograph: Radiograph) -> None:
            if self.wanted is choice and isThere(volume):
                node = newVolume(choice.image.name)
                fillVolume(node, radiograph, choice.image.placement)
                moveFar(node)
                self._put(node, choice.version, onProblem)
                self.volume = node
                onDone()

        self._worklist.readAhead.read(choice.image.key, arrived, lambda text, code: onProblem(text))

    def forget(self) -> None:
        """End the comparison and remove its volume."""
        self.wanted = None
        node, self.volume = self.volume, None
        if node is not None and isThere(node):
            removeImage(node)

    def _put(self, node, version: Version | None, onProblem: Callable[[str], None]) -> None:
        if version is None:
            return
        try:
            labels = self._worklist.session.mask(version)
        except RecordError as error:
            onProblem(str(error))
            return
        putMask(node, version, labels)

    def _putModels(self, volume, node) -> None:
        segmentation = lungsOf(volume)
        labels = None
        for lung in presentLungs(segmentation):
            mask = modelMaskOf(segmentation, lung, volume)
            if mask is not None:
                labels = np.zeros_like(mask.labels) if labels is None else labels
                labels[mask.labels == lung] = lung
        if labels is not None:
            writeLabels(lungsOf(node, create=True), node, labels, LUNGS)

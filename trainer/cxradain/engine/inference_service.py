"""What the engine does on request: the model that is loaded, and the images it has seen last.

It imports torch, so the server imports it once its streams are in order.
"""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .. import __version__
from ..imaging.lungs import FLAG_TEXT, LEFT, RIGHT
from ..imaging.radiograph import SMALLEST, Radiograph, RadiographError
from ..models.card import ModelError
from ..models.clicks import ACTIONS, Evidence, refine
from ..models.devices import DeviceError, describe
from ..models.model import weights_hash
from ..models.registry import Registry, RegistryError
from ..models.segmenter import Segmentation, Segmenter
from ..models.tasks import MODES, Mode
from .protocol import VERSION, Arrays, Reply, Report, RequestError

KEPT_IMAGES = 4
VIEWS = ("probability", "as_normal", "disagreement")


@dataclass
class _Image:
    """A radiograph that clicks may refer to, and what the network said of it."""

    radiograph: Radiograph
    evidence: Evidence | None = None


class Work:
    """The requests by name: `do(name, fields, arrays, report)` -> header and arrays of the result."""

    def __init__(self) -> None:
        self._segmenter: Segmenter | None = None
        self._model_hash = ""
        self._images: OrderedDict[str, _Image] = OrderedDict()
        self._requests = {
            "hello": self._hello,
            "load": self._load,
            "predict": self._predict,
            "refine": self._refine,
        }

    def do(self, name: str, fields: Mapping[str, Any], arrays: Arrays, report: Report) -> Reply:
        """Meet a request. Raises RequestError, Cancelled, or what a fault in here makes Python raise."""
        if name not in self._requests:
            raise RequestError(
                f"The engine knows no request {name!r}. Are its version and the panel's one?", "internal"
            )
        try:
            return self._requests[name](fields, arrays, report)
        except ModelError as error:
            raise RequestError(f"{error}. Choose another model, or install it again.", "model") from error
        except DeviceError as error:
            raise RequestError(f"{error}.", "device") from error
        except RadiographError as error:
            raise RequestError(str(error), "radiograph") from error
        except RuntimeError as error:
            if "CUDA" not in str(error) and "MPS" not in str(error):
                raise
            first = str(error).splitlines()[0]
            raise RequestError(
                f"The device failed: {first}. Restart the engine or choose the CPU.", "device"
            ) from error

    def _hello(self, fields: Mapping[str, Any], arrays: Arrays, report: Report) -> Reply:
        return info(), {}

    def _load(self, fields: Mapping[str, Any], arrays: Arrays, report: Report) -> Reply:
        report(0.0, "Loading the model")
        segmenter = Segmenter(
            fields.get("model"), fields.get("device") or "auto", fields.get("precision") or "auto"
        )
        self._segmenter, self._model_hash = segmenter, weights_hash(fields.get("model"))
        for image in self._images.values():  # what another model said of them is no evidence for this one
            image.evidence = None
        loaded = {
            "model_id": segmenter.model_id,
            "model_hash": self._model_hash,
            "device": describe(segmenter.device),
            "canvas": segmenter.canvas,
            "card": segmenter.card,
        }
        return loaded, {}

    def _predict(self, fields: Mapping[str, Any], arrays: Arrays, report: Report) -> Reply:
        mode, views = fields.get("mode") or "student", list(fields.get("views") or ())
        if mode not in MODES or not set(views) <= set(VIEWS):
            raise RequestError(f"no mode {mode!r} or no view among {views}", "internal")
        image = self._remember(fields, arrays)
        reasons = bool({"as_normal", "disagreement"} & set(views))
        found = self._segment(image, mode, reasons, report)
        report(0.9, "Sending the masks")
        header = {
            "mode": mode,
            "model_id": found.model_id,
            "model_hash": self._model_hash,
            "device": found.device,
            "notes": list(found.notes),
            "flags": [{"code": code, "text": FLAG_TEXT[code]} for code in found.flags],
            "disagreement_score": found.disagreement_score,
        }
        return header, {"labels": found.labels} | {name: _bytes(getattr(found, name)) for name in views}

    def _refine(self, fields: Mapping[str, Any], arrays: Arrays, report: Report) -> Reply:
        if "pixels" in arrays:
            image = self._remember(fields, arrays)
        elif fields["key"] in self._images:
            image = self._images[fields["key"]]
        else:
            raise RequestError(
                "The engine does not hold this image any more. Send it again.", "unknown_image"
            )
        self._images.move_to_end(fields["key"])
        shape, labels = image.radiograph.shape, arrays.get("labels")
        if labels is None or labels.shape != shape or labels.dtype != np.uint8:
            raise RequestError(f"a click needs the labels as they are, uint8 of {shape}", "internal")
        (row, column), action, lung = fields["point"], fields["action"], fields["lung"]
        inside = -0.5 <= row < shape[0] - 0.5 and -0.5 <= column < shape[1] - 0.5
        if not inside or action not in ACTIONS or lung not in (RIGHT, LEFT):
            raise RequestError(f"no click at {row}, {column}, {action} lung {lung}", "internal")
        if image.evidence is None:
            self._segment(image, "student", False, report)
        assert image.evidence is not None  # for that is what segmenting gives
        click = refine(labels, image.evidence, (row, column), action, lung)
        header = {"lung": lung, "changed": click.changed, "box": click.box, "probability": click.probability}
        return header, {"patch": click.patch}

    def _remember(self, fields: Mapping[str, Any], arrays: Arrays) -> _Image:
        """The image of a request, kept under its key; the one unused for longest gives way."""
        pixels = arrays.get("pixels")
        if pixels is None or pixels.ndim != 2 or pixels.dtype == bool:
            raise RequestError("an image needs its pixels as an array of (H, W) numbers", "internal")
        name = str(fields.get("name") or "the image")
        if min(pixels.shape) < SMALLEST:
            raise RadiographError(name, f"is only {pixels.shape[1]} x {pixels.shape[0]} pixels.")
        if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
            raise RadiographError(
                name, "holds values that are no numbers (NaN or infinite). Export it again."
            )
        try:
            radiograph = Radiograph.from_json(pixels, fields)
        except ValueError as error:
            raise RequestError(f"{name}: {error}", "internal") from error
        self._images.pop(fields["key"], None)
        image = self._images[fields["key"]] = _Image(radiograph)
        while len(self._images) > KEPT_IMAGES:
            self._images.popitem(last=False)
        return image

    def _segment(self, image: _Image, mode: Mode, reasons: bool, report: Report) -> Segmentation:
        if self._segmenter is None:
            self._load({}, {}, report)
        assert self._segmenter is not None  # for that is what loading gives
        report(0.3, "Finding the lungs")
        found = self._segmenter.predict(image.radiograph, mode, reasons)
        image.evidence = Evidence(image.radiograph.intensities(), found.canvas_probability)
        return found


def info() -> dict[str, Any]:
    """What this engine is: versions, devices with their memory in bytes, models with that in use first."""
    return {
        "protocol": VERSION,
        "version": __version__,
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "devices": _devices(),
        "models": _models(),
    }


def _devices() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": "cpu", "text": f"CPU, {torch.get_num_threads()} threads", "memory": None}
    ]
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            found.append(
                {"name": f"cuda:{index}", "text": properties.name, "memory": properties.total_memory}
            )
    if torch.backends.mps.is_available():
        found.append({"name": "mps", "text": "Apple GPU", "memory": None})
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found[0]["memory"] = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return found


def _models() -> list[dict[str, str]]:
    """As their cards name them; none where the registry is damaged, which is told when a model is loaded."""
    try:
        entries = sorted(Registry().models(), key=lambda entry: not entry.current)
    except RegistryError:
        return []
    return [
        {"name": entry.id, "path": str(entry.folder), "model_id": f"{entry.name} {entry.version}".strip()}
        for entry in entries
    ]


def _bytes(view: np.ndarray) -> np.ndarray:
    """0..1 as uint8 0..255."""
    return (view * 255 + 0.5).astype(np.uint8)

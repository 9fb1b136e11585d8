"""CXRAdaINSeg's method: one AdaIN generator that adapts chest radiographs and segments both lungs.

After Oh & Ye, "CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation", ECCV 2022.
For research, not for diagnosis.

The names of `__all__` are the public face: Docs/python.md shows them at work. Each is imported when it is
first used, so `import cxradain` takes no time and only the standard library.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .imaging.radiograph import Radiograph, read_radiograph
    from .models.registry import Registry
    from .models.segmenter import Prediction, Segmenter
    from .rounds.gate import judge
    from .rounds.gate_images import reference_images, session_images
    from .rounds.run import RoundRequest, plan_round, run_round
    from .sessions.sources import add_file
    from .sessions.store import Session
    from .training.options import ROUND

__version__ = "0.2.0"

# ONNX Runtime's official builds send data on the computer to Microsoft unless this is set when they are
# imported (its Privacy.md), by whomever.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

DISCLAIMER = "For research, not for diagnosis."

PUBLIC = {
    "imaging.radiograph": ("Radiograph", "read_radiograph"),
    "models.registry": ("Registry",),
    "models.segmenter": ("Prediction", "Segmenter"),
    "rounds.gate": ("judge",),
    "rounds.gate_images": ("reference_images", "session_images"),
    "rounds.run": ("RoundRequest", "plan_round", "run_round"),
    "sessions.sources": ("add_file",),
    "sessions.store": ("Session",),
    "training.options": ("ROUND",),
}
"""The public names by the module that defines them."""

__all__ = [
    "ROUND",
    "CxradainError",
    "Prediction",
    "Radiograph",
    "Registry",
    "RoundRequest",
    "Segmenter",
    "Session",
    "add_file",
    "judge",
    "plan_round",
    "read_radiograph",
    "reference_images",
    "run_round",
    "session_images",
]


class CxradainError(Exception):
    """The base of all errors that a caller may want to handle; str() names the file, option or model and says
    what to do."""


def __getattr__(name: str) -> Any:
    for module, names in PUBLIC.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

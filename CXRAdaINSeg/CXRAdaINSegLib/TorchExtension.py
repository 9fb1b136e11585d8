"""3D Slicer's PyTorch extension, which installs into the application's Python the torch that fits the GPU."""

from __future__ import annotations

import importlib.util
import logging

import slicer
from cxradain.setup.packages import NEEDED


def hasTorchExtension() -> bool:
    """Whether it is installed. Nothing is loaded."""
    return importlib.util.find_spec("PyTorchUtils") is not None


def installTorch() -> tuple[bool, str, str]:
    """Install torch, once asked; whether that succeeded, why not, and "". The application stands still.

    That is the extension's way: it runs pip and waits, and then imports torch. Its own question would be the
    second one, says less, and is left out where Slicer is being tested.
    """
    from PyTorchUtils import PyTorchUtilsLogic

    version = f">={NEEDED['torch']}"
    try:
        with slicer.util.WaitCursor():
            PyTorchUtilsLogic().installTorch(askConfirmation=False, torchVersionRequirement=version)
    except Exception as error:  # whatever that extension and pip may raise
        logging.exception("CXRAdaINSeg: PyTorch was not installed.")
        return False, str(error), ""
    return True, "", ""

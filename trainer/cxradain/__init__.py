"""CXRAdaINSeg's method: one AdaIN generator that adapts chest radiographs and segments both lungs.

After Oh & Ye, "CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation", ECCV 2022.
For research, not for diagnosis.
"""

__version__ = "0.1.0"

DISCLAIMER = "For research, not for diagnosis."


class CxradainError(Exception):
    """The base of all errors that this package raises for its caller to handle: str() names what is wrong (a
    file, an option, a model) and what to do about it."""

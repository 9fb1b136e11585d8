"""CXRAdaINSeg's method: one AdaIN generator that adapts chest radiographs and segments both lungs.

After Oh & Ye, "CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation", ECCV 2022.
For research, not for diagnosis.
"""

__version__ = "0.1.0"

"""The fixed design choices of the paper's networks, shared by the torch modules of this folder and by
`models.onnx_graph`; it imports neither torch nor ONNX Runtime."""

from __future__ import annotations

DOWN, BOTTLENECK = 4, 2  # blocks of the generator's encoder: down blocks, and blocks at the smallest size
TRUNK_DOWN = 6  # down blocks of the style encoder and of the discriminator
CODE_LAYERS = 4  # of the AdaIN code generator: shared layers, and layers of each domain
SLOPE = 0.2  # negative slope of LeakyReLU
EPSILON = 1e-5  # of instance norm, added to the variance


def encoder_widths(width: int, max_width: int, halvings: int = DOWN) -> list[int]:
    """Channels at full size and after each halving; by default those of the generator's encoder."""
    return [min(width * 2**i, max_width) for i in range(halvings + 1)]

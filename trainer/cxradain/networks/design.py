"""What the paper's networks are by, apart from their sizes: shared by the torch modules of this folder and by
the ONNX graph of `models.onnx_graph`, so it imports neither."""

from __future__ import annotations

DOWN, BOTTLENECK = 4, 2  # the generator's blocks: those that halve, and those at the smallest size
TRUNK_DOWN = 6  # of the style encoder and of the discriminator: blocks, all of which halve
CODE_LAYERS = 4  # of the AdaIN code generator: shared, and of each domain's own
SLOPE = 0.2  # of LeakyReLU below 0
EPSILON = 1e-5  # of instance norm, added to the variance


def encoder_widths(width: int, max_width: int, halvings: int = DOWN) -> list[int]:
    """Channels at full size and after each halving; so many has the generator."""
    return [min(width * 2**i, max_width) for i in range(halvings + 1)]

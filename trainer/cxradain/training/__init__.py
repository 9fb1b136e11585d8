"""Training a model: the paper's losses, stages and updates, and the loop around them."""

# Files in a training's folder; here, so that naming them does not import torch.
PROGRESS = "progress.jsonl"  # losses and validations, a JSON object a line
CHECKPOINT, BEST = "checkpoint.safetensors", "best.safetensors"
MODEL = "model"  # a folder

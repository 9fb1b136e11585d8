"""Training: the losses, stages and loop that turn radiographs into a model."""

# In the folder of a training, without importing torch to name them:
PROGRESS = "progress.jsonl"  # losses and validation, a line each
CHECKPOINT, BEST = "checkpoint.safetensors", "best.safetensors"
MODEL = "model"  # a folder

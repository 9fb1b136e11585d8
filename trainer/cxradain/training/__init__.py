"""Training: the losses, stages and loop that turn radiographs into a model."""

"""The model: its three tasks, card, files and registry, and segmenting with it."""

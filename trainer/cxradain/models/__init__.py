"""The model: its three tasks, its card and files, the registry, the two backends and the segmenter."""

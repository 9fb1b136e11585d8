"""The qMRML widgets used by modules for images and segmentations."""

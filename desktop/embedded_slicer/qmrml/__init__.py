"""The qMRML widgets that a module for images and segmentations needs."""

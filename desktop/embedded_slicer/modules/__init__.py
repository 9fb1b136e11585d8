"""Scripted modules as 3D Slicer loads them: their base classes, what holds them, and slicer.modules."""

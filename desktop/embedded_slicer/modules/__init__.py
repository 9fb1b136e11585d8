"""Scripted modules, loaded as 3D Slicer loads them: base classes, module manager and slicer.modules."""

"""Files in and out of the scene: slicer.app.coreIOManager()."""

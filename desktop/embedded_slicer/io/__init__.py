"""Loading and saving files: slicer.app.coreIOManager()."""

"""slicer.app: the application object, its layout and its modules."""

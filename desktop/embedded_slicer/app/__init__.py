"""slicer.app: the application object and its layout manager."""

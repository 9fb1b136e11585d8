"""The main window of the embedded desktop."""

"""What run.py does: the project's own environment, made and mended as needed. Standard library only."""

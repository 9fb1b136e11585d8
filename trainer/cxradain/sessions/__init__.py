"""Annotated sessions: a folder of radiographs and every version of their masks. Never imports torch."""

"""Slice and plot views: offscreen rendering by MRML and VTK, shown in Qt widgets."""

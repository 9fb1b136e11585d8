"""The slice view: MRML's slice rendering shown in a Qt widget."""

"""MRML: volumes, lung segments, markers, tables, layouts."""

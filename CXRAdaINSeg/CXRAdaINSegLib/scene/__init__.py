"""The MRML scene: volumes, lung segments, markups, tables and layouts."""

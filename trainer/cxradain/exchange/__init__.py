"""Exchange of sessions with other programs: exports, imports of masks, archives."""

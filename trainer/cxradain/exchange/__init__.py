"""Exchange with other programs: exports, imported masks, archives."""

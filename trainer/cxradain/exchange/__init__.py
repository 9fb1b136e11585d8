"""A session given to others and taken from them: exports, imports, archives."""

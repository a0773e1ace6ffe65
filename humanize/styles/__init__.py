"""Interpretations of the same notes: read off files, compared, blended, and their style taken."""

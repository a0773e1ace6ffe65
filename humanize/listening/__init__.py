"""Hearing the result: one synthesiser, one loudness, no traces in the file."""

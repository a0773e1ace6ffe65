"""Words, tables and figures that people read."""

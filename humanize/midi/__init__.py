"""MIDI files and PrettyMIDI objects: bytes, notes, pedals; ticks never leave this room."""

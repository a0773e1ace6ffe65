"""Give every note of a flat MIDI file or score the velocity a good pianist would."""

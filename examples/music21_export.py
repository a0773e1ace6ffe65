"""Give a music21 score a pianist's velocities: `music21_export.py SCORE FILE.mid`."""

import sys
from pathlib import Path

import music21

import humanize

score = music21.converter.parse(sys.argv[1])
plain = music21.midi.translate.streamToMidiFile(score).writestr()
Path(sys.argv[2]).write_bytes(humanize.humanize_bytes(plain).bytes)

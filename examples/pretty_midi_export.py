"""Write a few bars with pretty_midi and give them a pianist's velocities: `FILE.mid` is the target."""

import sys

import pretty_midi

import humanize

midi = pretty_midi.PrettyMIDI(initial_tempo=96.0)
piano = pretty_midi.Instrument(program=0)
for step, pitch in enumerate([60, 64, 67, 72, 71, 67, 65, 62] * 4):
    piano.notes.append(pretty_midi.Note(80, pitch, step * 0.3125, (step + 1) * 0.3125))
midi.instruments.append(piano)
humanize.humanize_midi(midi).write(sys.argv[1])

"""Two versions of a short phrase to set the volume by and to practise on: no piece of the test."""

from __future__ import annotations

from io import BytesIO

_PHRASE = ((67, 1.0), (72, 1.0), (76, 1.0), (79, 2.0), (77, 1.0), (74, 1.0), (72, 3.0))
_BASS = ((48, 3.0), (52, 2.0), (43, 2.0), (48, 3.0))
_BEAT_SEC = 0.5
_EVEN, _SHAPED = (70,) * 7, (52, 62, 72, 88, 74, 60, 48)


def practice_files() -> tuple[bytes, bytes]:
    """Return the phrase with even velocities, and with shaped ones, as MIDI files."""
    return _file(_EVEN), _file(_SHAPED)


def _file(velocities: tuple[int, ...]) -> bytes:
    import pretty_midi

    piano = pretty_midi.Instrument(program=0)
    for voice, level in ((_PHRASE, velocities), (_BASS, (46,) * len(_BASS))):
        beat = 0.0
        for (pitch, beats), velocity in zip(voice, level, strict=True):
            start, end = beat * _BEAT_SEC, (beat + beats) * _BEAT_SEC
            piano.notes.append(pretty_midi.Note(velocity, pitch, start, end))
            beat += beats
    midi = pretty_midi.PrettyMIDI()
    midi.instruments.append(piano)
    data = BytesIO()
    midi.write(data)
    return data.getvalue()

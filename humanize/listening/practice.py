"""Two versions of a short phrase to set the volume by and to practise on: no piece of the test."""

from __future__ import annotations

from io import BytesIO

_PHRASE = ((67, 1.0), (72, 1.0), (76, 1.0), (79, 2.0), (77, 1.0), (74, 1.0), (72, 3.0))
_BASS = ((48, 3.0), (52, 2.0), (43, 2.0), (48, 3.0))
_BEAT_SEC = 0.5
_BEATS = 10.0
_BROADENING = 0.25  # of a beat's length, from the middle of the phrase to its ends
_EVEN, _SHAPED = (70,) * 7, (52, 62, 72, 88, 74, 60, 48)


def practice_files(*, timed: bool = False) -> tuple[bytes, bytes]:
    """Return the phrase to the letter, and shaped, as MIDI files.

    Parameters
    ----------
    timed : bool
        Whether the shape is one of tempo, too, or of velocities alone.
    """
    return _file(_EVEN, 0.0), _file(_SHAPED, _BROADENING if timed else 0.0)


def _file(velocities: tuple[int, ...], broadening: float) -> bytes:
    import pretty_midi

    piano = pretty_midi.Instrument(program=0)
    for voice, level in ((_PHRASE, velocities), (_BASS, (46,) * len(_BASS))):
        beat = 0.0
        for (pitch, beats), velocity in zip(voice, level, strict=True):
            start, end = (_sec(b, broadening) for b in (beat, beat + beats))
            piano.notes.append(pretty_midi.Note(velocity, pitch, start, end))
            beat += beats
    midi = pretty_midi.PrettyMIDI()
    midi.instruments.append(piano)
    data = BytesIO()
    midi.write(data)
    return data.getvalue()


def _sec(beat: float, broadening: float) -> float:
    """Return when a beat comes: as late in the end as without a shape, quickest in the middle."""
    x = 2 * beat / _BEATS - 1
    return _BEAT_SEC * (beat + broadening * _BEATS / 2 * (x**3 - x))

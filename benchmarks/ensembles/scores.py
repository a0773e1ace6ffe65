"""Small scores of public-domain music, written out here: a song, a quartet, a band.

A part is a line of tokens, one note each: pitch, octave and length in eighths (``C5:2``, ``r:4`` for
a rest, ``C4+E4+G4:2`` for a chord), a dynamic in angle brackets before the note it stands at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_EIGHTHS = 8  # of a measure in 4/4
_STEP = re.compile(r"([A-G])(#|b)?(\d)")


@dataclass(frozen=True)
class Part:
    name: str
    program: int  # 0-127
    notes: str
    staves: int = 1


def music(part: Part, number: int) -> str:
    """Return the measures of a part in MusicXML, an eighth a division."""
    measures: list[list[str]] = [[]]
    filled = 0
    for token in part.notes.split():
        if token.startswith("<"):
            measures[-1].append(_dynamic(token[1:-1]))
            continue
        pitches, length = token.split(":")
        if filled == _EIGHTHS:
            measures.append([])
            filled = 0
        filled += int(length)
        measures[-1].append(_chord(pitches.split("+"), int(length)))
    first = "<attributes><divisions>2</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>"
    bodies = [
        f'<measure number="{i}">{first if i == 1 else ""}{"".join(own)}</measure>'
        for i, own in enumerate(measures, start=1)
    ]
    return f'<part id="P{number}">{"".join(bodies)}</part>'


def _dynamic(mark: str) -> str:
    return f"<direction><direction-type><dynamics><{mark}/></dynamics></direction-type></direction>"


def _chord(pitches: list[str], length: int) -> str:
    return "".join(_note(pitch, length, chord=i > 0) for i, pitch in enumerate(pitches))


def _note(pitch: str, length: int, *, chord: bool) -> str:
    if pitch == "r":
        return f"<note><rest/><duration>{length}</duration></note>"
    step, accidental, octave = _STEP.fullmatch(pitch).groups()  # type: ignore[union-attr]
    alter = {"#": "<alter>1</alter>", "b": "<alter>-1</alter>", None: ""}[accidental]
    return (
        f"<note>{'<chord/>' if chord else ''}<pitch><step>{step}</step>{alter}"
        f"<octave>{octave}</octave></pitch><duration>{length}</duration></note>"
    )


def score(parts: list[Part]) -> bytes:
    """Return a MusicXML score."""
    listed = "".join(
        f'<score-part id="P{i}"><part-name>{p.name}</part-name><midi-instrument id="P{i}-I1">'
        f"<midi-program>{p.program + 1}</midi-program></midi-instrument></score-part>"
        for i, p in enumerate(parts, start=1)
    )
    bodies = "".join(music(part, i) for i, part in enumerate(parts, start=1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><score-partwise version="4.0">'
        f"<part-list>{listed}</part-list>{bodies}</score-partwise>"
    ).encode()


def _times(bar: str, count: int) -> str:
    return " ".join([bar] * count)


# Beethoven, "Freude" theme of op. 125 as a song with repeated chords (the notes, not the voicing)
_ODE = (
    "E5:2 E5:2 F5:2 G5:2 G5:2 F5:2 E5:2 D5:2 C5:2 C5:2 D5:2 E5:2 E5:3 D5:1 D5:4 "
    "E5:2 E5:2 F5:2 G5:2 G5:2 F5:2 E5:2 D5:2 C5:2 C5:2 D5:2 E5:2 D5:3 C5:1 C5:4"
)
_C, _G = "C4+E4+G4:1", "B3+D4+G4:1"
_BAR_C, _BAR_G, _BAR_CG = _times(_C, 8), _times(_G, 8), f"{_times(_C, 4)} {_times(_G, 4)}"
_STROPHE = " ".join(
    [_BAR_C, _BAR_G, _BAR_C, _BAR_CG, _BAR_C, _BAR_G, _BAR_C, f"{_times(_G, 4)} {_times(_C, 4)}"]
)


def song(*levels: str, voice_levels: bool = False) -> bytes:
    """Return a strophe for each level, voice and piano; dynamics in the piano, or in both."""
    sung = " ".join(f"{f'<{level}> ' if voice_levels else ''}{_ODE}" for level in levels)
    played = " ".join(f"<{level}> {_STROPHE}" for level in levels)
    return score([Part("Voice", 52, sung), Part("Piano", 0, played)])


def quartet(*levels: str) -> bytes:
    """Return Haydn's hymn (op. 76 no. 3, second movement) in four plain parts, all at one level."""
    first = (
        "G4:3 A4:1 B4:2 A4:2 C5:2 B4:2 A4:1 F#4:1 G4:2 E5:2 D5:2 C5:2 B4:2 A4:2 B4:1 G4:1 D5:4 "
        "A4:2 B4:2 A4:1 F#4:1 D4:2 C5:2 B4:2 A4:1 F#4:1 D4:2 D5:2 C5:2 B4:3 B4:1 C#5:2 C#5:1 D5:1 D5:4"
    )
    second = (
        "D4:4 D4:2 D4:2 E4:2 D4:2 D4:2 D4:2 G4:2 G4:2 E4:2 D4:2 D4:2 D4:2 F#4:4 "
        "D4:2 D4:2 D4:4 E4:2 D4:2 D4:4 F#4:2 E4:2 D4:4 E4:4 D4:4"
    )
    viola = (
        "B3:4 G3:2 F#3:2 G3:2 G3:2 F#3:2 B3:2 C4:2 B3:2 A3:2 G3:2 F#3:2 G3:2 A3:4 "
        "F#3:2 G3:2 F#3:4 A3:2 G3:2 F#3:4 A3:2 A3:2 G3:4 G3:4 F#3:4"
    )
    cello = (
        "G2:4 G2:2 D3:2 C3:2 G2:2 D3:2 G3:2 C3:2 G3:2 A3:2 B3:2 D3:2 G2:2 D3:4 "
        "D3:2 G2:2 D3:4 A2:2 G2:2 D3:4 D3:2 F#3:2 G3:4 A2:4 D3:4"
    )
    lines = (
        ("Violin I", 40, first),
        ("Violin II", 40, second),
        ("Viola", 41, viola),
        ("Cello", 42, cello),
    )
    return score(
        [
            Part(name, program, " ".join(f"<{level}> {notes}" for level in levels))
            for name, program, notes in lines
        ]
    )

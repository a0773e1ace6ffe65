"""Write the three small pieces whose note tables, features and predictions are stored.

- ``two_hands.mid``: a nocturne-like opening as a player's hands give it: the melody ahead of its
  chords, rolled basses, overlapping legato, the damper down and half down, the soft pedal for a
  while.
- ``markings.musicxml``: two staves in 6/8 with dynamics, hairpins, accents, articulations, slurs,
  ornaments and words.
- ``exposition.mid``: a fugue exposition in D minor, three voices on three tracks.

All written for this project. The files are committed; run this again only to change the music,
after which everything that is stored of it has to be made again.

Run: PYTHONPATH=tests:tests/scores python tests/stored/make_pieces.py
"""

from __future__ import annotations

from pathlib import Path

from musicxml_builder import articulated, backup, dynamic, metre, part, score, wedge, words
from musicxml_builder import note as written
from smf_builder import header, note, track

FOLDER = Path(__file__).parent / "pieces"
Event = tuple[int, bytes]
Note = tuple[float, float, str]  # onset and length in beats, name

_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


def pitch(name: str) -> int:
    return 12 * (int(name[-1]) + 1) + _STEPS[name[0]] + name.count("#") - name[1:].count("b")


def line(text: str, start: float = 0.0) -> list[Note]:
    """Read a voice: ``c4:0.5`` is a note of half a beat, ``r:1`` a rest."""
    notes, onset = [], start
    for word in text.split():
        name, length = word.split(":")
        if name != "r":
            notes.append((onset, float(length), name))
        onset += float(length)
    return notes


def head(tempo: int, numerator: int, power: int) -> list[Event]:
    return [
        (0, b"\xff\x51\x03" + tempo.to_bytes(3, "big")),
        (0, bytes([255, 88, 4, numerator, power, 24, 8])),
    ]


# two hands ----------------------------------------------------------------------------------------

RIGHT = """bb4:1 g5:1.5 f5:0.5 g5:1 f5:1.5 eb5:0.5 bb4:1 g5:0.5 c5:0.5 c6:1 g5:0.5
bb5:1.5 ab5:0.5 g5:1 f5:2"""
LEFT = [
    (1.0, "eb2", ("bb3", "eb4")),
    (2.5, "d2", ("ab3", "f4")),
    (4.0, "eb2", ("g3", "db4")),
    (5.5, "c2", ("bb3", "e4")),
    (7.0, "f2", ("ab3", "c4")),
    (8.5, "b1", ("ab3", "f4")),
    (10.0, "c2", ("g3", "eb4")),
]
TICKS_PER_BEAT = 500  # at 120 a minute a tick is a millisecond
DAMPER, SOFT = 64, 67


def two_hands() -> bytes:
    right: list[Event] = []
    for number, (onset, length, name) in enumerate(line(RIGHT)):
        begin = round(900 * onset) + 300 + (number * 37) % 41 - 31
        overlap = (number * 53) % 90 - 35
        right += note(begin, begin + round(900 * length) + overlap, pitch(name))
    left: list[Event] = []
    for number, (onset, bass, chord) in enumerate(LEFT):
        begin = round(900 * onset) + 300 + (number * 29) % 37
        left += note(begin, begin + 340 + (number * 17) % 60, pitch(bass))
        for step, name in enumerate(chord):
            struck = begin + 450 + 23 * step + (number * 19) % 31
            left += note(struck, struck + 280 - 41 * step + (number * 7) % 50, pitch(name))
            again = struck + 463 + (number * 13) % 27
            left += note(again, again + 255 + 11 * step, pitch(name))
    left += [event for number in range(7) for event in _pedalling(number)]
    left += [(3200, bytes([0xB0, SOFT, 90])), (6650, bytes([0xB0, SOFT, 0]))]
    parts = [track(head(500_000, 4, 2)), track(right), track(left)]
    return header(1, 3, TICKS_PER_BEAT) + b"".join(parts)


def _pedalling(number: int) -> list[Event]:
    """Return one change of the damper: up just after the bass, down by way of half."""
    at = 1250 + 1350 * number + (number * 31) % 47
    values = [(at - 90, 0), (at + 60, 47), (at + 140, 88 + 5 * number)]
    return [(tick, bytes([0xB0, DAMPER, value])) for tick, value in values]


# a score with markings ------------------------------------------------------------------------


def slur(kind: str) -> str:
    return f'<slur type="{kind}" number="1"/>'


def markings() -> bytes:
    return score({"Piano": part([_first(), _second(), _third(), _fourth()], first=_HEAD)}).encode()


_HEAD = f"<key><fifths>1</fifths></key>{metre(6, 8)}<staves>2</staves>"
_TEMPO = (
    "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><dot/>"
    '<per-minute>60</per-minute></metronome></direction-type><sound tempo="90"/></direction>'
)


def _low(*chords: str) -> str:
    """Return the lower staff of a measure: a chord, of names with blanks between, for each beat."""
    beats = []
    for chord in chords:
        lowest, *others = chord.split()
        beats.append(written(lowest, 0.5, voice=5, staff=2))
        for name in others:
            beats.append(written(name, 0.5, voice=5, staff=2))
    return backup(3) + "".join(beats)


def _first() -> str:
    return (
        _TEMPO
        + dynamic("p", staff=1)
        + words("dolce")
        + written("B4", 1.0, staff=1, notations=slur("start"))
        + written("C5", 0.5, staff=1)
        + written("D5", 1.0, staff=1, notations=slur("stop"))
        + wedge("crescendo")
        + written("G5", 0.5, staff=1, notations=articulated("staccato"))
        + _low("G2 D3 B3", "G2 D3 B3")
    )


def _second() -> str:
    return (
        written("F#5", 0.5, staff=1, notations=articulated("accent"))
        + written("E5", 0.5, staff=1, notations=articulated("staccato"))
        + written("D5", 0.5, staff=1, notations=articulated("staccatissimo"))
        + wedge("stop")
        + dynamic("f", staff=1)
        + written("C5", 1.0, staff=1, notations=articulated("strong-accent"))
        + written("E5", 1.0, staff=1, chord=True)
        + written("A4", 0.5, staff=1, grace=True)
        + written("B4", 0.5, staff=1, notations=articulated("tenuto"))
        + _low("C3 G3 E4", "D3 A3 F#4")
    )


def _third() -> str:
    return (
        words("agitato")
        + dynamic("sfz", staff=1)
        + written("G5", 1.0, staff=1)
        + written("E5", 1.0, staff=1, chord=True)
        + written("A4", 0.5, staff=1, notations="<ornaments><trill-mark/></ornaments>")
        + wedge("diminuendo")
        + written("D5", 0.25, staff=1, notations=slur("start"))
        + written("C5", 0.25, staff=1)
        + written("B4", 0.5, staff=1)
        + written("A4", 0.5, staff=1, notations=slur("stop"))
        + _low("E3 B3 G4", "D3 A3 F#4")
    )


def _fourth() -> str:
    rolled = "<arpeggiate/>"
    return (
        wedge("stop")
        + dynamic("pp", staff=1)
        + words("cantabile")
        + written("G4", 1.5, staff=1, notations=rolled)
        + written("B4", 1.5, staff=1, chord=True, notations=rolled)
        + written("D5", 1.5, staff=1, chord=True, notations=rolled)
        + words("morendo")
        + written("G4", 1.5, staff=1, notations="<fermata/>")
        + backup(3)
        + written("G2", 1.5, voice=5, staff=2)
        + written("D3", 1.5, voice=5, staff=2, chord=True)
        + written("G2", 1.5, voice=5, staff=2)
    )


# a fugue exposition -------------------------------------------------------------------------------

SUBJECT = """d4:1 a4:1.5 g4:0.25 f4:0.25 e4:0.5 c#4:0.5
d4:0.5 f4:0.5 e4:0.25 d4:0.25 c#4:0.25 e4:0.25 d4:1 r:1"""
ANSWER = """a4:1 d5:1.5 c5:0.25 bb4:0.25 b4:0.5 g#4:0.5
a4:0.5 c5:0.5 b4:0.25 a4:0.25 g#4:0.25 b4:0.25 a4:1 r:1"""
COUNTERSUBJECT = """f4:0.5 e4:0.5 f4:0.5 g4:0.5 a4:0.5 g4:1 f4:0.5
e4:0.5 a3:0.5 d4:1 e4:0.5 c4:0.5 f4:0.5 e4:0.5"""
SECOND_COUNTERSUBJECT = """a4:0.5 c5:0.5 f5:1 e5:0.333333 d5:0.333333 e5:0.333334 a4:1
d5:0.5 a4:0.5 g4:0.5 a4:0.5 f#4:2"""
FREE = """f4:1 c5:0.5 bb4:0.5 a4:1 r:0.5 g4:0.5 f4:1 bb4:0.5 a4:0.5 a4:2"""


def exposition() -> bytes:
    alto = [*line(SUBJECT), *line(COUNTERSUBJECT, 8.0), *line(FREE, 16.0)]
    soprano = [*line(ANSWER, 8.0), *line(SECOND_COUNTERSUBJECT, 16.0)]
    low = {name: f"{name[:-1]}{int(name[-1]) - 1}" for _, _, name in line(SUBJECT)}
    bass = [(onset + 16.0, length, low[name]) for onset, length, name in line(SUBJECT)]
    voices = [_voice(notes) for notes in (soprano, alto, bass)]
    parts = [track(head(750_000, 4, 2)), *(track(events) for events in voices)]
    return header(1, 4, 480) + b"".join(parts)


def _voice(notes: list[Note]) -> list[Event]:
    events: list[Event] = []
    for onset, length, name in notes:
        begin, end = round(480 * onset), round(480 * (onset + length))
        events += note(begin, end, pitch(name), velocity=_level(onset))
    return sorted(events, key=lambda event: (event[0], event[1][0]))


def _level(onset: float) -> int:
    """Return p, mf from the second entry on, and f from the third, by way of a crescendo."""
    if 14 <= onset < 16:
        return 80 + 4 * int(2 * (onset - 14))
    return 49 if onset < 8 else 80 if onset < 16 else 96


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "two_hands.mid").write_bytes(two_hands())
    (FOLDER / "markings.musicxml").write_bytes(markings())
    (FOLDER / "exposition.mid").write_bytes(exposition())


if __name__ == "__main__":
    main()

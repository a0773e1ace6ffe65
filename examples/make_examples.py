"""Write the flat example pieces: every note at velocity 64, as a notation program exports them.

Sources, all in the public domain:

- ``bach_prelude.mid``: J. S. Bach, Prelude in C major, BWV 846 (1722): one arpeggio a half measure.
- ``waltz.mid``: "O du lieber Augustin" (Vienna, 17th century, attributed to Marx Augustin), with a
  waltz accompaniment written here. ``waltz.musicxml`` is the same with markings of our own:
  p, a crescendo, f, a diminuendo, accents.
- ``fugue.mid``: the subject of J. S. Bach's Fugue in C minor, BWV 847 (1722), in three entries; the
  voices against it are written here.
- ``rock_beat.mid``: a rock beat of our own, two measures played twice, the last with a fill.

Run: python examples/make_examples.py
"""

from __future__ import annotations

from pathlib import Path

TICKS = 480  # per quarter note
VELOCITY = 64
Note = tuple[float, float, int]  # onset and duration in quarter notes, MIDI number

_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


def pitch(name: str) -> int:
    """Return the MIDI number of a name such as c4, eb4 or f#3."""
    step, octave = _STEPS[name[0]], int(name[-1])
    return 12 * (octave + 1) + step + name.count("#") - name[1:].count("b")


def line(text: str, start: float = 0.0) -> list[Note]:
    """Read a voice: ``c4:0.5`` is a note of half a quarter, ``r:1`` a rest."""
    notes, onset = [], start
    for word in text.split():
        name, length = word.split(":")
        if name != "r":
            notes.append((onset, float(length), pitch(name)))
        onset += float(length)
    return notes


PRELUDE = """
c4e4g4c5e5 c4d4a4d5f5 b3d4g4d5f5 c4e4g4c5e5 c4e4a4e5a5 c4d4f#4a4d5 b3d4g4d5g5 b3c4e4g4c5
a3c4e4g4c5 d3a3d4f#4c5 g3b3d4g4b4 g3bb3e4g4c#5 f3a3d4a4d5 f3ab3d4f4b4 e3g3c4g4c5 e3f3a3c4f4
d3f3a3c4f4 g2d3g3b3f4 c3e3g3c4e4 c3g3bb3c4e4 f2f3a3c4e4 f#2c3a3c4eb4 ab2f3b3c4d4 g2f3g3b3d4
g2e3g3c4e4 g2d3g3c4f4 g2d3g3b3f4 g2eb3a3c4f#4 g2e3g3c4g4 g2d3g3c4f4 g2d3g3b3f4 c2c3g3bb3e4"""


def prelude() -> tuple[list[Note], list[Note]]:
    """Return right and left hand of the prelude."""
    right: list[Note] = []
    left: list[Note] = []
    for measure, chord in enumerate(PRELUDE.split()):
        tones = [pitch(t) for t in _tones(chord)]
        for half in (0, 2):
            onset = 4.0 * measure + half
            left += [(onset, 2.0, tones[0]), (onset + 0.25, 1.75, tones[1])]
            for step, tone in enumerate(tones[2:] * 2, start=2):
                right.append((onset + 0.25 * step, 0.25, tone))
    end = 4.0 * (measure + 1)
    left += [(end, 4.0, pitch("c2")), (end, 4.0, pitch("c3"))]
    right += [(end, 4.0, pitch(t)) for t in ("e3", "g3", "c4")]
    return right, left


def _tones(chord: str) -> list[str]:
    names: list[str] = []
    for character in chord:
        if character in _STEPS and not (names and character == "b" and not names[-1][-1].isdigit()):
            names.append(character)
        else:
            names[-1] += character
    return names


MELODY = """g5:1.5 a5:0.5 g5:0.5 f5:0.5 e5:1 c5:1 c5:1 d5:1 g4:1 g4:1 e5:1 c5:1 c5:1
g5:1.5 a5:0.5 g5:0.5 f5:0.5 e5:1 c5:1 c5:1 d5:1 g4:1 g4:1 c5:3
d5:1 g4:1 g4:1 e5:1 c5:1 c5:1 d5:1 g4:1 g4:1 e5:1 c5:1 c5:1
g5:1.5 a5:0.5 g5:0.5 f5:0.5 e5:1 c5:1 c5:1 d5:1 g4:1 g4:1 c5:3"""
HARMONY = "CCGC CCGC GCGC CCGC"
CHORDS = {"C": ("c3", ("e3", "g3", "c4")), "G": ("g2", ("f3", "g3", "b3"))}


def waltz() -> tuple[list[Note], list[Note]]:
    """Return melody and accompaniment of the waltz."""
    left: list[Note] = []
    for measure, name in enumerate(HARMONY.replace(" ", "")):
        bass, chord = CHORDS[name]
        left.append((3.0 * measure, 1.0, pitch(bass)))
        for beat in (1, 2):
            left += [(3.0 * measure + beat, 0.5, pitch(tone)) for tone in chord]
    return line(MELODY), left


SUBJECT = """r:0.5 c5:0.25 b4:0.25 c5:0.5 g4:0.5 ab4:0.5 c5:0.25 b4:0.25 c5:0.5 d5:0.5
g4:0.5 c5:0.25 b4:0.25 c5:0.5 d5:0.5 f4:0.25 g4:0.25 ab4:1 g4:0.25 f4:0.25"""
AGAINST = """eb4:1 r:0.5 g5:0.25 f5:0.25 eb5:0.5 d5:0.5 c5:0.5 bb4:0.5 a4:0.5 bb4:0.5 c5:0.5 a4:0.5
bb4:0.5 c5:0.25 d5:0.25 eb5:1"""
BELOW = """c5:1 r:1 g4:0.5 f4:0.5 eb4:1 d4:0.5 eb4:0.5 f4:0.5 d4:0.5 eb4:0.5 f4:0.5 g4:1"""


def fugue() -> tuple[list[Note], list[Note]]:
    """Return upper and lower staff of a three-voice exposition."""
    subject = line(SUBJECT)
    answer = [(onset + 8.0, length, tone - 5) for onset, length, tone in subject]
    third = [(onset + 16.0, length, tone - 24) for onset, length, tone in subject]
    upper = [*subject, *line(AGAINST, 8.0), *line(BELOW, 16.0), (24.0, 4.0, pitch("eb5"))]
    lower = [*third, (24.0, 4.0, pitch("c3"))]
    return [*upper, *answer, (24.0, 4.0, pitch("g4"))], lower


BEAT = {  # sixteenths of two measures: kick, snare with ghosts on the grid, closed and open hi-hat
    36: "x.....x.x.x..... x.....x.xx......",
    38: "....x..x....x..x ....x..x.x..x...",
    42: "x.x.x.x.x.x.x.x. x.x.x.x.x.x.x...",
    46: "................ ..............x.",
}
FILL = {  # the last measure: snare, toms from high to low, kick below
    36: "x...x...x...x...",
    38: "..xxxx..x.....xx",
    50: "......xx........",
    45: ".........xx.....",
    43: "...........xxx..",
}
CRASH = 49


def rock_beat() -> list[Note]:
    """Return two measures of drums played twice, the last of them a fill, and a crash."""
    strokes = [*_strokes(BEAT, 0.0), *_strokes(BEAT, 8.0, most=16), *_strokes(FILL, 12.0)]
    crashes = [(0.0, 0.25, CRASH), (16.0, 0.25, CRASH), (16.0, 0.25, 36)]
    return sorted([*strokes, *crashes])


def _strokes(rows: dict[int, str], start: float, most: int = 32) -> list[Note]:
    return [
        (start + step / 4, 0.25, number)
        for number, row in rows.items()
        for step, mark in enumerate(row.replace(" ", "")[:most])
        if mark == "x"
    ]


def write(path: Path, hands: tuple[list[Note], list[Note]], metre: int, tempo: int) -> None:
    """Write a type 1 file: tempo and metre, then one track for each hand."""
    micros = 60_000_000 // tempo
    first = [
        (0, b"\xff\x51\x03" + micros.to_bytes(3, "big")),
        (0, bytes([255, 88, 4, metre, 2, 24, 8])),
    ]
    tracks = [_track(first), *(_track(_events(hand)) for hand in hands)]
    header = (
        b"MThd" + (6).to_bytes(4, "big") + bytes([0, 1, 0, len(tracks)]) + TICKS.to_bytes(2, "big")
    )
    path.write_bytes(header + b"".join(tracks))


def write_drums(path: Path, strokes: list[Note], tempo: int) -> None:
    """Write a type 0 file of drums in four quarters, on channel 10."""
    micros = 60_000_000 // tempo
    first = [
        (0, b"\xff\x51\x03" + micros.to_bytes(3, "big")),
        (0, bytes([255, 88, 4, 4, 2, 24, 8])),
    ]
    events = [(tick, bytes([e[0] + 9, *e[1:]])) for tick, e in _events(strokes)]
    header = b"MThd" + (6).to_bytes(4, "big") + bytes([0, 0, 0, 1]) + TICKS.to_bytes(2, "big")
    path.write_bytes(header + _track([*first, *events]))


MARKS = {
    0: ("p", ""),
    4: ("", "crescendo"),
    7: ("", "stop"),
    8: ("f", ""),
    12: ("", "diminuendo"),
    15: ("p", "stop"),
}
_TYPES = {
    0.5: "<type>eighth</type>", 1.0: "<type>quarter</type>", 1.5: "<type>quarter</type><dot/>",
    2.0: "<type>half</type>", 3.0: "<type>half</type><dot/>",
}  # fmt: skip
ACCENTS = {8.0 * 3, 9.0 * 3, 10.0 * 3, 11.0 * 3}
DIVISIONS = 2


def waltz_score() -> str:
    """Return the waltz as MusicXML with dynamics, hairpins and accents."""
    right, left = waltz()
    measures = []
    for number in range(len(HARMONY.replace(" ", ""))):
        body = _ATTRIBUTES if number == 0 else ""
        body += _marks(number) + _staff(right, number, 1)
        body += f"<backup><duration>{3 * DIVISIONS}</duration></backup>" + _staff(left, number, 2)
        measures.append(f'  <measure number="{number + 1}">{body}</measure>\n')
    return _SCORE_HEAD + "".join(measures) + "</part></score-partwise>\n"


def _marks(number: int) -> str:
    dynamic, wedge = MARKS.get(number, ("", ""))
    kinds = [f'<wedge type="{wedge}"/>'] if wedge else []
    kinds += [f"<dynamics><{dynamic}/></dynamics>"] if dynamic else []
    return "".join(
        f'<direction placement="below"><direction-type>{kind}</direction-type><staff>1</staff></direction>'
        for kind in kinds
    )


def _staff(notes: list[Note], number: int, staff: int) -> str:
    here = [n for n in notes if number * 3 <= n[0] < number * 3 + 3]
    text, clock, last = "", number * 3.0, -1.0
    for onset, length, tone in here:
        chord = "<chord/>" if onset == last else ""
        if onset > clock and not chord:
            text += f"<forward><duration>{round((onset - clock) * DIVISIONS)}</duration></forward>"
        accent = (
            "<notations><articulations><accent/></articulations></notations>"
            if staff == 1 and onset in ACCENTS
            else ""
        )
        step = next(s for s, value in _STEPS.items() if value == tone % 12)
        text += (
            f"<note>{chord}<pitch><step>{step.upper()}</step><octave>{tone // 12 - 1}</octave></pitch>"
            f"<duration>{round(length * DIVISIONS)}</duration><voice>{staff}</voice>{_TYPES[length]}"
            f"<staff>{staff}</staff>{accent}</note>"
        )
        last, clock = onset, onset + length
    rest = number * 3 + 3 - clock
    return text + (
        f"<forward><duration>{round(rest * DIVISIONS)}</duration></forward>" if rest > 0 else ""
    )


_ATTRIBUTES = (
    f"<attributes><divisions>{DIVISIONS}</divisions><time><beats>3</beats><beat-type>4</beat-type></time>"
    '<staves>2</staves><clef number="1"><sign>G</sign><line>2</line></clef>'
    '<clef number="2"><sign>F</sign><line>4</line></clef></attributes>'
    "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><per-minute>150</per-minute>"
    '</metronome></direction-type><sound tempo="150"/></direction>'
)
_SCORE_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 3.1 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="3.1"><work><work-title>O du lieber Augustin</work-title></work>
<part-list><score-part id="P1"><part-name>Piano</part-name></score-part></part-list>
<part id="P1">
"""


def _events(notes: list[Note]) -> list[tuple[int, bytes]]:
    events = [(0, bytes([0xC0, 0]))]
    for onset, length, tone in notes:
        events.append((round(onset * TICKS), bytes([0x90, tone, VELOCITY])))
        events.append((round((onset + length) * TICKS), bytes([0x80, tone, 0])))
    # note-offs first, so that a repeated note is struck again
    return sorted(events, key=lambda event: (event[0], event[1][0] == 0x90))


def _track(events: list[tuple[int, bytes]]) -> bytes:
    body, now = b"", 0
    for tick, message in [*events, (events[-1][0], b"\xff\x2f\x00")]:
        body += _variable_length(tick - now) + message
        now = tick
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def _variable_length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


def main() -> None:
    """Write the pieces beside this script."""
    folder = Path(__file__).parent
    write(folder / "bach_prelude.mid", prelude(), 4, 72)
    write(folder / "waltz.mid", waltz(), 3, 150)
    write(folder / "fugue.mid", fugue(), 4, 80)
    write_drums(folder / "rock_beat.mid", rock_beat(), 104)
    (folder / "waltz.musicxml").write_text(waltz_score(), encoding="utf-8")


if __name__ == "__main__":
    main()

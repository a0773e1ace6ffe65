"""Write the page's example files: flat velocities, notes typed from the composers' scores.

Usage: python scripts/make_examples.py   (needs mido)
"""

from pathlib import Path

import mido

FOLDER = Path(__file__).parents[1] / "humanize/service/static/examples"
TICKS = 480
FLAT = 64
NAMES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

Note = tuple[float, float, int]  # start and length in quarter notes, MIDI pitch

PRELUDE = """
C4 E4 G4 C5 E5 / C4 D4 A4 D5 F5 / B3 D4 G4 D5 F5 / C4 E4 G4 C5 E5 / C4 E4 A4 E5 A5
C4 D4 F#4 A4 D5 / B3 D4 G4 D5 G5 / B3 C4 E4 G4 C5 / A3 C4 E4 G4 C5 / D3 A3 D4 F#4 C5
G3 B3 D4 G4 B4 / G3 Bb3 E4 G4 C#5 / F3 A3 D4 A4 D5 / F3 Ab3 D4 F4 B4 / E3 G3 C4 G4 C5
E3 F3 A3 C4 F4 / D3 F3 A3 C4 F4 / G2 D3 G3 B3 F4 / C3 E3 G3 C4 E4 / C3 G3 Bb3 C4 E4
F2 F3 A3 C4 E4 / F#2 C3 A3 C4 Eb4 / Ab2 F3 B3 C4 D4 / G2 F3 G3 B3 D4 / G2 E3 G3 C4 E4
G2 D3 G3 C4 F4 / G2 D3 G3 B3 F4 / G2 Eb3 A3 C4 F#4 / G2 E3 G3 C4 G4 / G2 D3 G3 C4 F4
G2 D3 G3 B3 F4 / C2 C3 G3 Bb3 E4
"""
PRELUDE_END = (
    "C2 C3 F3 A3 C4 F4 C4 A3 C4 A3 F3 A3 F3 D3 F3 D3",
    "C2 B2 G4 B4 D5 F5 D5 B4 D5 B4 G4 B4 D4 F4 E4 D4",
)
PRELUDE_CHORD = "C2 C3 E4 G4 C5"

# sixteenths; "-" is a rest, a length in sixteenths may follow after ":"
ELISE_RIGHT = [
    "E5 D#5 E5 B4 D5 C5",
    "A4:2 - C4 E4 A4",
    "B4:2 - E4 G#4 B4",
    "C5:2 - E4 E5 D#5",
    "E5 D#5 E5 B4 D5 C5",
    "A4:2 - C4 E4 A4",
    "B4:2 - E4 C5 B4",
]
ELISE_LEFT = ["", "A2 E3 A3", "E2 E3 G#3", "A2 E3 A3", "", "A2 E3 A3", "E2 E3 G#3"]


def pitch(name: str) -> int:
    """Return the MIDI number of such as C#4 (C4 is 60)."""
    alteration = name.count("#") - name.count("b")
    return NAMES[name[0]] + alteration + 12 * (int(name[-1]) + 1)


def prelude() -> list[list[Note]]:
    """Return right and left hand of Bach's Prelude in C, BWV 846."""
    right: list[Note] = []
    left: list[Note] = []
    bars = [bar.split() for line in PRELUDE.strip().splitlines() for bar in line.split("/")]
    for number, bar in enumerate(bars):
        for half in (0, 2):
            start = 4 * number + half
            left += [(start, 2, pitch(bar[0])), (start + 0.25, 1.75, pitch(bar[1]))]
            right += [
                (start + 0.5 + k * 0.25, 0.25, pitch(bar[i]))
                for k, i in enumerate((2, 3, 4, 2, 3, 4))
            ]
    for number, run in enumerate(PRELUDE_END, start=len(bars)):
        bass, tenor, *rest = run.split()
        left += [(4 * number, 4, pitch(bass)), (4 * number + 0.25, 3.75, pitch(tenor))]
        right += [(4 * number + 0.5 + k / 4, 0.25, pitch(n)) for k, n in enumerate(rest)]
    end = 4 * (len(bars) + 2)
    for k, name in enumerate(PRELUDE_CHORD.split()):
        (left if k < 2 else right).append((end, 4, pitch(name)))
    return [right, left]


def elise() -> list[list[Note]]:
    """Return right and left hand of the theme of Beethoven's Für Elise, WoO 59, repeated once."""
    right: list[Note] = []
    left: list[Note] = []
    at = 1.0
    right += sixteenths("E5 D#5", at)
    for repeat in (0, 1):
        for melody, bass in zip(ELISE_RIGHT, ELISE_LEFT, strict=True):
            at += 1.5 if at > 1.0 else 0.5
            right += sixteenths(melody, at)
            left += sixteenths(bass, at)
        at += 1.5
        right += sixteenths("A4:2 - - E5 D#5" if repeat == 0 else "A4:6", at)
        left += sixteenths("A2 E3 A3" if repeat == 0 else "A2 E3 A3:4", at)
    return [right, left]


def sixteenths(text: str, start: float) -> list[Note]:
    """Return notes one after the other."""
    notes: list[Note] = []
    for word in text.split():
        name, _, length = word.partition(":")
        beats = int(length or 1) / 4
        if name != "-":
            notes.append((start, beats, pitch(name)))
        start += beats
    return notes


def write(
    name: str, title: str, hands: list[list[Note]], metre: tuple[int, int], bpm: float
) -> None:
    """Write one file of SMF type 1: a track of tempo and metre, then one for each hand."""
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    head = mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name=title),
            mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1]),
            mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)),
        ]
    )
    file.tracks.append(head)
    for hand, notes in zip(("Right hand", "Left hand"), hands, strict=True):
        file.tracks.append(track(hand, notes))
    FOLDER.mkdir(parents=True, exist_ok=True)
    file.save(FOLDER / name)


def track(name: str, notes: list[Note]) -> mido.MidiTrack:
    """Return one track; at one tick note-offs come first."""
    events = []
    for start, length, key in notes:
        events.append((round(start * TICKS), 1, key))
        events.append((round((start + length) * TICKS), 0, key))
    messages = [
        mido.MetaMessage("track_name", name=name),
        mido.Message("program_change", program=0),
    ]
    last = 0
    for tick, on, key in sorted(events):
        kind = "note_on" if on else "note_off"
        messages.append(mido.Message(kind, note=key, velocity=FLAT, time=tick - last))
        last = tick
    return mido.MidiTrack(messages)


if __name__ == "__main__":
    write("bach-prelude-c.mid", "Prelude in C, BWV 846 (J. S. Bach)", prelude(), (4, 4), 72)
    write("beethoven-fur-elise.mid", "Für Elise, theme (L. van Beethoven)", elise(), (3, 8), 66)

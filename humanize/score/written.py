"""A score as it is written, whatever its format: what every reader of a format hands on.

Places count quarter notes from the beginning of a measure, so that a part with a measure of another
length, or an empty one, never runs ahead of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from humanize.score.order import Bar

MOST_NOTES = 250_000
"""As played: more than any score has, few enough for memory."""
LONGEST = 4096.0
"""Quarter notes of a note or rest: more than any has, few enough for the ticks of a MIDI file."""

MarkKind = Literal["level", "cresc", "dim", "words", "fermata", "tempo", "metre", "pedal"]


class Realisation(NamedTuple):
    """How an ornament is played.

    Attributes
    ----------
    kind : str
        "trill", "mordent" (main, lower, main), "inverted-mordent" (main, upper, main), "turn",
        "inverted-turn", "tremolo" or "fingered-tremolo".
    upper, lower : int
        Half-tones to the neighbours.
    strokes : int
        Beams of a tremolo; 0 where it is not measured.
    delayed : bool
        Whether a turn comes after its note.
    """

    kind: str
    upper: int = 2
    lower: int = 2
    strokes: int = 0
    delayed: bool = False


class Arpeggio(NamedTuple):
    """The sign before one note.

    Attributes
    ----------
    label : str
        Notes of one time and label are one arpeggio; those of a part without a label are one in
        each staff, or together where a staff has a single note.
    down : bool
        Whether the highest note comes first.
    """

    label: str = ""
    down: bool = False


@dataclass(slots=True, eq=False)
class WrittenNote:
    """One note as written.

    Attributes
    ----------
    note_id : str
        In the file, or made of its place.
    place : int
        Among the notes of the file, where velocities are written back; -1 where they are not.
    measure : int
        0-based, in the order of the file.
    onset, length : float
        Quarter notes from the beginning of the measure; ties not joined.
    pitch : int
        As it sounds.
    staff, voice : int
    grace, chord, late : bool
        A grace note; one that sounds with the note before it; one behind the last note of its
        voice in the measure.
    unpitched : bool
    velocity : int
        1-127 where the file gives it one, else 0.
    marks : tuple of str
        Names of marking columns.
    realisation : Realisation or None
    arpeggio : Arpeggio or None
    tied_from, tied_to : bool
        Whether it continues a note, and whether it is continued.
    continued : WrittenNote or None
        By which note.
    """

    note_id: str
    place: int
    measure: int
    onset: float
    length: float
    pitch: int
    staff: int = 1
    voice: int = 1
    grace: bool = False
    chord: bool = False
    late: bool = False
    unpitched: bool = False
    velocity: int = 0
    marks: tuple[str, ...] = ()
    realisation: Realisation | None = None
    arpeggio: Arpeggio | None = None
    tied_from: bool = False
    tied_to: bool = False
    continued: WrittenNote | None = None


class Mark(NamedTuple):
    """A marking beside the notes.

    Attributes
    ----------
    kind : str
        See ``MarkKind``.
    measure : int
    quarter : float
    staff : int or None
    text : str
        Words, the name of a dynamic, or what is done with the pedal (``time_marks.PEDAL_TYPES``).
    value : float
        Level in velocity units, quarter notes a minute, or the numerator of a metre.
    other : float
        The denominator of a metre.
    end : (int, float) or None
        Measure and quarter where a hairpin ends.
    """

    kind: MarkKind
    measure: int
    quarter: float
    staff: int | None = None
    text: str = ""
    value: float = 0.0
    other: float = 0.0
    end: tuple[int, float] | None = None


class Repetition(NamedTuple):
    """A sign that stands for music which was written before it.

    Attributes
    ----------
    measure, quarter : int, float
        Where the sign stands.
    source, first, last : int, float, float
        What it repeats: measure, and quarters within.
    staff, voice : int or None
        Of which staff and voice; None for all.
    """

    measure: int
    quarter: float
    source: int
    first: float
    last: float
    staff: int | None = None
    voice: int | None = None


@dataclass(eq=False)
class WrittenPart:
    """One part as written.

    Attributes
    ----------
    name : str
    program : int
        General MIDI program 0-127, -1 where the file does not say.
    drums : bool
        Whether all its notes are drums.
    staves : int
    brace : str
        Parts of one brace have one name for it; empty outside braces.
    notes : list of WrittenNote
        In the order of the file.
    marks : list of Mark
    slurs : list of (WrittenNote, WrittenNote)
    repetitions : list of Repetition
    tablatures : set of int
        Staves in tablature.
    """

    name: str = ""
    program: int = -1
    drums: bool = False
    staves: int = 1
    brace: str = ""
    notes: list[WrittenNote] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    slurs: list[tuple[WrittenNote, WrittenNote]] = field(default_factory=list)
    repetitions: list[Repetition] = field(default_factory=list)
    tablatures: set[int] = field(default_factory=set)


@dataclass(eq=False)
class WrittenScore:
    """A score as written.

    Attributes
    ----------
    parts : list of WrittenPart
    lengths : list of float
        Quarter notes of each measure: those of the part in which it is longest.
    labels : list of str
        The number printed at each measure.
    bars : list of Bar
        What is said about the order of playing: a bar a measure, or several where a sign stands
        within.
    movements : list of int
        First measure of each movement.
    sections : list of (int, int)
        Stretches of measures (first, last + 1) in the order of playing, where a file lists them.
    messages : list of str
    warnings : int
    """

    parts: list[WrittenPart] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    movements: list[int] = field(default_factory=lambda: [0])
    sections: Sequence[tuple[int, int]] = ()
    messages: list[str] = field(default_factory=list)
    warnings: int = 0

"""The music of one voice of an ABC tune."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from humanize.score.abc_fields import Key
from humanize.score.dynamics import LEVELS, is_sforzando
from humanize.score.order import Bar
from humanize.score.written import LONGEST, Mark, MarkKind, Realisation, WrittenNote

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
_LENGTH = r"(\d*/*\d*)"
_NOTE = re.compile(rf"(\^\^|\^|__|_|=)?([A-Ga-g])([,']*){_LENGTH}(-?)")
_TOKEN = re.compile(
    r"(?P<quote>\"[^\"]*\")|(?P<sign>[!+][^!+\s]{1,24}[!+])|(?P<grace>\{[^}]*\})"
    r"|(?P<bar>:*\|+:*\]?(?:\s*\d[\d,\-]*)?|:{2,}|\[\|\]?|\|\]|:+\|?)|(?P<ending>\[\d[\d,\-]*)"
    r"|(?P<chord>\[[^\]|:]*\])(?P<chordlength>\d*/*\d*)(?P<chordtie>-?)"
    r"|(?P<tuplet>\(\d(?::\d?(?::\d*)?)?)|(?P<note>(?:\^\^|\^|__|_|=)?[A-Ga-g][,']*\d*/*\d*-?)"
    r"|(?P<rest>[zxZX]\d*/*\d*)|(?P<broken>[<>]+)|(?P<slur>[()])|(?P<overlay>&)"
    r"|(?P<shorthand>[.~HLMOPSTuv])|(?P<other>.)",
    re.DOTALL,
)  # fmt: skip
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_MARKS = {"accent": "accent", ">": "accent", "emphasis": "accent", "marcato": "marcato",
          "^": "marcato", "tenuto": "tenuto", "wedge": "staccatissimo"}  # fmt: skip
_ORNAMENTS = {"trill": "trill", "mordent": "mordent", "lowermordent": "mordent",
              "pralltriller": "inverted-mordent", "uppermordent": "inverted-mordent",
              "turn": "turn", "invertedturn": "inverted-turn", "roll": "turn"}  # fmt: skip
_SHORTHAND = {".": "staccato", "~": "roll", "H": "fermata", "L": "accent", "M": "lowermordent",
              "O": "coda", "P": "uppermordent", "S": "segno", "T": "trill"}  # fmt: skip
_JUMPS = {"D.C.": "da_capo", "dacapo": "da_capo", "D.S.": "dal_segno", "dalsegno": "dal_segno",
          "fine": "fine", "segno": "segno", "coda": "coda", "dacoda": "to_coda"}  # fmt: skip
_WEDGES: dict[str, MarkKind] = {"<(": "cresc", "crescendo(": "cresc", ">(": "dim",
                                "diminuendo(": "dim"}  # fmt: skip


@dataclass
class TuneVoice:
    """A voice while it is read: where it is, and what it has so far.

    Attributes
    ----------
    unit : float
        Quarter notes of a note without a length.
    metre : (int, int) or None
    key : Key
    notes, marks, slurs, lengths, bars : list
        As in a written score; measures count from 0 in the tune.
    """

    unit: float
    metre: tuple[int, int] | None
    key: Key
    notes: list[WrittenNote] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    slurs: list[tuple[WrittenNote, WrittenNote]] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=lambda: [Bar()])
    now: float = 0.0
    longest: float = 0.0
    layer: int = 1
    ending: frozenset[int] = frozenset()
    pending: list[str] = field(default_factory=list)
    open_slurs: list[WrittenNote | None] = field(default_factory=list)
    wedges: dict[str, tuple[int, float]] = field(default_factory=dict)
    accidentals: dict[tuple[str, int], int] = field(default_factory=dict)
    scale: list[float] = field(default_factory=list)  # of the notes of a tuplet to come
    factor: float = 1.0  # of the next note of a broken rhythm
    last: list[WrittenNote] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first_metre = self.metre

    @property
    def measure(self) -> int:
        """The measure that is being read."""
        return len(self.lengths)

    def mark(self, kind: MarkKind, text: str = "", value: float = 0.0, other: float = 0.0) -> None:
        """Add a marking where the voice is."""
        self.marks.append(Mark(kind, self.measure, self.now, None, text, value, other))

    def change_metre(self, metre: tuple[int, int] | None) -> None:
        """Change the time signature."""
        self.metre = metre
        if metre is not None:
            self.mark("metre", value=metre[0], other=metre[1])

    def read(self, text: str) -> None:
        """Read music."""
        for found in _TOKEN.finditer(text):
            kind = str(found.lastgroup)
            act = _READERS.get("chord" if kind.startswith("chord") else kind)
            if act is not None:
                act(self, found)

    def finish(self) -> None:
        """End the last measure."""
        graces = bool(self.notes) and self.notes[-1].measure == self.measure  # and nothing else
        if self.longest > 0 or graces:
            self._close()
        if len(self.bars) > len(self.lengths):
            self.bars.pop()

    def _close(self) -> None:
        self.lengths.append(min(self.longest, LONGEST))
        self.bars[-1].ending = self.ending
        self.bars.append(Bar())
        self.now = self.longest = 0.0
        self.layer = 1
        self.accidentals.clear()

    def _bar(self, found: re.Match[str]) -> None:
        text = found["bar"].replace(" ", "")
        sign = re.match(r"[:|\[\]]*", text)
        line = sign[0] if sign else ""
        number = text[len(line) :]
        if self.longest > 0:
            self._close()
        ends = line.startswith(":")
        if ends and len(self.bars) > 1:
            self.bars[-2].times = max(self.bars[-2].times, 2)
        self.bars[-1].forward |= line.endswith(":")
        double = ends or line.endswith(":") or "]" in line or "||" in line
        if self.ending and double:
            self.ending = frozenset()
        if number:
            self._begin_ending(number)

    def _ending(self, found: re.Match[str]) -> None:
        self._begin_ending(found["ending"].lstrip("["))

    def _begin_ending(self, text: str) -> None:
        numbers: set[int] = set()
        for part in text.split(","):
            ends = [int(n) for n in re.findall(r"\d{1,3}", part)]
            numbers |= set(range(ends[0], ends[-1] + 1)) if ends else set()
        self.ending = frozenset(numbers)

    def _note(self, found: re.Match[str]) -> None:
        self._sound([found["note"]], "", False)

    def _chord(self, found: re.Match[str]) -> None:
        notes = [n[0] for n in _NOTE.finditer(found["chord"])]
        if notes:
            self._sound(notes, found["chordlength"] or "", bool(found["chordtie"]))

    def _sound(self, texts: list[str], length: str, tied: bool) -> None:
        """Read notes that sound together."""
        factor = self._next_scale() * self.factor * _value(length)
        self.factor = 1.0
        found = [self._written(text, factor, tied) for text in texts]
        for number, note in enumerate(found):
            note.chord = number > 0
        self._apply(found)
        self.last = found
        self.notes += found
        self._go(found[0].length)

    def _written(self, text: str, factor: float, tied: bool) -> WrittenNote:
        match = _NOTE.fullmatch(text)
        assert match is not None
        length = min(self.unit * _value(match[4]) * factor, LONGEST)
        note = WrittenNote(
            note_id=f"n{len(self.notes)}",
            place=-1,
            measure=self.measure,
            onset=self.now,
            length=length,
            pitch=self._pitch(match),
            voice=self.layer,
        )
        note.tied_to = tied or bool(match[5])
        self._tie(note)
        return note

    def _tie(self, note: WrittenNote) -> None:
        """Let a note go on with one of its pitch that was tied and has just ended."""
        note.tied_from = any(before.tied_to and before.pitch == note.pitch for before in self.last)

    def _pitch(self, match: re.Match[str]) -> int:
        letter = match[2].upper()
        octave = 5 if match[2].islower() else 4
        octave += match[3].count("'") - match[3].count(",")
        if match[1]:
            self.accidentals[letter, octave] = _SIGNS[match[1]]
        alter = self.accidentals.get((letter, octave), self.key.alters.get(letter, 0))
        return min(max(_STEPS[letter] + alter + 12 * (octave + 1), 0), 127)

    def _apply(self, found: list[WrittenNote]) -> None:
        """Give notes the decorations and slurs that stand before them."""
        for sign in self.pending:
            if sign == "(":
                self.open_slurs.append(found[0])
                found[0].marks += ("slur_start",)
            elif sign == "fermata":
                self.mark("fermata")
            for note in found:
                if sign in _MARKS:
                    note.marks += (_MARKS[sign],)
                elif sign == "staccato":
                    note.marks += ("staccato",)
                elif sign in _ORNAMENTS:
                    note.marks += ("ornament",)
                    note.realisation = Realisation(_ORNAMENTS[sign])
        self.pending.clear()

    def _go(self, length: float) -> None:
        self.now += length
        self.longest = max(self.longest, self.now)

    def _rest(self, found: re.Match[str]) -> None:
        text = found["rest"]
        self.pending.clear()
        self.last = []
        if text[0] in "ZX":
            for _ in range(min(max(int(text[1:]) if text[1:].isdecimal() else 1, 1), 999)):
                metre = self.metre or (4, 4)
                self.longest = metre[0] * 4 / metre[1]
                self._close()
            return
        self._go(min(self.unit * _value(text[1:]) * self._next_scale() * self.factor, LONGEST))
        self.factor = 1.0

    def _next_scale(self) -> float:
        return self.scale.pop() if self.scale else 1.0

    def _tuplet(self, found: re.Match[str]) -> None:
        numbers = [int(n) if n else 0 for n in found["tuplet"][1:].split(":")]
        count = numbers[0]
        compound = self.metre is not None and self.metre[0] % 3 == 0 and self.metre[0] > 3
        base = (
            numbers[1]
            if len(numbers) > 1 and numbers[1]
            else _TUPLETS.get(count, 3 if compound else 2)
        )
        notes = numbers[2] if len(numbers) > 2 and numbers[2] else count
        self.scale = [base / count] * notes if count else []

    def _broken(self, found: re.Match[str]) -> None:
        """Lengthen the note before and shorten the next one, or the other way round."""
        text = found["broken"]
        short = 0.5 ** min(len(text), 3)
        before, self.factor = (2 - short, short) if text[0] == ">" else (short, 2 - short)
        for note in self.last:
            added = note.length * (before - 1)
            note.length += added
        if self.last:
            self._go(self.last[0].length * (1 - 1 / before))

    def _grace(self, found: re.Match[str]) -> None:
        for group in re.finditer(rf"\[[^\]]*\]|{_NOTE.pattern}", found["grace"].strip("{}/ ")):
            for number, match in enumerate(_NOTE.finditer(group[0])):
                note = self._written(match[0], 1.0, False)
                note.length, note.grace, note.chord = 0.0, True, number > 0
                note.tied_to = note.tied_from = False
                self.notes.append(note)

    def _slur(self, found: re.Match[str]) -> None:
        if found["slur"] == "(":
            self.pending.append("(")
        elif self.open_slurs and self.last:
            first = self.open_slurs.pop()
            self.last[0].marks += ("slur_end",)
            if first is not None:
                self.slurs.append((first, self.last[0]))

    def _overlay(self, found: re.Match[str]) -> None:
        self.now, self.layer, self.last = 0.0, self.layer + 1, []

    def _shorthand(self, found: re.Match[str]) -> None:
        self._decorate(_SHORTHAND.get(found["shorthand"], ""))

    def _sign(self, found: re.Match[str]) -> None:
        self._decorate(found["sign"][1:-1])

    def _decorate(self, sign: str) -> None:
        """Read a decoration by its name."""
        if sign in LEVELS or is_sforzando(sign):
            self.mark("level", sign)
        elif sign in _WEDGES:
            self.wedges[_WEDGES[sign]] = (self.measure, self.now)
        elif sign in ("<)", "crescendo)", ">)", "diminuendo)"):
            kind: MarkKind = "cresc" if sign in ("<)", "crescendo)") else "dim"
            begin = self.wedges.pop(kind, None)
            if begin is not None:
                self.marks.append(Mark(kind, *begin, end=(self.measure, self.now)))
        elif sign in _JUMPS:
            bar = self.bars[-1] if self.longest > 0 or len(self.bars) < 2 else self.bars[-2]
            self._jump(_JUMPS[sign], bar)
        elif sign:
            self.pending.append(sign)

    def _jump(self, kind: str, bar: Bar) -> None:
        if kind in ("segno", "coda"):
            setattr(self.bars[-1], kind, "")
        else:
            setattr(bar, kind, "" if kind in ("dal_segno", "to_coda") else True)


def _value(text: str) -> float:
    """Return the factor of a length such as 3, 3/2, / or //."""
    above, slash, below = text.partition("/")
    value = float(above[:4]) if above else 1.0
    if not slash:
        return value
    digits = below.strip("/")
    return value / (float(digits[:4]) or 1.0 if digits else 2.0 ** (1 + below.count("/")))


_READERS: dict[str, Callable[[TuneVoice, re.Match[str]], None]] = {
    "sign": TuneVoice._sign,
    "grace": TuneVoice._grace,
    "bar": TuneVoice._bar,
    "ending": TuneVoice._ending,
    "chord": TuneVoice._chord,
    "tuplet": TuneVoice._tuplet,
    "note": TuneVoice._note,
    "rest": TuneVoice._rest,
    "broken": TuneVoice._broken,
    "slur": TuneVoice._slur,
    "overlay": TuneVoice._overlay,
    "shorthand": TuneVoice._shorthand,
}

"""Tied notes as one, signs that repeat music played out, and tablature beside notation left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from humanize.errors import ScoreError
from humanize.notes import FloatColumn
from humanize.score.written import MOST_NOTES, Mark, Repetition, WrittenNote, WrittenPart

_NEAR = 1e-2  # quarter notes; some programs round what a voice lasts
_LONGEST_GAP = 8.0  # quarter notes from a note of an arpeggio to the chord that it is tied into
_ALIKE = 0.9  # share of the notes of a tablature that the notation has, too


def join_ties(notes: Sequence[WrittenNote], begins: FloatColumn) -> None:
    """Let each note know which one continues it.

    A tie leads to the note of its pitch that begins where it ends, in its own voice if there are
    several; from the notes of a chord that are written out one by one, to the chord.

    Parameters
    ----------
    notes : sequence of WrittenNote
        Of one part.
    begins : FloatColumn
        Where measures begin.
    """
    opened: dict[int, list[tuple[float, WrittenNote]]] = defaultdict(list)
    pitches = {note.pitch for note in notes if note.tied_to}
    timed = [(float(begins[n.measure]) + n.onset, n) for n in notes if n.pitch in pitches]
    timed.sort(key=lambda entry: entry[0])
    arpeggios = _Arpeggios(timed)
    for onset, note in timed:
        waiting = opened[note.pitch]
        before = _continued_by(note, onset, waiting, arpeggios) if note.tied_from else None
        if before is not None:
            before[1].continued = note
            waiting.remove(before)
        elif not note.grace:
            waiting[:] = [entry for entry in waiting if entry[0] > onset - _NEAR]
        if note.tied_to and note.continued is None:
            waiting.append((onset + note.length, note))
            del waiting[:-16]


class _Arpeggios:
    """Chords whose notes are written out before, one by one, and tied into them."""

    def __init__(self, timed: Sequence[tuple[float, WrittenNote]]) -> None:
        self.chords: dict[int, set[int]] = defaultdict(set)
        self.begun: dict[int, set[int]] = defaultdict(set)
        for onset, note in timed:
            if note.tied_from:
                self.chords[self._place(onset)].add(note.pitch)
            if note.tied_to and not note.tied_from:
                self.begun[self._place(onset)].add(note.pitch)

    @staticmethod
    def _place(time: float) -> int:
        return round(time / _NEAR / 2)

    def lead(self, end: float, chord: float) -> bool:
        """Return whether another note of a chord follows where one of its notes ends."""
        place, wanted = self._place(end), self.chords.get(self._place(chord), set())
        following = (self.begun.get(own, set()) for own in (place - 1, place, place + 1))
        return 0 < chord - end <= _LONGEST_GAP and any(own & wanted for own in following)


def _continued_by(
    note: WrittenNote,
    onset: float,
    waiting: Sequence[tuple[float, WrittenNote]],
    arpeggios: _Arpeggios,
) -> tuple[float, WrittenNote] | None:
    """Return which of the notes that wait for one, with their ends, a note continues."""
    near = [entry for entry in waiting if abs(entry[0] - onset) < _NEAR]
    same = [entry for entry in near if entry[1].voice == note.voice]
    before = [] if near else [entry for entry in waiting if arpeggios.lead(entry[0], onset)]
    found = same or near or before
    return found[-1] if found else None


def struck_notes(notes: Sequence[WrittenNote]) -> Iterator[tuple[WrittenNote, WrittenNote]]:
    """Yield each note that is struck, and the last one that it is held through."""
    held = {id(note.continued) for note in notes if note.continued is not None}
    for note in notes:
        if id(note) not in held:
            last = note
            while last.continued is not None:
                last = last.continued
            yield note, last


def play_out(part: WrittenPart, name: str) -> None:
    """Put the music in the place of signs that repeat it.

    Parameters
    ----------
    part : WrittenPart
    name : str
        What messages call the score.

    Raises
    ------
    ScoreError
        If there would be too many notes.
    """
    if not part.repetitions:
        return
    measures: dict[int, list[WrittenNote]] = defaultdict(list)
    for note in part.notes:
        measures[note.measure].append(note)
    copies: dict[int, WrittenNote] = {}
    fermatas: dict[int, list[Mark]] = defaultdict(list)
    for mark in part.marks:
        if mark.kind == "fermata":
            fermatas[mark.measure].append(mark)
    count = len(part.notes)
    for sign in sorted(part.repetitions, key=lambda r: (r.measure, r.quarter)):
        if any(_is_at(note, sign) for note in measures[sign.measure]):
            continue  # the music is written out all the same
        added = [(n, _copied(n, sign)) for n in measures[sign.source] if _is_of(n, sign)]
        copies.update({id(note): copy for note, copy in added})
        _continue_copies(added, copies, sign)
        repeated = [
            mark._replace(measure=sign.measure, quarter=mark.quarter - sign.first + sign.quarter)
            for mark in fermatas[sign.source]
            if sign.first - _NEAR <= mark.quarter < sign.last - _NEAR
        ]
        fermatas[sign.measure] += repeated
        part.marks += repeated
        part.slurs += [
            (copies[id(a)], copies[id(b)])
            for a, b in _slurs_of(part, added)
            if id(a) in copies and id(b) in copies
        ]
        measures[sign.measure] += [copy for _, copy in added]
        count += len(added)
        if count > MOST_NOTES:
            raise ScoreError(f"{name}: more than {MOST_NOTES:,} notes found; expected fewer")
    part.notes = [note for number in sorted(measures) for note in measures[number]]


def _is_of(note: WrittenNote, sign: Repetition) -> bool:
    inside = sign.first - _NEAR <= note.onset < sign.last - _NEAR or (
        note.late and note.onset <= sign.last + _NEAR
    )
    return inside and _is_in(note, sign)


def _is_in(note: WrittenNote, sign: Repetition) -> bool:
    return sign.staff in (None, note.staff) and sign.voice in (None, note.voice)


def _is_at(note: WrittenNote, sign: Repetition) -> bool:
    length = sign.last - sign.first
    return _is_in(note, sign) and (
        sign.quarter - _NEAR <= note.onset < sign.quarter + length - _NEAR
    )


def _copied(note: WrittenNote, sign: Repetition) -> WrittenNote:
    onset = note.onset - sign.first + sign.quarter
    marks = tuple(m for m in note.marks if m not in ("slur_start", "slur_end"))
    return replace(note, measure=sign.measure, onset=onset, marks=marks, continued=None)


def _continue_copies(
    added: Sequence[tuple[WrittenNote, WrittenNote]],
    copies: dict[int, WrittenNote],
    sign: Repetition,
) -> None:
    """Tie copies as their notes are; a tie over the sign begins at the copy."""
    own = {id(note) for note, _ in added}
    for note, copy in added:
        following = note.continued
        if following is not None and id(following) in own:
            copy.continued = copies[id(following)]
        elif following is not None and following.measure > sign.measure:
            copy.continued, note.continued, note.tied_to = following, None, False
        elif following is not None:
            copy.tied_to = False


def _slurs_of(
    part: WrittenPart, added: Sequence[tuple[WrittenNote, WrittenNote]]
) -> list[tuple[WrittenNote, WrittenNote]]:
    own = {id(note) for note, _ in added}
    found = [(a, b) for a, b in part.slurs if id(a) in own and id(b) in own]
    copies = {id(note): copy for note, copy in added}
    for first, last in found:
        copies[id(first)].marks += ("slur_start",)
        copies[id(last)].marks += ("slur_end",)
    return found


def leave_out_tablature(parts: Sequence[WrittenPart]) -> list[str]:
    """Leave out the notes of tablature that stand in notation, too; return lines that say so."""
    lines = []
    for place, part in enumerate(parts):
        if not part.tablatures:
            continue
        own = [n for n in part.notes if n.staff in part.tablatures]
        rest = [n for n in part.notes if n.staff not in part.tablatures]
        others = [rest] if rest else [p.notes for p in parts[max(place - 1, 0) : place + 2]]
        others = [notes for notes in others if notes is not part.notes]
        if own and any(_are_alike(own, notes) for notes in others):
            part.notes = rest
            lines.append(f"part {part.name!r}: its tablature repeats the notation, and is left out")
    return lines


def _are_alike(own: Sequence[WrittenNote], others: Sequence[WrittenNote]) -> bool:
    def counted(notes: Sequence[WrittenNote]) -> Counter[tuple[int, float, int]]:
        return Counter((n.measure, round(n.onset, 3), n.pitch % 12) for n in notes)

    return (counted(own) & counted(others)).total() >= _ALIKE * len(own)

"""``humanize info in.mid``: one screen about a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import numpy as np

from humanize.commands.options import INPUT, click_option
from humanize.commands.single import read_bytes, shown_name
from humanize.drums.wording import only_drums
from humanize.errors import HumanizeError
from humanize.files import holds_score
from humanize.interpretation.dynamics import is_mix, level_word, with_written_dynamics
from humanize.midi.general_midi import PROGRAM_NAMES
from humanize.midi.reading import MidiPieces, read_midi
from humanize.notes import DRUMS, KEY_SWITCHES, MARKINGS, NoteTable, distinct
from humanize.options import SPLIT, Split
from humanize.reporting.waiting import said_while_it_lasts
from humanize.reporting.wording import counted, printable

if TYPE_CHECKING:
    from humanize.score import ScoreReading

_MOST_ROWS = 12
_OF_TIME = ("rubato_depth", "lead", "legato", "pedal_depth")
_COUNTED = tuple(
    m for m in MARKINGS if m not in ("notated_level", "notated_level_slope", "voice", "staff")
)


@click.command()
@INPUT
@click_option(SPLIT)
def command(input: Path, split: str) -> None:
    """Show what INPUT is taken for and what would be changed; tracks as --tracks counts them."""
    data, name = read_bytes(input), shown_name(input)
    meant = cast(Split, SPLIT.checked(split))
    with said_while_it_lasts(f"{name}: reading"):
        lines = _lines(data, str(input), name=name, split=meant)
    for line in lines:
        click.echo(printable(line))


def _lines(data: bytes, path: str, *, name: str, split: Split) -> list[str]:
    if holds_score(path, data):
        from humanize.score import read_score

        return describe_score(read_score(data, name=name, split=split), name=name)
    return [*describe(read_midi(data, name=name, split=split), name=name), *_performance(data)]


def _performance(data: bytes) -> list[str]:
    """Return the line of a file that ``humanize perform`` wrote: how it is played."""
    from humanize.midi.record import find_performance, strip_performance

    if not find_performance(data):
        return []
    from humanize.styles.comparing import compare
    from humanize.styles.wording import shown

    try:
        found = compare(strip_performance(data), data, first_name="plain", second_name="played")
    except HumanizeError:
        return ["performance  of humanize, and changed since"]
    played = {name: own for name, (_, own) in found.attributes.items() if np.isfinite(own)}
    told = ", ".join(
        f"pedal {shown(name, played[name])}" if name == "pedal_depth" else shown(name, played[name])
        for name in _OF_TIME
        if name in played
    )
    return [f"performance  of humanize ('humanize strip' takes it out): {told}"]


def describe_score(reading: ScoreReading, *, name: str) -> list[str]:
    """Return the lines that describe a score."""
    notes, parts = reading.notes, len(reading.part_names)
    lines = [
        f"{name}: score, {counted(parts, 'part')}, {counted(len(notes), 'note')} as played"
        f"{_struck(reading)}",
        f"tempo        {_tempo(tuple(bpm for _, bpm in reading.tempo))}",
        _length(notes),
        f"metre        {_metres(notes)}",
        f"markings     {_markings(notes)}",
    ]
    for rows, table in notes.instruments():
        own = _numbered("part", table, reading.part_names)
        if table.instrument[0] < 0:
            fate = "will be played" if only_drums([notes]) else "written dynamics kept"
            lines.append(f"drums        {counted(len(rows), 'note')}, {fate}; {own}")
        else:
            number = table.instrument[0] + 1
            lines.append(f"instrument {number:<2d}{counted(len(rows), 'note')}; {own}")
    return lines


def _struck(reading: ScoreReading) -> str:
    """Return how many notes are struck in MIDI, where ornaments make them more."""
    from humanize.score.ornaments import struck_notes

    level = np.full(len(reading.notes), 64, dtype=np.int64)
    struck = struck_notes(reading.notes, level, reading.delay, reading.realisations)
    more = len(struck.row) != len(reading.notes)
    return f" ({len(struck.row):,} in MIDI, its ornaments played out)" if more else ""


def _numbered(kind: str, table: NoteTable, names: tuple[str, ...]) -> str:
    """Return the tracks or parts of a table as ``--tracks`` counts them, with their names."""
    numbers = distinct(table.track).tolist()
    shown = ", ".join(f"{n} {names[n - 1]}".strip() for n in numbers[:_MOST_ROWS])
    more = " ..." if len(numbers) > _MOST_ROWS else ""
    return f"{kind}{'s' * (len(numbers) != 1)} {shown}{more}"


def _markings(notes: NoteTable) -> str:
    """Return which markings are read, and at how many notes."""
    level = notes.marking("notated_level")
    known = np.isfinite(level)
    shown = [f"levels {level[known].min():.0f}-{level[known].max():.0f}"] if known.any() else []
    for column in _COUNTED:
        count = int((np.nan_to_num(notes.marking(column)) > 0).sum())
        if count:
            shown.append(f"{column.replace('_', ' ')} {count:,}")
    return ", ".join(shown) or "none"


def describe(reading: MidiPieces, *, name: str) -> list[str]:
    """Return the lines that describe a file."""
    scan, tempi = reading.scan, reading.tempo_bpm
    division = f"{scan.ticks_per_quarter} ticks per quarter note"
    if not scan.ticks_per_quarter:
        division = "SMPTE time (no beats in the file: 120 a minute assumed)"
    notes = sum(map(len, reading.pieces))
    lines = [
        f"{name}: MIDI file type {scan.smf_type}, {counted(len(scan.tracks), 'track')}, "
        f"{counted(notes, 'note')}",
        f"time         {division}",
        f"tempo        {_tempo(tempi)}",
    ]
    for number, piece in enumerate(reading.pieces, start=1):
        if len(reading.pieces) > 1:
            lines.append(f"piece {number} (a track of its own)")
        lines += _piece(piece, reading)
    return lines


def _tempo(tempi: tuple[float, ...]) -> str:
    if len({f"{tempo:.4g}" for tempo in tempi}) == 1:
        return f"{tempi[0]:.4g} quarter notes a minute"
    return f"{min(tempi):.4g}-{max(tempi):.4g} quarter notes a minute, {len(tempi):,} changes"


def _piece(notes: NoteTable, reading: MidiPieces) -> list[str]:
    timing = "a score's (onsets on the grid)" if notes.timing == "score" else "a player's"
    known = "" if notes.metre_known else " (assumed; the file has none)"
    return [
        _length(notes),
        f"metre        {_metres(notes)}{known}",
        f"timing       {timing}",
        *_pedals(notes),
        f"dynamics     {_velocities(notes)}",
        f"split        {reading.split}{_split_note(notes)}",
        *_instruments(notes, reading),
    ]


def _length(notes: NoteTable) -> str:
    end = float((notes.onset_sec + notes.duration_sec).max())
    measures = counted(int(notes.measure.max()), "measure")
    return f"length       {int(end // 60)} min {end % 60:04.1f} s, {measures}"


def _metres(notes: NoteTable) -> str:
    metres = dict.fromkeys(
        zip(notes.metre_numerator.tolist(), notes.metre_denominator.tolist(), strict=True)
    )
    shown = ", ".join(f"{n}/{d}" for n, d in list(metres)[:_MOST_ROWS])
    return shown + (" ..." if len(metres) > _MOST_ROWS else "")


def _velocities(notes: NoteTable) -> str:
    """Return what the velocities are, in the words of a score."""
    velocity = notes.velocity[notes.pitched]
    if not len(velocity):
        return "only drums"
    low, high = int(velocity.min()), int(velocity.max())
    if low == high:
        return f"every note alike, {level_word(low)} (velocity {low})"
    span = f"{level_word(low)} to {level_word(high)} (velocities {low}-{high})"
    if is_mix(notes):
        return f"a mix, one level a track, {span}; it is kept"
    kinds = set(with_written_dynamics(notes)[1].values())
    if "performed" in kinds:
        return f"already a performance, {span}; --strength 0.5 keeps half of it"
    return f"written dynamics, {span}"


def _pedals(notes: NoteTable) -> list[str]:
    """Return how often each pedal is down, if any ever moves."""
    shown = []
    for name, title in (("sustain_pedal", "damper"), ("soft_pedal", "soft pedal")):
        if name in notes.pedals:
            share = np.mean(np.nan_to_num(notes.pedal(name)) > 0)
            shown.append(f"{title} down at {share:.0%} of notes")
    heard = "" if notes.timing == "performed" else " (heard for performed timing only)"
    return [f"pedals       {', '.join(shown)}{heard}"] if shown else []


def _split_note(notes: NoteTable) -> str:
    if (notes.program >= 0).any() or len(distinct(notes.track)) == 1:
        return ""
    return " (no track names its program: all are heard as one; --split tracks hears them apart)"


def _instruments(notes: NoteTable, reading: MidiPieces) -> list[str]:
    lines = []
    for rows, table in notes.instruments():
        own = _numbered("track", table, reading.track_names)
        count = counted(len(rows), "note")
        if table.instrument[0] == DRUMS:
            fate = "will be played" if only_drums([notes]) else "left alone (see --drums)"
            lines.append(f"drums        {count}, {fate}; {own}")
        elif table.instrument[0] == KEY_SWITCHES:
            lines.append(f"key switches {count}, left alone (see --key-switches); {own}")
        else:
            number, level = table.instrument[0] + 1, level_word(float(table.velocity.mean()))
            lines.append(
                f"instrument {number:<2d}{count} will change; {_programs(table)}, {level} on "
                f"average; {own}"
            )
    return lines


def _programs(table: NoteTable) -> str:
    programs = distinct(table.program).tolist()
    return ", ".join("no program" if p < 0 else PROGRAM_NAMES[p] for p in programs[:_MOST_ROWS])

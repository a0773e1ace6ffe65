"""``humanize info in.mid``: one screen about a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import numpy as np

from humanize.commands.options import INPUT
from humanize.files import read_input
from humanize.midi import DRUMS, SPLITS, MidiPieces, Split, read_midi
from humanize.notes import NoteTable

_MOST_ROWS = 12


@click.command()
@INPUT
@click.option(
    "--split",
    type=click.Choice(SPLITS),
    default="programs",
    show_default=True,
    help="What is heard as one instrument.",
)
def command(input: Path, split: Split) -> None:
    """Show what INPUT is taken for and what would be changed."""
    standard = str(input) == "-"
    data = sys.stdin.buffer.read() if standard else read_input(input)
    reading = read_midi(data, name=str(input), split=split)
    for line in describe(reading, name="standard input" if standard else str(input)):
        click.echo(line)


def describe(reading: MidiPieces, *, name: str) -> list[str]:
    """Return the lines that describe a file."""
    scan, tempi = reading.scan, reading.tempo_bpm
    division = f"{scan.ticks_per_quarter} ticks per quarter note"
    if not scan.ticks_per_quarter:
        division = "SMPTE time (no beats in the file: 120 a minute assumed)"
    notes = sum(map(len, reading.pieces))
    lines = [
        f"{name}: MIDI file type {scan.smf_type}, {len(scan.tracks)} tracks, {notes:,} notes",
        f"time         {division}",
        f"tempo        {_tempo(tempi)}",
    ]
    for number, piece in enumerate(reading.pieces, start=1):
        if len(reading.pieces) > 1:
            lines.append(f"piece {number} (a track of its own)")
        lines += _piece(piece, reading)
    return lines


def _tempo(tempi: tuple[float, ...]) -> str:
    if len(tempi) == 1:
        return f"{tempi[0]:.4g} quarter notes a minute"
    return f"{min(tempi):.4g}-{max(tempi):.4g} quarter notes a minute, {len(tempi):,} changes"


def _piece(notes: NoteTable, reading: MidiPieces) -> list[str]:
    end = float((notes.onset_sec + notes.duration_sec).max())
    timing = "a score's (onsets on the grid)" if notes.timing == "score" else "a player's"
    known = "" if notes.metre_known else " (assumed; the file has none)"
    return [
        f"length       {int(end // 60)} min {end % 60:04.1f} s, {notes.measure.max():,} measures",
        f"metre        {_metres(notes)}{known}",
        f"timing       {timing}",
        f"velocities   {_velocities(notes)}",
        f"split        {reading.split}{_split_note(notes)}",
        *_instruments(notes, reading),
    ]


def _metres(notes: NoteTable) -> str:
    metres = dict.fromkeys(
        zip(notes.metre_numerator.tolist(), notes.metre_denominator.tolist(), strict=True)
    )
    shown = ", ".join(f"{n}/{d}" for n, d in list(metres)[:_MOST_ROWS])
    return shown + (" ..." if len(metres) > _MOST_ROWS else "")


def _velocities(notes: NoteTable) -> str:
    values = np.unique(notes.velocity)
    if len(values) == 1:
        return f"all {values[0]}"
    spread = f"{values[0]}-{values[-1]}, {len(values)} values"
    return (
        f"{spread}, mean {notes.velocity.mean():.1f}, standard deviation {notes.velocity.std():.1f}"
    )


def _split_note(notes: NoteTable) -> str:
    if (notes.program >= 0).any() or len(np.unique(notes.track)) == 1:
        return ""
    return " (no track names its program: all are heard as one; --split tracks hears them apart)"


def _instruments(notes: NoteTable, reading: MidiPieces) -> list[str]:
    lines = []
    for rows, table in notes.instruments():
        tracks = np.unique(table.track).tolist()
        names = ", ".join(f"{t} {reading.track_names[t - 1]}".strip() for t in tracks[:_MOST_ROWS])
        more = " ..." if len(tracks) > _MOST_ROWS else ""
        if table.instrument[0] == DRUMS:
            lines.append(f"drums        {len(rows):,} notes on channel 10, left alone")
            continue
        programs = ", ".join("none" if p < 0 else str(p + 1) for p in np.unique(table.program))
        lines.append(
            f"instrument {table.instrument[0] + 1:<2d}{len(rows):,} notes will change; "
            f"program {programs}; tracks {names}{more}"
        )
    return lines

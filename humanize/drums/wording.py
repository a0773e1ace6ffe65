"""What users are told of drums: that they are played, on which grid, and which are unknown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from humanize.drums.kit import UNKNOWN, drums_of
from humanize.notes import DRUMS, IntColumn, NoteTable, distinct
from humanize.reporting.wording import counted

_MOST = 8  # numbers that a line names


def only_drums(pieces: Sequence[NoteTable]) -> bool:
    """Return whether a file has drums and no other notes that are music."""
    drums = any((piece.instrument == DRUMS).any() for piece in pieces)
    return drums and not any(piece.pitched.any() for piece in pieces)


def unknown_drums(pieces: Sequence[NoteTable]) -> IntColumn:
    """Return the note numbers, one for each note, of drums that no map knows."""
    number = np.concatenate([piece.pitch[piece.instrument == DRUMS] for piece in pieces])
    return np.asarray(number[drums_of(number) == UNKNOWN])


def named(numbers: IntColumn) -> str:
    """Return the distinct numbers in words, the first few of them."""
    found = distinct(numbers).tolist()
    more = ", ..." if len(found) > _MOST else ""
    return ", ".join(str(number) for number in found[:_MOST]) + more


def said_of_drums(pieces: Sequence[NoteTable], track_names: Sequence[str]) -> str:
    """Return the line about drums that are played; empty where there are none."""
    from humanize.drums.hits import hits_of  # few files are of drums
    from humanize.drums.playing import click_notes

    rows = [
        np.flatnonzero((piece.instrument == DRUMS) & ~click_notes(piece, track_names))
        for piece in pieces
    ]
    hits = [hits_of(piece, own) for piece, own in zip(pieces, rows, strict=True) if len(own)]
    if not hits:
        return ""
    steps = np.concatenate([own.steps for own in hits])
    grid = "triplets" if len(steps) and (steps == 6).mean() > 0.5 else "sixteenths"
    known = f"drums played: {counted(len(steps), 'hit')} on a grid of {grid}"
    unknown = unknown_drums(pieces)
    if not len(unknown):
        return known
    return (
        f"{known}; left alone: {counted(len(unknown), 'note')} of no known drum ({named(unknown)})"
    )


def said_of_no_drums(pieces: Sequence[NoteTable], option: str) -> str:
    """Return the line about an option of drums where there are none; empty where there are."""
    if any((piece.instrument == DRUMS).any() for piece in pieces):
        return ""
    return (
        f"{option}: no drums found that it could play; expected a part on channel 10, or a track "
        "named as a kit"
    )


def said_of_swing(pieces: Sequence[NoteTable]) -> str:
    """Return the line about a swing that moves nothing; empty where it moves drums."""
    none = said_of_no_drums(pieces, "swing")
    drums = [piece for piece in pieces if (piece.instrument == DRUMS).any()]
    if none or any(piece.timing == "score" for piece in drums):
        return none
    return (
        "swing: left out, as these drums are played and not written on a grid; quantise them "
        "first, or take out with 'humanize strip' what humanize has put in"
    )

"""What the service says of an upload in numbers: its notes, and how they would be played."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from humanize.interpretation.interpret import Interpretation
from humanize.interpretation.parameters import PerformanceParameters
from humanize.interpretation.performing import notated_time_map
from humanize.music import MidiMusic, ScoreMusic
from humanize.notes import NoteTable
from humanize.results import Humanized, Performed


def table_of(result: Humanized, model: str) -> bytes:
    """Return JSON of the notes with their velocities, and of the performance where there is one."""
    pieces = [_piece(result, number) for number in range(len(result.interpretations))]
    answer = {
        "model": model,
        "messages": list(result.messages),
        "tracks": _tracks(result),
        "pieces": pieces,
        **_engraving(result),
    }
    return json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()


def _engraving(result: Humanized) -> dict[str, str]:
    """Return Humdrum as MEI, with the ids of its notes, for who engraves; nothing of the others."""
    if isinstance(result.music, MidiMusic) or isinstance(result, Performed):
        return {}
    from humanize.score.text import plain_text
    from humanize.score.verovio_mei import as_mei

    text, written = plain_text(result.music.content, result.music.name)
    if written != "humdrum":
        return {}
    return {"mei": as_mei(text, written, result.music.name).decode("utf-8")}


def _piece(result: Humanized, number: int) -> dict[str, Any]:
    notes = result.notes[number]
    piece = {
        "timing": notes.timing,
        "metre_known": notes.metre_known,
        "columns": _columns(result, number),
    }
    if isinstance(result, Performed):
        piece["performance"] = _performance(notes, result.parameters[number])
    return piece


def _columns(result: Humanized, number: int) -> dict[str, list[Any]]:
    interpretation = result.interpretations[number]
    columns = dict(interpretation.notes.columns())
    columns["velocity_before"] = columns.pop("velocity")
    columns["predicted"] = np.round(interpretation.predicted, 4)
    columns["velocity_after"] = interpretation.velocity
    listed = {name: _json_list(column) for name, column in columns.items()}
    return {**listed, **_in_the_score(result.music, interpretation)}


def _in_the_score(
    music: MidiMusic | ScoreMusic, interpretation: Interpretation
) -> dict[str, list[Any]]:
    """Return where each note stands in a score: its id, and its place among the notes."""
    if isinstance(music, MidiMusic):
        return {}
    reading, source = music.reading, interpretation.notes.source
    return {
        "written_id": [reading.written_ids[row] for row in source.tolist()],
        "place": reading.places[source].tolist(),
    }


def _performance(notes: NoteTable, own: PerformanceParameters) -> dict[str, list[Any]]:
    """Return tempo and pedal by onset, timing and articulation by note, and the notated time."""
    notated = notated_time_map(notes)
    columns = {
        "onset_beat": own.onset_beat,
        "log_beat_period": own.log_beat_period,
        "asynchrony_ms": own.asynchrony_ms,
        "log_articulation": own.log_articulation,
        "pedal_lift_ms": own.pedal_lift_ms,
        "pedal_press_ms": own.pedal_press_ms,
        "drum_lag_ms": own.drum_lag_ms,
        "notated_beat": notated.beat,
        "notated_sec": notated.sec,
    }
    return {name: _json_list(column) for name, column in columns.items()}


def _json_list(column: np.ndarray[Any, Any]) -> list[Any]:
    values = column.tolist()
    if column.dtype.kind == "f" and not np.isfinite(column).all():
        return [value if value - value == 0 else None for value in values]
    return list(values)


def _tracks(result: Humanized) -> list[dict[str, Any]]:
    names = dict(enumerate(result.music.track_names, start=1))
    tracks = []
    number = np.concatenate([notes.track for notes in result.notes])
    known = np.concatenate([np.isfinite(predicted) for predicted in result.predicted])
    for track in np.unique(number).tolist():
        rows = number == track
        tracks.append(
            {
                "number": track,
                "name": names.get(track, ""),
                "notes": int(rows.sum()),
                "changes": bool(known[rows].any()),
            }
        )
    return tracks

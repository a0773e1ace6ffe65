"""What a score says is played, as rows that a test can write out by hand."""

from __future__ import annotations

from humanize.score import ScoreReading, read_score

Row = tuple[float, float, int]  # onset, length, pitch


def read(content: bytes) -> ScoreReading:
    return read_score(content, name="x.musicxml")


def rows(content: bytes, track: int = 1) -> list[Row]:
    notes = read(content).notes
    return [
        (onset, length, pitch)
        for onset, length, pitch, own in zip(
            notes.onset_beat.tolist(),
            notes.duration_beat.tolist(),
            notes.pitch.tolist(),
            notes.track.tolist(),
            strict=True,
        )
        if own == track
    ]

"""The columns of the onsets just before and after, by hand."""

from __future__ import annotations

from by_hand import NONE, Expected, by_hand, performance, score

from humanize.notes import NoteTable


def _five() -> NoteTable:
    """Onsets at 0, 1, 1.5, 2 and 4 beats; the second a chord of three, the last one of two."""
    return score(
        [
            *[(0, 1, 60)],
            *[(1, 0.5, 48), (1, 0.5, 64), (1, 0.5, 67)],
            *[(1.5, 0.5, 65), (2, 2, 62), (4, 1, 50), (4, 1, 72)],
        ]
    )


def _each(first: float, second: float, third: float, fourth: float, fifth: float) -> list[float]:
    return [first, second, second, second, third, fourth, fifth, fifth]


@by_hand
def test_onsets_before_and_after() -> tuple[NoteTable, Expected]:
    return _five(), {
        # downbeat 4, beat 2, off the beat 1, half measure 3, downbeat 4
        "metrical_strength_past1": _each(NONE, 4, 2, 1, 3),
        "metrical_strength_next1": _each(2, 1, 3, 4, NONE),
        "metrical_strength_next2": _each(1, 3, 4, NONE, NONE),
        # intervals 1, 1/2, 1/2 and 2 beats
        "ioi_beat_log": _each(0, -1, -1, 1, NONE),
        "ioi_beat_log_past2": _each(NONE, NONE, 0, -1, -1),
        "ioi_beat_log_past1": _each(NONE, 0, -1, -1, 1),
        "ioi_beat_log_next1": _each(-1, -1, 1, NONE, NONE),
        "ioi_beat_log_next2": _each(-1, 1, NONE, NONE, NONE),
        "ioi_beat_log_next3": _each(1, NONE, NONE, NONE, NONE),
        "ioi_beat_log_past1_ratio": _each(NONE, 1, 0, -2, NONE),
        "ioi_beat_log_next1_ratio": _each(-1, 0, 2, NONE, NONE),
        "onset_notes_past1": _each(NONE, 1, 3, 1, 1),
        "onset_notes_next1": _each(3, 1, 1, 2, NONE),
        "onset_notes_next2": _each(1, 1, 2, NONE, NONE),
        # highest 60 67 65 62 72, lowest 60 48 65 62 50
        "top_step_past1": _each(NONE, 7, -2, -3, 10),
        "top_step": _each(7, -2, -3, 10, NONE),
        "top_step_next1": _each(-2, -3, 10, NONE, NONE),
        "bottom_step_past1": _each(NONE, -12, 17, -3, -12),
        "bottom_step": _each(-12, 17, -3, -12, NONE),
    }


@by_hand
def test_graces_that_are_written_out() -> tuple[NoteTable, Expected]:
    at = [0, 0.75, 0.875, 1, 2.5, 2.75]
    return score([(t, 0.1, 60 + i) for i, t in enumerate(at)]), {
        # the second and third are followed within an eighth of a beat
        "quick_onsets_past1beat_count": [0, 1, 2, 2, 0, 0],
        "quick_onsets_next1beat_count": [2, 2, 1, 0, 0, 0],
    }


@by_hand
def test_very_long_and_very_short_intervals_are_limited() -> tuple[NoteTable, Expected]:
    return score([(0, 1, 60), (0.001, 1, 61), (200, 1, 62)]), {"ioi_beat_log": [-6, 6, NONE]}


@by_hand
def test_a_performance_has_no_metrical_strength() -> tuple[NoteTable, Expected]:
    return performance([(0, 1, 60), (1, 1, 62)]), {
        "metrical_strength_next1": [NONE, NONE],
        "onset_notes_next1": [1, NONE],
    }

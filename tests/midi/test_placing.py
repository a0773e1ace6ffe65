"""Where notes go, by hand: a tick is a millisecond here."""

from __future__ import annotations

import numpy as np

from humanize.interpretation.timing import ONE_SECOND_A_BEAT
from humanize.midi.clock import Clock
from humanize.midi.placing import TickNotes, place_notes

FAR = 10**9
CLOCK = Clock(time_map=ONE_SECOND_A_BEAT, ticks_per_beat=1000)


def placed(
    notes: list[tuple[int, int, int]],
    asynchrony: list[float],
    ratio: list[float] | None = None,
    *,
    left: int = FAR,
    right: int = FAR,
    shortest: int = 15,
    still: int | None = None,
) -> list[tuple[int, int]]:
    """Return onset and end of notes (onset, end, key), all of one instrument and track."""
    on, off, key = np.array(notes, dtype=np.int64).T
    same = np.zeros(len(on), dtype=np.int64)
    own = TickNotes(
        on=on, off=off, key=key, instrument=same, still=np.arange(len(on)) == still,
        leftmost=np.full(len(on), -left), rightmost=np.full(len(on), right),
        room=np.full(len(on), FAR), track=same, widest=FAR, shortest=shortest,
    )  # fmt: skip
    log = np.log(ratio or [1.0] * len(on))
    begin, end = place_notes(own, CLOCK, (on / 1000, off / 1000), np.array(asynchrony), log)
    return list(zip(begin.tolist(), end.tolist(), strict=True))


FIRST = (0, 50, 1)


def test_a_chord_stays_less_than_half_way_to_the_onsets_before_and_after() -> None:
    chord = [(100, 900, 2), (100, 900, 3), (100, 900, 4)]
    wide = [0.0, -40, 0, 60]
    assert [p[0] for p in placed([FIRST, *chord], wide)] == [0, 67, 100, 149]  # 99 // 2 for 60
    for near in (80, 120):  # room for 9: a third of 60 is 20
        found = placed([FIRST, *chord, (near, near + 5, 9)], [*wide, 0])
        assert [p[0] for p in found] == [0, 94, 100, 109, near]


def test_a_move_is_rounded_and_so_is_an_end() -> None:
    chord = [(500, 900, 2), (500, 900, 3)]
    assert [p[0] for p in placed([FIRST, *chord], [0, 0, 5.6])] == [0, 500, 506]
    assert [p[0] for p in placed([FIRST, *chord], [0, 0, 5.4])] == [0, 500, 505]
    assert placed([(0, 100, 1), (1000, 2000, 2)], [0, 0], [0.706, 1])[0] == (0, 71)
    assert placed([(0, 100, 1), (1000, 2000, 2)], [0, 0], [0.704, 1])[0] == (0, 70)


def test_a_note_that_is_struck_again_keeps_its_least_length_and_its_gap() -> None:
    # notes of 30 ms every 40 ms: (40 - 15 - 1) // 2 = 12 ms either way
    key = [(500, 530, 2), (540, 570, 2)]
    other = [(500, 900, 3), (500, 900, 4), (540, 900, 5), (540, 900, 6)]
    late = placed([FIRST, *key, *other], [0, 18, -18, 0, -18, 0, 5])
    assert late[1][0] == 512
    assert late[2][0] == 528
    assert late[1][1] == 527  # the end gives way: a tick before the next
    # notes that touch may still touch: (40 - 15) // 2 = 12, and 15 left
    touching = [(500, 540, 2), (540, 570, 2)]
    late = placed([FIRST, *touching, *other], [0, 18, -18, 0, -18, 0, 5])
    assert late[1] == (512, 528)


def test_no_room_is_no_move() -> None:
    key = [(500, 510, 2), (512, 520, 2)]
    other = [(500, 900, 3), (512, 900, 5)]
    found = placed([FIRST, *key, *other], [0, 5, -5, -5, 5])
    assert [p[0] for p in found[1:3]] == [500, 512]  # (12 - 10 - 1) // 2 = 0


def test_bounds_of_single_notes() -> None:
    chord = [(500, 900, 2), (500, 900, 3), (500, 900, 4)]
    found = placed([FIRST, *chord], [0, -20, 0, 20], left=3, right=4)
    assert [p[0] for p in found] == [0, 497, 500, 504]


def test_lengths() -> None:
    notes = [(0, 100, 1), (0, 10, 2), (200, 300, 3), (200, 200, 4), (900, 1000, 5)]
    found = placed(notes, [0.0] * 5, [0.01, 0.01, 2.0, 2.0, 9.0])
    # a 1/128 is 15; what is shorter stays; no length stays none; nothing outlasts the piece
    assert found == [(0, 15), (0, 10), (200, 400), (200, 200), (900, 1000)]


def test_a_note_as_long_as_written_ends_before_a_chord_that_comes_early() -> None:
    notes = [(0, 500, 1), (0, 501, 2), (0, 400, 7), (500, 900, 3), (500, 900, 4), (500, 900, 5)]
    found = placed(notes, [0, 0, 0, -20, 0, 0])
    assert [p[1] for p in found] == [480, 501, 400, 900, 900, 900]


def test_notes_that_overlap_on_one_key_and_still_ones_stay() -> None:
    notes = [FIRST, (500, 700, 2), (600, 900, 2), (500, 700, 3), (500, 700, 4), (500, 700, 6)]
    found = placed(notes, [0, 30, 30, 30, 0, 0], [1, 0.5, 0.5, 0.5, 0.5, 0.5], still=5)
    assert found == [(0, 50), (500, 700), (600, 900), (530, 630), (500, 600), (500, 700)]

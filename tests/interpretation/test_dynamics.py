from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from smf_builder import encode, header, music, note, track

from humanize.api import humanize_bytes
from humanize.commands.humanize import command
from humanize.interpretation.dynamics import (
    Kind,
    classify_dynamics,
    follow_levels,
    taken_for,
    with_written_dynamics,
    written_markings,
)
from humanize.midi.reading import read_midi

ONSET = np.arange(40) * 0.5


def test_flat_plateaus_and_performances_are_told_apart() -> None:
    draw = np.random.default_rng(1)
    plateaus = np.repeat([49, 80, 96, 33], 10)
    hairpin = np.concatenate([np.full(10, 49), 49 + 3 * np.arange(20), np.full(10, 109)])
    assert classify_dynamics(np.full(40, 80), ONSET) == "flat"
    assert classify_dynamics(plateaus, ONSET) == "plateaus"
    assert classify_dynamics(hairpin, ONSET) == "plateaus"
    assert classify_dynamics(draw.integers(40, 90, 40), ONSET) == "performed"


def test_levels_slopes_and_accents_are_read() -> None:
    velocity = np.concatenate([np.full(10, 49), 49 + 4 * np.arange(10), np.full(20, 85)])
    velocity[5] = 70
    found = written_markings(velocity, ONSET)
    assert found["accent"].nonzero()[0].tolist() == [5]
    assert found["notated_level"][5] == 49
    np.testing.assert_array_equal(np.delete(found["notated_level"], 5), np.delete(velocity, 5))
    np.testing.assert_allclose(
        found["notated_level_slope"][12:18], 8.0
    )  # 4 an onset, 2 onsets a beat
    assert not found["notated_level_slope"][25:].any()


def test_follow_keeps_levels_and_accents_and_the_shape() -> None:
    velocities = [49 if onset < 20 else 96 for onset, *_ in music()]
    notes, kinds = with_written_dynamics(
        read_midi(encode(music(), velocities=velocities)).pieces[0]
    )
    assert kinds == {0: "plateaus"}
    draw = np.random.default_rng(0)
    predicted = 64 + 10 * draw.standard_normal(len(notes))
    shaped = follow_levels(predicted, notes)
    for level in (49, 96):
        here = notes.velocity == level
        assert abs(shaped[here].mean() - level) < 1e-6
        assert np.corrcoef(shaped[here], predicted[here])[0, 1] > 0.999


def test_a_written_accent_stays_above_its_neighbours() -> None:
    events = [
        e
        for i in range(40)
        for e in note(i * 240, i * 240 + 200, 60 + i % 5, velocity=90 if i == 20 else 60)
    ]
    notes, _ = with_written_dynamics(read_midi(header(0, 1, 480) + track(events)).pieces[0])
    shaped = follow_levels(np.linspace(80, 50, 40), notes)
    assert notes.marking("accent")[20] == 1
    assert shaped[20] > shaped[[18, 19, 21, 22]].max()


def test_follow_auto_and_ignore_differ_as_they_should(example: Path) -> None:
    flat = example.read_bytes()
    onsets = read_midi(flat).pieces[0].onset_beat
    half = float(np.median(onsets))
    scan = read_midi(flat)
    levels = np.where(scan.pieces[0].onset_beat < half, 40, 100)
    marked = bytearray(flat)
    for source, level in zip(scan.pieces[0].source, levels, strict=True):
        marked[scan.positions[source]] = int(level)
    ignored = humanize_bytes(bytes(marked), dynamics="ignore")
    assert ignored.bytes == humanize_bytes(flat).bytes
    assert ignored.messages == ()
    followed = humanize_bytes(bytes(marked), dynamics="follow")
    for level in (40, 100):
        assert abs(followed.velocities[0][levels == level].mean() - level) < 3
    auto = humanize_bytes(bytes(marked))
    assert auto.bytes != ignored.bytes
    assert "dynamics of the input: written" in auto.messages[0]
    late, early = auto.velocities[0][levels == 100].mean(), auto.velocities[0][levels == 40].mean()
    assert late - early > followed_gap(ignored.velocities[0], levels) + 5


def followed_gap(velocity: np.ndarray, levels: np.ndarray) -> float:
    return float(velocity[levels == 100].mean() - velocity[levels == 40].mean())


def test_a_performance_is_named_and_replaced() -> None:
    draw = np.random.default_rng(0)
    velocities = draw.integers(30, 100, len(music())).tolist()
    result = humanize_bytes(encode(music(), velocities=velocities))
    assert "performance" in result.messages[0]
    assert "--strength" in result.messages[0]
    assert (
        result.bytes
        == humanize_bytes(encode(music(), velocities=velocities), dynamics="ignore").bytes
    )


def test_a_staff_without_dynamics_of_its_own_takes_those_of_the_other() -> None:
    upper = [
        e
        for i in range(40)
        for e in note(i * 240, i * 240 + 200, 72 + i % 5, velocity=49 if 10 <= i < 20 else 96)
    ]
    lower = [e for i in range(20) for e in note(i * 480, i * 480 + 400, 48 + i % 5, velocity=90)]
    notes, kinds = with_written_dynamics(
        read_midi(header(1, 2, 480) + track(upper) + track(lower)).pieces[0]
    )
    assert kinds == {0: "plateaus"}
    below = notes.track == 2
    soft = (notes.onset_beat >= 5) & (notes.onset_beat < 10)
    level = notes.marking("notated_level")
    assert set(level[below & soft]) == {49} and set(level[below & ~soft]) == {96}
    np.testing.assert_array_equal(level[~below], notes.velocity[~below])
    assert not notes.marking("accent")[below].any()


def _line(
    velocities: list[int], step: int, *, pitch: int = 60, channel: int = 0
) -> list[tuple[int, bytes]]:
    return [
        e
        for i, v in enumerate(velocities)
        for e in note(
            i * step, i * step + step - 40, pitch + 3 * i % 7, channel=channel, velocity=v
        )
    ]


def test_two_hands_at_different_levels_keep_them_and_a_shape_each() -> None:
    upper, lower = _line([96] * 40, 240, pitch=72), _line([49] * 20, 480, pitch=40)
    data = header(1, 2, 480) + track(upper) + track(lower)
    result = humanize_bytes(data, dynamics="follow")
    for number, level in ((1, 96), (2, 49)):
        own = result.velocities[0][result.notes[0].track == number]
        assert abs(own.mean() - level) < 1
        assert len(set(own.tolist())) > 3


def test_an_accent_at_a_change_of_dynamics_belongs_to_the_louder_side() -> None:
    velocity = np.repeat([49, 96, 33], 10)
    velocity[[10, 19]] = 120
    found = written_markings(velocity, ONSET[:30])
    assert found["accent"].nonzero()[0].tolist() == [10, 19]
    assert found["notated_level"][[10, 19]].tolist() == [96, 96]


def test_an_accent_stays_above_neighbours_that_are_as_loud_as_can_be() -> None:
    velocity = [112] * 40
    velocity[20] = 127
    notes, _ = with_written_dynamics(
        read_midi(header(0, 1, 480) + track(_line(velocity, 240))).pieces[0]
    )
    predicted = np.where(np.arange(40) % 2, 90.0, 50.0)
    heard = np.clip(follow_levels(predicted, notes), 1, 127)
    assert heard[20] > heard[[18, 19, 21, 22]].max()


def test_an_accent_in_a_soft_hand_does_not_rise_above_a_loud_one() -> None:
    data = header(1, 2, 480) + track(_line([96] * 40, 240, pitch=72))
    notes = read_midi(data + track(_line([49] * 20, 480, pitch=40))).pieces[0]
    accent = ((notes.track == 2) & (notes.onset_beat == 8)).astype(float)
    marked = replace(
        notes, markings={"notated_level": notes.velocity.astype(float), "accent": accent}
    )
    shaped = follow_levels(np.full(len(notes), 64.0), marked)
    assert shaped[accent > 0].tolist() == [57]


def test_accents_of_music_without_dynamics_are_kept() -> None:
    notes = read_midi(header(0, 1, 480) + track(_line([64] * 40, 240))).pieces[0]
    accent = (np.arange(40) == 20).astype(float)
    shaped = follow_levels(np.linspace(80, 50, 40), replace(notes, markings={"accent": accent}))
    assert shaped[20] > shaped[[18, 19, 21, 22]].max()


@pytest.mark.parametrize("level", [33, 64, 112])
def test_one_dynamic_throughout_is_kept_where_asked_and_else_not_heard(level: int) -> None:
    data = header(0, 1, 480) + track(_line([level] * 40, 240))
    followed = humanize_bytes(data, dynamics="follow").velocities[0]
    assert abs(followed.mean() - level) < 1
    assert len(set(followed.tolist())) > 3
    assert humanize_bytes(data).bytes == humanize_bytes(data, dynamics="ignore").bytes


def test_instruments_that_never_change_have_their_velocity_for_a_level() -> None:
    violin = [(0, b"\xc0\x28"), *_line([96] * 40, 240)]
    cello = [(0, b"\xc1\x2a"), *_line([49] * 20, 480, pitch=40, channel=1)]
    data = header(1, 2, 480) + track(violin) + track(cello)
    notes, kinds = with_written_dynamics(read_midi(data).pieces[0])
    assert kinds == {0: "plateaus", 1: "plateaus"}
    np.testing.assert_array_equal(notes.marking("notated_level"), notes.velocity)
    followed = humanize_bytes(data, dynamics="follow")
    for number, level in ((1, 96), (2, 49)):
        assert abs(followed.velocities[0][followed.notes[0].track == number].mean() - level) < 1


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            ["flat"],
            "dynamics of the input: none, all notes are equally loud; the model shapes them",
        ),
        (["performed"], "dynamics of the input: a performance, replaced; --strength 0.5 mixes b"),
        (["plateaus"], "dynamics of the input: written, and used as the notated level (see"),
        (
            ["plateaus", "performed"],
            "dynamics of the input: written, and used as the notated level (see --dynamics), "
            "elsewhere a performance, replaced; --strength 0.5 mixes both",
        ),
        ([], ""),
    ],
)
def test_one_line_says_what_velocities_were_taken_for(found: list[Kind], line: str) -> None:
    said = taken_for(found, follow=False, mixed=False)
    assert said.startswith(line) and bool(said) == bool(line)
    assert "\n" not in said


def test_the_line_of_follow_and_of_a_mixture_promises_what_is_done() -> None:
    assert taken_for(["plateaus"], follow=True, mixed=False).endswith("kept to (see --dynamics)")
    assert taken_for(["flat"], follow=True, mixed=False).endswith("that level is kept")
    assert taken_for(["performed"], follow=False, mixed=True).endswith("replaced")


@pytest.mark.parametrize(
    ("dynamics", "line"),
    [
        ("auto", "dynamics of the input: none, all notes are equally loud; the model shapes them"),
        ("follow", "dynamics of the input: none, all notes are equally loud; that level is kept"),
        ("ignore", None),
    ],
)
def test_the_command_says_that_a_file_is_flat(
    tmp_path: Path, dynamics: str, line: str | None
) -> None:
    (tmp_path / "in.mid").write_bytes(header(0, 1, 480) + track(_line([64] * 40, 240)))
    target = tmp_path / "out.mid"
    arguments = [str(tmp_path / "in.mid"), "-o", str(target), "--dynamics", dynamics]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0
    expected = [line] if line else []
    assert done.stderr.splitlines()[:-1] == expected

"""Two interpretations of the same notes: read, matched, compared."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from performed_smf import files, performance, read
from smf_builder import TEMPO, encode, header, music, note, track

import humanize
from humanize.errors import HumanizeError, InputError, LimitError
from humanize.interpretation.parameters import Writing
from humanize.midi.retiming import write_performance
from humanize.styles import matching
from humanize.styles.comparing import compare
from humanize.styles.matching import match, read_interpretation, read_notation
from humanize.styles.morphing import morph

EXAMPLES = Path(__file__).parents[2] / "examples"
MUSIC = music(5, 160)
ROUNDING = 0.06  # of a tick of a millisecond, in log beat period of a sixteenth


def performed(seed: int = 1, mode: str = "tempo") -> bytes:
    data = encode(MUSIC)
    own = [performance(notes, seed) for notes in read(data).pieces]
    return write_performance(data, read(data), own, Writing(mode=mode, pedal="add"))


def by_a_pianist(
    seed: int = 1, *, left_out: int = 0, added: int = 0, stop_ms: int = 0, slip_ms: int = 0
) -> bytes:
    """The music in milliseconds, chords apart, tempo swinging, a few notes more or fewer.

    Before measure 5 it may stop, and an onset of measure 11 may come late.
    """
    draw = random.Random(seed)
    notes = [n for k, n in enumerate(sorted(MUSIC)) if not left_out or k % left_out]
    events: list[tuple[int, bytes]] = [(0, b"\xff\x51\x03" + (500_000).to_bytes(3, "big"))]
    for number, (beat, length, pitch, _) in enumerate(notes):
        when = 700 * beat + 60 * math.sin(beat / 3) + draw.gauss(0, 6) + 500
        when += stop_ms * (beat >= 12) + slip_ms * (beat == 30.25)
        velocity = 60 + round(10 * math.sin(beat / 8)) + draw.randint(-5, 5) + (pitch > 60) * 10
        events += note(round(when), round(when + 650 * length * 0.8), pitch, velocity=velocity)
        if added and number % added == 0:
            events += note(round(when) + 90, round(when) + 130, 30, velocity=20)
    return header(0, 1, 500) + track(sorted(events, key=lambda e: e[0]))


def matched(first: bytes, second: bytes) -> matching.Matched:
    return match(
        read_interpretation(first, name="a.mid"), read_interpretation(second, name="b.mid")
    )


@pytest.mark.parametrize("mode", ["tempo", "notes"])
def test_what_was_written_is_read_again(mode: str) -> None:
    plain = encode(MUSIC)
    own = performance(read(plain).pieces[0], 1)
    found = matched(plain, performed(1, mode))
    assert found.share == 1 and found.notated
    _, two = found.expressions(relative=True)
    np.testing.assert_array_equal(two.velocity, own.velocity)
    steady = np.diff(own.onset_beat) >= 0.2
    period = two.parameters.log_beat_period[:-1] - own.log_beat_period[:-1]
    assert np.median(np.abs(period - np.median(period))[steady]) < ROUNDING
    assert len(two.parameters.pedal_press_ms)


def test_both_modes_say_the_same() -> None:
    one = compare(performed(1, "tempo"), performed(1, "notes"))
    assert one.share == 1
    assert one.correlation["velocity"] == pytest.approx(1)
    assert one.correlation["tempo"] > 0.98
    for name in ("loudness", "spread", "melody", "phrasing"):
        assert one.difference(name) == pytest.approx(0)
    assert abs(one.difference("rubato_depth")) < 0.3


def test_a_pianist_is_matched_with_the_score() -> None:
    found = matched(encode(MUSIC), by_a_pianist(left_out=25, added=20))
    assert 0.9 < found.share < 1 and found.notated
    notes, played = found.notes, found.second.notes
    assert (notes.pitch == played.pitch[found.second_rows]).all()
    straight = np.polyfit(notes.onset_beat, played.onset_sec[found.second_rows], 1)
    off = played.onset_sec[found.second_rows] - np.polyval(straight, notes.onset_beat)
    assert np.abs(off).max() < 0.3  # none far from where the music was


def test_two_pianists_without_a_score() -> None:
    found = compare(by_a_pianist(1), by_a_pianist(2, left_out=30))
    assert not found.notated
    assert found.share > 0.9
    assert set(found.correlation) == {"velocity"}
    text = "\n".join(found.lines())
    assert "rubato" not in text and "as long" in text


def test_the_words_say_what_is_so() -> None:
    plain = encode(MUSIC, velocities=[50] * len(MUSIC))
    loud = encode(MUSIC, velocities=[90] * len(MUSIC))
    found = compare(plain, loud, first_name="x/plain.mid", second_name="x/loud.mid")
    lines = found.lines()
    assert lines[0].endswith("What loud.mid is, against plain.mid:")
    assert lines[1].split() == [
        "loudness", "much", "louder", "mean", "velocity", "50;", "mean", "velocity", "90",
    ]  # fmt: skip
    assert any(line.split()[:2] == ["spread", "alike"] for line in lines)
    assert any("the same pace" in line for line in lines)
    assert not any("pedal" in line for line in lines)
    back = compare(loud, plain)
    assert "much softer" in back.lines()[1]


def test_the_measure_that_is_louder_is_named() -> None:
    velocities = [60 + (20 if 12 <= beat < 15 else 0) for beat, *_ in MUSIC]  # 3/4: measure 5
    found = compare(encode(MUSIC), encode(MUSIC, velocities=velocities))
    assert found.places[0].measure == 5
    assert found.places[0].aspect == "velocity"
    assert found.places[0].difference == pytest.approx(20, abs=2)


def test_json_has_nothing_that_json_has_not() -> None:
    found = compare(encode(MUSIC), performed()).to_json()
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text)["attributes"]["pedal_depth"]["first"] is None
    assert found["share"] == 1


def test_other_music_is_one_line_with_the_share() -> None:
    with pytest.raises(
        InputError, match=r"a.mid and b.mid: \d+% of the notes match .*expected 60%"
    ):
        matched(encode(MUSIC), encode(music(77, 160)))


def test_too_few_notes_are_refused() -> None:
    few = header(0, 1, 480) + track(note(0, 480, 60) + note(480, 960, 62))
    with pytest.raises(InputError, match="at least 8"):
        matched(few, few)


def test_several_pieces_in_a_file_are_refused() -> None:
    two = header(2, 2, 480) + track(note(0, 480, 60)) + track(note(0, 480, 62))
    with pytest.raises(InputError, match="2 pieces found"):
        read_interpretation(two, name="two.mid")


def test_a_performance_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_MOST_CELLS", 100)
    with pytest.raises(LimitError, match="too many"):
        matched(encode(MUSIC), by_a_pianist(left_out=25))


def test_what_a_performance_was_made_of_is_found() -> None:
    assert read_interpretation(by_a_pianist(3), name="x.mid").plain is None
    assert read_interpretation(performed(), name="x.mid").plain == encode(MUSIC)
    changed = performed().replace(bytes([0x90, 60]), bytes([0x90, 61]), 1)
    assert read_interpretation(changed, name="x.mid").plain is None


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "humanize", "compare", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_command(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed; it comes with [plots]")
    one, two = tmp_path / "one.mid", tmp_path / "two.mid"
    one.write_bytes(encode(MUSIC))
    two.write_bytes(performed())
    done = run(one, two, "--plot", tmp_path / "p.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith(f"{one} and {two}: ")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(run(one, two, "--json").stdout)["notes"] == len(MUSIC)
    assert humanize.compare_files(one, two).notes == len(MUSIC)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([EXAMPLES / "waltz.mid", EXAMPLES / "fugue.mid"], "of the notes match"),
        ([EXAMPLES / "waltz.mid", "absent.mid"], "no such file"),
        ([EXAMPLES / "waltz.mid", EXAMPLES / "waltz.musicxml"], "a score found"),
        ([EXAMPLES / "waltz.mid", EXAMPLES / "fugue.mid", "--plot", EXAMPLES / "fugue.mid"], "one file"),
    ],
)  # fmt: skip
def test_mistakes_get_one_line(arguments: list[object], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == (2 if message == "one file" else 1)
    assert message in done.stderr and done.stderr.count("\n") == 1


def test_the_tempo_of_the_file_is_what_is_said() -> None:
    assert TEMPO[0][1][3:] == (577536).to_bytes(3, "big")
    found = compare(encode(MUSIC), encode(MUSIC, division=960))
    assert found.tempo_bpm == pytest.approx((60e6 / 577536,) * 2, rel=1e-4)
    assert found.share == 1


def test_two_recordings_and_their_score() -> None:
    score = read_notation(encode(MUSIC), name="score.mid")
    found = compare(by_a_pianist(1), by_a_pianist(2, left_out=30), score=score)
    assert found.notated and found.share > 0.9
    assert found.correlation["tempo"] > 0.1  # both swing alike, and each for itself
    assert found.attributes["legato"][0] == pytest.approx(np.log(0.8 * 650 / 700), abs=0.1)
    middle = morph(by_a_pianist(1), by_a_pianist(2), score=score).at(0.5)
    assert humanize.strip_performance(middle) == encode(MUSIC)


def test_a_score_of_another_format() -> None:
    waltz = EXAMPLES / "waltz.musicxml"
    score = read_notation(waltz.read_bytes(), name=str(waltz))
    assert score.on_the_grid and len(score.notes) > 100
    one, two = (humanize.perform_score(waltz, model="fast", rubato=r).bytes for r in (0.5, 1.5))
    found = compare(one, two, score=score)
    assert found.share == 1 and found.difference("rubato_depth") > 0.5


def test_a_performance_is_no_score() -> None:
    with pytest.raises(InputError, match="a performance found; expected notes on the grid"):
        read_notation(by_a_pianist(1), name="x.mid")
    assert read_notation(performed(1), name="x.mid").content == encode(MUSIC)


def test_a_single_chord_has_no_timing() -> None:
    chord = header(0, 1, 480) + track([e for p in range(60, 70) for e in note(0, 480, p)])
    with pytest.raises(InputError, match="1 onset in common; expected at least 4"):
        matched(chord, chord)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    one=files(),
    other=files(),
    own=st.booleans(),
    mode=st.sampled_from(["tempo", "notes"]),
    position=st.floats(0, 1),
)
def test_whatever_comes_is_answered_or_refused(
    one: bytes, other: bytes, own: bool, mode: str, position: float
) -> None:
    reading = read(one)
    played = [performance(notes, 1) for notes in reading.pieces]
    two = write_performance(one, reading, played, Writing(mode=mode, pedal="add")) if own else other
    try:
        json.dumps(compare(one, two).to_json(), allow_nan=False)
        assert read(morph(one, two, mode=mode).at(position)).pieces
    except HumanizeError as error:
        assert "\n" not in str(error)


def test_one_long_stop_decides_nothing() -> None:
    score, plain, stopping = encode(MUSIC), by_a_pianist(1), by_a_pianist(1, stop_ms=30_000)
    names = {"first_name": "a.mid", "second_name": "b.mid"}
    smooth, found = compare(score, plain, **names), compare(score, stopping, **names)
    assert found.tempo_bpm[1] == pytest.approx(smooth.tempo_bpm[1], rel=0.01)
    depth = {name: own.attributes["rubato_depth"][1] for name, own in (("a", smooth), ("b", found))}
    assert depth["b"] == pytest.approx(depth["a"], abs=0.005)
    assert max((abs(p.difference) for p in found.places if p.aspect == "tempo"), default=0) < 0.3
    assert found.waits == ((), (4,)) and smooth.waits == ((), ())
    assert "  set aside     b.mid: 1 stop or slip, measure 4" in found.lines()
    assert found.to_json()["stops_and_slips"] == {"first": [], "second": [4]}


def test_a_stop_of_either_of_two_recordings_decides_nothing() -> None:
    names = {"first_name": "a.mid", "second_name": "b.mid"}
    plain, stopping = by_a_pianist(1), by_a_pianist(1, stop_ms=30_000)
    for first, second, who in ((plain, stopping, "b.mid"), (stopping, plain, "a.mid")):
        found = compare(first, second, **names)
        assert found.tempo_bpm[1] == pytest.approx(found.tempo_bpm[0], rel=0.01)
        assert any("the same pace" in line for line in found.lines())
        assert [line for line in found.lines() if "set aside" in line] == [
            f"  set aside     {who}: 1 stop or slip, at 0:08"
        ]


def test_a_beat_that_was_misheard_decides_nothing() -> None:
    score, names = encode(MUSIC), {"first_name": "a.mid", "second_name": "b.mid"}
    smooth = compare(score, by_a_pianist(1), **names)
    found = compare(score, by_a_pianist(1, slip_ms=480), **names)
    assert found.waits == ((), (11, 11))
    assert found.attributes["rubato_depth"][1] == pytest.approx(
        smooth.attributes["rubato_depth"][1], abs=0.02
    )

"""Percussion that a score has, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_kit_and_grid import drum_file

import humanize
from humanize.errors import HumanizeError
from humanize.midi.reading import read_midi
from humanize.performance import perform_bytes

ROOT = Path(__file__).parents[2]
WALTZ = (ROOT / "examples/waltz.mid").read_bytes()
KIT = {36: "Kick", 38: "Snare", 42: "Hi-hat"}


def percussion(*bars: tuple[int, ...]) -> bytes:
    """MusicXML of a part of percussion, quarter notes of these numbers."""
    instruments = "".join(
        f'<score-instrument id="I{n}"><instrument-name>{name}</instrument-name></score-instrument>'
        for n, name in KIT.items()
    )
    numbers = "".join(
        f'<midi-instrument id="I{n}"><midi-channel>10</midi-channel><midi-unpitched>{n + 1}'
        "</midi-unpitched></midi-instrument>"
        for n in KIT
    )
    measures = "".join(
        f'<measure number="{number}">'
        + ("<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type>"
           "</time></attributes>" if number == 1 else "")
        + "".join(
            "<note><unpitched><display-step>C</display-step><display-octave>5</display-octave>"
            f'</unpitched><duration>1</duration><instrument id="I{n}"/><voice>1</voice></note>'
            for n in bar
        )
        + "</measure>"
        for number, bar in enumerate(bars, start=1)
    )  # fmt: skip
    return (
        '<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>Drumset'
        f"</part-name>{instruments}{numbers}</score-part></part-list>"
        f'<part id="P1">{measures}</part></score-partwise>'
    ).encode()


SCORE = percussion(*[(36, 38, 36, 38)] * 4)


def test_a_score_of_percussion_alone_is_played_as_its_midi_is() -> None:
    result = humanize.humanize_bytes(SCORE, name="x.musicxml")
    assert result.messages == ("drums played: 16 hits on a grid of sixteenths",)
    assert result.bytes.count(b"dynamics=") == 16
    same = drum_file(*((n, (36, 38)[n % 2]) for n in range(16)))
    alone = humanize.humanize_bytes(same, dynamics="ignore").velocities[0]
    np.testing.assert_array_equal(result.velocities[0], alone)


def test_it_is_performed_with_micro_timing() -> None:
    still = perform_bytes(SCORE, name="x.musicxml", timing=0.0).bytes
    moved = perform_bytes(SCORE, name="x.musicxml", feel="funk").bytes
    before, after = (read_midi(data).pieces[0].onset_beat for data in (still, moved))
    assert len(before) == len(after) == 16
    assert 0 < np.abs(np.sort(after) - np.sort(before)).max() < 0.2


def test_percussion_beside_other_parts_is_left_alone_unless_asked_for() -> None:
    both = SCORE.replace(
        b"</part-list>",
        b'<score-part id="P2"><part-name>Piano</part-name></score-part></part-list>',
    ).replace(
        b"</score-partwise>",
        b'<part id="P2"><measure number="1"><note><pitch><step>C</step><octave>4</octave></pitch>'
        b"<duration>4</duration></note></measure></part></score-partwise>",
    )
    assert humanize.humanize_bytes(both, name="x.musicxml").bytes.count(b"dynamics=") == 1
    played = humanize.humanize_bytes(both, name="x.musicxml", drums="groove")
    assert played.bytes.count(b"dynamics=") == 17


def test_options_of_drums_say_so_where_there_are_none() -> None:
    line = "no drums found that it could play; expected a part on channel 10"
    assert line in humanize.humanize_bytes(WALTZ, feel="funk").messages[-1]
    found = perform_bytes(WALTZ, feel="funk", swing=0.6).messages
    assert [m.partition(":")[0] for m in found if line in m] == ["feel", "swing"]
    assert not [m for m in perform_bytes(WALTZ).messages if line in m]


def test_swing_plays_drums_beside_other_instruments_and_measures_are_its_section() -> None:
    eighths = [(n / 2, 42) for n in range(32)]
    straight = read_midi(drum_file(*eighths)).pieces[0].onset_beat
    options = {"swing": 0.66, "feel": None}
    whole = perform_bytes(drum_file(*eighths), **options).bytes
    some = perform_bytes(drum_file(*eighths), measures="2-3", **options).bytes
    plain = perform_bytes(drum_file(*eighths)).bytes
    off = np.arange(32) % 2 == 1
    late = [read_midi(d).pieces[0].onset_beat - straight for d in (whole, some, plain)]
    inside = (straight >= 4) & (straight < 12)
    np.testing.assert_allclose(late[1][inside], late[0][inside], atol=0.01)
    np.testing.assert_allclose(late[1][~inside], 0, atol=1e-9)
    assert (late[0] - late[2])[off].mean() == pytest.approx(0.16, abs=0.02)


def test_a_score_of_unknown_percussion_is_refused_in_one_line() -> None:
    with pytest.raises(
        HumanizeError,
        match=r"only percussion of no known drum \(90, as the score .* General MIDI number",
    ):
        humanize.humanize_bytes(
            SCORE.replace(b"<midi-unpitched>37", b"<midi-unpitched>91").replace(
                b"<midi-unpitched>39", b"<midi-unpitched>91"
            ),
            name="x.musicxml",
        )

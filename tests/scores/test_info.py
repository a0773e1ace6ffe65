"""``humanize info`` numbers tracks and parts as ``--tracks`` counts them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from musicxml_builder import metre, note, part, score
from smf_builder import TEMPO, header, track
from smf_builder import note as midi_note

from humanize.api import humanize_bytes
from humanize.commands.info import command


def info(tmp_path: Path, name: str, content: bytes) -> str:
    (tmp_path / name).write_bytes(content)
    done = CliRunner().invoke(command, [str(tmp_path / name)])
    assert done.exit_code == 0, done.output
    return done.output


def numbers(shown: str) -> list[int]:
    """Return every number of a track or part, in the order of the lines."""
    listed = re.findall(r"; (?:track|part)s? (.*)", shown)
    return [int(entry.split()[0]) for line in listed for entry in line.split(", ")]


def named(text: str) -> tuple[int, bytes]:
    return (0, b"\xff\x03" + bytes([len(text)]) + text.encode())


def midi() -> bytes:
    """Track 1 tempo, 2 a named one, 3 empty, 4 drums, 5 with a program of its own."""
    tune = [event for n in range(8) for event in midi_note(n * 480, n * 480 + 400, 60 + n)]
    drums = midi_note(0, 400, 36, channel=9)
    bass = [(0, b"\xc1\x20"), *midi_note(0, 400, 40, channel=1)]
    events = [TEMPO, [named("Lead"), *tune], [], drums, bass]
    return header(1, 5, 480) + b"".join(map(track, events))


def quartet() -> bytes:
    """Part 2 rests throughout."""
    tunes = ("C5", None, "E4", "C3")
    bars = [[note(pitch, 1) * 4] * 4 for pitch in tunes]
    parts = {
        f"Voice {n}": part(bar, first=metre(4, 4)) for n, bar in zip("ABCD", bars, strict=True)
    }
    return score(parts).encode()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [("x.mid", midi(), {2, 5}), ("x.musicxml", quartet(), {1, 3, 4})],
)
def test_each_number_chooses_the_notes_it_names(tmp_path, name, content, expected) -> None:
    shown = numbers(info(tmp_path, name, content))
    assert expected <= set(shown)
    for number in expected:
        result = humanize_bytes(content, name=name, tracks=[number], mean=100)
        (notes,) = result.notes
        (velocities,) = result.velocities
        changed = velocities != notes.velocity
        assert set(notes.track[changed].tolist()) == {number}
        assert np.array_equal(changed, notes.track == number)


def test_the_lines(tmp_path: Path) -> None:
    shown = info(tmp_path, "x.mid", midi())
    assert "8 notes will change; no program, mp on average; track 2 Lead\n" in shown
    assert "1 note, left alone (see --drums); track 4\n" in shown
    assert "1 note will change; acoustic bass, mp on average; track 5\n" in shown
    assert "dynamics     every note alike, mp (velocity 64)\n" in shown
    written = info(tmp_path, "x.musicxml", quartet())
    assert "instrument 1 16 notes; part 1 Voice A\n" in written
    assert "part 3 Voice C" in written
    assert "Voice B" not in written


def test_one_is_singular(tmp_path: Path) -> None:
    single = header(0, 1, 480) + track([*TEMPO, *midi_note(0, 400, 60)])
    shown = info(tmp_path, "x.mid", single)
    assert "type 0, 1 track, 1 note\n" in shown
    assert ", 1 measure\n" in shown
    assert "instrument 1 1 note will change; " in shown
    written = info(
        tmp_path, "x.musicxml", score({"A": part([[note("C5", 4)]], first=metre(4, 4))}).encode()
    )
    assert "score, 1 part, 1 note as played\n" in written
    assert "instrument 1 1 note; part 1 A\n" in written

"""What pictures show: bars, dynamics, hands or parts; pages and a density for long music."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from smf_builder import header, note, track

import humanize
from humanize.errors import OptionError
from humanize.interpretation.interpret import Settings, interpret
from humanize.midi.reading import read_midi
from humanize.reporting.axes import (
    MOST_DOTS,
    bars_of,
    draw_velocities,
    drawn,
    figure_of,
    mark_dynamics,
    number_bars_of,
)

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_staves_of_a_score_and_tracks_of_a_file_are_told_apart() -> None:
    score = humanize.humanize_bytes((EXAMPLES / "waltz.musicxml").read_bytes(), name="x.musicxml")
    notes = drawn(score.interpretations, score.music.track_names)
    assert notes.names == ("upper staff", "lower staff")
    assert notes.after[notes.part == 0].mean() > notes.after[notes.part == 1].mean()
    midi = humanize.humanize_bytes((EXAMPLES / "waltz.mid").read_bytes())
    assert drawn(midi.interpretations).names == ("track 2", "track 3")
    assert drawn(midi.interpretations, ("", "Right", " ")).names == ("Right", "track 3")


def test_bars_begin_at_their_beats() -> None:
    result = humanize.humanize_bytes((EXAMPLES / "waltz.mid").read_bytes())
    bars = bars_of(result.notes[0])
    assert bars == [(str(k + 1), 3.0 * k) for k in range(16)]
    axis = figure_of(3).subplots()
    number_bars_of(axis, bars, 48.0)
    assert [t.get_text() for t in axis.get_xticklabels()] == [str(k + 1) for k in range(16)]
    assert len(axis.get_xticks(minor=True)) > 16, "beats"
    number_bars_of(axis, [(str(k), 4.0 * k) for k in range(1000)], 4000.0)
    assert len(axis.get_xticklabels()) <= 16


def test_dynamics_stand_beside_their_velocities() -> None:
    axis = figure_of(3).subplots()
    mark_dynamics(axis)
    (side,) = axis.child_axes
    shown = {
        t.get_text(): at for t, at in zip(side.get_yticklabels(), side.get_yticks(), strict=True)
    }
    assert (shown["p"], shown["mp"], shown["f"]) == (49, 64, 96)


def _long(count: int) -> bytes:
    right = [e for i in range(count // 2) for e in note(i * 120, i * 120 + 100, 60 + i % 12)]
    left = [e for i in range(count // 2) for e in note(i * 120, i * 120 + 100, 40 + i % 12)]
    return header(1, 2, 480) + track(right) + track(left)


def test_of_many_notes_the_density_and_the_mean_of_each_part_are_drawn() -> None:
    (piece,) = read_midi(_long(MOST_DOTS + 200)).pieces
    interpretation = interpret(piece, Settings.of({"model": "fast"}))
    notes = drawn([interpretation])
    axis = figure_of(3).subplots()
    draw_velocities(axis, notes, notes.after, legend=True)
    assert len(axis.lines) == 2, "a line for each part"
    assert len(axis.collections) == 1, "one density, no dots"
    first = axis.lines[0].get_ydata()
    assert np.nanmean(first) == pytest.approx(notes.after[notes.part == 0].mean(), abs=1.0)
    few = notes.between(0.0, 32.0)
    axis = figure_of(3).subplots()
    draw_velocities(axis, few, few.after, legend=False)
    assert len(axis.collections) == 2 and not axis.lines


def test_pages_hold_every_note_once() -> None:
    (piece,) = read_midi(_long(3_000)).pieces
    notes = drawn([interpret(piece, Settings.of({"model": "fast"}))])
    pages = notes.pages()
    assert len(pages) == -(-len(notes.bars) // 32) > 1
    assert sum(len(page.beat) for page in pages) == len(notes.beat)
    assert np.concatenate([page.beat for page in pages]).tolist() == notes.beat.tolist()


@pytest.mark.parametrize("call", [humanize.humanize_bytes, humanize.perform_bytes])
def test_a_pdf_has_pages(call: object, tmp_path: Path) -> None:
    result = call(_long(2_200), model="fast")  # type: ignore[operator]
    pdf = result.plot(tmp_path / "x.pdf")
    assert pdf == (tmp_path / "x.pdf").read_bytes() and pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") == 1 + 3
    assert result.plot().startswith(b"\x89PNG")
    with pytest.raises(OptionError, match=r"x\.svg: \.svg found; expected \.png or \.pdf"):
        result.plot(tmp_path / "x.svg")

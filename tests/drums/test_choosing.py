"""Feels by name and from files, and swing, through the public calls."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from test_kit_and_grid import drum_file

import humanize
from humanize.commands.groove import command
from humanize.drums.choosing import choose_feel, extract_feel, feel_names
from humanize.drums.hits import hits_of
from humanize.drums.swing import swing_lags, swung_by
from humanize.errors import HumanizeError, MidiError, OptionError
from humanize.midi.reading import read_midi
from humanize.service.options import api_options

ROOT = Path(__file__).parents[2]
BEAT = (ROOT / "examples" / "rock_beat.mid").read_bytes()
WALTZ = (ROOT / "examples" / "waltz.mid").read_bytes()


def lags(data: bytes, **options: object) -> dict[int, float]:
    """Return the mean lag in ms of each number in a performed file."""
    own = humanize.perform_bytes(data, **options).interpretations[0]  # type: ignore[arg-type]
    numbers = own.notes.pitch
    return {n: float(own.drum_lag_ms[numbers == n].mean()) for n in set(numbers.tolist())}


def late_snare() -> bytes:
    """Four measures: the kick on the grid, the snare 25 ms late."""
    strokes = [(4 * m + b, 36) for m in range(16) for b in (0, 2)]
    strokes += [(4 * m + b + 0.05, 38) for m in range(16) for b in (1, 3)]
    return drum_file(*strokes)


def test_a_late_snare_is_taken_over(tmp_path: Path) -> None:
    reference = tmp_path / "ref.mid"
    reference.write_bytes(late_snare())
    plain, felt = lags(BEAT), lags(BEAT, feel=reference)
    assert felt[38] > plain[38] + 10
    assert abs(felt[36]) < abs(felt[38] - plain[38])
    # where the reference says as much as 32 hits can, its own lag comes back but for the leaning
    feel = choose_feel(reference)
    assert feel.mean["lag_ms"][feel.drum == 1] == pytest.approx([25, 25], abs=0.6)


def test_a_feel_by_its_file_is_that_of_the_performance(tmp_path: Path) -> None:
    reference, kept = tmp_path / "ref.mid", tmp_path / "feel.json"
    reference.write_bytes(late_snare())
    done = CliRunner().invoke(command, ["extract", str(reference), "-o", str(kept)])
    assert done.exit_code == 0, done.output
    assert json.loads(kept.read_text())["format"] == "humanize feel 1"
    one, other = (humanize.humanize_bytes(BEAT, feel=own) for own in (reference, kept))
    assert np.abs(one.velocities[0] - other.velocities[0]).max() <= 1


def test_styles_differ() -> None:
    assert {"funk", "jazz", "rock", "latin", "hiphop"} <= set(feel_names())
    rock, reggae = (humanize.humanize_bytes(BEAT, feel=own) for own in ("rock", "reggae"))
    assert rock.velocities[0].mean() > reggae.velocities[0].mean() + 10


def test_a_feel_plays_drums_beside_others() -> None:
    result = humanize.humanize_bytes(BEAT, feel="funk")
    assert result.messages == ("drums played: 69 hits on a grid of sixteenths",)
    assert humanize.humanize_bytes(WALTZ, feel="funk").bytes == humanize.humanize_bytes(WALTZ).bytes


def test_what_is_no_feel_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        OptionError, match=r"^feel: 'polka' found; expected one of afrobeat, .*or a file"
    ):
        humanize.humanize_bytes(BEAT, feel="polka")
    with pytest.raises(MidiError, match=r"^x\.mid: no drums found to take a feel from"):
        extract_feel(WALTZ, name="x.mid")
    text = tmp_path / "x.json"
    text.write_text("{}")
    with pytest.raises(HumanizeError, match="not a feel; expected a MIDI file with drums"):
        humanize.humanize_bytes(BEAT, feel=text)
    with pytest.raises(OptionError, match=r"^feel: 3 found"):
        humanize.humanize_bytes(BEAT, feel=3)  # type: ignore[arg-type]


def test_a_form_names_no_file(tmp_path: Path) -> None:
    assert api_options([("feel", "funk")]) == {"feel": "funk"}
    (tmp_path / "feel.json").write_text("{}")
    with pytest.raises(OptionError, match=r"^feel: .* found; expected one of afrobeat"):
        api_options([("feel", str(tmp_path / "feel.json"))])


def test_swing_of_eighths_and_of_sixteenths_by_hand() -> None:
    eighths = hits_of(read_midi(drum_file(*((i / 2, 42) for i in range(8)))).pieces[0])
    np.testing.assert_allclose(swung_by(eighths, 0.6), [0, 0.1] * 4)
    sixteenths = hits_of(read_midi(drum_file(*((i / 4, 42) for i in range(8)))).pieces[0])
    np.testing.assert_allclose(swung_by(sixteenths, 0.6), [0, 0.05] * 4)
    shuffle = [(beat + off, 42) for beat in range(4) for off in (0, 2 / 3)]
    triplets = hits_of(read_midi(drum_file(*shuffle)).pieces[0])
    np.testing.assert_allclose(swung_by(triplets, 0.5), [0, -1 / 6] * 4)
    np.testing.assert_allclose(swung_by(triplets, 2 / 3), 0, atol=1e-12)


def test_swing_is_written() -> None:
    notes = read_midi(BEAT).pieces[0]
    quarter_ms = 60_000 / 104
    asked = swing_lags(notes, 0.6)
    second = (notes.onset_beat % 0.5) == 0.25
    np.testing.assert_allclose(asked, np.where(second, 0.05 * quarter_ms, 0), atol=0.01)
    plain, swung = (
        read_midi(humanize.perform_bytes(BEAT, swing=own).bytes).pieces[0] for own in (0.5, 0.6)
    )
    ghosts = [np.sort(own.onset_beat[own.pitch == 38]) for own in (plain, swung)]
    assert (ghosts[1] - ghosts[0]).max() == pytest.approx(0.05, abs=0.006)
    with pytest.raises(
        OptionError, match=r"^swing: 0\.8 found; expected a number from 0\.5 to 0\.75"
    ):
        humanize.perform_bytes(BEAT, swing=0.8)

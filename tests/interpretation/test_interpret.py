"""From a note table to what is written, with a model whose every prediction is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from known_models import model_of, notes_of

from humanize.errors import ModelError, OptionError
from humanize.interpretation.interpret import Settings, interpret, messages_of
from humanize.interpretation.shaping import Selection, Shaping, round_velocity
from humanize.notes import DRUMS

MODEL = model_of({"pitch": 1}, "flat", "marked")


def settings(**changes: object) -> Settings:
    return Settings(**{"model": MODEL, **changes})  # type: ignore[arg-type]


def test_every_note_has_its_prediction_rounded() -> None:
    found = interpret(notes_of([50, 60, 70]), settings())
    np.testing.assert_allclose(found.predicted, [50, 60, 70], rtol=1e-6)
    assert found.velocity.tolist() == [50, 60, 70]
    assert found.selected.all() and found.changed.all()
    assert found.kinds == {"flat"}


def test_what_is_not_selected_stays_and_is_predicted_all_the_same() -> None:
    notes = replace(notes_of([50, 60, 70, 80]), measure=np.array([1, 2, 3, 4]))
    found = interpret(notes, settings(selection=Selection(measures="1-2,4")))
    assert found.velocity.tolist() == [50, 60, 64, 80]
    assert found.selected.tolist() == found.changed.tolist() == [True, True, False, True]
    np.testing.assert_allclose(found.predicted, [50, 60, 70, 80], rtol=1e-6)


def test_drums_are_never_selected() -> None:
    found = interpret(notes_of([50, 60], instrument=[0, DRUMS]), settings())
    assert found.velocity.tolist() == [50, 64]
    assert found.selected.tolist() == [True, False]


def test_at_strength_nought_nothing_changes() -> None:
    found = interpret(notes_of([50, 60]), settings(shaping=Shaping(strength=0.0)))
    assert found.velocity.tolist() == [64, 64]
    assert found.selected.tolist() == [True, True]
    assert found.changed.tolist() == [False, False]


def test_the_mean_is_that_of_the_notes_that_change() -> None:
    notes = replace(notes_of([50, 60, 100]), track=np.array([1, 1, 2]))
    chosen = settings(selection=Selection(tracks=[1]), shaping=Shaping(mean=80))
    found = interpret(notes, chosen, track_names=["", ""])
    assert found.velocity.tolist() == [75, 85, 64]


@pytest.mark.parametrize(
    ("tracks", "chosen"), [([1], [1]), (["2"], [2]), ([3, 1], [1, 3]), (["b"], [2, 3])]
)
def test_tracks_go_by_number_or_by_every_track_of_a_name(tracks: list, chosen: list) -> None:
    notes = replace(notes_of([50, 60, 70]), track=np.array([1, 2, 3]))
    found = interpret(
        notes, settings(selection=Selection(tracks=tracks)), track_names=["", "b", "b"]
    )
    assert notes.track[found.selected].tolist() == chosen
    for wrong in (0, 4, "", "c", -1):
        with pytest.raises(OptionError, match="expected a number or name of: 1, 2 b, 3 b"):
            Selection(tracks=[wrong]).mask(notes, ["", "b", "b"])


def test_tracks_go_by_their_names() -> None:
    notes = replace(notes_of([50, 60]), track=np.array([1, 2]))
    chosen = settings(selection=Selection(tracks=["left"]))
    found = interpret(notes, chosen, track_names=["right", "left"])
    assert found.velocity.tolist() == [64, 60]
    with pytest.raises(OptionError, match="left"):
        interpret(notes, chosen)


def test_the_levels_of_a_mix_are_kept_instrument_by_instrument() -> None:
    notes = notes_of([50, 60, 70, 80], instrument=[0, 1, 0, 1])
    notes = replace(notes, velocity=np.array([40, 90, 40, 90]), track=np.array([1, 2, 1, 2]))
    mix = interpret(notes, settings())
    assert mix.kinds == {"mix"} and not mix.notes.markings
    assert mix.velocity.tolist() == [30, 80, 50, 100]
    uneven = replace(notes, velocity=np.array([40, 90, 41, 90]))
    assert interpret(uneven, settings()).velocity.tolist() == [50, 60, 70, 80]
    kept = interpret(uneven, settings(shaping=Shaping(mean="keep")))
    assert kept.kinds != {"mix"}
    assert kept.velocity.tolist() == [31, 80, 51, 100]  # 40.5 and 90 in the mean
    assert interpret(notes, settings(dynamics="ignore")).velocity.tolist() == [50, 60, 70, 80]
    marked = replace(notes, markings={"slur": np.zeros(4)})
    assert interpret(marked, settings()).velocity.tolist() == [50, 60, 70, 80]


def test_dynamics_are_read_followed_or_ignored() -> None:
    notes = replace(notes_of([50, 60, 70, 80, 90]), velocity=np.array([40, 40, 40, 90, 90]))
    auto = interpret(notes, settings())
    assert auto.kinds == {"plateaus"}
    assert auto.notes.marking("notated_level").tolist() == [40, 40, 40, 90, 90]
    assert auto.velocity.tolist() == [50, 60, 70, 80, 90]
    follow = interpret(notes, settings(dynamics="follow"))
    assert follow.velocity.tolist() == [30, 40, 50, 85, 95]
    ignore = interpret(notes, settings(dynamics="ignore"))
    assert ignore.kinds == set() and not ignore.notes.markings


def test_markings_of_a_score_are_followed_or_ignored_too() -> None:
    notes = replace(notes_of([50, 60, 70]), markings={"notated_level": np.full(3, 90.0)})
    assert interpret(notes, settings(dynamics="follow")).velocity.tolist() == [80, 90, 100]
    assert interpret(notes, settings()).kinds == set()
    alone = settings(model=model_of({"pitch": 1}, "flat"))
    with pytest.raises(ModelError, match="no route for marked input"):
        interpret(notes, alone)
    ignored = replace(alone, dynamics="ignore")
    assert interpret(notes, ignored).velocity.tolist() == [50, 60, 70]


def test_a_line_says_what_velocities_were_taken_for() -> None:
    plateaus = replace(notes_of([50] * 5), velocity=np.array([40, 40, 40, 90, 90]))
    played = replace(notes_of([50] * 5), velocity=np.array([40, 61, 52, 93, 34]))
    one = settings()
    both = [interpret(notes, one) for notes in (plateaus, played)]
    assert messages_of(both, one)[0].startswith("dynamics of the input: written")
    assert "; --strength 0.5 mixes both" in messages_of(both, one)[0]
    half = settings(shaping=Shaping(strength=0.5))
    assert "mixes both" not in messages_of(both, half)[0]
    assert "kept to" in messages_of(both, settings(dynamics="follow"))[0]
    assert messages_of([interpret(notes_of([50]), one)], one) == ()
    assert messages_of([], one) == ()


def test_a_half_is_rounded_up_within_bounds() -> None:
    found = round_velocity(np.array([0.2, 49.49, 49.5, 50.5, 126.5, 127.9]))
    assert found.tolist() == [1, 49, 50, 51, 127, 127]
    assert round_velocity(np.array([10.0, 60.0, 90.0]), 20, 80).tolist() == [20, 60, 80]
    # 0.1 + 0.2 and its like: a half that binary fractions miss by a little
    assert round_velocity(np.array([49.5 - 1e-12])).tolist() == [50]

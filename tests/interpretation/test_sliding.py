"""Sliders as options: on velocities, on a whole performance, in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from performing_bundle import write_bundle
from smf_builder import encode, music

import humanize
from humanize.errors import OptionError
from humanize.interpretation.attributes import ATTRIBUTES, Expression, Ground, measured, spread_of
from humanize.interpretation.parameters import PerformanceParameters
from humanize.options.sliders import SLIDER_NAMES, VELOCITY_SLIDERS

DATA = encode(music(9, 200))
OF_VELOCITY = tuple(option.name for option in VELOCITY_SLIDERS)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_bundle(tmp_path_factory.mktemp("m") / "lines", conditions=("flat", "marked")))


def performed(model: str, **options: Any) -> dict[str, float]:
    found = humanize.perform_bytes(DATA, model=model, **options)
    notes = found.interpretations[0].notes
    return measured(
        Expression(
            ground=Ground(notes),
            velocity=found.predicted[0],  # rounding moves a line of pitch by up to a tenth
            parameters=found.parameters[0],
        )
    )


@pytest.mark.parametrize("name", SLIDER_NAMES)
def test_each_slider_moves_its_attribute_by_a_standard_deviation(model: str, name: str) -> None:
    one, two = performed(model), performed(model, **{name: 0.5})
    for other in ATTRIBUTES:
        moved = (two[other] - one[other]) / spread_of(other)
        assert moved == pytest.approx(0.5 if other == name else 0.0, abs=0.05), other


@pytest.mark.parametrize("name", OF_VELOCITY)
def test_those_of_velocity_act_without_a_performance_too(model: str, name: str) -> None:
    def measure(**options: float) -> float:
        found = humanize.humanize_bytes(DATA, model=model, **options)  # type: ignore[arg-type]
        notes = found.notes[0]
        return ATTRIBUTES[name].measure(
            Expression(
                ground=Ground(notes),
                velocity=found.velocities[0].astype(float),
                parameters=PerformanceParameters.neutral(notes),
            )
        )

    assert (measure(**{name: 1.0}) - measure()) / spread_of(name) == pytest.approx(1, abs=0.15)


def test_nought_changes_nothing(model: str) -> None:
    plain = humanize.perform_bytes(DATA, model=model).bytes
    nought = dict.fromkeys(SLIDER_NAMES, 0.0)
    assert humanize.perform_bytes(DATA, model=model, **nought).bytes == plain  # type: ignore[arg-type]


def test_only_selected_notes_are_moved(model: str) -> None:
    before = humanize.perform_bytes(DATA, model=model, measures="3-4")
    after = humanize.perform_bytes(
        DATA, model=model, measures="3-4", legato=1.0, lead=1.0, loudness=1.0
    )
    left = ~before.interpretations[0].selected
    for one, two in ((before, after),):
        np.testing.assert_array_equal(one.velocities[0][left], two.velocities[0][left])
        for name in ("asynchrony_ms", "log_articulation"):
            values = [getattr(found.parameters[0], name) for found in (one, two)]
            np.testing.assert_array_equal(values[0][left], values[1][left])
            assert not np.array_equal(values[0], values[1])


def test_what_is_not_performed_is_not_moved(model: str) -> None:
    for only in ("velocity", "tempo"):
        plain = humanize.perform_bytes(DATA, model=model, only=only).bytes
        moved = humanize.perform_bytes(
            DATA, model=model, only=only, lead=2.0, legato=2.0, pedal_depth=-2.0
        )
        assert moved.bytes == plain


def test_a_mean_that_is_asked_for_has_the_last_word(model: str) -> None:
    found = humanize.humanize_bytes(DATA, model=model, loudness=2.0, mean=50)
    assert found.velocities[0].mean() == pytest.approx(50, abs=0.3)


@pytest.mark.parametrize("value", [9, -4.5, float("nan"), "loud"])
def test_no_slider_goes_further_than_pianists(value: Any) -> None:
    with pytest.raises(OptionError, match=r"loudness: .* found; expected a number from -4 to 4"):
        humanize.humanize_bytes(DATA, loudness=value)


def test_sliders_of_a_performance_are_none_of_velocities() -> None:
    with pytest.raises(OptionError, match="option 'lead' found"):
        humanize.humanize_bytes(DATA, lead=1.0)  # type: ignore[call-arg]


def test_files_of_several_instruments_slide_each(model: str, tmp_path: Path) -> None:
    found = humanize.humanize_bytes(DATA, model=model, split="tracks", loudness=1.0)
    plain = humanize.humanize_bytes(DATA, model=model, split="tracks")
    assert len(np.unique(plain.notes[0].instrument)) == 2
    moved = found.velocities[0] - plain.velocities[0]
    assert moved == pytest.approx(spread_of("loudness"), abs=1)

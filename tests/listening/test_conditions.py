import numpy as np
import pytest
from smf_builder import header, music, note, track

from humanize.errors import OptionError
from humanize.listening.conditions import CONDITIONS, CONSTANT, make_versions
from humanize.midi import read_midi


def file(*, flat=False):
    events = [
        event
        for i, (onset, duration, pitch, _) in enumerate(music(count=40))
        for event in note(
            round(onset * 480),
            round((onset + duration) * 480),
            pitch,
            velocity=64 if flat else 40 + i % 50,
        )
    ]
    return header(0, 1, 480) + track(events)


def velocities(data):
    return read_midi(data).pieces[0].velocity


def test_only_velocities_differ():
    data = file()
    positions = set(read_midi(data).positions.tolist())
    versions = make_versions(data, CONDITIONS)
    assert set(versions) == set(CONDITIONS)
    for version in versions.values():
        changed = {i for i, (a, b) in enumerate(zip(data, version.midi, strict=True)) if a != b}
        assert changed <= positions


def test_each_condition_is_what_its_name_says():
    data = file()
    heard = {name: velocities(v.midi) for name, v in make_versions(data, CONDITIONS).items()}
    assert set(heard["constant"]) == {CONSTANT}
    assert set(heard["constant-matched"]) == {round(heard["model"].mean())}
    assert len(set(heard["model"])) > 5
    assert sorted(heard["shuffled"]) == sorted(heard["model"])
    assert not np.array_equal(heard["shuffled"], heard["model"])
    np.testing.assert_array_equal(heard["written"], velocities(data))


def test_the_model_does_not_see_what_is_written():
    one, two = (make_versions(f, ["model"])["model"].midi for f in (file(), file(flat=True)))
    np.testing.assert_array_equal(velocities(one), velocities(two))


def test_mean_velocity_is_reported():
    version = make_versions(file(), ["written"])["written"]
    assert version.mean_velocity == pytest.approx(velocities(file()).mean())


def test_a_condition_that_cannot_be():
    with pytest.raises(OptionError, match="'loud' found"):
        make_versions(file(), ["loud"])
    with pytest.raises(OptionError, match="one velocity found"):
        make_versions(file(flat=True), ["written"])

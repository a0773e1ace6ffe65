from importlib.util import find_spec

import numpy as np
import pytest
from smf_builder import encode, music

from humanize.errors import InputError, OptionError
from humanize.listening.conditions import CONDITIONS, CONSTANT, Source, make_versions
from humanize.midi.reading import read_midi

SCORE_CONDITIONS = [c for c in CONDITIONS if c != "human"]


def file(*, flat=False, stretch=1.0, seed=0, extra=(), level=40):
    notes = [
        (onset * stretch + (i % 3) * 0.01, duration * stretch, pitch, hand)
        for i, (onset, duration, pitch, hand) in enumerate(music(seed, count=60))
    ]
    velocities = [64 if flat else level + i % 50 for i in range(len(notes))]
    notes += [(beat, 0.2, pitch, 0) for beat, pitch in extra]
    return encode(notes, velocities=velocities + [99] * len(extra))


def source(data, human=None):
    return Source(name="piece", score=data, human=human)


def velocities(data):
    return read_midi(data).pieces[0].velocity


def made(data, conditions, human=None, **options):
    return make_versions(source(data, human), conditions, **options).by_condition


def test_only_velocities_differ():
    data = file()
    positions = set(read_midi(data).positions.tolist())
    versions = made(data, SCORE_CONDITIONS)
    assert set(versions) == set(SCORE_CONDITIONS)
    for version in versions.values():
        changed = {i for i, (a, b) in enumerate(zip(data, version.midi, strict=True)) if a != b}
        assert changed <= positions


def test_each_condition_is_what_its_name_says():
    data = file()
    heard = {name: velocities(v.midi) for name, v in made(data, SCORE_CONDITIONS).items()}
    assert set(heard["constant"]) == {CONSTANT}
    (matched,) = set(heard["constant-matched"])
    assert abs(matched - heard["model"].mean()) < 0.75  # it is the mean before rounding, rounded
    assert len(set(heard["model"])) > 5
    assert sorted(heard["shuffled"]) == sorted(heard["model"])
    assert not np.array_equal(heard["shuffled"], heard["model"])
    np.testing.assert_array_equal(heard["written"], velocities(data))


def test_the_model_does_not_see_what_is_written():
    one, two = (made(f, ["model"])["model"].midi for f in (file(), file(flat=True)))
    np.testing.assert_array_equal(velocities(one), velocities(two))


def test_mean_velocity_is_reported():
    version = made(file(), ["written"])["written"]
    assert version.mean_velocity == pytest.approx(velocities(file()).mean())


def test_a_condition_that_cannot_be():
    with pytest.raises(OptionError, match="'loud' found"):
        made(file(), ["loud"])
    with pytest.raises(OptionError, match="one velocity found"):
        made(file(flat=True), ["written"])
    with pytest.raises(OptionError, match="no performance found; expected --human piece=FILE"):
        made(file(), ["human"])


class TestWithAPerformance:
    @pytest.fixture(autouse=True)
    def _needs_the_aligner(self):
        if find_spec("parangonar") is None:
            pytest.skip("needs parangonar (extra: listen)")

    def test_every_version_has_the_performance_s_events(self):
        human = file(stretch=1.3, extra=[(7.37, 90)])
        positions = set(read_midi(human).positions.tolist())
        found = make_versions(source(file(flat=True), human), ["constant", "model", "human"])
        for version in found.by_condition.values():
            midi = version.midi
            changed = {i for i, (a, b) in enumerate(zip(human, midi, strict=True)) if a != b}
            assert changed <= positions
        assert found.by_condition["human"].midi == human
        assert 0.95 < found.aligned < 1

    def test_the_model_reads_the_score_and_not_the_hands(self):
        score = file(flat=True)
        slow, even = (
            read_midi(made(score, ["model"], file(stretch=s, level=v))["model"].midi).pieces[0]
            for s, v in ((1.4, 30), (0.8, 70))
        )
        by_beat = [n.velocity[np.lexsort((n.pitch, n.onset_sec))] for n in (slow, even)]
        same = np.mean(np.sort(by_beat[0]) == np.sort(by_beat[1]))
        assert same > 0.95
        alone = velocities(made(score, ["model"])["model"].midi)
        assert np.mean(np.sort(alone) == np.sort(by_beat[0])) > 0.95

    def test_unless_it_is_told_to(self):
        human = file(stretch=1.4)
        one = made(file(flat=True), ["model"], human, hears="performance")["model"].midi
        two = made(human, ["model"])["model"].midi
        np.testing.assert_array_equal(velocities(one), velocities(two))

    def test_a_performance_of_another_piece(self):
        with pytest.raises(InputError, match="of the notes fit the piece; expected 60% or more"):
            made(file(flat=True), ["model"], file(seed=99))

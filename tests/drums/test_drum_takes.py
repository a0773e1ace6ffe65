"""Takes of drums: residuals of one drummer, laid onto other hits; bundles that hold them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_feel import groove
from test_kit_and_grid import drum_file, hits

import humanize
from humanize.corpus.groove import load_groove
from humanize.drums import sampling
from humanize.drums.bank import DrumBank, bank_arrays, read_drum_bank
from humanize.drums.bundle import load_drum_model
from humanize.drums.fitting import DrumTreeOptions, train_drums
from humanize.drums.hits import hits_of
from humanize.drums.kit import CLOSED, HIGH, KICK, SNARE, limbs_of
from humanize.drums.sampling import apart, lay, patterns, sample_hits
from humanize.errors import ModelError
from humanize.midi.reading import read_midi
from humanize.midi.record import strip_performance
from humanize.models.residuals import packed_arrays
from humanize.performance import perform_bytes

ROOT = Path(__file__).parents[2]
BEAT = (ROOT / "examples/rock_beat.mid").read_bytes()
BAR = [(0, 36), (1, 38), (2, 36), (3, 38), *((n / 2, 42) for n in range(8))]


def bars(count: int) -> list[tuple[float, int]]:
    return [(bar * 4 + beat, number) for bar in range(count) for beat, number in BAR]


def played(count: int = 8) -> DrumBank:
    """A bank of one take: residuals of velocity say the measure, those of lag the drum."""
    own = hits(*bars(count))
    expected = {
        "velocity": own.velocity - (own.measure - own.measure.min()) * 1.0,
        "lag_ms": own.lag_ms - own.drum * 1.0,
    }
    return read_drum_bank(packed_arrays(bank_arrays([own], [expected])), where="x")


def test_a_hit_takes_what_is_left_of_its_drum_and_place_in_a_measure_like_its_own() -> None:
    bank = played()
    own = hits(*bars(3))
    chosen = lay(own, bank, 1)
    np.testing.assert_array_equal(bank.drum[chosen], own.drum)
    np.testing.assert_array_equal(bank.position[chosen], own.position)
    np.testing.assert_array_equal(bank.residual["lag_ms"][chosen], own.drum)
    for measure in np.unique(own.measure):
        assert len(np.unique(bank.measure[chosen][own.measure == measure])) == 1


def test_measures_that_repeat_are_laid_from_different_ones_that_go_on() -> None:
    own = hits(*bars(6))
    source = played().measure[lay(own, played(), 3)][own.position == 0][::2]
    assert len(set(source.tolist())) == 6
    assert (np.diff(source) == 1).sum() >= 4


def test_a_drum_that_the_measure_lacks_takes_one_of_its_limb() -> None:
    own = hits((0, 36), (1, 49), (2, 44))
    bank = played()
    found = bank.drum[lay(own, bank, 1)]
    assert found[own.drum == KICK] == [KICK]
    assert limbs_of(found)[1] == limbs_of(np.array([SNARE]))[0]


def test_patterns_are_of_length_one_and_know_drum_and_sixteenth() -> None:
    found = patterns(*(np.array(c) for c in ([0, 0, 1], [0, 25, 47], [KICK, SNARE, KICK])))
    assert found.shape == (2, 13 * 16)
    assert found[0, KICK * 16] == found[0, SNARE * 16 + 4] == pytest.approx(0.5**0.5)
    assert found[1, KICK * 16 + 8] == 1


def test_freedom_is_how_far_a_take_leaves_the_mean() -> None:
    own, bank = hits(*bars(4)), played()
    mean = {"velocity": np.full(len(own), 60.0), "lag_ms": np.zeros(len(own))}
    none, half, whole = (sample_hits(own, mean, bank, seed=2, freedom=f) for f in (0.0, 0.5, 1.0))
    for name in mean:
        np.testing.assert_allclose(none[name], mean[name])
        np.testing.assert_allclose(half[name] - mean[name], (whole[name] - mean[name]) / 2)
    np.testing.assert_allclose(whole["lag_ms"], own.drum * sampling.WIDER["lag_ms"])
    level = sample_hits(own, mean, bank, seed=2, freedom=1.0, level=False)
    assert level["lag_ms"].mean() == pytest.approx(0)


def test_ghosts_stay_ghosts_and_strokes_strokes() -> None:
    own = hits((0, 38), (1, 38), (2, 38), (3, 38))
    mean = np.array([100.0, 20.0, 100.0, 50.0])  # loud 100; a ghost, and one between
    found = apart(np.array([10.0, 90.0, 120.0, 90.0]), mean, own)
    np.testing.assert_allclose(found, [45, 55, 120, 90])
    hats = hits((0, 42), (1, 42), (2, 42), (3, 42))
    np.testing.assert_allclose(apart(found, mean, hats), found)


def test_fills_rise_as_the_mean_does() -> None:
    own = hits((0, 48), (1, 48), (2, 45), (3, 43), (4, 36))
    falling = np.array([30.0, 10.0, -10.0, -30.0, 5.0])
    np.testing.assert_allclose(sampling._rising(falling, own), [0, 0, 0, 0, 5], atol=1e-9)
    uneven = sampling._rising(np.array([0.0, 9.0, 0.0, 0.0, 5.0]), own)[:4]
    assert abs(np.polyfit(np.arange(4), uneven, 1)[0]) < 1e-9
    assert uneven.mean() == pytest.approx(9 / 4)
    two = hits((0, 48), (1, 48))
    np.testing.assert_allclose(sampling._rising(falling[:2], two), falling[:2])


def test_the_same_seed_is_the_same_take_and_others_differ() -> None:
    one, again, other = (perform_bytes(BEAT, seed=seed, feel=None).bytes for seed in (1, 1, 2))
    assert one == again != other
    assert strip_performance(one) == BEAT
    assert perform_bytes(BEAT, freedom=0.0).bytes == perform_bytes(BEAT).bytes != one


def test_bars_that_repeat_are_not_identical_in_a_take() -> None:
    data = drum_file(*bars(8))
    found = humanize.humanize_bytes(data, seed=4)
    velocity = found.velocities[0].reshape(8, -1)
    assert len({tuple(bar) for bar in velocity.tolist()}) == 8


@pytest.mark.parametrize("seed", range(4))
def test_hits_of_a_limb_keep_their_order_and_nothing_comes_before_the_first(seed: int) -> None:
    rolls = [*bars(4), *((8 + n / 16, 38) for n in range(33)), (1.02, 38)]
    made = perform_bytes(drum_file(*sorted(rolls)), seed=seed, timing=2.0).bytes
    before, after = (read_midi(data).pieces[0] for data in (drum_file(*sorted(rolls)), made))
    assert after.onset_beat.min() >= before.onset_beat.min()
    for number in (36, 42, 38):
        assert (before.pitch == number).sum() == (after.pitch == number).sum()
    hands = [read_midi(d).pieces[0] for d in (drum_file(*sorted(rolls)), made)]
    order = [p.pitch[np.lexsort((p.pitch, p.onset_beat))][p.pitch != 36] for p in hands]
    assert len(order[0]) == len(order[1])


def test_drums_beside_a_piano_take_the_seed_too() -> None:
    kit = drum_file(*bars(2))
    tracks = BEAT.count(b"MTrk")
    assert tracks >= 1
    alone = [humanize.humanize_bytes(kit, seed=seed).velocities[0] for seed in (1, 2)]
    assert (alone[0] != alone[1]).any()


def test_a_bank_that_is_damaged_or_missing_is_one_line(tmp_path: Path) -> None:
    own = hits(*bars(8))
    zero = {"velocity": own.velocity * 1.0, "lag_ms": own.lag_ms}
    arrays = bank_arrays([own], [zero])
    for name, value in (("drum", 99), ("measure", -1), ("velocity", 300), ("hits", 5)):
        broken = {n: c.copy() for n, c in arrays.items()}
        broken[name][0] = value
        with pytest.raises(ModelError, match="x: arrays that do not fit found"):
            read_drum_bank(packed_arrays(broken), where="x")
    with pytest.raises(ModelError):
        read_drum_bank(packed_arrays({n: c for n, c in arrays.items() if n != "drum"}), where="x")
    short = {**arrays, "lag_ms": arrays["lag_ms"][:-1]}
    with pytest.raises(ModelError, match="do not fit"):
        read_drum_bank(packed_arrays(short), where="x")
    model = load_drum_model()
    bare = type(model)(name="bare", manifest={}, graphs=model.graphs)
    with pytest.raises(ModelError, match=r"bare: no residuals\.npz found"):
        _ = bare.bank


def test_short_takes_and_late_measures_are_not_kept() -> None:
    short, long = hits(*bars(7)), hits(*bars(60))
    given = [{"velocity": own.velocity * 1.0, "lag_ms": own.lag_ms} for own in (short, long)]
    arrays = bank_arrays([short, long], given)
    assert arrays["hits"].tolist() == [48 * len(BAR)]
    assert arrays["tempo"].tolist() == [120]
    assert arrays["steps"].tolist() == [4]
    assert len(bank_arrays([short], given[:1])["hits"]) == 0


def test_training_gives_the_same_bundle_byte_for_byte(tmp_path: Path) -> None:
    takes = load_groove(groove(tmp_path / "groove"), ("train",)) * 30
    for number in (1, 2):
        train_drums(takes, tmp_path / str(number) / "drums", DrumTreeOptions().quick())
    first, second = (sorted((tmp_path / n / "drums").iterdir()) for n in ("1", "2"))
    assert [path.name for path in first] == [path.name for path in second]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_what_ships_has_a_bank_of_many_drummers() -> None:
    bank = load_drum_model().bank
    assert len(bank) > 100
    assert 15 < bank.residual["lag_ms"].std() < 30
    assert {KICK, SNARE, CLOSED, HIGH} <= set(bank.drum.tolist())
    assert hits_of(read_midi(BEAT).pieces[0]).measure.min() >= 1

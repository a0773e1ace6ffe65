from collections import Counter

import pytest

from humanize.errors import InputError, OptionError
from humanize.listening.design import design_pairs
from humanize.listening.key import Key, hash_of, new_nonce, read_key

PIECES = [f"piece {i}" for i in range(8)]
CONDITIONS = ["constant", "shuffled", "model", "human"]
NONCE = bytes(range(16))


def build(**changes):
    options = {"raters": 4, "seed": 1, "nonce": NONCE} | changes
    return design_pairs(PIECES, CONDITIONS, **options)


def test_each_rater_hears_each_pair_of_each_piece_once():
    for rater in range(4):
        heard = Counter(
            (t.piece, frozenset((t.first, t.second)))
            for t in build()
            if t.rater == rater and t.kind == "main"
        )
        assert len(heard) == 8 * 6 and set(heard.values()) == {1}


def test_sides_are_balanced_for_each_rater_and_pair():
    sides = Counter((t.rater, t.first, t.second) for t in build() if t.kind == "main")
    assert len(sides) == 4 * 12 and set(sides.values()) == {4}


def test_an_odd_number_of_pieces_balances_over_raters():
    trials = design_pairs(PIECES[:3], CONDITIONS, raters=2, seed=1, nonce=NONCE)
    sides = Counter((t.first, t.second) for t in trials if t.kind == "main")
    assert len(sides) == 12 and set(sides.values()) == {3}


def test_catch_trials():
    session = [t for t in build() if t.rater == 2]
    assert Counter(t.kind for t in session) == {
        "main": 48, "identical": 1, "anchor": 1, "repeat": 2,
    }  # fmt: skip
    place = {t.id: i for i, t in enumerate(session)}
    for trial in session:
        if trial.kind == "repeat":
            earlier = session[place[trial.repeats]]
            assert place[trial.repeats] < place[trial.id]
            assert (earlier.piece, earlier.first, earlier.second) == (
                trial.piece, trial.second, trial.first,
            )  # fmt: skip


def test_seed_and_nonce_give_the_design_and_neither_alone():
    assert build() == build()
    other = build(nonce=bytes(16))
    assert [(t.piece, t.first) for t in other] != [(t.piece, t.first) for t in build()]
    assert [(t.piece, t.first) for t in build(seed=2)] != [(t.piece, t.first) for t in build()]


def test_names_are_unique_and_say_nothing():
    ids = [t.id for t in build()]
    assert len(set(ids)) == len(ids)
    assert {t.id for t in build(nonce=bytes(16))}.isdisjoint(ids)


@pytest.mark.parametrize(
    "arguments", [([], ["a", "b"]), (["p"], ["a"]), (["p"], ["a", "a"]), (["p", "p"], ["a", "b"])]
)
def test_nothing_to_compare(arguments):
    with pytest.raises(OptionError, match="all different"):
        design_pairs(*arguments, raters=1, seed=0, nonce=NONCE)


def test_key_comes_back_only_with_its_hash(tmp_path):
    key = Key(seed=5, nonce=new_nonce(), trials=build())
    path = tmp_path / "key.json"
    path.write_bytes(key.to_bytes())
    assert read_key(path, expected_hash=hash_of(key.to_bytes())) == key
    path.write_bytes(key.to_bytes().replace(b"human", b"model", 1))
    with pytest.raises(InputError, match="was changed"):
        read_key(path, expected_hash=hash_of(key.to_bytes()))
    path.write_bytes(b"[]")
    with pytest.raises(InputError, match="not a key"):
        read_key(path, expected_hash=hash_of(b"[]"))

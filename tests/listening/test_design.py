from collections import Counter
from dataclasses import replace

import pytest

from humanize.errors import InputError, OptionError
from humanize.listening.design import Catches, Design, draw_trials, rater_code
from humanize.listening.key import Key, hash_of, new_nonce, read_key

PIECES = tuple(f"piece {i}" for i in range(8))
CONDITIONS = ("constant", "shuffled", "model", "human")
NONCE = bytes(range(16))
CATCHES = Catches(identical=2, repeats=4, anchors=2)


def build(nonce=NONCE, seed=1, **changes):
    fields = {"pieces": PIECES, "conditions": CONDITIONS, "raters": 4, "catches": CATCHES}
    return draw_trials(Design(**{**fields, **changes}), seed=seed, nonce=nonce)


def test_each_rater_hears_each_pair_of_each_piece_once():
    for rater in range(4):
        heard = Counter(
            (t.piece, frozenset(t.order)) for t in build() if t.rater == rater and t.kind == "main"
        )
        assert len(heard) == 8 * 6 and set(heard.values()) == {1}


def test_sides_are_balanced_for_each_rater_and_pair():
    sides = Counter((t.rater, *t.order) for t in build() if t.kind == "main")
    assert len(sides) == 4 * 12 and set(sides.values()) == {4}


def test_an_odd_number_of_pieces_balances_over_raters():
    trials = build(pieces=PIECES[:3], raters=2)
    sides = Counter(t.order for t in trials if t.kind == "main")
    assert len(sides) == 12 and set(sides.values()) == {3}


def test_raters_who_hear_a_part_share_all_comparisons_evenly():
    trials = build(raters=12, trials=20)
    own = Counter(t.rater for t in trials if t.kind == "main")
    assert set(own.values()) == {20}
    cells = Counter((t.piece, frozenset(t.order)) for t in trials if t.kind == "main")
    assert len(cells) == 48 and max(cells.values()) - min(cells.values()) <= 1
    for rater in range(12):
        main = [t for t in trials if t.rater == rater and t.kind == "main"]
        assert len({(t.piece, frozenset(t.order)) for t in main}) == 20


def test_catch_trials():
    session = [t for t in build() if t.rater == 2]
    assert Counter(t.kind for t in session) == {
        "main": 48, "identical": 2, "anchor": 2, "repeat": 4,
    }  # fmt: skip
    place = {t.id: i for i, t in enumerate(session)}
    for trial in session:
        if trial.kind == "repeat":
            earlier = session[place[trial.repeats]]
            assert place[trial.repeats] < len(session) / 2 < place[trial.id] + 1
            assert (earlier.piece, earlier.order) == (trial.piece, trial.order[::-1])
        if trial.kind == "identical":
            assert len(set(trial.order)) == 1
        if trial.kind == "anchor":
            assert set(trial.order) == {"human", "constant"}


def test_repeats_are_mixed_among_the_other_trials():
    sessions = [[t.kind for t in build(raters=40) if t.rater == r] for r in range(40)]
    assert sum(kinds[-1] == "repeat" for kinds in sessions) < 30


def test_questions_come_in_separate_passes_in_an_order_that_changes():
    trials = build(questions=("human", "preference"), raters=2)
    for rater, order in enumerate((["human", "preference"], ["preference", "human"])):
        asked = [t.question for t in trials if t.rater == rater]
        assert list(dict.fromkeys(asked)) == order
        assert asked == sorted(asked, key=order.index)
        assert Counter(asked) == {"human": 56, "preference": 56}
    first, second = (
        [(t.piece, t.order) for t in trials if t.rater == 0 and t.question == q]
        for q in ("human", "preference")
    )
    assert first != second


def test_many_versions_on_one_screen_stand_in_every_place_equally_often():
    trials = build(form="multi")
    for rater in range(4):
        main = [t for t in trials if t.rater == rater and t.kind == "main"]
        assert sorted(t.piece for t in main) == sorted(PIECES)
        for condition in CONDITIONS:
            places = Counter(t.order.index(condition) for t in main)
            assert set(places.values()) == {2}
    doubled = [Counter(t.order) for t in trials if t.kind == "identical"]
    assert len(doubled) == 8 and all(sorted(c.values()) == [1, 1, 1, 2] for c in doubled)


def test_seed_and_nonce_give_the_design_and_neither_alone():
    assert build() == build()
    heard = [(t.piece, t.order) for t in build()]
    assert [(t.piece, t.order) for t in build(nonce=bytes(16))] != heard
    assert [(t.piece, t.order) for t in build(seed=2)] != heard


def test_names_are_unique_and_say_nothing():
    ids = [t.id for t in build()]
    assert len(set(ids)) == len(ids)
    assert {t.id for t in build(nonce=bytes(16))}.isdisjoint(ids)
    codes = {rater_code(NONCE, rater) for rater in range(100)}
    assert len(codes) == 100
    assert all(len(code) == 20 for code in codes)  # hexadecimal digits: 80 bits


@pytest.mark.parametrize(
    "changes",
    [{"pieces": ()}, {"conditions": ("a",)}, {"conditions": ("a", "a")},
     {"pieces": ("p", "p")}, {"questions": ()}],
)  # fmt: skip
def test_nothing_to_compare(changes):
    with pytest.raises(OptionError, match="all different"):
        build(**changes)


@pytest.mark.parametrize("changes", [{"raters": 0}, {"trials": 49}, {"trials": -1}])
def test_numbers_that_cannot_be(changes):
    with pytest.raises(OptionError, match="expected"):
        build(**changes)


def test_key_comes_back_with_the_hash_of_its_file(tmp_path):
    sounds = [{"piece": "p", "condition": "human", "mean_velocity": 61.5}]
    key = Key(seed=5, nonce=new_nonce(), trials=build(), plan_sha256="ab", sounds=sounds)
    path = tmp_path / "key.json"
    path.write_bytes(key.to_bytes())
    read = read_key(path)
    assert read == key and read.sha256 == hash_of(key.to_bytes())
    assert replace(key, seed=6) != read
    path.write_bytes(key.to_bytes() + b"\n")
    assert read_key(path).sha256 != read.sha256
    path.write_bytes(b"[]")
    with pytest.raises(InputError, match="not a key"):
        read_key(path)

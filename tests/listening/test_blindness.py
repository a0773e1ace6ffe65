"""An adversary reads everything in a packet but the sound, and learns nothing of the conditions."""

import json
import re
from importlib.resources import files

import numpy as np
import pytest
from smf_builder import encode, music

from humanize.listening.design import Design, draw_trials
from humanize.listening.excerpts import Excerpt
from humanize.listening.key import Key
from humanize.listening.packet import MANIFEST, PAGE, Contents, write_packet

for _package in ("pyloudnorm", "soundfile", "sklearn"):
    pytest.importorskip(_package, reason=f"needs {_package} (extras: listen, train)")
try:
    import fluidsynth  # noqa: F401
except ImportError:
    pytest.skip("needs pyfluidsynth and Debian's libfluidsynth3", allow_module_level=True)

CONDITIONS = ("constant", "shuffled", "model", "human")
PIECES = ("sarabande", "gigue")
RATERS = 10


def midi(condition, seed):
    notes, draw = music(seed, count=16), np.random.default_rng(seed + 10)
    velocity = {
        "constant": [64] * 500,
        "shuffled": draw.integers(30, 100, 500),
        "model": 60 + 25 * np.sin(np.arange(500) / 5),
        "human": 70 + 30 * np.sin(np.arange(500) / 7) + draw.normal(0, 6, 500),
    }[condition]
    return encode(notes, velocities=np.clip(velocity, 1, 127).astype(int).tolist())


@pytest.fixture(scope="module")
def packet(tmp_path_factory):
    nonce = bytes(range(100, 116))
    design = Design(pieces=PIECES, conditions=CONDITIONS, raters=RATERS)
    key = Key(seed=4242424242, nonce=nonce, trials=draw_trials(design, seed=5, nonce=nonce))
    versions = {(p, c): midi(c, s) for s, p in enumerate(PIECES) for c in CONDITIONS}
    folder = tmp_path_factory.mktemp("packet")
    contents = Contents(
        form="pairs",
        questions={"human": "Which one?"},
        excerpts={p: Excerpt(start_sec=0.2, length_sec=0.6) for p in PIECES},
        midi=versions,
        mean_velocity=dict.fromkeys(versions, 60.0),
    )
    write_packet(folder, key, contents)
    return folder, key


def condition_of_each_sound(key):
    return {f"{t.id}{side}": c for t in key.trials for side, c in zip("ab", t.order, strict=True)}


def metadata_blocks(data):
    """(kind, length) of each block before the sound, and the fixed part of the first one."""
    place, found = 4, []
    while True:
        kind, length = data[place] & 0x7F, int.from_bytes(data[place + 1 : place + 4], "big")
        found.append((kind, length))
        if data[place] & 0x80:
            return found
        place += 4 + length


def clues(folder):
    """What stands beside the sounds: names, sizes, times, order in folder and manifest, sides."""
    manifest = json.loads((folder / MANIFEST).read_text())
    listed = sorted(p.name for p in folder.iterdir())
    rows, raters = {}, {}
    for number, (code, trials) in enumerate(manifest["raters"].items()):
        for place, trial in enumerate(trials):
            for side, letter in enumerate("ab"):
                path = folder / f"{trial['id']}{letter}.flac"
                about, data = path.stat(), path.read_bytes()
                rows[path.stem] = [
                    *path.stem[:-1].encode(),
                    side,
                    place,
                    place / len(trials),
                    number,
                    listed.index(path.name),
                    about.st_size,
                    about.st_mtime_ns % 10**9,
                    about.st_mode,
                    len(metadata_blocks(data)),
                    *data[:26],  # up to the checksum of the samples, which is the sound's
                ]
                raters[path.stem] = code
    return rows, raters


def test_a_classifier_of_everything_but_the_sound_is_at_chance(packet):
    from sklearn.ensemble import RandomForestClassifier

    folder, key = packet
    rows, raters = clues(folder)
    names = sorted(rows)
    truth = condition_of_each_sound(key)
    values = np.array([rows[n] for n in names], dtype=float)
    label = np.array([truth[n] for n in names])
    group = np.array([raters[n] for n in names])
    guessed = np.empty_like(label)
    for code in np.unique(group):
        held = group == code
        forest = RandomForestClassifier(100, random_state=0, n_jobs=1)
        guessed[held] = forest.fit(values[~held], label[~held]).predict(values[held])
    _, count = np.unique(label, return_counts=True)
    chance = count.max() / len(label)
    slack = 3.3 * np.sqrt(chance * (1 - chance) / len(label))  # one run in two thousand
    assert np.mean(guessed == label) < chance + slack
    assert len(label) > 300


def test_each_condition_stands_on_each_side_and_place_alike():
    design = Design(pieces=PIECES, conditions=CONDITIONS, raters=400)
    trials = draw_trials(design, seed=5, nonce=bytes(range(16)))
    length = len(trials) // 400
    sides, places = ({c: [] for c in CONDITIONS} for _ in range(2))
    for i, trial in enumerate(trials):
        for side, condition in enumerate(trial.order if trial.kind == "main" else ()):
            sides[condition].append(side)
            places[condition].append(i % length / length)
    for condition in CONDITIONS:
        assert np.mean(sides[condition]) == 0.5
    means = [np.mean(p) for p in places.values()]
    assert max(means) - min(means) < 0.03


def test_the_page_is_the_package_s_own_and_cannot_know(packet):
    folder, _ = packet
    own = files("humanize.listening") / "page"
    for name in PAGE:
        assert (folder / name).read_bytes() == (own / name).read_bytes()


def test_text_names_no_condition_piece_seed_nonce_or_kind(packet):
    folder, key = packet
    words = ["constant", "shuffled", "model", "written", *PIECES, "4242424242", key.nonce.hex(),
             "anchor", "identical", "repeat", "velocity"]  # fmt: skip
    for name in (MANIFEST, "packet.js"):
        text = (folder / name).read_text().lower()
        assert not [w for w in words if w in text]
    manifest = json.loads((folder / MANIFEST).read_text())
    assert set(manifest) == {
        "version", "key_sha256", "plan_sha256", "form", "suffix", "seconds", "questions",
        "practice", "raters",
    }  # fmt: skip
    for trials in manifest["raters"].values():
        assert {tuple(trial) for trial in trials} == {("id", "question", "sounds")}
        assert {(t["question"], t["sounds"]) for t in trials} == {("human", 2)}


def test_names_are_nothing_but_random_digits(packet):
    folder, _ = packet
    names = [p.name for p in folder.glob("*.flac") if not p.name.startswith("practice")]
    assert all(re.fullmatch(r"[0-9a-f]{16}[ab]\.flac", name) for name in names)
    extra = {p.name for p in folder.iterdir()} - set(names)
    assert extra == {*PAGE, MANIFEST, "packet.js", "practice-a.flac", "practice-b.flac"}


def test_sounds_have_no_tags_but_the_encoder_s_name(packet):
    folder, _ = packet
    seen = set()
    for path in folder.glob("*.flac"):
        if not path.name.startswith("practice"):
            kinds = [kind for kind, _ in metadata_blocks(path.read_bytes())]
            assert set(kinds) <= {0, 1, 4}  # stream information, padding, the encoder's comment
            seen.add(tuple(kinds))
    assert len(seen) == 1


def test_no_two_sounds_share_their_bytes_or_their_checksum(packet):
    folder, _ = packet
    sounds = [p.read_bytes() for p in folder.glob("*.flac") if "practice" not in p.name]
    assert len(set(sounds)) == len(sounds)
    assert len({s[26:42] for s in sounds}) == len(sounds)  # MD5 of the samples


def test_the_nonce_keeps_the_key_from_being_guessed(packet):
    folder, key = packet
    manifest = json.loads((folder / MANIFEST).read_text())
    guess = Key(seed=key.seed, nonce=bytes(16), trials=key.trials, sounds=key.sounds)
    from humanize.listening.key import hash_of

    assert hash_of(guess.to_bytes()) != manifest["key_sha256"]
    design = Design(pieces=PIECES, conditions=CONDITIONS, raters=RATERS)
    again = draw_trials(design, seed=5, nonce=bytes(16))
    assert [t.order for t in again] != [t.order for t in key.trials]

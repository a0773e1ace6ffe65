import io
import json

import numpy as np
import pytest
from smf_builder import header, music, note, track

from humanize.errors import OptionError, OutputError
from humanize.listening.design import design_pairs
from humanize.listening.key import Key, hash_of, read_key
from humanize.listening.packet import MANIFEST, Excerpt, pad_flac, write_packet

for _package in ("pyloudnorm", "soundfile"):
    pytest.importorskip(_package, reason=f"needs {_package} (extra: listen)")
try:
    import fluidsynth  # noqa: F401
except ImportError:
    pytest.skip("needs pyfluidsynth and Debian's libfluidsynth3", allow_module_level=True)

CONDITIONS = ("constant", "human", "written")
PIECES = ("first", "second")


def midi(condition, seed):
    events = [
        event
        for i, (onset, duration, pitch, _) in enumerate(music(seed, count=16))
        for event in note(
            round(onset * 480),
            round((onset + duration) * 480),
            pitch,
            velocity={"constant": 64, "human": 30 + 17 * i % 90, "written": 50 + i}[condition],
        )
    ]
    return header(0, 1, 480) + track(events)


VERSIONS = {(p, c): midi(c, s) for s, p in enumerate(PIECES) for c in CONDITIONS}
EXCERPTS = {piece: Excerpt(start_sec=0.2, length_sec=1.0) for piece in PIECES}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    nonce = bytes(range(16))
    trials = design_pairs(PIECES, CONDITIONS, raters=2, seed=3, nonce=nonce)
    key = Key(seed=987654321, nonce=nonce, trials=trials)
    folder = tmp_path_factory.mktemp("packet")
    data = write_packet(folder, key, VERSIONS, EXCERPTS)
    return folder, key, data


def test_nothing_names_a_condition_a_piece_the_seed_or_the_nonce(built):
    folder, key, _ = built
    words = [*CONDITIONS, *PIECES, "987654321", key.nonce.hex()]
    text = (folder / MANIFEST).read_text() + " ".join(p.name for p in folder.iterdir())
    assert not [word for word in words if word in text]
    sounds = [p.read_bytes() for p in folder.glob("*.flac")]
    found = [w for w in (*words, "VORBIS", "reference lib") for s in sounds if w.encode() in s]
    assert set(found) <= {"reference lib"}


def test_sizes_times_and_sample_counts_are_equal_and_no_file_is_twice(built):
    import soundfile

    folder, key, _ = built
    files = list(folder.glob("*.flac"))
    assert len(files) == 2 * len(key.trials)
    assert len({(p.stat().st_size, p.stat().st_mtime_ns) for p in files}) == 1
    assert len({soundfile.info(p).frames for p in files}) == 1
    assert len({p.read_bytes() for p in files}) == len(files)


def test_the_sound_is_what_the_key_says(built):
    import soundfile

    folder, key, _ = built
    heard = {
        (t.id, side): soundfile.read(folder / f"{t.id}{side}.flac")[0]
        for t in key.trials
        for side in "ab"
    }
    meant = {
        (t.id, s): (t.piece, c)
        for t in key.trials
        for s, c in zip("ab", (t.first, t.second), strict=True)
    }
    shown = {}
    for place, sound in heard.items():
        same = shown.setdefault(meant[place], sound)
        assert np.abs(sound - same).max() < 1e-5
    assert len(shown) == 6
    assert np.abs(shown["first", "constant"] - shown["first", "human"]).max() > 1e-3


def test_the_manifest_holds_the_hash_and_every_trial_in_order(built, tmp_path):
    folder, key, data = built
    manifest = json.loads((folder / MANIFEST).read_text())
    assert [name for rater in manifest["raters"] for name in rater] == [t.id for t in key.trials]
    assert manifest["key_sha256"] == hash_of(data)
    (tmp_path / "key.json").write_bytes(data)
    assert read_key(tmp_path / "key.json", expected_hash=manifest["key_sha256"]) == key


def test_a_folder_with_files_is_left_alone(built):
    folder, key, _ = built
    with pytest.raises(OutputError, match="expected a new or an empty folder"):
        write_packet(folder, key, VERSIONS, EXCERPTS)


def test_padding_keeps_the_sound():
    import soundfile

    from humanize.listening.audio import RATE_HZ, encode

    data = encode(np.sin(np.arange(RATE_HZ * 2) / 9).reshape(-1, 2).astype(np.float32), ".flac")
    padded = pad_flac(data, len(data) + 1000)
    assert len(padded) == len(data) + 1000
    one, two = (soundfile.read(io.BytesIO(d))[0] for d in (data, padded))
    np.testing.assert_array_equal(one, two)
    with pytest.raises(OptionError, match="room for padding"):
        pad_flac(data, len(data) + 3)


def test_an_excerpt_outside_the_piece():
    with pytest.raises(OptionError, match="inside the piece"):
        Excerpt(start_sec=9, length_sec=1).cut(np.ones((48000, 2), np.float32))

import io
import json

import numpy as np
import pytest
from raters import by_code
from smf_builder import encode, music

from humanize.errors import OptionError, OutputError
from humanize.listening.design import Design, draw_trials
from humanize.listening.excerpts import Excerpt, draw_excerpt
from humanize.listening.key import Key, hash_of, read_key
from humanize.listening.packet import MANIFEST, Contents, write_packet, zip_packet
from humanize.listening.padding import common_size, pad

for _package in ("pyloudnorm", "soundfile"):
    pytest.importorskip(_package, reason=f"needs {_package} (extra: listen)")
try:
    import fluidsynth  # noqa: F401
except ImportError:
    pytest.skip("needs pyfluidsynth and Debian's libfluidsynth3", allow_module_level=True)

CONDITIONS = ("constant", "human", "written")
PIECES = ("gavotte", "bourree")


def midi(condition, seed):
    notes = music(seed, count=16)
    velocity = {
        "constant": lambda i: 64,
        "human": lambda i: 30 + 17 * i % 90,
        "written": lambda i: 50 + i,
    }[condition]
    return encode(notes, velocities=[velocity(i) for i in range(len(notes))])


MIDI = {(p, c): midi(c, s) for s, p in enumerate(PIECES) for c in CONDITIONS}
CONTENTS = Contents(
    form="pairs",
    questions={"human": "Which one?"},
    excerpts={piece: Excerpt(start_sec=0.2, length_sec=1.0) for piece in PIECES},
    midi=MIDI,
    mean_velocity=dict.fromkeys(MIDI, 60.0),
)
DESIGN = Design(pieces=PIECES, conditions=CONDITIONS, raters=2)
NONCE = bytes(range(16))


def sounds_of(folder):
    return sorted(p for p in folder.glob("*.flac") if not p.name.startswith("practice"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    trials = draw_trials(DESIGN, seed=3, nonce=NONCE)
    folder = tmp_path_factory.mktemp("packet")
    data = write_packet(folder, Key(seed=987654321, nonce=NONCE, trials=trials), CONTENTS)
    path = tmp_path_factory.mktemp("key") / "key.json"
    path.write_bytes(data)
    return folder, read_key(path), data


def test_nothing_names_a_condition_a_piece_the_seed_or_the_nonce(built):
    folder, key, _ = built
    words = ["constant", "written", *PIECES, "987654321", key.nonce.hex(), "anchor", "identical"]
    own = [folder / MANIFEST, folder / "packet.js", folder / "index.html"]
    text = " ".join(p.read_text() for p in own) + " ".join(p.name for p in folder.iterdir())
    assert not [word for word in words if word in text]
    sounds = [p.read_bytes() for p in folder.glob("*.flac")]
    found = [w for w in (*words, "VORBIS", "reference lib") for s in sounds if w.encode() in s]
    assert set(found) <= {"reference lib"}


def test_sizes_times_and_sample_counts_are_equal_and_no_file_is_twice(built):
    import soundfile

    folder, key, _ = built
    files = sounds_of(folder)
    assert len(files) == 2 * len(key.trials)
    assert len({p.stat().st_mtime_ns for p in folder.iterdir()}) == 1
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
        (t.id, s): (t.piece, c) for t in key.trials for s, c in zip("ab", t.order, strict=True)
    }
    shown = {}
    for place, sound in heard.items():
        same = shown.setdefault(meant[place], sound)
        assert np.abs(sound - same).max() < 4 / 2**15
    assert len(shown) == 6
    assert np.abs(shown["gavotte", "constant"] - shown["gavotte", "human"]).max() > 1e-3


def test_the_manifest_holds_the_hash_and_every_trial_in_order(built, tmp_path):
    folder, key, data = built
    manifest = json.loads((folder / MANIFEST).read_text())
    listed = [trial["id"] for trials in manifest["raters"].values() for trial in trials]
    assert listed == [t.id for t in key.trials]
    codes = list(key.raters())
    assert list(by_code(manifest, codes)["raters"]) == codes
    assert not [code for code in codes if code in (folder / MANIFEST).read_text()]
    script = (folder / "packet.js").read_text()
    assert json.loads(script.removeprefix("window.PACKET = ").rstrip(";\n")) == manifest
    assert manifest["key_sha256"] == hash_of(data)
    (tmp_path / "key.json").write_bytes(data)
    again = read_key(tmp_path / "key.json")
    assert again == key and again.sha256 == manifest["key_sha256"]


def test_a_folder_with_files_is_left_alone(built):
    folder, key, _ = built
    with pytest.raises(OutputError, match="expected a new or an empty folder"):
        write_packet(folder, key, CONTENTS)


def test_loudness_is_one_and_reported(built):
    _, key, _ = built
    assert len(key.sounds) == 6
    assert {row["mean_velocity"] for row in key.sounds} == {60.0}
    assert max(row["lufs"] for row in key.sounds) - min(row["lufs"] for row in key.sounds) < 0.2
    assert {row["lufs_before"] for row in key.sounds} != {row["lufs"] for row in key.sounds}


def test_a_zip_has_the_packet_and_one_time(built, tmp_path):
    import zipfile

    folder, _, _ = built
    zip_packet(folder, tmp_path / "packet.zip")
    with zipfile.ZipFile(tmp_path / "packet.zip") as archive:
        entries = archive.infolist()
        read = {e.filename.split("/")[1]: archive.read(e) for e in entries}
    assert {e.date_time for e in entries} == {(2000, 1, 1, 0, 0, 0)}
    assert read == {p.name: p.read_bytes() for p in folder.iterdir()}
    assert [p.name for p in tmp_path.iterdir()] == ["packet.zip"]


def test_a_packet_without_sound_has_the_midi_files(tmp_path):
    from dataclasses import replace

    key = Key(seed=1, nonce=NONCE, trials=draw_trials(DESIGN, seed=3, nonce=NONCE))
    write_packet(tmp_path, key, replace(CONTENTS, suffix=".mid"))
    for trial in key.trials:
        for letter, condition in zip("ab", trial.order, strict=True):
            written = (tmp_path / f"{trial.id}{letter}.mid").read_bytes()
            assert written == MIDI[trial.piece, condition]
    assert not list(tmp_path.glob("*.flac"))
    assert json.loads((tmp_path / MANIFEST).read_text())["suffix"] == ".mid"


@pytest.mark.parametrize("suffix", [".flac", ".opus"])
def test_padding_keeps_the_sound(suffix):
    import soundfile

    from humanize.listening.audio import RATE_HZ, encode

    sine = np.sin(np.arange(RATE_HZ * 2) / 9).reshape(-1, 2).astype(np.float32)
    data, short = encode(sine, suffix), encode(sine[: RATE_HZ // 4], suffix)
    one = soundfile.read(io.BytesIO(data))[0]
    draw = np.random.default_rng(0)
    for size in (common_size([data]), common_size([data, short]), common_size([data]) + 1000):
        padded = pad(data, size, draw)
        assert len(padded) > len(data)
        np.testing.assert_array_equal(one, soundfile.read(io.BytesIO(padded))[0])
    with pytest.raises(OptionError, match="room for padding"):
        pad(data, len(data) - 1 if suffix == ".flac" else 20, draw)


def loud_and_soft(suffix):
    """Encoded sounds of one length whose encodings are of many lengths, padded to one."""
    from humanize.listening.audio import RATE_HZ, encode

    draw = np.random.default_rng(3)
    tones = np.sin(np.arange(RATE_HZ) / 9)[:, None] * np.ones(2)
    sounding = np.arange(RATE_HZ)[:, None] / RATE_HZ * 5  # then silence: from one fifth to all
    noises = [(tones + 0.1 * draw.normal(size=(RATE_HZ, 2))) * (sounding < n) for n in range(1, 6)]
    encoded = [encode((noise / 4).astype(np.float32), suffix, subtype={".flac": "PCM_16"}.get(suffix))
               for noise in noises]  # fmt: skip
    assert len({len(sound) for sound in encoded}) >= 4
    size = common_size(encoded)
    return encoded, [pad(sound, size, draw) for sound in encoded]


def test_nothing_of_a_flac_s_length_stands_before_or_behind_its_sound():
    encoded, padded = loud_and_soft(".flac")
    assert len({len(sound) for sound in padded}) == 1
    start = encoded[0].index(b"\xff\xf8", 42)
    assert len({sound[:26] + sound[42:start] for sound in padded}) == 1  # between: the checksum
    for sound, whole in zip(encoded, padded, strict=True):
        assert whole[start:].startswith(sound[start:])
        filler = np.frombuffer(whole[len(sound) :], dtype=np.uint8)
        assert len(filler) > 50
        if len(filler) > 30_000:  # it looks as the frames do: marks, and bytes of every value
            marks = np.flatnonzero((filler[:-1] == 0xFF) & (filler[1:] == 0xF8))
            assert np.diff(marks).max() < 8192 and len(filler) - marks[-1] < 8192
            assert np.bincount(filler, minlength=256).min() > 0


def test_nothing_of_an_opus_file_s_length_stands_in_its_pages():
    _, padded = loud_and_soft(".opus")
    tables, firsts = set(), set()
    for sound in padded:
        place, pages = 0, []
        while place < len(sound):
            table = sound[place + 27 : place + 27 + sound[place + 26]]
            pages.append((sound[place + 5 : place + 14], table))
            place += 27 + len(table) + sum(table)
        tables.add(tuple(pages))
        firsts.add(len(sound))
    assert len(tables) == len(firsts) == 1


def test_a_packet_of_opus(tmp_path):
    from dataclasses import replace

    import soundfile

    trials = draw_trials(replace(DESIGN, raters=1), seed=3, nonce=NONCE)
    write_packet(
        tmp_path, Key(seed=1, nonce=NONCE, trials=trials), replace(CONTENTS, suffix=".opus")
    )
    sounds = [p for p in tmp_path.glob("*.opus") if "practice" not in p.name]
    assert len(sounds) == 2 * len(trials)
    assert len({p.stat().st_size for p in sounds}) == 1
    assert {soundfile.info(p).frames for p in sounds} == {48000}


def test_an_excerpt_outside_the_piece():
    with pytest.raises(OptionError, match="inside the piece"):
        Excerpt(start_sec=9, length_sec=1).cut(np.ones((48000, 2), np.float32))


def test_excerpts_are_drawn_where_there_is_music():
    onset = np.concatenate([np.arange(0, 10, 0.25), [30.0], np.arange(40, 60, 0.25)])
    draw = np.random.default_rng(0)
    starts = [draw_excerpt(onset, 8.0, draw).start_sec for _ in range(200)]
    assert len(set(starts)) > 20
    for start in starts:
        assert np.sum((onset >= start) & (onset < start + 8.1)) >= 16
        assert start + 8 <= 61
    short = draw_excerpt(np.array([1.0, 2.0]), 8.0, draw)
    assert (short.start_sec, short.length_sec) == (0.9, 8.0)

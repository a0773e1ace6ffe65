"""Feels by hand: what leans on what, files, and training in miniature."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from test_groove import groove
from test_kit_and_grid import drum_file

from humanize.corpus.groove import load_groove
from humanize.drums.bundle import load_drum_model
from humanize.drums.feel import LEANING, feel_from_json, feel_of, read_feel, swing_of
from humanize.drums.fitting import DrumTreeOptions, place_means, train_drums
from humanize.drums.hits import DrumHits, hits_of
from humanize.drums.kit import CLOSED, KICK, SNARE
from humanize.errors import InputError, ModelError
from humanize.midi.reading import read_midi


def hits(*strokes: tuple[float, int], velocity: int = 80) -> DrumHits:
    return hits_of(read_midi(drum_file(*strokes, velocity=velocity)).pieces[0])


def expected(own: DrumHits, velocity: float, lag_ms: float) -> dict[str, np.ndarray]:
    return {"velocity": np.full(len(own), velocity), "lag_ms": np.full(len(own), lag_ms)}


def test_departures_lean_on_drum_and_whole() -> None:
    own = hits((0, 36), (1, 38), (4, 36), (5, 38))
    feel = feel_of([(own, expected(own, 70.0, 0.0))])
    assert feel.drum.tolist() == [KICK, SNARE]
    assert feel.position.tolist() == [0, 24]
    assert feel.count.tolist() == [2, 2]
    assert feel.departure["velocity"].tolist() == [10, 10]
    assert feel.mean["velocity"].tolist() == [80, 80]
    # whole: 4 hits of 10 over 4 + 20 hits; the drum: 2 of what is left over 2 + 5; the place so too
    assert LEANING["velocity"] == (20.0, 5.0, 3.0)
    whole = 40 / 24
    drum = 2 * (10 - whole) / 7
    place = 2 * (10 - whole - drum) / 5
    asked = np.array([KICK, KICK, CLOSED]), np.array([0, 6, 0])
    np.testing.assert_allclose(
        feel.expected("velocity", *asked), [whole + drum + place, whole + drum, whole]
    )


def test_swing_is_where_the_second_eighth_stands() -> None:
    straight = hits(*((i / 2, 42) for i in range(16)))
    assert swing_of([straight]) == pytest.approx(0.5)
    late = hits(*((i / 2 + 0.05 * (i % 2), 42) for i in range(16)))
    assert swing_of([late]) == pytest.approx(0.55, abs=0.002)
    triplets = hits(*((i / 2 + (i % 2) / 6, 42) for i in range(16)))
    assert swing_of([triplets]) == pytest.approx(2 / 3, abs=0.002)
    assert swing_of([hits((0, 36), (1, 38))]) == 0.5


def test_a_feel_survives_its_file_and_other_files_are_refused() -> None:
    own = hits((0, 36), (1.02, 38), (2, 36))
    feel = feel_of([(own, expected(own, 60.5, 1.0))])
    content = json.dumps(feel.to_json()).encode()
    again = read_feel(content, name="feel.json")
    np.testing.assert_array_equal(again.drum, feel.drum)
    np.testing.assert_allclose(again.departure["lag_ms"], feel.departure["lag_ms"], atol=0.005)
    broken = [
        b"",
        b"[]",
        b"{}",
        content.replace(b"kick", b"gong"),
        content.replace(b'"swing": 0.5', b'"swing": 5'),
        content.replace(b'"count": [', b'"count": [-1, '),
    ]
    for bad in broken:
        with pytest.raises(
            InputError, match=r"^x\.json: not a feel; expected a MIDI file with drums"
        ):
            read_feel(bad, name="x.json")


def test_feels_of_the_bundle_are_feels() -> None:
    feels = load_drum_model().feels
    found = {name: len(feel_from_json(own).drum) for name, own in feels.items()}
    assert min(found[name] for name in ("funk", "jazz", "rock", "latin", "hiphop")) > 100
    assert min(found.values()) >= 20


def test_what_takes_have_in_common_at_a_place() -> None:
    one, other = hits((0, 36), (1, 38)), hits((0, 36), (4, 36), (5, 42), velocity=110)
    means = place_means([one, other])
    assert means[0]["velocity"].tolist() == [100, 80]  # kicks of 80, 110, 110; one snare
    assert means[1]["velocity"].tolist() == [100, 100, 110]
    assert means[1]["lag_ms"].tolist() == [0, 0, 0]


def test_training_in_miniature(tmp_path: Path) -> None:
    takes = load_groove(groove(tmp_path / "groove"), ("train",))
    folder = tmp_path / "my-drums"
    train_drums(takes * 30, folder, DrumTreeOptions().quick())
    model = load_drum_model(folder)
    assert model.name == "my-drums"
    predicted = model.predict(hits((0, 36), (1, 38)))
    assert predicted["velocity"] == pytest.approx([64.0, 64.0], abs=0.5)  # as every stroke there
    (folder / "lag_ms.onnx").write_bytes(b"x")
    load_drum_model.cache_clear()
    with pytest.raises(ModelError, match="does not fit its hash"):
        load_drum_model(folder)

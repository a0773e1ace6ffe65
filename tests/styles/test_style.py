"""The style of a performance: measured, written, edited, given back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from performing_bundle import write_bundle
from smf_builder import encode, header, music, note, track

import humanize
from humanize.errors import InputError, OptionError
from humanize.interpretation.attributes import pianists, spread_of
from humanize.midi.pedals import Controls
from humanize.midi.reading import read_midi
from humanize.models import load_model
from humanize.options.sliders import STYLE
from humanize.styles.reference import (
    STABLE,
    Reference,
    asked_of_model,
    averaged,
    observed,
    quantities,
    read_reference,
)
from humanize.styles.reference import beyond as beyond_notes
from humanize.styles.style import mean_style, style_from_json, styled

MUSIC = music(5, 240)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    conditions = ("flat", "marked", "performed")
    return write_bundle(tmp_path_factory.mktemp("m") / "lines", conditions=conditions)


def pianist(
    *, louder: float = 0, ahead_ms: float = 8, held: float = 0.9, rise: float = 0.3, seed: int = 1
) -> bytes:
    """A recording: the right hand ahead, keys held so long, louder the higher; in milliseconds."""
    draw = np.random.default_rng(seed)
    events: list[tuple[int, bytes]] = [(0, b"\xff\x51\x03" + (500_000).to_bytes(3, "big"))]
    for beat, length, pitch, hand in MUSIC:
        when = 600 * beat + 1000 + draw.normal(0, 3) - (ahead_ms if hand == 0 else 0)
        velocity = 60 + louder + rise * (pitch - 60) + draw.normal(0, 4)
        own = note(
            round(when),
            round(when + 600 * length * held),
            pitch,
            velocity=int(np.clip(velocity, 1, 127)),
        )
        events += own
    return header(0, 1, 500) + track(sorted(events, key=lambda e: e[0]))


def beyond(model: Path, **playing: Any) -> dict[str, float]:
    return read_reference(pianist(**playing), name="x.mid", model=load_model(model)).beyond


def test_what_is_measured_by_hand() -> None:
    """Four chords a second apart: 40 50 90, the top 12 ms early, held 0.6 s."""
    rows = [(second, pitch) for second in range(5) for pitch in (48, 55, 72)]
    events: list[tuple[int, bytes]] = []
    for second, pitch in rows:
        when = 1000 * second + 100 - (12 if pitch == 72 else 0)
        velocity = {48: 40, 55: 50, 72: 90}[pitch]
        events += note(when, when + 600, pitch, velocity=velocity)
    notes = read_midi(header(0, 1, 500) + track(sorted(events, key=lambda e: e[0]))).pieces[0]
    found = observed(notes, Controls.of_changes([(0.1, 64, 127), (1.1, 64, 0)]))
    assert found["loudness"] == pytest.approx(60)
    assert found["spread"] == pytest.approx(np.sqrt(1400 / 3))
    assert found["melody"] == pytest.approx(45)
    assert found["lead"] == pytest.approx(12)
    assert found["legato"] == pytest.approx(np.log(0.6))  # 600 ms of the second to the next
    # from the first chord (0.088, 0.1, 0.1: 0.096 s) to the last end (4.7 s) 1 second
    assert found["pedal_depth"] == pytest.approx(1 / 4.604, abs=0.002)
    known = quantities(notes)
    octaves = np.array([48, 55, 72]) / 12
    np.testing.assert_allclose(
        known, [1, np.log(5 / 4.012), 3, octaves.mean(), octaves.std()], rtol=1e-6
    )


@pytest.mark.parametrize(
    ("attribute", "playing", "by"),
    [
        ("loudness", {"louder": 10}, 10.0),
        ("lead", {"ahead_ms": 20}, None),
        ("legato", {"held": 0.45}, np.log(0.5)),
    ],
)
def test_a_habit_is_found_and_the_others_stay(
    model: Path, attribute: str, playing: dict[str, float], by: float | None
) -> None:
    one, two = beyond(model), beyond(model, **playing)
    moved = {name: (two[name] - one[name]) for name in STABLE if np.isfinite(one[name])}
    if by is None:
        assert moved[attribute] > 3
    else:
        assert moved[attribute] == pytest.approx(by, abs=0.4 * abs(by))
    for name, value in moved.items():
        assert name == attribute or abs(value) < 0.6 * spread_of(name), name


def test_more_references_are_trusted_more() -> None:
    one = Reference(name="x", notes=300, beyond=dict.fromkeys(STABLE, 0.0) | {"loudness": 2.0})
    reliability = pianists()["style"]["reliability"]["loudness"]
    single = averaged([one])["loudness"]
    assert single == pytest.approx(2.0 * reliability / spread_of("loudness"))
    trusted = 2 * reliability / (1 + reliability)  # Spearman and Brown
    assert averaged([one, one])["loudness"] == pytest.approx(2.0 * trusted / spread_of("loudness"))
    unknown = replace(one, beyond=dict.fromkeys(STABLE, np.nan))
    assert averaged([unknown])["loudness"] == 0
    assert averaged([one, unknown])["loudness"] == pytest.approx(single)
    far = replace(one, beyond=dict.fromkeys(STABLE, 1000.0))
    assert averaged([far])["lead"] == 2.0


def test_a_style_is_added_to_the_sliders(model: Path) -> None:
    known = load_model(model)
    style = {"style": "humanize style 1", "loudness": 0.5, "lead": -1, "words": {"lead": "late"}}
    assert styled({"loudness": 0.25, "melody": 1.0}, [style], known) == {
        "loudness": 0.75, "melody": 1.0, "lead": -1.0,
    }  # fmt: skip
    assert mean_style([style, {"loudness": 1.5}], known) == {"loudness": 1.0, "lead": -0.5}


def test_a_style_of_a_file_goes_both_ways(model: Path, tmp_path: Path) -> None:
    reference, written = tmp_path / "ref.mid", tmp_path / "style.json"
    reference.write_bytes(pianist(louder=20, ahead_ms=20))
    style = humanize.style_of(reference, model=model)
    assert style["of"] == ["ref.mid"] and style["loudness"] > 0.5 and style["lead"] > 0.1
    assert "louder than most" in style["words"]["loudness"]
    assert style["words"]["pedal_depth"] == "the file does not say"
    written.write_text(json.dumps(style))
    data = encode(music(9, 100))
    plain, direct, by_file, by_value = (
        humanize.perform_bytes(data, model=model, style=asked).velocities[0].mean()
        for asked in (None, reference, [str(written)], style)
    )
    assert direct > plain + 1
    assert abs(by_file - direct) < 0.2 and by_value == by_file


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (encode(MUSIC), r"1 velocity level found; expected a performance"),
        (
            pianist()[:14] + track(note(0, 9, 60)),
            r"1 note to take a style from; expected 200 or more",
        ),
        (b"<score/>", "neither a MIDI file nor a style"),
        (b'{"loudnes": 1}', "attribute 'loudnes' found; expected some of loudness, spread"),
        (b'{"loudness": 9}', "loudness is 9; expected standard deviations of pianists"),
        (b'{"loudness": true}', "loudness is True"),
        (b'{"loudness": NaN}', "loudness is nan"),
        (b'{"style": 7}', "7 found; expected 'humanize style 1'"),
        (b"[1, 2]", "neither a MIDI file nor a style"),
    ],
)
def test_what_is_no_reference_is_one_line(
    tmp_path: Path, model: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "ref.x"
    path.write_bytes(content)
    with pytest.raises((InputError, OptionError), match=message) as found:
        humanize.humanize_bytes(encode(MUSIC), model=model, style=path)
    assert "\n" not in str(found.value) and "ref.x" in str(found.value)


def test_a_style_that_is_not_there() -> None:
    with pytest.raises(InputError, match=r"absent\.mid: no such file"):
        humanize.humanize_bytes(encode(MUSIC), style="absent.mid")
    with pytest.raises(OptionError, match="no performance found"):
        humanize.style_of()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "a style without attributes found; expected some of loudness, spread"),
        ('{"style": "humanize style 1", "words": {}}', "a style without attributes found"),
        ('{"loud": 1}', "attribute 'loud' found; expected some of loudness"),
        ('{"lead": NaN}', "lead is nan; expected standard deviations of pianists, a number from"),
        ('{"lead": Infinity}', "lead is inf; expected"),
        ('{"lead": null}', "lead is None; expected"),
        ('{"lead": true}', "lead is True; expected"),
        ('{"lead": 4.01}', "lead is 4.01; expected"),
        ('{"style": "humanize style 9", "lead": 1}', "'humanize style 9' found; expected"),
        ('{"' + "x" * 9_999 + '": 1}', "attribute 'xxx"),
        ('{"lead": "' + "x" * 9_999 + '"}', "lead is 'xxx"),
        ("[1]", "neither a MIDI file nor a style"),
    ],
)
def test_what_is_no_style_is_one_short_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:  # a file's fault; what is typed is an OptionError
        humanize.humanize_bytes(encode(MUSIC), style=path)
    line = str(caught.value)
    assert said in line and "s.json: " in line
    assert "\n" not in line and len(line) < 300 + len(str(path))
    if text[0] == "{":
        with pytest.raises(OptionError, match=re.escape(said[:20])):
            humanize.humanize_bytes(encode(MUSIC), style=STYLE.read(text))


@pytest.mark.parametrize("text", ["", "{}", '{"style": "humanize style 1"}', '{"x": 1}'])
def test_a_file_that_is_no_style_ends_with_1(tmp_path: Path, text: str) -> None:
    path, song = tmp_path / "s.json", tmp_path / "song.mid"
    path.write_text(text)
    song.write_bytes(encode(MUSIC))
    command = [sys.executable, "-m", "humanize", str(song), "-o", "-", "--style", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"humanize: {path}: ")


def test_the_text_of_a_form() -> None:
    assert STYLE.read("loudness=0.5,lead=-1") == {"loudness": 0.5, "lead": -1.0}
    assert STYLE.read('{"lead": 1, "words": {}}') == {"lead": 1, "words": {}}
    for text in ("", "loudness", "loudness=5", "x=1", "{", "lead=1;lead=2"):
        with pytest.raises(OptionError, match="style: "):
            STYLE.read(text)
    assert style_from_json(STYLE.read("lead=4"), name="style") == {"lead": 4.0}


def test_the_command(tmp_path: Path, model: Path) -> None:
    reference = tmp_path / "ref.mid"
    reference.write_bytes(pianist(louder=20))
    command = [sys.executable, "-m", "humanize", "style", str(reference), "--model", str(model)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["loudness"] > 0.5
    again = subprocess.run(
        [*command, str(reference), "-o", str(tmp_path / "s.json")], capture_output=True, text=True
    )
    assert (again.returncode, again.stdout) == (0, "")
    both = json.loads((tmp_path / "s.json").read_text())
    assert (
        both["of"] == ["ref.mid", "ref.mid"]
        and both["loudness"] >= json.loads(done.stdout)["loudness"]
    )


def test_what_goes_beyond_is_what_neither_the_model_nor_the_notes_say(model: Path) -> None:
    notes = read_midi(pianist()).pieces[0]
    pedals = Controls.of_changes([])
    found, asked = observed(notes, pedals), asked_of_model(notes, load_model(model))
    lines, known = pianists()["style"]["lines"], quantities(notes)
    own = beyond_notes(notes, pedals, load_model(model))
    for name in ("loudness", "spread", "melody"):
        expected = found[name] - (asked[name] + np.dot(lines[name], known))
        assert own[name] == pytest.approx(expected)
    assert own["lead"] == pytest.approx(found["lead"] - np.dot(lines["lead"], known))

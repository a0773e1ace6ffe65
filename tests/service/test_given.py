"""An interpretation goes out in numbers and comes back to be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import humanize
from humanize.errors import OptionError
from humanize.service.given import Given
from humanize.service.work import Answer, UploadJob, work

EXAMPLES = Path(__file__).parents[2] / "examples"
PLAYED = ("log_beat_period", "asynchrony_ms", "log_articulation", "pedal_lift_ms", "pedal_press_ms")


def ask(wanted: Any, file: str, given: Given | None = None, **options: Any) -> Answer:
    data = (EXAMPLES / file).read_bytes()
    job = UploadJob(wanted=wanted, data=data, options=options, max_notes=10_000, given=given)
    answer = work(job)
    assert not answer.error, answer.message
    return answer


def pieces(file: str) -> Any:
    return json.loads(ask("interpretation", file).body)["pieces"]


def as_given(file: str, *names: str) -> Given:
    listed = [
        {"velocity": p["columns"]["velocity_after"], **{n: p["performance"][n] for n in names}}
        for p in pieces(file)
    ]
    return Given.read(json.dumps(listed))


@pytest.mark.parametrize("file", ["waltz.mid", "waltz.musicxml"])
def test_what_was_told_is_written_as_the_service_itself_would(file: str) -> None:
    given = as_given(file, *PLAYED)
    assert ask("performance", file, given).body == ask("performance", file).body
    midi = {"as_midi": True} if file.endswith("xml") else {}
    assert ask("file", file, given, **midi).body == ask("file", file, **midi).body


def test_drums_are_told_with_their_lags() -> None:
    (piece,) = pieces("rock_beat.mid")
    lag = piece["performance"]["drum_lag_ms"]
    assert len(lag) == len(piece["columns"]["pitch"]) and any(lag)
    given = as_given("rock_beat.mid", "drum_lag_ms")
    assert (
        ask("performance", "rock_beat.mid", given).body == ask("performance", "rock_beat.mid").body
    )


def test_velocities_that_are_given_are_written_and_nothing_else() -> None:
    (piece,) = pieces("waltz.mid")
    velocity = [1 + (7 * i) % 127 for i in range(len(piece["columns"]["pitch"]))]
    body = ask("file", "waltz.mid", Given.read(json.dumps([{"velocity": velocity}]))).body
    data = (EXAMPLES / "waltz.mid").read_bytes()
    assert len(body) == len(data)
    differing = [i for i, (a, b) in enumerate(zip(data, body, strict=True)) if a != b]
    assert len(differing) <= len(velocity)
    assert {data[i] for i in differing} == {64}


def test_a_score_says_where_each_note_stands_in_it() -> None:
    (piece,) = pieces("waltz.musicxml")
    columns, performance = piece["columns"], piece["performance"]
    assert sorted(columns["place"]) == list(range(159))
    onsets = np.unique(columns["onset_beat"])
    assert performance["onset_beat"] == onsets.tolist()
    assert performance["notated_sec"][: len(onsets)] == pytest.approx(0.4 * onsets)
    assert "place" not in pieces("waltz.mid")[0]["columns"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON found"),
        ("[" * 100_000, "no JSON found"),
        ("{}", "something else found"),
        ("[1]", "something else found"),
        ("[{}]", "a piece without velocity found"),
        ('[{"velocity": [1], "evil": [1]}]', "'evil' found"),
        ('[{"velocity": "x"}]', "velocity is no list of numbers"),
        ('[{"velocity": [true]}]', "velocity is no list of numbers"),
        ('[{"velocity": [null]}]', "velocity is no list of numbers"),
        ('[{"velocity": [0]}]', "velocity out of bounds; expected 1 to 127"),
        ('[{"velocity": [NaN]}]', "velocity out of bounds"),
        ('[{"velocity": [1e999]}]', "velocity out of bounds"),
        ('[{"velocity": [9], "asynchrony_ms": [1e9]}]', "asynchrony_ms out of bounds"),
    ],
)
def test_what_is_no_interpretation_is_one_line(text: str, said: str) -> None:
    with pytest.raises(OptionError, match=r"^interpretation: ") as caught:
        Given.read(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([{"velocity": [64]}], "1 of velocity found; expected 159"),
        ([{"velocity": [64] * 159}] * 2, "2 pieces found; expected 1"),
        ([{"velocity": [64] * 159, "log_beat_period": [0.0]}], "1 of log_beat_period found"),
    ],
)
def test_an_interpretation_of_other_music_is_one_line(listed: Any, said: str) -> None:
    data = (EXAMPLES / "waltz.mid").read_bytes()
    given = Given.read(json.dumps(listed))
    answer = work(
        UploadJob(wanted="performance", data=data, options={}, max_notes=999, given=given)
    )
    assert answer.error == "OptionError" and said in answer.message


def test_a_style_is_told_as_the_command_prints_it_and_taken_back(tmp_path: Path) -> None:
    performance = humanize.perform_bytes((EXAMPLES / "bach_prelude.mid").read_bytes(), seed=3).bytes
    (tmp_path / "ref.mid").write_bytes(performance)
    answer = work(UploadJob(wanted="style", data=performance, options={}, max_notes=9_999))
    assert not answer.error, answer.message
    style = json.loads(answer.body)
    printed = json.loads(json.dumps(humanize.style_of(tmp_path / "ref.mid")))
    assert style == {**printed, "of": ["upload.mid"]}
    played = ask("performance", "waltz.mid", style=[style]).body
    expected = humanize.perform_bytes((EXAMPLES / "waltz.mid").read_bytes(), style=style).bytes
    assert played == expected

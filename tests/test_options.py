"""Each option is declared once; every face of the project is made from that."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_type_hints

import pytest
from click.testing import CliRunner

import humanize
from humanize.batch.settings import settings_text
from humanize.commands.batch import command as batch_command
from humanize.commands.humanize import command as main_command
from humanize.errors import OptionError
from humanize.options import OPTIONS, Choice, Number, Options, checked, settled
from humanize.service.options import api_options, form_schema


def test_people_and_type_checkers_see_the_options_that_are_declared() -> None:
    assert list(get_type_hints(Options)) == list(OPTIONS)
    text = Options.__doc__ or ""
    for name in OPTIONS:
        assert re.search(rf"\n    (\w+, )*{name}(, \w+)* : ", text), name


@pytest.mark.parametrize("command", [main_command, batch_command])
def test_the_command_has_each_option_with_its_default_and_help(command) -> None:
    own = {parameter.name: parameter for parameter in command.params}
    for name, option in OPTIONS.items():
        assert own[name].help == option.help
        if option.default is not None:
            assert own[name].default == option.default


def test_the_form_and_a_batch_have_each_option() -> None:
    fields = form_schema()["properties"]
    for name, option in OPTIONS.items():
        assert name in fields
        assert fields[name].get("default") == (None if name == "range" else option.default)
    assert list(json.loads(settings_text({}))) == sorted(OPTIONS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("strength", "0.25", 0.25),
        ("mean", "70", 70.0),
        ("contrast", "1.5", 1.5),
        ("range", "20, 110", (20, 110)),
        ("tracks", "1, 3", ["1", "3"]),
        ("tracks", "Left hand, 2", ["Left hand, 2"]),
        ("channels", "1,16", [1, 16]),
        ("measures", "1-4,9-", "1-4,9-"),
        ("split", "tracks", "tracks"),
        ("dynamics", "follow", "follow"),
        ("model", "piano-1", "piano-1"),
    ],
)
def test_a_field_of_the_form_is_read(name: str, text: str, value: object) -> None:
    assert api_options([(name, text)]) == {name: value}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": 1.01}, "strength: 1.01 found; expected a number from 0 to 1"),
        ({"strength": "x"}, "strength: x found; expected a number from 0 to 1"),
        ({"strength": float("nan")}, "strength: nan found; expected a number from 0 to 1"),
        ({"mean": 0}, "mean: 0 found; expected a number from 1 to 127, keep or model"),
        ({"contrast": -0.1}, "contrast: -0.1 found; expected a number from 0 to 10"),
        ({"range": (0, 127)}, "range: 0 127 found; expected 1 <= LO <= HI <= 127"),
        ({"range": (90, 80)}, "range: 90 80 found; expected 1 <= LO <= HI <= 127"),
        ({"range": 5}, "range: 5 found; expected two velocities, 1 <= LO <= HI <= 127"),
        ({"tracks": "lead"}, "tracks: 'lead' found; expected a list of numbers or names"),
        ({"channels": [17]}, "channels: 17 found; expected numbers from 1 to 16"),
        ({"measures": "8-4"}, "measures: 8-4 found; expected a first measure from 1, then the la"),
        ({"split": "hands"}, "split 'hands' found; expected one of programs, tracks, none"),
        ({"dynamics": "loud"}, "dynamics 'loud' found; expected one of auto, follow, ignore"),
        ({"model": 3}, "model: 3 found; expected the name of a model, or the folder of a bundle"),
        ({"tempo": 1}, "option 'tempo' found; expected one of strength, mean, contrast, range,"),
    ],
)
def test_a_wrong_value_is_refused_alike_by_every_call(options, message, example: Path) -> None:
    for call in (
        lambda: checked(options),
        lambda: humanize.humanize_bytes(example.read_bytes(), **options),
        lambda: settings_text(options),
    ):
        with pytest.raises(OptionError) as caught:
            call()
        assert str(caught.value).startswith(message)


def test_bounds_themselves_are_allowed() -> None:
    for option in OPTIONS.values():
        if isinstance(option, Number):  # a mean too
            assert option.checked(option.low) == option.low
            assert option.checked(option.high) == option.high
        if isinstance(option, Choice):
            assert [option.checked(word) for word in option.choices] == list(option.choices)


def test_values_settle_in_one_form() -> None:
    one = settled({"tracks": [2, "1", 2], "channels": [3, 1], "measures": "9-,1-4", "mean": 70})
    other = settled(
        {"tracks": ["1", "2"], "channels": [1, 3, 3], "measures": "9-, 1-4", "mean": 70.0}
    )
    assert one == other
    assert one["measures"] == [[9, 2**31], [1, 4]]


def test_the_command_says_what_the_call_says(example: Path, tmp_path: Path) -> None:
    arguments = [str(example), "-o", str(tmp_path / "x.mid"), "--mean", "0"]
    result = CliRunner().invoke(main_command, arguments)
    assert isinstance(result.exception, OptionError)
    assert (
        str(result.exception) == "mean: 0.0 found; expected a number from 1 to 127, keep or model"
    )
    assert not (tmp_path / "x.mid").exists()


@pytest.mark.parametrize(
    "text",
    ["1_0e-1", " 0.5", "0.5 ", "+0.5", ".5", "5.", "nan", "inf", "1e", "0x1", "٠", "", "1e9999"],
)
@pytest.mark.parametrize("name", ["strength", "contrast", "mean"])
def test_a_field_s_numbers_are_those_of_json(name: str, text: str) -> None:
    with pytest.raises(OptionError, match=f"^{name}: .* found; expected a number"):
        OPTIONS[name].read(text)


@pytest.mark.parametrize(
    ("text", "number"), [("0.5", 0.5), ("1e-1", 0.1), ("1", 1.0), ("10E-1", 1)]
)
def test_json_s_numbers_are_read(text: str, number: float) -> None:
    assert OPTIONS["strength"].read(text) == number


@pytest.mark.parametrize("text", ["Bass=1_0e-1", "Bass=nan", "Bass=2", "Bass=", "=1", "Bass", ""])
def test_a_track_s_strength_is_a_plain_number(text: str) -> None:
    with pytest.raises(OptionError, match=r"^track_strength: .*Bass=0\.3,Lead=1"):
        OPTIONS["track_strength"].checked(text)


def test_another_word_for_a_choice_is_taken_everywhere(example: Path) -> None:
    run = CliRunner().invoke(main_command, [str(example), "-o", "-", "--split", "parts"])
    assert run.exit_code == 0, run.output
    assert checked({"split": "parts"})["split"] == "tracks"
    assert settled({"split": "parts"}) == settled({"split": "tracks"})


def test_what_a_field_takes_is_what_its_schema_says() -> None:
    strengths = OPTIONS["track_strength"]
    for text in ("a=b=0.1", " Bass = 0.5 ,1=1", "Bass=0.3,Lead=1"):
        strengths.read(text)
        assert re.search(strengths.schema()["pattern"], text)
    with pytest.raises(OptionError, match=r"tracks: nothing found; expected numbers"):
        OPTIONS["tracks"].read("")

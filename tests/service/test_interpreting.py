"""Styles, comparisons and morphs at the service."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from smf_builder import encode, music

from humanize.errors import HumanizeError, LimitError
from humanize.options.sliders import STYLE
from humanize.service.interpreting import interpret_upload, interpreting_body, interpreting_options
from humanize.styles.morphing import morph

sys.path.append(str(Path(__file__).parents[1] / "styles"))
from test_comparing import MUSIC, performed
from test_style import pianist

MORPH = {"position": 0.25, "write": "tempo"}


def answered(wanted: str, data: bytes, second: bytes = b"", **options: Any) -> tuple[bytes, int]:
    return interpret_upload(wanted, data, second, options, max_notes=10_000)


def test_a_style_is_what_a_form_takes() -> None:
    body, notes = answered("style", pianist(louder=20), model="fast")
    style = STYLE.read(body.decode())
    assert notes == len(music(5, 240)) and style["loudness"] > 0.5
    assert style["of"] == ["upload.mid"]  # the client's name for it is never used


def test_a_comparison_has_its_lines() -> None:
    body, _ = answered("comparison", encode(MUSIC), performed(1))
    told = json.loads(body)
    assert told["share"] == 1 and told["lines"][0].startswith("upload.mid and second.mid: ")


def test_a_morph_is_the_library_s() -> None:
    one, two = performed(1), performed(2)
    assert answered("morph", one, two, **MORPH)[0] == morph(one, two).at(0.25)


def test_options_of_a_form() -> None:
    assert interpreting_options("morph", []) == {"position": 0.5, "write": "tempo"}
    assert interpreting_options("morph", [("position", "0")])["position"] == 0
    for fields in ([("position", "2")], [("model", "fast")], [("write", "x")]):
        with pytest.raises(HumanizeError):
            interpreting_options("morph", fields)
    schema = interpreting_body("comparison")["requestBody"]["content"]["multipart/form-data"][
        "schema"
    ]
    assert schema["required"] == ["file", "second"] and list(schema["properties"]) == [
        "file",
        "second",
    ]


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(HumanizeError, match="no file found in the field 'second'"):
        answered("comparison", performed(1))
    with pytest.raises(HumanizeError, match="of the notes match"):
        answered("morph", performed(1), encode(music(77, 160)), **MORPH)
    with pytest.raises(LimitError, match="more than 5 notes"):
        interpret_upload("comparison", performed(1), performed(2), {}, max_notes=5)


def test_over_http() -> None:
    testclient = pytest.importorskip("fastapi.testclient", reason="fastapi comes with [serve]")
    from humanize.service.app import create_app
    from humanize.service.settings import ServiceSettings

    files = {"file": ("x", performed(1)), "second": ("y", performed(2))}
    with testclient.TestClient(create_app(ServiceSettings(workers=1))) as client:
        found = client.post("/v1/compare", files=files)
        assert found.status_code == 200 and found.json()["share"] == 1
        played = client.post("/v1/morph", files=files, data={"position": "0.25"})
        assert played.content == morph(performed(1), performed(2)).at(0.25)
        assert played.headers["content-type"] == "audio/midi"
        one = client.post("/v1/compare", files={"file": ("x", performed(1))})
        assert one.status_code == 422 and "second" in one.json()["detail"]
        many = client.post("/v1/humanize", files=files)
        assert many.status_code == 400
        named = client.post("/v1/style", files={"file": ("x", pianist())}, data={"lead": "1"})
        assert named.status_code == 422 and "lead" in named.json()["detail"]

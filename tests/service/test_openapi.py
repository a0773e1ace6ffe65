"""The service against its own OpenAPI description, by schemathesis: every check, none left out."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from hypothesis import HealthCheck, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from schemathesis.config import SchemathesisConfig  # noqa: E402
from smf_builder import header, note, track  # noqa: E402

from humanize.expression import TARGETS  # noqa: E402
from humanize.models import load_model  # noqa: E402
from humanize.service.app import create_app  # noqa: E402
from humanize.service.settings import ServiceSettings  # noqa: E402

SCORE = (Path(__file__).parents[2] / "examples/waltz.musicxml").read_bytes()


def _hand(low: int) -> bytes:
    """Return a track of four measures, two notes a beat."""
    events = [e for i in range(32) for e in note(i * 240, i * 240 + 200, low + 7 * i % 24)]
    return track(events, running=True)


FILES = [
    header(0, 1, 480) + _hand(60),
    header(1, 2, 480) + _hand(60) + _hand(36),
    header(2, 2, 480) + _hand(60) + _hand(48),
    SCORE,
]
schemathesis.openapi.format("binary", st.sampled_from(FILES))

DESCRIPTION = create_app(ServiceSettings(workers=1)).openapi()
FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

# No schema can say that a track, channel or measure is in the file, nor that the second of two
# numbers is not below the first. For that alone a form that is right by the schema may be
# answered 422, as the description says; the check added below holds the service to it.
UPLOADS = {
    "include-path-regex": "^/v1/(humanize|velocities|perform|interpretation|style|compare|morph)$",
    "checks": {"positive_data_acceptance": {"expected-statuses": [200, 422]}},
}
STRICT = {"positive_data_acceptance": {"expected-statuses": [200]}}


def _loaded(description: dict[str, Any], config: dict[str, Any]) -> Any:
    config = SchemathesisConfig.from_dict({"checks": STRICT, **config})
    loaded = schemathesis.openapi.from_dict(description, config=config)
    loaded.hook(filter_case)
    return loaded


def filter_case(_: Any, case: Any) -> bool:
    """Leave out a list of one or none where text is asked for: a form sends it as the text itself."""
    values = case.body.values() if isinstance(case.body, dict) else ()
    return not any(isinstance(value, list) and len(value) < 2 for value in values)


def refused_for_what_no_schema_says(_: Any, response: Any, case: Any) -> None:
    """Fail on any other 422 for a form that is right by the schema."""
    if response.status_code == 422 and case.meta.generation.mode.is_positive:
        assert _is_beyond_a_schema(response.json()["detail"]), response.json()


NO_TWO_PERFORMANCES = (
    "not a MIDI file", "of the notes match", "to take a style from", "velocity level found", "a score found",
    "one a track (type 2)",
)  # fmt: skip


def _is_beyond_a_schema(detail: str) -> bool:
    absent = ("tracks: ", "feel_tracks: ", "drums: ", "track_strength: ", "interpretation: ")
    if "predicts velocity alone" in detail:  # a model that has no head for what is asked
        return True
    if detail.startswith(absent) or "the selection has no" in detail or "only drums" in detail:
        return True
    if "the measures of a MIDI file are counted from 1" in detail:
        return True
    if "found; expected measures of the score, which has" in detail:  # a number it does not print
        return True
    if any(text in detail for text in NO_TWO_PERFORMANCES):
        return True
    movement = r"(?:[IVXLCDM]+ *: *)?"
    falling = re.match(
        rf"(?:range|measures|pitches|velocities): {movement}(\d+) *[- ] *(\d+) found", detail
    )
    return falling is not None and int(falling[1]) > int(falling[2])


described = _loaded(DESCRIPTION, {"operations": [UPLOADS]})


@described.parametrize()
@FEW
def test_every_answer_is_as_described(case, server) -> None:
    checks = [refused_for_what_no_schema_says]
    case.call_and_validate(base_url=server.address, additional_checks=checks)


FITTING = {
    "range": ["20,110", "1 127", "64, 64"],
    "tracks": ["1", "1,1"],
    "channels": ["1", "1, 16"],
    "measures": ["1", "1-", "2-4", "1-2,4"],
    "pitches": ["0-127", "36 - 96"],
    "velocities": ["1-127"],
    "track_strength": ["1=0.5", "1=0.25,1=1"],
    "drums": ["none"],
}


def _narrowed() -> dict[str, Any]:
    """Return the description with values for the options that fit every file that is sent."""
    description = copy.deepcopy(DESCRIPTION)
    for route in ("humanize", "velocities", "perform", "interpretation"):
        content = description["paths"][f"/v1/{route}"]["post"]["requestBody"]["content"]
        properties = content["multipart/form-data"]["schema"]["properties"]
        properties.pop("interpretation", None)  # numbers of one file fit no other
        properties.pop("feel_tracks", None)  # nothing without a feel
        for name, values in FITTING.items():
            properties[name] = {"type": "string", "enum": values}
    for route in ("perform", "interpretation"):
        _narrow_models(description["paths"][f"/v1/{route}"]["post"]["requestBody"]["content"])
    return description


def _narrow_models(performed: dict[str, Any]) -> None:
    """Leave the models that can do all that may be asked of a performance."""
    model = performed["multipart/form-data"]["schema"]["properties"]["model"]
    whole = [n for n in model["enum"] if {t.name for t in TARGETS} <= set(load_model(n).targets)]
    model["enum"] = whole
    model["default"] = whole[0] if whole else "piano-1"
    if not whole:  # nothing that ships can be asked for more than velocities
        performed["multipart/form-data"]["schema"]["properties"]["only"] = {"enum": ["velocity"]}
        model["enum"] = ["piano-1"]
        performed["multipart/form-data"]["schema"]["required"] = ["file", "only"]


fitting = _loaded(_narrowed(), {"generation": {"mode": "positive"}})
TWO_FILES = (
    "^/v1/(style|compare|morph)$"  # files that are sent here are no performances of one piece
)


@fitting.include(path_regex="^/v1/").exclude(path_regex=TWO_FILES).parametrize()
@FEW
def test_what_is_right_and_fits_its_file_is_done(case, server) -> None:
    case.call_and_validate(base_url=server.address)


TOKEN = "a-token-of-the-tests"
guarded = _loaded(
    create_app(ServiceSettings(workers=1, token=TOKEN)).openapi(), {"operations": [UPLOADS]}
)


@pytest.fixture(scope="module")
def guarded_server(start):
    return start(env={**os.environ, "HUMANIZE_TOKEN": f"{TOKEN}\n"})


@guarded.parametrize()
@settings(FEW, max_examples=10)
def test_a_token_is_described_and_asked_for(case, guarded_server) -> None:
    assert ("security" in case.operation.definition.raw) == (case.path != "/healthz")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    case.call_and_validate(base_url=guarded_server.address, headers=headers)

"""The service against its own OpenAPI description, by schemathesis."""

from __future__ import annotations

from pathlib import Path

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from hypothesis import HealthCheck, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

from humanize.service.app import create_app  # noqa: E402
from humanize.service.settings import ServiceSettings  # noqa: E402

ROOT = Path(__file__).parents[2]
FILES = [p.read_bytes() for p in (ROOT / "humanize/service/static/examples").glob("*.mid")]
schemathesis.openapi.format("binary", st.sampled_from(FILES))


description = create_app(ServiceSettings(workers=1)).openapi()
schema = schemathesis.openapi.from_dict(description)


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case, server) -> None:
    # a form can be right by its schema and still ask for what a file has not, such as a track
    case.call_and_validate(base_url=server.address, excluded_checks=[positive_data_acceptance])

"""What stands before every route, asked in this process."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("fastapi", reason="needs fastapi (extra: serve)")
from starlette.testclient import TestClient

from humanize.service.app import create_app
from humanize.service.guard import Interruption
from humanize.service.settings import ServiceSettings

TOKEN = "a-token-of-the-tests"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        (f"BEARER  {TOKEN}", 200),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer{TOKEN}", 401),
    ],
)
def test_the_scheme_of_a_token_is_of_any_case_and_the_token_is_not(
    authorization: str, status: int
) -> None:
    client = TestClient(create_app(ServiceSettings(workers=1, token=TOKEN)))
    answer = client.get("/v1/models", headers={"Authorization": authorization})
    assert answer.status_code == status


def test_a_request_that_the_end_cuts_off_is_told_so() -> None:
    async def endless(scope, receive, send) -> None:
        await asyncio.sleep(60)

    sent = []

    async def send(message) -> None:
        sent.append(message)

    async def cut_off() -> None:
        task = asyncio.ensure_future(Interruption(endless)({"type": "http"}, None, send))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cut_off())
    assert sent[0]["status"] == 503
    assert dict(sent[0]["headers"])[b"content-type"] == b"application/problem+json"

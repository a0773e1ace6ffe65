"""Errors as problem+json (RFC 9457), with the library's own messages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
RETRY_SEC = 1

STATUS_OF_ERROR = {
    "LimitError": 413,
    "MissingExtraError": 501,
    "StoppingError": 503,
    "UnforeseenError": 500,
}
"""Status by the name of the library's error; every other is 422: the input or an option is at
fault, and the message says how."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "Phrase of the status"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Where, what was found, what was expected"},
        "error": {"type": "string", "description": "Name of the library's error"},
    },
}


class Problem(Exception):
    """An answer that says what is wrong.

    Parameters
    ----------
    status : int
    detail : str
        One line.
    error : str, optional
        Name of the library's error.
    headers : dict, optional
        Further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        error: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.error = error
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        """Return the answer."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.error is not None:
            body["error"] = self.error
        return JSONResponse(
            body, status_code=self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def problem_of(error: str, message: str) -> Problem:
    """Return the problem that a named error of the library is."""
    status = STATUS_OF_ERROR.get(error, 422)
    headers = {"Retry-After": str(RETRY_SEC)} if status == 503 else None
    return Problem(status, message, error=error, headers=headers)

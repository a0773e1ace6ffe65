"""Packages that are not installed by default: the line that says how to get one."""

from __future__ import annotations

from importlib.util import find_spec

from humanize.errors import MissingExtraError


def require_package(package: str, extra: str) -> None:
    """Check that a package can be imported.

    Parameters
    ----------
    package : str
    extra : str
        The extra of ``humanize-midi`` that brings it.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    if find_spec(package) is None:
        raise MissingExtraError(package, extra)

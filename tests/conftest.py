from __future__ import annotations

import os
from pathlib import Path

# before any library reads it: two workers with a thread for every core each would wait for one
# another, many times longer than they work
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import pytest  # noqa: E402

EXAMPLES = Path(__file__).parent.parent / "examples"


def _corpus(variable: str, name: str) -> Path:
    folder = os.environ.get(variable)
    if not folder:
        pytest.skip(f"the {name} corpus is not here; set {variable} to its folder")
    return Path(folder)


@pytest.fixture(scope="session")
def asap_dir() -> Path:
    return _corpus("HUMANIZE_ASAP", "ASAP")


@pytest.fixture(scope="session")
def hannds_dir() -> Path:
    return _corpus("HUMANIZE_HANNDS", "hannds")


@pytest.fixture(params=["bach_prelude", "waltz", "fugue"])
def example(request: pytest.FixtureRequest) -> Path:
    return EXAMPLES / f"{request.param}.mid"

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

# before any library reads it: two workers with a thread for every core each would wait for one
# another, many times longer than they work
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import pytest  # noqa: E402

# processes that a test starts find its module; last, so that what is installed is what is tested
sys.path.append(str(Path(__file__).parents[1]))

EXAMPLES = Path(__file__).parent.parent / "examples"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
]


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


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Debian's Chromium, without a window; its event loop must not outlive the module."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed; it comes with [dev]"
    )
    if not CHROMIUM.exists():
        pytest.skip("the Debian package chromium is not installed")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()

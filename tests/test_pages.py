"""The modules of both pages, tested by Node.js as they stand in the source."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parent.parent / "humanize").glob("*/page_src"))


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.parent.name)
def test_the_modules_of_a_page(source: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not here; install nodejs to test the pages' modules")
    if not (source / "node_modules").is_dir():
        pytest.skip(f"what the page bundles is not here; run 'npm ci' in {source} to test it")
    run = subprocess.run([node, "--test"], cwd=source, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "# tests 0" not in run.stdout

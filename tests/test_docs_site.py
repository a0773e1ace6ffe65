"""The documentation as a site, its install figures, and what a wheel and a source distribution hold."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def test_every_page_is_in_the_navigation_and_every_picture_in_a_page() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {path.name for path in DOCS.glob("*.md")}
    assert set(re.findall(r"[\w-]+\.md", navigation)) == pages
    shown = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    shown += (ROOT / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in DOCS.glob("*.png") if p.name not in shown] == []


def test_the_install_page_says_what_was_measured() -> None:
    text = runpy.run_path(str(ROOT / "scripts/measure_install.py"))["text"]
    sizes = json.loads((ROOT / "benchmarks/install/sizes.json").read_text(encoding="utf-8"))
    page = (DOCS / "install.md").read_text(encoding="utf-8")
    assert f"<!-- install -->\n{text(sizes)}\n<!-- /install -->" in page, (
        "run scripts/measure_install.py"
    )
    assert sizes["plain"]["megabytes"] / 1.048576 <= 245, "MiB, as du counts: a score engine in it"


def test_the_site_is_built_strictly_without_network(tmp_path: Path) -> None:
    if importlib.util.find_spec("mkdocs") is None or importlib.util.find_spec("material") is None:
        pytest.skip('mkdocs-material is not here; pip install ".[docs]" to build the site')
    nowhere = "http://127.0.0.1:9"
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": "",
                   "http_proxy": nowhere, "https_proxy": nowhere}  # fmt: skip
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "--strict", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    fetched = r'(?:src="|rel="stylesheet" href=")(https?:[^"]*)'
    found = {u for p in tmp_path.glob("*.html") for u in re.findall(fetched, p.read_text())}
    assert found == set()
    assert (tmp_path / "tutorial.html").is_file()

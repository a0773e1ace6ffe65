"""A wheel holds everything in plain files, so that it installs where there are no symbolic links."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUILT_FROM = ("humanize", "humanize_command", "features", "models")
LOOSE = ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    try:
        if int(version("setuptools").split(".")[0]) < 77:
            pytest.skip("setuptools 77 or later is not here; it builds the wheel")
    except PackageNotFoundError:
        pytest.skip("setuptools is not here; it builds the wheel")
    source = tmp_path_factory.mktemp("source")
    ignored = shutil.ignore_patterns("node_modules", "__pycache__")
    for name in BUILT_FROM:
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=ignored)
    for name in LOOSE:
        shutil.copy(ROOT / name, source / name)
    code = "from setuptools.build_meta import build_wheel; print(build_wheel('.'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return zipfile.ZipFile(source / done.stdout.split()[-1])


def test_a_wheel_has_no_links_and_nothing_compiled(wheel: zipfile.ZipFile) -> None:
    assert [i.filename for i in wheel.infolist() if stat.S_ISLNK(i.external_attr >> 16)] == []
    assert wheel.filename is not None and wheel.filename.endswith("-py3-none-any.whl")


def test_a_wheel_has_what_is_linked_and_what_is_no_code(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for path in (
        "humanize/features/registry.py",
        "humanize/models/catalogue.py",
        "humanize/models/pretrained/piano-1/manifest.json",
        "humanize/service/static/index.html",
        "humanize/service/static/sounds/0.sf3",
        "humanize/service/static/verovio/LICENCE.txt",
        "humanize/listening/page/index.html",
        "humanize/py.typed",
    ):
        assert path in names, path
    assert not [
        n for n in names if "page_src" in n or n.startswith(("features/", "models/", "tests/"))
    ]

"""Measure what an install takes: a fresh environment, pip, and the space that is used then.

Usage: python scripts/measure_install.py [EXTRA...]   (needs a package index; a minute or two)
Writes benchmarks/install/sizes.json, and the figures into docs/install.md.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "benchmarks/install/sizes.json"
PAGE = ROOT / "docs/install.md"
MEGABYTE = 1e6


def sizes(folder: Path) -> dict[str, int]:
    """Return the bytes of everything in site-packages, by top-level name."""
    return {
        entry.name: sum(f.stat().st_size for f in entry.rglob("*") if f.is_file())
        if entry.is_dir()
        else entry.stat().st_size
        for entry in folder.iterdir()
    }


def copied(folder: Path) -> Path:
    """Return a copy of the source, without what earlier builds have left in it."""
    left_out = shutil.ignore_patterns("build", "dist", "*.egg-info", "node_modules", ".*")
    return Path(shutil.copytree(ROOT, folder / "source", symlinks=True, ignore=left_out))


def installed(extra: str) -> dict[str, float]:
    """Return megabytes by package of what an install adds to an empty environment."""
    with tempfile.TemporaryDirectory() as temporary:
        venv.create(temporary, with_pip=True)
        base = {"base": temporary, "platbase": temporary}
        folder = Path(sysconfig.get_path("purelib", "venv", vars=base))
        before = sizes(folder)
        python = str(Path(sysconfig.get_path("scripts", "venv", vars=base)) / "python")
        source = copied(Path(temporary))
        what = f"{source}[{extra}]" if extra else str(source)
        subprocess.run([python, "-m", "pip", "install", "-q", what], check=True)
        after = sizes(folder)
    added = {n: (b - before.get(n, 0)) / MEGABYTE for n, b in after.items() if b > before.get(n, 0)}
    return dict(sorted(added.items(), key=lambda pair: -pair[1]))


def text(known: dict[str, Any]) -> str:
    """Return what docs/install.md says of it."""
    plain = known["plain"]
    largest = ", ".join(f"{name} {size:.0f}" for name, size in list(plain["largest"].items())[:5])
    lines = [
        f"The plain install takes {plain['megabytes']:.0f} MB, {plain['megabytes'] / 1.048576:.0f} "
        f"MiB as du counts ({largest}), measured with "
        f"{known['measured with']} by `scripts/measure_install.py`."
    ]
    others = [f"`[{n}]` {v['megabytes']:.0f} MB" for n, v in known.items() if isinstance(v, dict)][
        1:
    ]
    if others:
        lines.append(f"With an extra: {', '.join(others)}.")
    return " ".join(lines)


def main(extras: list[str]) -> None:
    """Measure the plain install and some extras; keep the total and the largest packages."""
    known = json.loads(TARGET.read_text()) if TARGET.is_file() else {}
    for extra in ["", *extras]:
        added = installed(extra)
        largest = {name: round(size, 1) for name, size in added.items() if size >= 1}
        known[extra or "plain"] = {"megabytes": round(sum(added.values()), 1), "largest": largest}
        print(extra or "plain", known[extra or "plain"]["megabytes"], "MB")
    known["measured with"] = f"Python {platform.python_version()}, {sysconfig.get_platform()}"
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(known, indent=1) + "\n")
    page = PAGE.read_text(encoding="utf-8")
    between = f"<!-- install -->\n{text(known)}\n<!-- /install -->"
    page = re.sub("<!-- install -->.*<!-- /install -->", lambda _: between, page, flags=re.DOTALL)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Ctrl-C, whenever it comes: exit code 130, no traceback."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
INTERRUPT_AT = """
import os, signal, sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
sys.argv = ["humanize", *{arguments!r}]
from humanize_command import main
main()
"""

# the background jobs of a shell, the tests among them, are begun with the signal ignored
HEARD = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")
@pytest.mark.parametrize(
    "module", ["humanize", "humanize.api", "numpy", "click", "humanize.commands.batch", "humanize.batch.local"]
)  # fmt: skip
def test_an_interrupt_during_imports(module: str, tmp_path: Path) -> None:
    arguments = ["batch", str(ROOT / "examples"), "-o", str(tmp_path / "out")]
    code = HEARD + INTERRUPT_AT.format(module=module, arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr in ("", "Aborted!\n")
    assert not (tmp_path / "out").exists()


def test_an_interrupt_that_is_ignored_stays_ignored(tmp_path: Path) -> None:
    code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    code += INTERRUPT_AT.format(module="humanize.api", arguments=["models"])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "piano-1" in done.stdout


def test_the_command_is_what_is_tested() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, function = scripts["humanize"].split(":")
    assert getattr(import_module(module), function).__module__ == "humanize_command"

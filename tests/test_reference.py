"""What is public is listed and documented: names, commands, options."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import humanize
import humanize.commands
from humanize.cli import _COMMANDS, main_group

ROOT = Path(__file__).parent.parent


def test_every_public_name_is_listed_in_order() -> None:
    code = "import humanize; print(*(n for n, v in vars(humanize).items() if n[0] != '_' and type(v).__name__ != 'module'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert sorted(humanize.__all__) == sorted(done.stdout.split())
    assert humanize.__all__ == sorted(humanize.__all__)


@pytest.mark.parametrize("name", humanize.__all__)
def test_every_public_name_says_what_it_is(name: str) -> None:
    thing = getattr(humanize, name)
    assert not isinstance(thing, ModuleType)
    assert len(inspect.getdoc(thing) or "") > 20
    for member, value in vars(thing).items() if inspect.isclass(thing) else ():
        if callable(value) and not member.startswith("_"):
            assert inspect.getdoc(value), f"{name}.{member}"


def test_the_package_knows_its_version() -> None:
    assert humanize.__version__.split(".")[0].isdecimal()
    with pytest.raises(AttributeError, match="no attribute 'loudness'"):
        humanize.loudness  # noqa: B018


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command and subcommand with what is typed for it."""
    for name in _COMMANDS:
        yield from _with_parts(name, importlib.import_module(f"humanize.commands.{name}").command)


def _with_parts(title: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield title, command
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from _with_parts(f"{title} {name}", part)


def test_every_module_with_a_command_is_in_the_list_of_commands() -> None:
    rooms = [m.name for m in pkgutil.iter_modules(humanize.commands.__path__)]
    found = {
        n for n in rooms if hasattr(importlib.import_module(f"humanize.commands.{n}"), "command")
    }
    assert found == set(_COMMANDS)


@pytest.mark.parametrize(
    ("title", "command"), list(commands()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_every_command_and_option_has_a_line_of_help(title: str, command: click.Command) -> None:
    assert len(command.help or "") > 10
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help and option.help.strip()[-1] in ".])", option.name
            assert not option.hidden, option.name
    shown = CliRunner().invoke(main_group, [*title.split(), "--help"])
    assert shown.exit_code == 0
    for option in command.params:
        for name in getattr(option, "opts", ()) if isinstance(option, click.Option) else ():
            assert name in shown.output


def test_the_page_of_reference_is_what_the_code_says() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "make_reference.py"))["text"]()
    written = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert written == made, "run scripts/make_reference.py"
    for name in humanize.__all__:
        assert f"| `{name}` |" in written
    for title, _ in commands():
        assert f"## `humanize{'' if title == 'humanize' else ' ' + title}`" in written


def test_the_package_runs_as_a_module() -> None:
    for arguments, shown in ((["--help"], "Usage: humanize"), (["models"], "piano-1")):
        done = subprocess.run(
            [sys.executable, "-m", "humanize", *arguments], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert shown in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "humanize", "absent.mid"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("humanize: absent.mid") and done.stderr.count("\n") == 1

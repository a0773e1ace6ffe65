"""Write docs/reference.md: every public name and every command with every option.

Run: python scripts/make_reference.py
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import click

import humanize
from humanize.cli import _COMMANDS, _DEFAULT
from humanize.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_USAGE

TARGET = Path(__file__).parent.parent / "docs" / "reference.md"

EXIT_CODES = f"""\
## Exit codes

| code | when |
|---|---|
| 0 | All that was asked for is done. |
| {EXIT_ERROR} | A file, a model, a place to write or a port is not there, is damaged or holds nothing to work on. |
| {EXIT_USAGE} | What was typed asks for what cannot be, whatever lies on the disk or in this file: an unknown word, a \
value out of bounds, options that exclude each other, a selection without notes, an output that is the input or of \
a format that is not written. In Python an `OptionError`. |
| {EXIT_INTERRUPTED} | Ctrl-C. |

Each error is one line on standard error, and nothing is half-written then. `humanize batch` and `humanize shard` go \
past files that fail and exit with their number (100 for that many or more); what stops all of the work ends \
with one line that begins with `humanize:` and the codes above.

""".splitlines()


def text() -> str:
    """Return the page."""
    lines = [
        "# Reference",
        "",
        "Every public name of `import humanize`, and every command with its options. This page is "
        "written by `scripts/make_reference.py`; `help(humanize.NAME)` says more of a name, "
        "`humanize COMMAND --help` of a command.",
        "",
        "## Python",
        "",
        "| name | what it is |",
        "|---|---|",
        *(f"| `{name}` | {_summary(getattr(humanize, name))} |" for name in humanize.__all__),
        "",
        *EXIT_CODES,
    ]
    for name in _COMMANDS:
        module = importlib.import_module(f"humanize.commands.{name}")
        title = "humanize" if name == _DEFAULT else f"humanize {name}"
        lines += _command(module.command, title)
    return "\n".join(lines).rstrip() + "\n"


def _summary(thing: object) -> str:
    return _cell(inspect.getdoc(thing) or "")


def _cell(doc: str) -> str:
    """Return the first paragraph as one line of a table."""
    return " ".join(doc.partition("\n\n")[0].replace("\b", "").split()).replace("|", "\\|")


def _command(command: click.Command, title: str) -> Iterator[str]:
    yield from (f"## `{title}`", "", _cell(command.help or ""), "")
    context = click.Context(command, info_name=title)
    options = [p for p in command.params if isinstance(p, click.Option)]
    yield from (f"Usage: `{' '.join([title, *command.collect_usage_pieces(context)])}`", "")
    if options:
        yield from ("| option | what it does |", "|---|---|")
        for option in options:
            yield f"| `{_names(option, context)}` | {_cell(option.help or '')} |"
        yield ""
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from _command(part, f"{title} {name}")


def _names(option: click.Option, context: click.Context) -> str:
    names = ", ".join((*option.opts, *option.secondary_opts))
    shown = "" if option.is_flag or option.count else f" {option.make_metavar(context)}"
    return f"{names}{shown}".replace("|", "\\|")


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")

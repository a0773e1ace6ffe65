"""The command ``humanize``: find the subcommand, import it alone, turn errors into one line."""

from __future__ import annotations

import difflib
import errno
import importlib
import re
import sys
from pathlib import Path

import click

import humanize
from humanize.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_USAGE

_COMMANDS = {
    "humanize": "Humanise one file (what runs when no other command is named).",
    "perform": "Play one file as a pianist would: tempo, timing, articulation and pedal too.",
    "style": "Say what is a pianist's own in a performance; --style plays so.",
    "morph": "Write what lies between two interpretations of the same notes.",
    "compare": "Say how two interpretations of the same notes differ.",
    "info": "Show what a file is taken for, and what would change.",
    "features": "Write the feature table of a file.",
    "models": "List the models that ship.",
    "listen": "Build, serve and analyse a blind listening test.",
    "groove": "Take the feel of drums out of a performance.",
    "render": "Play a MIDI file into an audio file.",
    "strip": "Take a performance out of a MIDI file again.",
    "batch": "Humanise many files.",
    "shard": "Pack loose files for many machines.",
    "serve": "Run the web service and its page.",
    "train": "Train a model on a corpus.",
    "evaluate": "Compare models with pianists on a corpus.",
}
_DEFAULT = "humanize"
_OF_THE_MACHINE = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.EACCES,
    errno.EPERM,
)  # fmt: skip
"""Errors that no code of ours could help: a full disk, a folder that is not one's own."""


class _MainContext(click.Context):
    """That of the main use, which is typed without a command's name."""

    @property
    def command_path(self) -> str:
        """What is typed before its options."""
        return self.parent.command_path if self.parent else "humanize"


class _LazyCommands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _COMMANDS if name != _DEFAULT]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"humanize.commands.{cmd_name}").command
        if cmd_name == _DEFAULT:
            command.context_class = _MainContext
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(EXIT_USAGE)
        if args and args[0] not in (*_COMMANDS, "--help", "-h", "--version"):
            _require_no_slip(args[0])
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Aborted!", err=True)
            sys.exit(EXIT_INTERRUPTED)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        main = self.get_command(ctx, _DEFAULT)
        params = [*(main.params if main else ()), *self.get_params(ctx)]
        options = [p for p in params if isinstance(p, click.Option)]
        records = [record for p in options if (record := p.get_help_record(ctx)) is not None]
        self.format_commands(ctx, formatter)
        with formatter.section("Options of humanize INPUT"):
            formatter.write_dl(records)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # the summaries stand here, so that --help imports no command
        with formatter.section("Commands"):
            formatter.write_dl([(n, t) for n, t in _COMMANDS.items() if n != _DEFAULT])


def _require_no_slip(word: str) -> None:
    """Raise UsageError for a word that is no file, but nearly a command."""
    commands = [name for name in _COMMANDS if name != _DEFAULT]
    near = difflib.get_close_matches(word, commands, n=1)
    if near and not any(mark in word for mark in "./\\-") and not Path(word).exists():
        raise click.UsageError(f"{word}: no such file or command; did you mean {near[0]}?")


@click.group(
    cls=_LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="",
    subcommand_metavar="INPUT [OPTIONS] | COMMAND [ARGS]...",
)
@click.version_option(package_name="humanize-midi")
def main_group() -> None:
    """Give every note of a MIDI file or score the velocity a good pianist would.

    \b
      humanize input.mid -o output.mid
      humanize COMMAND --help       what a command does, and its options
    """


def main() -> None:
    """Run the command line.

    It exits with 0 where all is done, with 2 where what was typed asks for what cannot be (click or
    an ``OptionError`` says so), with 1 for every other error, with 130 after Ctrl-C; each error is
    one line on standard error. ``humanize batch`` exits with the number of files without a result.
    """
    if getattr(humanize, "_DISTRIBUTION", None) != "humanize-midi":
        sys.exit(
            "humanize: the package 'humanize' (number formatting) has overwritten files of "
            "humanize-midi; both cannot live in one environment. Uninstall both, then install "
            "humanize-midi alone: pip uninstall humanize humanize-midi"
        )
    from humanize.errors import HumanizeError, OptionError
    from humanize.files import NO_ROOM, NO_ROOM_LEFT
    from humanize.reporting.wording import printable

    try:
        code = main_group(prog_name="humanize", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        click.echo(printable(_wrong_use(error)), err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except HumanizeError as error:
        click.echo(f"humanize: {printable(' '.join(str(error).split()))}", err=True)
        sys.exit(EXIT_USAGE if isinstance(error, OptionError) else EXIT_ERROR)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(EXIT_ERROR)
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            raise
        where = error.filename if error.filename is not None else "standard output"
        reason = NO_ROOM_LEFT if error.errno in NO_ROOM else error.strerror
        click.echo(f"humanize: {printable(str(where))}: {reason}", err=True)
        sys.exit(EXIT_ERROR)


_PLAIN_WORDS = {
    r"is not a valid float( range)?\.": "is not a number.",
    r"is not a valid integer( range)?\.": "is not a whole number.",
    r"is not in the range \S+\.": "is out of bounds.",
}


def _wrong_use(error: click.ClickException) -> str:
    """Return one line about a command that was typed wrongly."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "humanize"
    text = " ".join(error.format_message().split())
    for words, plain in _PLAIN_WORDS.items():
        text = re.sub(words, plain, text)
    text = text.rstrip(".") + _bounds(error)
    takes = [p.name for p in context.command.params] if context else []
    if text.startswith("Got unexpected extra argument") and "output" in takes:
        text += "; expected one INPUT: the name of the result follows -o"
    if isinstance(error, click.NoSuchOption) and path == "humanize":
        text = _of_perform(error.option_name) or text
    return f"{path}: {text} ('{path} --help' lists what there is)"


def _bounds(error: click.ClickException) -> str:
    """Return which numbers an option takes whose value was refused; empty for other errors."""
    kind = getattr(getattr(error, "param", None), "type", None)
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""
    if kind.max is not None:
        return f"; expected {kind.min} to {kind.max}"
    return f"; expected more than {kind.min}" if kind.min_open else f"; expected {kind.min} or more"


def _of_perform(flag: str) -> str:
    """Return what to say of an option that only a whole performance has; empty for others."""
    from humanize.options import PERFORM_OPTIONS

    if flag.removeprefix("--").replace("-", "_") not in PERFORM_OPTIONS:
        return ""
    return f"{flag} found, of a whole performance; expected 'humanize perform INPUT {flag} ...'"

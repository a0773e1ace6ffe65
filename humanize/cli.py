"""The command ``humanize``: find the subcommand, import it alone, turn errors into one line."""

from __future__ import annotations

import importlib
import sys

import click

import humanize
from humanize.errors import EXIT_INTERRUPTED

_COMMANDS = {
    "humanize": "Humanise one file (what runs when no other command is named).",
    "perform": "Play one file as a pianist would: tempo, timing, articulation and pedal too.",
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


class _LazyCommands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in _COMMANDS if name != _DEFAULT]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"humanize.commands.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*_COMMANDS, "--help", "-h", "--version"):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Aborted!", err=True)
            sys.exit(EXIT_INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # the summaries stand here, so that --help imports no command
        with formatter.section("Commands"):
            formatter.write_dl([(n, t) for n, t in _COMMANDS.items() if n != _DEFAULT])


@click.group(
    cls=_LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="INPUT [OPTIONS] | COMMAND [ARGS]...",
)
@click.version_option(package_name="humanize-midi")
def main_group() -> None:
    """Give every note of a MIDI file or score the velocity a good pianist would.

    \b
      humanize input.mid -o output.mid
      humanize humanize --help      all options of this main use
    """


def main() -> None:
    """Run the command line; exit with 0 done, 1 error (one line on stderr), 2 usage, 130 Ctrl-C."""
    if getattr(humanize, "_DISTRIBUTION", None) != "humanize-midi":
        sys.exit(
            "humanize: the package 'humanize' (number formatting) has overwritten files of "
            "humanize-midi; both cannot live in one environment. Uninstall both, then install "
            "humanize-midi alone: pip uninstall humanize humanize-midi"
        )
    from humanize.errors import HumanizeError
    from humanize.reporting.wording import printable

    try:
        main_group(prog_name="humanize")
    except HumanizeError as error:
        sys.exit(f"humanize: {printable(' '.join(str(error).split()))}")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)

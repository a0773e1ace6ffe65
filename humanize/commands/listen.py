"""``humanize listen``: build, serve and analyse a blind listening test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from humanize.commands.options import FILE
from humanize.errors import OptionError
from humanize.reporting.waiting import said_while_it_lasts
from humanize.reporting.wording import counted

if TYPE_CHECKING:
    from humanize.listening.conditions import Hears
    from humanize.listening.design import Compared, Form

_PATH = FILE
_DEFAULT_CONDITIONS = {
    "velocities": "constant,shuffled,model",
    "performances": "deadpan,rule,model",
}


@click.group()
def command() -> None:
    """Find out what listeners hear: a blind test of the model, people and the plain notes."""


@command.command("build")
@click.argument("pieces", nargs=-1, required=True, type=_PATH, metavar="PIECE...")
@click.option("-o", "--output", required=True, type=_PATH, metavar="DIR", help="New folder.")
@click.option("--key", "key_path", required=True, type=_PATH, help="Key file, outside the packet.")
@click.option(
    "--plan",
    "plan_path",
    type=_PATH,
    help="Plan file; by default KEY with '.plan.json'. Publish it before the first answer.",
)
@click.option(
    "--compare",
    "compared",
    type=click.Choice(["velocities", "performances"]),
    default="velocities",
    show_default=True,
    help="Versions that differ in velocity alone, or whole performances.",
)
@click.option(
    "--human",
    "humans",
    multiple=True,
    metavar="PIECE=FILE",
    help="A performance of a piece (MIDI). Its timing and pedal are those of every version where "
    "velocities are compared.",
)
@click.option(
    "--conditions",
    default=None,
    metavar="LIST",
    help="Some of constant, constant-matched, shuffled, model, written, human; of performances "
    "some of deadpan, rule, model-timing, model-dynamics, model, human.  "
    f"[default: {' or '.join(_DEFAULT_CONDITIONS.values())}; human where every piece has one]",
)
@click.option(
    "--questions",
    default=None,
    metavar="LIST",
    help="Some of human, preference, dynamics and, of performances, timing, each asked in a pass "
    "of its own; both: human and preference.  [default: human, or timing,dynamics]",
)
@click.option(
    "--model",
    default="piano-1",
    show_default=True,
    metavar="NAME|FOLDER",
    help="What plays the version of the model.",
)
@click.option(
    "--model-hears",
    "hears",
    type=click.Choice(["score", "performance"]),
    default="score",
    show_default=True,
    help="'performance' lets the model read the pianist's timing: say so when you report it.",
)
@click.option(
    "--design",
    "form",
    type=click.Choice(["pairs", "multi"]),
    default="pairs",
    show_default=True,
    help="Two versions at a time, or all of a piece on one screen.",
)
@click.option(
    "--raters",
    default=20,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="How many are expected, a playlist each.",
)
@click.option("--trials", default=0, show_default=True, type=click.IntRange(0),
              help="Main trials per rater and question; 0 for all comparisons.")  # fmt: skip
@click.option("--excerpt", default="15s", show_default=True, help="Length of what is heard.")
@click.option("--start", "starts", multiple=True, metavar="PIECE=SECONDS",
              help="Where an excerpt begins; drawn otherwise.")  # fmt: skip
@click.option("--seed", type=int, help="Drawn otherwise; it is kept in the key alone.")
@click.option("--engine", type=click.Choice(["auto", "fluidsynth"]), default="auto",
              show_default=True, help="What makes the sound.")  # fmt: skip
@click.option("--soundfont", type=_PATH, help="Else the best one found.")
@click.option("--format", "sound", type=click.Choice(["flac", "opus"]), default="flac",
              show_default=True, help="Opus: two thirds of the size.")  # fmt: skip
@click.option("--no-audio", is_flag=True, help="MIDI files for the raters' own players.")
@click.option("--zip", "zipped", is_flag=True, help="Also DIR.zip, to send.")
def build_command(
    pieces: tuple[Path, ...],
    output: Path,
    key_path: Path,
    plan_path: Path | None,
    compared: Compared,
    humans: tuple[str, ...],
    conditions: str | None,
    questions: str | None,
    model: str,
    hears: Hears,
    form: Form,
    raters: int,
    trials: int,
    excerpt: str,
    starts: tuple[str, ...],
    seed: int | None,
    engine: str,
    soundfont: Path | None,
    sound: str,
    no_audio: bool,
    zipped: bool,
) -> None:
    """Build a packet from pieces (MIDI or MusicXML).

    \b
    humanize listen build waltz.mid fugue.mid -o packet --key key.json
    humanize listen build waltz.musicxml -o packet --key key.json --compare performances
    """
    from humanize.listening.build import Study, build, names_of, read_source
    from humanize.listening.design import Design
    from humanize.listening.packet import zip_packet

    names = names_of(pieces)
    played = {n: Path(p) for n, p in _pairs(humans, "--human", "PIECE=FILE", names, pieces)}
    sources = tuple(
        read_source(path, name, played.get(name)) for path, name in zip(pieces, names, strict=True)
    )
    study = Study(
        sources=sources,
        design=Design(
            pieces=names,
            compared=compared,
            conditions=_conditions(conditions, compared, set(played) == set(names)),
            questions=_questions(questions, compared),
            form=form,
            raters=raters,
            trials=trials,
        ),
        model=model,
        hears=hears,
        excerpt_sec=_seconds(excerpt, "--excerpt"),
        starts_sec={
            n: _seconds(s, "--start")
            for n, s in _pairs(starts, "--start", "PIECE=SECONDS", names, pieces)
        },
        seed=seed,
        suffix=".mid" if no_audio else f".{sound}",
        soundfont=soundfont,
    )
    plan_path = plan_path or key_path.with_suffix(".plan.json")
    with said_while_it_lasts(f"{output}: making the versions and their sound"):
        built = build(study, output, key_path=key_path, plan_path=plan_path)
    if zipped:
        zip_packet(output, output.with_name(f"{output.name}.zip"))
    _tell(output, key_path, plan_path, list(built.key.raters()), built.plan.power)


@command.command("serve")
@click.argument("packet", type=_PATH)
@click.option("-o", "--answers", required=True, type=_PATH, metavar="DIR",
              help="Where answers are kept, a file for each rater.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True,
              help="0.0.0.0 for raters on the network.")  # fmt: skip
@click.option(
    "--port",
    default=8100,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="TCP port that it listens on.",
)
@click.option(
    "--codes",
    type=_PATH,
    help="The codes that 'listen build' wrote beside the key: each rater's address is then shown.",
)
def serve_command(packet: Path, answers: Path, host: str, port: int, codes: Path | None) -> None:
    """Serve a packet to raters and keep their answers.

    \b
    humanize listen serve packet -o answers --codes key.raters.txt
    """
    from humanize.errors import MissingExtraError
    from humanize.listening.server import AnswerStore, make_app, read_manifest
    from humanize.serving import bounded_config, require_free

    try:
        import uvicorn
    except ImportError:
        raise MissingExtraError("uvicorn", "listen") from None
    if packet.resolve() in answers.resolve().parents or packet.resolve() == answers.resolve():
        raise OptionError(f"{answers}: inside the packet; expected a folder of its own")
    require_free(host, port)
    manifest = read_manifest(packet)
    app = make_app(packet, AnswerStore(answers, manifest))
    for line in _addresses(codes, f"http://{host}:{port}"):
        click.echo(line, err=True)
    config = bounded_config(app, host=host, port=port, log_level="warning")
    uvicorn.Server(config).run()


def _addresses(codes: Path | None, site: str) -> list[str]:
    if codes is None:
        return [f"One address for each rater, with the rater's own code: {site}/?rater=CODE"]
    from humanize.files import read_input

    found = read_input(codes).decode("utf-8", "replace").split()
    return ["One address for each rater:", *(f"  {site}/?rater={code}" for code in found)]


@command.command("analyze")
@click.argument("answers", type=_PATH)
@click.option(
    "--key",
    "key_path",
    required=True,
    type=_PATH,
    help="The key file that the packet was built with.",
)
@click.option("--plan", "plan_path", type=_PATH, help="By default KEY with '.plan.json'.")
@click.option("-o", "--output", required=True, type=_PATH, metavar="DIR", help="Of the report.")
def analyze_command(answers: Path, key_path: Path, plan_path: Path | None, output: Path) -> None:
    """Open the key and report what raters preferred.

    \b
    humanize listen analyze answers --key key.json -o report
    """
    from humanize.listening.report import write_report
    from humanize.listening.results import analyze

    with said_while_it_lasts(f"{answers}: analysing") as say:
        results = analyze(answers, key_path, plan_path or key_path.with_suffix(".plan.json"))
        for line in (*results.refused, *results.remarks):
            say(f"humanize: {line}")
        written = write_report(output, results)
    click.echo(written)


def _pairs(
    given: Sequence[str], option: str, form: str, names: Sequence[str], paths: Sequence[Path]
) -> list[tuple[str, str]]:
    """Return (piece, value) of options such as PIECE=FILE; a piece by its name or its path."""
    known = {**{str(p): n for n, p in zip(names, paths, strict=True)}, **{n: n for n in names},
             **{p.name: n for n, p in zip(names, paths, strict=True)}}  # fmt: skip
    found = []
    for text in given:
        piece, sign, value = text.partition("=")
        if not sign or not value or piece not in known:
            raise OptionError(
                f"{option} {text!r} found; expected {form} with a piece of {', '.join(names)}"
            )
        found.append((known[piece], value))
    return found


def _conditions(given: str | None, compared: Compared, all_played: bool) -> tuple[str, ...]:
    if given is None:
        given = _DEFAULT_CONDITIONS[compared] + (",human" if all_played else "")
    return tuple(name.strip() for name in given.split(",") if name.strip())


def _questions(given: str | None, compared: Compared) -> tuple[str, ...]:
    from humanize.listening.plan import DEFAULT_QUESTIONS, QUESTIONS

    if given is None:
        return DEFAULT_QUESTIONS[compared]
    names = tuple(n.strip() for n in given.replace("both", "human,preference").split(","))
    unknown = [n for n in names if n not in QUESTIONS]
    if unknown:
        raise OptionError(f"question {unknown[0]!r} found; expected {', '.join(QUESTIONS)} or both")
    return names


def _seconds(text: str, option: str) -> float:
    try:
        return float(text.strip().removesuffix("s"))
    except ValueError:
        raise OptionError(f"{option} {text!r} found; expected seconds, such as 15s") from None


def _tell(output: Path, key: Path, plan: Path, raters: list[str], power: dict[str, float]) -> None:
    from humanize.listening.build import codes_path

    click.echo(
        f"{output}: the packet; open index.html, or: humanize listen serve {output} -o answers"
    )
    click.echo(f"{key}: the key; keep it from the raters until the last answer")
    click.echo(f"{plan}: the plan; publish it before the first answer")
    click.echo(f"{codes_path(key)}: {counted(len(raters), 'code')}; give each rater one of his own")
    if power:
        shares = ", ".join(f"{100 * float(s):.0f} %: {p:.2f}" for s, p in power.items())
        click.echo(f"power of the primary hypothesis by true share: {shares}")

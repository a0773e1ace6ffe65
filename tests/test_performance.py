"""A whole performance from a file to a file; the numbers themselves are tested in their rooms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from performing_bundle import write_bundle
from smf_builder import header, note, track

import humanize
from humanize.cli import main_group
from humanize.errors import ModelError, OptionError
from humanize.midi.record import strip_performance

EXAMPLES = Path(__file__).parent.parent / "examples"
FILES = ("waltz.mid", "waltz.musicxml", "fugue.mid", "bach_prelude.mid")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("p") / "lines", conditions=("flat", "marked"))


def read(data: bytes):
    return humanize.read_midi(data).pieces[0]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_performed(name: str, bundle: Path) -> None:
    data = (EXAMPLES / name).read_bytes()
    result = humanize.perform_bytes(data, name=name, model=bundle)
    played = read(result.bytes)
    flat = humanize.humanize_bytes(data, name=name, model=bundle, as_midi=True)
    before = read(flat.bytes)
    assert len(played) == len(before)
    assert sorted(played.velocity.tolist()) == sorted(before.velocity.tolist())
    assert sorted(played.pitch.tolist()) == sorted(before.pitch.tolist())
    assert "sustain_pedal" in played.pedals
    # slower through each bar, and as long as before in all
    assert abs(played.onset_sec - before.onset_sec).max() > 0.02
    assert abs(played.onset_sec[-1] - before.onset_sec[-1]) < 0.2
    assert repr(result).startswith(f"<Performed {name}: ")


@pytest.mark.parametrize("name", [n for n in FILES if n.endswith("mid")])
def test_stripping_gives_the_file_back(name: str, bundle: Path) -> None:
    data = (EXAMPLES / name).read_bytes()
    for write in ("tempo", "notes"):
        result = humanize.perform_bytes(data, name=name, model=bundle, write=write)
        assert result.bytes != data
        assert strip_performance(result.bytes) == data


@pytest.mark.parametrize("pedal", ["auto", "keep"])
def test_nothing_of_everything_is_the_file_as_it_came(example: Path, bundle: Path, pedal) -> None:
    data = example.read_bytes()
    none = {"strength": 0, "rubato": 0, "timing": 0, "articulation": 0}
    assert humanize.perform_bytes(data, model=bundle, pedal=pedal, **none).bytes == data


def test_one_aspect_alone(example: Path, bundle: Path) -> None:
    data = example.read_bytes()
    velocity = humanize.perform_bytes(data, model=bundle, only="velocity")
    assert read(velocity.bytes).velocity.tolist() == (
        humanize.humanize_bytes(data, model=bundle).velocities[0].tolist()
    )
    assert read(velocity.bytes).onset_sec.tolist() == read(data).onset_sec.tolist()
    tempo = humanize.perform_bytes(data, model=bundle, only=["tempo"])
    assert read(tempo.bytes).velocity.tolist() == read(data).velocity.tolist()
    assert ": 0 of " in repr(tempo)
    assert read(tempo.bytes).onset_beat.tolist() == read(data).onset_beat.tolist()
    assert read(tempo.bytes).onset_sec.tolist() != read(data).onset_sec.tolist()
    assert not read(tempo.bytes).pedals
    pedal = humanize.perform_bytes(data, model=bundle, only="pedal")
    assert read(pedal.bytes).onset_sec.tolist() == read(data).onset_sec.tolist()
    assert "sustain_pedal" in read(pedal.bytes).pedals


def test_a_pedal_that_is_there_is_kept(bundle: Path) -> None:
    events = [(0, b"\xb0\x40\x7f"), (2000, b"\xb0\x40\x00")]
    for i in range(8):
        events += note(i * 480, i * 480 + 400, 60 + i)
    data = header(0, 1, 480) + track(sorted(events, key=lambda e: e[0]))
    before = humanize.read_midi(data).scan.tracks[0].controls
    kept = humanize.perform_bytes(data, model=bundle, only="pedal,velocity")
    assert humanize.read_midi(kept.bytes).scan.tracks[0].controls == before
    new = humanize.perform_bytes(data, model=bundle, only="pedal", pedal="replace")
    assert humanize.read_midi(new.bytes).scan.tracks[0].controls != before
    gone = humanize.perform_bytes(data, model=bundle, only="pedal", pedal="none")
    assert not humanize.read_midi(gone.bytes).scan.tracks[0].controls


def test_the_command_writes_what_the_call_returns(tmp_path: Path, bundle: Path) -> None:
    source, target = EXAMPLES / "waltz.musicxml", tmp_path / "out.mid"
    arguments = [
        "perform",
        str(source),
        "-o",
        str(target),
        "--model",
        str(bundle),
        "--rubato",
        "1.5",
    ]
    plot = tmp_path / "out.png"
    run = CliRunner().invoke(main_group, [*arguments, "--plot", str(plot)], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    expected = humanize.perform_bytes(
        source.read_bytes(), name=str(source), model=str(bundle), rubato=1.5
    )
    assert target.read_bytes() == expected.bytes
    assert plot.read_bytes() == expected.plot()
    assert humanize.perform_file(
        source, tmp_path / "f.mid", model=bundle, rubato=1.5
    ).read_bytes() == (expected.bytes)
    assert humanize.perform_score(source, model=bundle, rubato=1.5).bytes == expected.bytes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rubato": 2.5}, "^rubato: 2.5 found; expected a number from 0 to 2$"),
        (
            {"only": "tempo,swing"},
            "^only: 'swing' found; expected some of velocity, tempo, timing,",
        ),
        ({"only": []}, "^only: nothing found; expected some of velocity"),
        ({"pedal": "lots"}, "^pedal 'lots' found; expected one of auto, keep, add, replace, none$"),
        ({"write": "x"}, "^write 'x' found; expected one of tempo, notes$"),
        ({"groove": 1}, "^option 'groove' found; expected one of strength, "),
    ],
)
def test_wrong_options_are_one_line(options, message: str, example: Path, bundle: Path) -> None:
    with pytest.raises(OptionError, match=message):
        humanize.perform_bytes(example.read_bytes(), model=bundle, **options)


def test_a_performance_is_not_written_as_notation_or_sound(tmp_path: Path, bundle: Path) -> None:
    for ending in (".musicxml", ".flac", ".mxl"):
        with pytest.raises(
            OptionError, match=r"a performance is written as MIDI, .*; expected \.mid"
        ):
            humanize.perform_file(EXAMPLES / "waltz.mid", tmp_path / f"x{ending}", model=bundle)
    assert not list(tmp_path.iterdir())


def test_a_player_s_timing_is_kept(bundle: Path) -> None:
    draw = np.random.default_rng(0)
    ticks = np.cumsum(draw.integers(100, 500, 60))
    events = [e for t in ticks.tolist() for e in note(t, t + 90, int(draw.integers(50, 80)))]
    data = header(0, 1, 960) + track(sorted(events, key=lambda e: e[0]))
    folder = write_bundle(bundle.parent / "performed", conditions=("performed", "flat"))
    result = humanize.perform_bytes(data, model=folder)
    assert read(result.bytes).onset_sec.tolist() == read(data).onset_sec.tolist()
    assert result.messages[-1] == (
        "already a performance: its timing is kept, velocities alone are new"
    )


def test_a_model_of_velocity_alone_is_refused(example: Path, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "velocity", "velocity")
    with pytest.raises(ModelError, match=r"^model velocity: predicts velocity alone, not log_beat"):
        humanize.perform_bytes(example.read_bytes(), model=folder)
    only = humanize.perform_bytes(example.read_bytes(), model=folder, only="velocity")
    assert only.bytes != example.read_bytes()


def test_a_pretty_midi_is_performed_as_a_copy(bundle: Path) -> None:
    pretty_midi = pytest.importorskip("pretty_midi")
    midi = pretty_midi.PrettyMIDI(str(EXAMPLES / "waltz.mid"))
    before = [(n.start, n.end, n.velocity) for part in midi.instruments for n in part.notes]
    performed = humanize.perform_midi(midi, model=bundle)
    after = [(n.start, n.end, n.velocity) for part in performed.instruments for n in part.notes]
    assert before == [(n.start, n.end, n.velocity) for p in midi.instruments for n in p.notes]
    assert len(after) == len(before)
    assert max(abs(a[0] - b[0]) for a, b in zip(after, before, strict=True)) > 0.02
    assert [a[2] for a in after] != [b[2] for b in before]
    assert any(part.control_changes for part in performed.instruments)
    with pytest.raises(OptionError, match="channels found; a PrettyMIDI has none"):
        humanize.perform_midi(midi, model=bundle, channels=[1])


@pytest.mark.parametrize("first", [True, False])
def test_a_track_of_ends_alone_is_no_piece_of_a_type_2_file(first: bool) -> None:
    music, ends = track([*note(0, 480, 60), *note(480, 960, 64)]), track([(0, b"\x80\x3c\x00")])
    data = header(2, 2, 480) + (ends + music if first else music + ends)
    made = humanize.perform_bytes(data)
    assert len(made.notes) == 1
    assert strip_performance(made.bytes) == data

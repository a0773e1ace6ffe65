import io
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from humanize.commands.render import command
from humanize.errors import InputError, OptionError
from humanize.listening import audio

for _package in ("pyloudnorm", "soundfile"):
    pytest.importorskip(_package, reason=f"needs {_package} (extra: listen)")
try:
    import fluidsynth  # noqa: F401
except ImportError:
    pytest.skip("needs pyfluidsynth and Debian's libfluidsynth3", allow_module_level=True)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "humanize", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def midi(velocity: int) -> bytes:
    events = b"".join(
        bytes([0, 0x90, pitch, velocity, 0x83, 0x60, 0x80, pitch, 0]) for pitch in (60, 64, 67)
    )
    track = events + b"\x00\xff\x2f\x00"
    header = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480)
    return header + b"MTrk" + struct.pack(">I", len(track)) + track


def test_same_bytes_same_samples_and_length_is_free_of_velocity():
    loud = audio.synthesise(midi(100))
    np.testing.assert_array_equal(loud, audio.synthesise(midi(100)))
    assert len(audio.synthesise(midi(30))) == len(loud)
    assert np.abs(audio.synthesise(midi(30))).max() < np.abs(loud).max()


@pytest.mark.parametrize("velocity", [20, 120])
def test_loudness_is_matched(velocity):
    matched = audio.match_loudness(audio.synthesise(midi(velocity)))
    assert audio.measure_loudness(matched) == pytest.approx(audio.LOUDNESS_LUFS, abs=0.05)


@pytest.mark.parametrize("suffix", list(audio.FORMATS))
def test_command_writes_each_format(tmp_path, suffix):
    import soundfile

    (tmp_path / "in.mid").write_bytes(midi(80))
    output = tmp_path / f"out{suffix}"
    result = CliRunner().invoke(
        command, [str(tmp_path / "in.mid"), "-o", str(output)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    samples, rate = soundfile.read(io.BytesIO(output.read_bytes()))
    assert rate == audio.RATE_HZ and np.abs(samples).max() > 0.01


def test_errors_say_what_was_wrong(tmp_path):
    with pytest.raises(OptionError, match=r"\.mp3: unknown; expected \.wav"):
        audio.encode(np.zeros((10, 2), np.float32), ".mp3")
    with pytest.raises(InputError, match="silent"):
        audio.measure_loudness(np.zeros((audio.RATE_HZ, 2), np.float32))
    with pytest.raises(InputError, match="no such file; expected a soundfont"):
        audio.synthesise(midi(80), soundfont=tmp_path / "none.sf2")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.mid", b"hello", "text.mid: not a MIDI file: it begins as none does; expected"),
        ("waltz.mid", b"<score-partwise/>", "waltz.mid: not a MIDI file: it holds XML, as scores"),
        ("none.mid", midi(0), "none.mid: "),
    ],
)
def test_what_is_no_midi_file_is_one_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = run("render", tmp_path / name, "-o", tmp_path / "out.wav")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and f"{tmp_path}/{message}" in done.stderr
    assert not (tmp_path / "out.wav").exists()


def test_what_is_no_soundfont_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "in.mid").write_bytes(midi(80))
    font = tmp_path / "font.sf2"
    said = f"humanize: {font}: not a soundfont; expected .sf2 or .sf3"
    arguments = ("render", tmp_path / "in.mid", "-o", tmp_path / "out.wav", "--soundfont", font)
    font.write_bytes(b"hello")
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (1, f"{said}\n")
    font.write_bytes(b"RIFF\4\0\0\0sfbk")  # damaged: FluidSynth keeps its reasons to itself
    done = run(*arguments)
    assert done.returncode == 1 and done.stderr.splitlines()[-1] == said
    assert "fluidsynth" not in done.stderr


def test_midi_within_riff_sounds_as_it_does_alone() -> None:
    plain = midi(80)
    inside = b"RMIDdata" + struct.pack("<I", len(plain)) + plain
    riff = b"RIFF" + struct.pack("<I", len(inside)) + inside
    assert audio.render(riff, ".wav") == audio.render(plain, ".wav")

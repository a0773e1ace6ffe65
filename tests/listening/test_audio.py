import io
import struct

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

"""A MIDI file's bytes as sound: FluidSynth in floating point, then one loudness (BS.1770)."""

from __future__ import annotations

import ctypes
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.errors import HumanizeError, InputError, MissingExtraError, OptionError
from humanize.files import read_regular
from humanize.midi.reading import read_midi

RATE_HZ = 48000
LOUDNESS_LUFS = -23.0
FORMATS = {".wav": ("WAV", "PCM_24"), ".flac": ("FLAC", "PCM_24"), ".opus": ("OGG", "OPUS")}
_SOUNDFONTS = (
    "/usr/share/sounds/sf2/MuseScore_General.sf2",
    "/usr/share/sounds/sf3/MuseScore_General.sf3",
)
_BLOCK = 4096
_TAIL_SEC = 2.0
_LONGEST_SEC = 3600
_PEAK = 0.98
_PLAYING = 1
_LOG_LEVELS = 5  # of FluidSynth: panic, error, warning, information, debugging
_INSTALL = (
    "FluidSynth's library was not found; expected it to make sound. Install it with: "
    "apt install libfluidsynth3 (Debian, Ubuntu), brew install fluid-synth (macOS), "
    "choco install fluidsynth (Windows)"
)

Samples = NDArray[np.float32]


def find_soundfont() -> Path:
    """Return the best piano soundfont here: MuseScore General, else pretty_midi's own."""
    for name in _SOUNDFONTS:
        if Path(name).exists():
            return Path(name)
    import pretty_midi

    return Path(pretty_midi.__file__).with_name("TimGM6mb.sf2")


def synthesise(
    data: bytes,
    *,
    name: str = "input.mid",
    soundfont: Path | None = None,
    until_sec: float | None = None,
) -> Samples:
    """Return the sound of a MIDI file as FluidSynth plays it, before any change of level.

    Parameters
    ----------
    data : bytes
        A Standard MIDI File.
    name : str
        What error messages call it.
    soundfont : Path, optional
        The soundfont; :func:`find_soundfont` when None.
    until_sec : float, optional
        Where to stop; after the last event when None.

    Returns
    -------
    ndarray of float32, shape (n_samples, 2)
        Left and right at 48 kHz, with two seconds after the last event. The same bytes give
        the same samples.

    Raises
    ------
    HumanizeError
        If FluidSynth is missing, or the file or the soundfont cannot be played.
    """
    synth = _open_synth(soundfont or find_soundfont())
    try:
        return _play(synth, data, name, until_sec)
    finally:
        synth.delete()


def match_loudness(samples: Samples, *, lufs: float = LOUDNESS_LUFS) -> Samples:
    """Return sound at an integrated loudness (ITU-R BS.1770), or lower where it would clip.

    Raises
    ------
    InputError
        If the sound is silent, or shorter than the 0.4 s that the measure needs.
    """
    gain = 10 ** ((lufs - measure_loudness(samples)) / 20)
    return (samples * min(gain, _PEAK / float(np.abs(samples).max()))).astype(np.float32)


def measure_loudness(samples: Samples) -> float:
    """Return the integrated loudness in LUFS (ITU-R BS.1770); see :func:`match_loudness`."""
    try:
        import pyloudnorm
    except ImportError:
        raise MissingExtraError("pyloudnorm", "listen") from None
    if len(samples) < 0.4 * RATE_HZ or not np.abs(samples).max() > 0:
        raise InputError("the sound is silent or under 0.4 s; expected something to measure")
    loudness = float(pyloudnorm.Meter(RATE_HZ).integrated_loudness(samples))
    if not np.isfinite(loudness):
        raise InputError("the sound is below -70 LUFS throughout; expected something to hear")
    return loudness


def encode(samples: Samples, suffix: str, *, subtype: str | None = None) -> bytes:
    """Return sound as the bytes of a ``.wav``, ``.flac`` or ``.opus`` file without tags.

    ``subtype`` is libsndfile's name of the sample format where the usual one is not wanted.
    """
    try:
        import soundfile
    except ImportError:
        raise MissingExtraError("soundfile", "listen") from None
    if suffix not in FORMATS:
        raise OptionError(f"{suffix or 'no ending'}: unknown; expected {', '.join(FORMATS)}")
    container, usual = FORMATS[suffix]
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", RATE_HZ, 2, subtype or usual, format=container) as file:
        for start in range(0, len(samples), _BLOCK):  # a minute of Opus at once can crash it
            file.write(samples[start : start + _BLOCK])
    return buffer.getvalue()


def render(data: bytes, suffix: str, *, name: str = "input.mid", **options: Any) -> bytes:
    """Return a MIDI file as a loudness-matched audio file; see the three steps above.

    Raises
    ------
    MidiError
        If it is no MIDI file, or has no notes.
    HumanizeError
        As the three steps do.
    """
    start = read_midi(data, name=name).scan.start  # FluidSynth knows nothing of RIFF around MIDI
    return encode(match_loudness(synthesise(data[start:], name=name, **options)), suffix)


def _library() -> Any:
    try:
        import fluidsynth
    except ImportError as error:
        if "library" in str(error).lower():
            raise HumanizeError(_INSTALL) from None
        raise MissingExtraError("pyfluidsynth", "listen") from None
    return fluidsynth


def _open_synth(soundfont: Path) -> Any:
    _require_soundfont(soundfont)
    settings = {"player.timing-source": "sample", "synth.lock-memory": 0}
    library = _library()
    _silence(library)
    synth = library.Synth(gain=0.5, samplerate=float(RATE_HZ), **settings)
    if synth.sfload(str(soundfont), 1) < 0:
        synth.delete()
        raise InputError(f"{soundfont}: {_NO_SOUNDFONT}")
    return synth


_NO_SOUNDFONT = "not a soundfont; expected .sf2 or .sf3"


def _require_soundfont(path: Path) -> None:
    """Raise InputError for a file that does not begin as a soundfont does."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected a soundfont (.sf2 or .sf3)")
    start = read_regular(path, 12)
    if start[:4] != b"RIFF" or start[8:] not in (b"sfbk", b"DLS "):
        raise InputError(f"{path}: {_NO_SOUNDFONT}")


def _silence(library: Any) -> None:
    """Keep FluidSynth from writing to standard error: what is wrong is said in an error of ours."""
    set_log = ctypes.CDLL(library.lib).fluid_set_log_function
    set_log.restype = ctypes.c_void_p
    for level in range(_LOG_LEVELS):
        set_log(ctypes.c_int(level), None, None)


def _play(synth: Any, data: bytes, name: str, until_sec: float | None) -> Samples:
    api = ctypes.CDLL(_library().lib)
    api.new_fluid_player.restype = ctypes.c_void_p
    player = ctypes.c_void_p(api.new_fluid_player(ctypes.c_void_p(synth.synth)))
    try:
        if api.fluid_player_add_mem(player, data, ctypes.c_size_t(len(data))) != 0:
            raise InputError(f"{name}: FluidSynth cannot play it; expected a MIDI file")
        api.fluid_player_play(player)
        return _collect(api, synth, player, name, until_sec)
    finally:
        api.delete_fluid_player(player)


def _collect(api: Any, synth: Any, player: Any, name: str, until_sec: float | None) -> Samples:
    blocks: list[Samples] = []
    last = _LONGEST_SEC + 1 if until_sec is None else until_sec
    tail = int(np.ceil(_TAIL_SEC * RATE_HZ / _BLOCK))
    while tail > 0 and len(blocks) * _BLOCK < last * RATE_HZ:
        blocks.append(_write_float(api, synth))
        if len(blocks) * _BLOCK > _LONGEST_SEC * RATE_HZ:
            raise InputError(f"{name}: over an hour of sound; expected a shorter piece")
        tail -= not _before_last_event(api, player)
    return np.concatenate(blocks)


def _before_last_event(api: Any, player: Any) -> bool:
    # the player's own end waits for the last voice, whose length depends on its velocity
    if api.fluid_player_get_status(player) != _PLAYING:
        return False
    position = api.fluid_player_get_current_tick(player)
    return bool(position < api.fluid_player_get_total_ticks(player))


def _write_float(api: Any, synth: Any) -> Samples:
    block = np.zeros((_BLOCK, 2), np.float32)
    out = block.ctypes.data_as(ctypes.c_void_p)
    api.fluid_synth_write_float(ctypes.c_void_p(synth.synth), _BLOCK, out, 0, 2, out, 1, 2)
    return block

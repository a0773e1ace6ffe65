"""The REAPER script's own functions, on a stand-in that is as strict as REAPER's binding."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from ctypes import c_byte, c_double, c_int
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from humanize import NoteTable, humanize_file
from humanize.midi.reading import read_midi

EXAMPLES = Path(__file__).parents[2] / "examples"
OFFSET = 9.0  # quarters before the fake items begin: three measures of 3/4
PPQ = 960


class FakeReaper:
    """A project at 150 in 3/4 with takes of [selected, muted, start, end, channel, pitch, velocity]."""

    def __init__(self, takes: dict[str, list[list[Any]]]) -> None:
        self.takes = takes
        self.said: list[str] = []
        self.log: list[str] = []

    def RPR_CountSelectedMediaItems(self, project: int) -> int:
        return len(self.takes) + 1

    def RPR_GetSelectedMediaItem(self, project: int, index: int) -> str:
        return [*self.takes, "audio"][c_int(index).value]

    def RPR_GetActiveTake(self, item: str) -> str:
        return item

    def RPR_TakeIsMIDI(self, take: str) -> int:
        return int(take in self.takes)

    def RPR_MIDI_CountEvts(self, take: str, *counts: int) -> tuple[Any, ...]:
        assert len([c_int(count) for count in counts]) == 3
        return (1, take, len(self.takes[take]), 0, 0)

    def RPR_MIDI_GetNote(self, take: str, index: int, *out: Any) -> tuple[Any, ...]:
        _as_in_c(out)
        return (1, take, index, *self.takes[take][index])

    def RPR_MIDI_SetNote(self, take: str, index: int, *values: Any) -> None:
        *note, unsorted = values
        _as_in_c(note)
        assert c_byte(unsorted).value == 1
        self.takes[take][index] = note

    def RPR_MIDI_Sort(self, take: str) -> None:
        self.log.append(f"sort {take}")

    def RPR_MIDI_GetProjQNFromPPQPos(self, take: str, ppq: float) -> float:
        return OFFSET + ppq / PPQ

    def RPR_TimeMap_GetMeasureInfo(self, project: int, measure: int, *out: Any) -> tuple[Any, ...]:
        kinds = (c_double, c_double, c_int, c_int, c_double)
        assert len([kind(value) for kind, value in zip(kinds, out, strict=True)]) == 5
        return (1.2 * measure, project, measure, 3.0 * measure, 3.0 * measure + 3, 3, 4, 150.0)

    def RPR_TimeMap2_QNToTime(self, project: int, quarter: float) -> float:
        return 0.4 * quarter

    def RPR_Undo_BeginBlock2(self, project: int) -> None:
        self.log.append("begin")

    def RPR_Undo_EndBlock2(self, project: int, description: str, flags: int) -> None:
        self.log.append("end")

    def RPR_UpdateArrange(self) -> None:
        self.log.append("draw")

    def RPR_MB(self, text: str, title: str, kind: int) -> None:
        self.said.append(text)


def _as_in_c(note: Any) -> None:
    kinds = (c_byte, c_byte, c_double, c_double, c_int, c_int, c_int)
    assert len([kind(value) for kind, value in zip(kinds, note, strict=True)]) == 7


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "reaper_humanize", EXAMPLES / "reaper_humanize.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PROGRAM", str(Path(sys.executable).parent / "humanize"))
    return module


def _piece(data: bytes) -> NoteTable:
    (piece,) = read_midi(data).pieces
    return piece


def _waltz() -> dict[str, list[list[Any]]]:
    """The waltz as two takes, a hand each."""
    notes = _piece((EXAMPLES / "waltz.mid").read_bytes())
    takes: dict[str, list[list[Any]]] = {
        f"track {t}": [] for t in sorted(set(notes.track.tolist()))
    }
    for row in range(len(notes)):
        start, length = notes.onset_beat[row] * PPQ, notes.duration_beat[row] * PPQ
        note = [0, 0, float(start), float(start + length), 0, int(notes.pitch[row]), 64]
        takes[f"track {notes.track[row]}"].append(note)
    return takes


def _velocities(takes: dict[str, list[list[Any]]]) -> dict[str, list[int]]:
    return {name: [note[-1] for note in notes] for name, notes in takes.items()}


def test_items_get_what_humanize_gives_the_same_music(script: ModuleType, tmp_path: Path) -> None:
    reaper = FakeReaper(_waltz())
    script.main(reaper)
    assert reaper.said == []
    wanted = _piece(humanize_file(EXAMPLES / "waltz.mid", tmp_path / "x.mid").read_bytes())
    assert len(set(wanted.velocity.tolist())) > 10
    assert _velocities(reaper.takes) == {
        name: wanted.velocity[wanted.track == int(name.split()[1])].tolist()
        for name in reaper.takes
    }
    untouched = {name: [note[:-1] for note in notes] for name, notes in _waltz().items()}
    assert {name: [note[:-1] for note in t] for name, t in reaper.takes.items()} == untouched
    assert reaper.log == ["begin", *(f"sort {name}" for name in reaper.takes), "end", "draw"]


def test_selected_notes_alone_are_set_and_muted_ones_are_not_heard(script: ModuleType) -> None:
    takes = _waltz()
    melody = takes["track 2"]
    melody[3][0] = melody[5][0] = 1
    melody[7][1] = 1
    muted_away = {**_waltz(), "track 2": [n for i, n in enumerate(_waltz()["track 2"]) if i != 7]}
    all_set = FakeReaper(muted_away)
    script.main(all_set)
    reaper = FakeReaper(takes)
    script.main(reaper)
    given = _velocities(reaper.takes)
    heard = _velocities(all_set.takes)
    assert [given["track 2"][3], given["track 2"][5]] == [heard["track 2"][3], heard["track 2"][5]]
    given["track 2"][3] = given["track 2"][5] = 64
    assert given == _velocities(_waltz())
    assert 64 not in (heard["track 2"][3], heard["track 2"][5])


def test_file_keeps_order_overlaps_and_notes_of_no_length(script: ModuleType) -> None:
    spans = [
        (13.0, 14.0, 60, 11),
        (12.0, 13.0, 60, 12),
        (12.5, 12.5, 62, 13),
        (12.25, 12.75, 60, 14),
    ]
    notes = [
        script.Note(i, False, start, end, 0, pitch, velocity)
        for i, (start, end, pitch, velocity) in enumerate(spans)
    ]
    bars = [script.Bar(12.0, 6, 8), script.Bar(15.0, 2, 4)]
    tempi = [script.Tempo(12.0, 0.5), script.Tempo(13.0, 0.75)]
    data, positions = script.midi_file([[], notes], bars, tempi)
    assert script.read_velocities(data, positions) == [[], [11, 12, 13, 14]]
    piece = _piece(data)
    assert piece.velocity.tolist() == [12, 14, 13, 11]
    assert piece.onset_beat.tolist() == [0.0, 0.25, 0.5, 1.0]
    assert piece.onset_sec.tolist() == pytest.approx([0.0, 0.125, 0.25, 0.5])
    assert (piece.onset_sec + piece.duration_sec)[-1] == pytest.approx(1.25)
    assert (piece.duration_beat > 0).all()
    assert piece.metre_numerator.tolist() == [6] * 4
    assert piece.metre_denominator.tolist() == [8] * 4


def test_a_gliding_tempo_is_taken_quarter_by_quarter(script: ModuleType) -> None:
    class Gliding(FakeReaper):
        def RPR_TimeMap2_QNToTime(self, project: int, quarter: float) -> float:
            return 0.5 * quarter if quarter < 2 else 1.0 + 0.5 * (quarter - 2) + (quarter - 2) ** 2

    tempi = script.read_tempi(Gliding({}), 0.0, 4.0)
    assert [tempo.start for tempo in tempi] == [0.0, 2.0, 3.0]
    assert [tempo.seconds for tempo in tempi] == pytest.approx([0.5, 1.5, 3.5])


def test_what_is_wrong_is_said_and_nothing_is_set(script: ModuleType) -> None:
    reaper = FakeReaper(_waltz())
    script.OPTIONS = ["--strength", "7"]
    script.main(reaper)
    script.PROGRAM = "no-such-program"
    script.main(reaper)
    empty = FakeReaper({})
    script.main(empty)
    complaint = subprocess.run(
        [Path(sys.executable).parent / "humanize", str(EXAMPLES / "waltz.mid"), "--strength", "7"],
        capture_output=True,
        text=True,
    ).stderr
    assert "strength" in complaint
    assert reaper.said[0] == complaint.strip()
    assert reaper.said[1].startswith("'no-such-program' not found; expected its full path")
    assert empty.said == ["no notes that sound in the selected items; expected at least one"]
    assert _velocities(reaper.takes) == _velocities(_waltz())
    assert reaper.log.count("begin") == reaper.log.count("end") == 2

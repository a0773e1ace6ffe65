"""The MuseScore plugin, run headless in MuseScore 3 and its saved score read back."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from humanize import humanize_file
from humanize.midi.reading import read_midi
from humanize.notes import NoteTable
from humanize.score import read_score

EXAMPLES = Path(__file__).parents[2] / "examples"
PLUGIN = EXAMPLES / "musescore_plugin" / "humanize.qml"
WALTZ = EXAMPLES / "waltz.musicxml"
REPEATED = Path(__file__).parent / "repeated.musicxml"
FAST = "piano-1-fast"
MUSESCORE = shutil.which("mscore3") or shutil.which("musescore3")

# MuseScore's own -o converts the file on disk, not the score a plugin changed: this one saves it.
DRIVER = """import MuseScore 3.0
Humanize { onRun: console.log("saved: " + writeScore(curScore, "%s", "mscx")) }
"""

# The way of MuseScore 4, on the score that MuseScore 3 has open: what it reads, and what it sets.
TEXT_DRIVER = """import FileIO 3.0
import MuseScore 3.0
Humanize {
    property var kept: FileIO { source: "%s.musicxml" }
    options: "--model piano-1-fast"
    onRun: {
        kept.write(scoreText().text)
        console.log("text: " + humanizeText())
        console.log("saved: " + writeScore(curScore, "%s", "mscx"))
    }
}
"""

# A score as MuseScore 4 shows it to a plugin, and its QProcess, in plain objects.
STUB_DRIVER = """import FileIO 3.0
import MuseScore 3.0
Humanize {
    id: plugin
    property var kept: FileIO { source: "%s" }
    property var calls: []
    major: 4
    options: "--dynamics follow --model piano-1-fast"
    symbols: ({ articAccentAbove: 11, articStaccatoBelow: 12 })
    runner: ({
        startWithArgs: function(program, words) {
            calls.push([program].concat(words.slice(0, 1), words.slice(2, 7)))
            process.start(program + " \\"" + words.join("\\" \\"") + "\\"")
        },
        waitForFinished: function(limit) { return process.waitForFinished(limit) }
    })
    property var process: Qt.createQmlObject("import MuseScore 3.0; QProcess {}", kept)
    score: stub()
    onRun: {
        var notes = scoreText().notes
        kept.write(JSON.stringify({ calls: calls, text: scoreText().text, notes: notes }))
    }

    function note(pitch, more) {
        var made = { pitch: pitch, veloType: "unset", userVelocity: 0 }
        for (var name in more || {})
            made[name] = more[name]
        return made
    }
    function chord(ticks, notes, graces, articulations) {
        return { type: Element.CHORD, actualDuration: { ticks: ticks }, notes: notes,
                 graceNotes: graces || [], articulations: articulations || [] }
    }
    function rest() { return { type: Element.REST } }
    function segment(tick, tracks, annotations) {
        return { tick: tick, annotations: annotations || [],
                 elementAt: function(track) { return tracks[track] || null } }
    }
    function measure(segments) {
        for (var i = 0; i + 1 < segments.length; i++)
            segments[i].nextInMeasure = segments[i + 1]
        return { firstSegment: segments[0], lastSegment: segments[segments.length - 1],
                 timesigNominal: { numerator: 3, denominator: 4 } }
    }
    function stub() {
        var soft = { type: Element.DYNAMIC, track: 0, text: "<sym>dynamicPiano</sym>" }
        var loud = { type: Element.DYNAMIC, track: 0, text: "<sym>dynamicForte</sym>" }
        var sweet = { type: Element.STAFF_TEXT, track: 4, text: "<i>dolce</i>" }
        var slow = { type: Element.TEMPO_TEXT, track: 0, tempo: 1, text: "quarter = 60" }
        var grace = chord(0, [note(71)])
        var first = measure([
            segment(0, { 0: chord(480, [note(72), note(76)], [], [{ symbol: 11 }]),
                         4: chord(1440, [note(48)]) }, [slow, soft, sweet]),
            segment(480, { 0: rest() }),
            segment(960, { 0: chord(480, [note(74, { tieForward: {} })], [grace]) }),
            segment(1440, {})])
        var second = measure([
            segment(1440, { 0: chord(480, [note(74, { tieBack: {} })]), 4: rest(),
                            5: chord(160, [note(50)]) }),
            segment(1600, { 5: chord(160, [note(52)], [], [{ symbol: 12 }]) }),
            segment(1760, { 5: chord(160, [note(53)]) }),
            segment(1920, { 0: chord(960, [note(77)]) }, [loud]),
            segment(2880, {})])
        first.nextMeasure = second
        var log = calls
        return {
            parts: [
                { startTrack: 8, endTrack: 12, hasDrumStaff: true, partName: "Drums" },
                { startTrack: 0, endTrack: 8, hasDrumStaff: false, partName: "A & B",
                  midiProgram: 0 }
            ],
            firstMeasure: first,
            startCmd: function(name) { log.push("start") },
            endCmd: function() { log.push("end") }
        }
    }
}
"""

pytestmark = pytest.mark.skipif(not MUSESCORE, reason="needs Debian's package musescore3")


def _musescore(*words: str | Path, path: str | None = None) -> str:
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PATH": path or f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [str(MUSESCORE), *map(str, words)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stderr


def _run_driver(score: Path, driver: str) -> str:
    shutil.copy(PLUGIN, score.parent / "Humanize.qml")
    (score.parent / "driver.qml").write_text(driver)
    return _musescore("-p", score.parent / "driver.qml", score)


def _run_plugin(score: Path, *, path: str | None = None) -> tuple[Path, str]:
    """Return the score that the plugin leaves, and what the plugin said."""
    folder = score.parent
    shutil.copy(PLUGIN, folder / "Humanize.qml")
    (folder / "driver.qml").write_text(DRIVER % (folder / "saved").as_posix())
    said = _musescore("-p", folder / "driver.qml", score, path=path)
    assert "saved: true" in said
    (line,) = re.findall("humanize: (.*)", said)
    return folder / "saved.mscx", line


def _notes(midi: Path) -> NoteTable:
    (piece,) = read_midi(midi.read_bytes(), name=midi.name).pieces
    return piece


def _export(score: Path, name: str) -> Path:
    target = score.parent / name
    _musescore("-o", target, score)
    return target


def _user_velocities(mscx: Path) -> list[int]:
    notes = ElementTree.parse(mscx).iter("Note")
    return [int(n.findtext("velocity", "0")) for n in notes if n.findtext("veloType") == "user"]


def _without_velocities(mscx: Path) -> str:
    """Return the notes and all else, less what the plugin sets and where the file came from."""
    text = re.sub(r"(?s)<metaTag .*?</metaTag>", "", mscx.read_text(encoding="utf-8"))
    return re.sub(r"\s*<velocity>\d+</velocity>\s*<veloType>user</veloType>", "", text)


def test_waltz_plays_as_humanize_says(tmp_path: Path) -> None:
    score = Path(shutil.copy(WALTZ, tmp_path))
    plain = _export(score, "plain.mid")
    wanted = humanize_file(plain, tmp_path / "wanted.mid")
    saved, said = _run_plugin(score)
    before, after = _notes(plain), _notes(wanted)
    changed = before.velocity != after.velocity
    assert said == f"{changed.sum()} of {len(before)} played notes changed"
    assert changed.sum() > 100
    assert sorted(_user_velocities(saved)) == sorted(after.velocity[changed].tolist())
    assert _export(saved, "saved.mid").read_bytes() == wanted.read_bytes()
    assert _without_velocities(saved) == _without_velocities(_export(score, "plain.mscx"))


def test_repeats_graces_octave_lines_and_transposition_keep_their_notes(tmp_path: Path) -> None:
    score = Path(shutil.copy(REPEATED, tmp_path))
    plain = _export(score, "plain.mid")
    wanted = _notes(humanize_file(plain, tmp_path / "wanted.mid"))
    half = len(wanted) // 2
    assert half == 11  # 13 written; the tie's second note and the unison's sound with another
    passes = wanted.velocity.reshape(2, half)
    assert (wanted.pitch[:half] == wanted.pitch[half:]).all()
    assert (passes[0] != passes[1]).any()
    saved, _ = _run_plugin(score)
    played = _notes(_export(saved, "saved.mid"))
    assert played.pitch.tolist() == wanted.pitch.tolist()
    expected = (passes.mean(axis=0) + 0.5).astype(int).tolist()
    assert played.velocity.tolist() == expected * 2


def test_without_the_program_the_score_stays_as_it_is(tmp_path: Path) -> None:
    score = Path(shutil.copy(WALTZ, tmp_path))
    saved, said = _run_plugin(score, path=str(tmp_path))
    assert said.startswith(
        "Nothing changed: 'humanize' gave no result; expected it to be installed"
    )
    assert _user_velocities(saved) == []


def test_the_way_of_musescore_4_reads_the_notes_and_dynamics_that_are_there(tmp_path: Path) -> None:
    score = tmp_path / "waltz.musicxml"  # without its hairpins, which no plugin is shown
    text, hairpins = re.subn('<wedge type="[^"]*"/>', "<words/>", WALTZ.read_text())
    assert hairpins
    score.write_text(text)
    stem = (tmp_path / "own").as_posix()
    said = _run_driver(score, TEXT_DRIVER % (stem, stem))
    assert "text: 159 of 159 notes changed" in said
    own, original = (read_score(path) for path in (tmp_path / "own.musicxml", score))
    for name in ("onset_beat", "duration_beat", "pitch", "onset_sec", "measure_position_beat"):
        np.testing.assert_array_equal(
            getattr(own.notes, name), getattr(original.notes, name), err_msg=name
        )
    for name in ("staff", "notated_level"):
        np.testing.assert_array_equal(own.notes.marking(name), original.notes.marking(name))
    wanted = humanize_file(tmp_path / "own.musicxml", tmp_path / "wanted.musicxml", model=FAST)
    velocities = _dynamics(wanted)
    assert len(set(velocities)) > 20
    assert sorted(_user_velocities(tmp_path / "own.mscx")) == sorted(velocities)


def test_the_way_of_musescore_4_on_what_it_shows_to_plugins(tmp_path: Path) -> None:
    score = Path(shutil.copy(WALTZ, tmp_path))
    _run_driver(score, STUB_DRIVER % (tmp_path / "kept.json").as_posix())
    kept = json.loads((tmp_path / "kept.json").read_text())
    options = ["-q", "--dynamics", "follow", "--model", "piano-1-fast"]
    assert kept["calls"] == [["humanize", "humanize", *options], "start", "end"]
    (tmp_path / "stub.musicxml").write_text(kept["text"])
    reading = read_score(tmp_path / "stub.musicxml")
    notes = reading.notes
    rows = zip(notes.onset_beat.tolist(), notes.duration_beat.tolist(), notes.pitch.tolist(),
               notes.marking("staff").tolist(), notes.marking("notated_level").tolist(), strict=True)  # fmt: skip
    assert [tuple(round(value, 4) for value in row) for row in rows] == [
        (0, 3, 48, 2, 49), (0, 1, 72, 1, 49), (0, 1, 76, 1, 49), (1.875, 0.125, 71, 1, 49),
        (2, 2, 74, 1, 49), (3, 0.3333, 50, 2, 49), (3.3333, 0.3333, 52, 2, 49),
        (3.6667, 0.3333, 53, 2, 49), (4, 2, 77, 1, 96),
    ]  # fmt: skip
    assert reading.tempo == ((0.0, 60.0),)
    assert reading.metres == ((0.0, 3, 4),)
    assert reading.part_names == ("A & B",)
    assert notes.marking("accent").tolist() == [0, 1, 1, 0, 0, 0, 0, 0, 0]
    assert notes.marking("staccato").tolist() == [0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert notes.marking("word_soft").tolist() == [1] * 9
    wanted = humanize_file(
        tmp_path / "stub.musicxml", tmp_path / "wanted.musicxml", dynamics="follow", model=FAST
    )
    tied = 5  # the second note of the tie: no velocity of its own
    expected = _dynamics(wanted)
    expected.insert(tied, 0)
    assert [note["userVelocity"] for note in kept["notes"]] == expected
    assert [note["pitch"] for note in kept["notes"]] == [72, 76, 71, 74, 48, 74, 77, 50, 52, 53]


def _dynamics(musicxml: Path) -> list[int]:
    found = re.findall(r'dynamics="([0-9.]+)"', musicxml.read_text(encoding="utf-8"))
    return [round(0.9 * float(value)) for value in found]

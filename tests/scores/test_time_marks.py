"""Words of tempo and pedal marks in scores; expected columns by hand."""

from __future__ import annotations

import numpy as np
import pytest
from musicxml_builder import direction, note, part, score, solo, words

import humanize
from humanize.notes import NoteTable
from humanize.score import read_score

BAR = note("C4", 1) * 4


def notes_of(*measures: str) -> NoteTable:
    return read_score(solo(*measures), name="x.musicxml").notes


def column(name: str, *measures: str) -> list[float]:
    return [round(v, 3) for v in notes_of(*measures).marking(name).tolist()]


def pedal(kind: str) -> str:
    return direction(f'<pedal type="{kind}"/>')


@pytest.mark.parametrize(
    "text", ["rit.", "poco rall.", "ritardando", "cédez", "Zurückhaltend", "allarg."]
)
def test_a_word_slows_until_the_next_word_of_tempo(text: str) -> None:
    found = column("slowing", BAR, words(text) + BAR, words("a tempo") + BAR, BAR, BAR, BAR)
    assert found == [0] * 4 + [0.15, 0.25, 0.5, 0.75] + [0] * 16


def test_without_an_end_it_lasts_eight_quarters() -> None:
    found = column("slowing", words("rit.") + BAR, *[BAR] * 6)
    assert found == [0.15, 0.15, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875] + [0] * 20


def test_near_the_end_it_lasts_to_the_end() -> None:
    found = column("slowing", BAR, words("rit.") + BAR, BAR, BAR)
    assert found == [0] * 4 + [0.15, 0.15, *(round(i / 12, 3) for i in range(2, 12))]


def test_ritenuto_is_at_once() -> None:
    assert column("slowing", words("riten.") + BAR, words("a tempo") + BAR)[:4] == [0.6] * 3 + [
        0.75
    ]


@pytest.mark.parametrize("text", ["accel.", "stringendo", "en pressant", "affrettando"])
def test_a_word_hurries(text: str) -> None:
    found = notes_of(words(text) + BAR, words("Allegro") + BAR)
    np.testing.assert_allclose(found.marking("hurrying"), [0.15, 0.25, 0.5, 0.75, 0, 0, 0, 0])
    assert not found.marking("slowing").any()


@pytest.mark.parametrize(
    "text", ["ritmico", "con spirito", "string quartet number one in b flat major"]
)
def test_other_words_say_nothing_of_tempo(text: str) -> None:
    found = notes_of(words(text) + BAR, BAR)
    assert not found.marking("slowing").any()
    assert not found.marking("hurrying").any()


def test_dashes_say_where_it_ends() -> None:
    begun = direction('<words>rit.</words></direction-type><direction-type><dashes type="start"/>')
    ended = direction('<dashes type="stop"/>')
    found = column("slowing", begun + note("C4", 1) * 2 + ended + note("C4", 1) * 2, *[BAR] * 5)
    assert found[:4] == [0.15, 0.5, 0, 0]


def test_tempo_is_everybody_s() -> None:
    parts = {"Violin": part([words("rit.") + BAR, BAR]), "Cello": part([BAR, BAR])}
    found = read_score(score(parts).encode(), name="x.musicxml").notes
    slowing = found.marking("slowing").reshape(8, 2)  # two notes an onset
    np.testing.assert_allclose(slowing[:, 0], slowing[:, 1])
    assert slowing.any()


def test_pedal_marks_stand_at_the_nearest_onset() -> None:
    first = pedal("start") + note("C4", 1) * 2 + pedal("change") + note("C4", 2)
    second = note("C4", 3) + pedal("stop") + note("C4", 1)
    found = notes_of(first, second, *[BAR] * 5)
    assert np.flatnonzero(found.marking("pedal_pressed")).tolist() == [0, 2]
    assert np.flatnonzero(found.marking("pedal_lifted")).tolist() == [2, 4]
    assert np.flatnonzero(found.marking("pedal_known")).tolist() == list(range(5))


def test_the_pedal_of_mei() -> None:
    controls = '<pedal dir="down" tstamp="1" staff="1"/><pedal dir="up" tstamp="3" staff="1"/>'
    notes = "".join(f'<note pname="c" oct="4" dur="4" xml:id="n{n}"/>' for n in range(4))
    text = (
        '<mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv><score>'
        '<scoreDef meter.count="4" meter.unit="4"><staffGrp><staffDef n="1" lines="5"/>'
        f'</staffGrp></scoreDef><section><measure n="1"><staff n="1"><layer n="1">{notes}</layer>'
        f"</staff>{controls}</measure></section></score></mdiv></body></music></mei>"
    )
    found = read_score(text.encode(), name="x.mei").notes
    assert np.flatnonzero(found.marking("pedal_pressed")).tolist() == [0]
    assert np.flatnonzero(found.marking("pedal_lifted")).tolist() == [2]


def test_a_performance_presses_where_the_score_says(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import mido

    marked = solo(pedal("start") + BAR, pedal("stop") + BAR)
    path = tmp_path / "x.musicxml"
    path.write_bytes(marked if isinstance(marked, bytes) else marked.encode())
    out = tmp_path / "out.mid"
    humanize.perform_file(path, out, write="notes", rubato=0, timing=0)
    pedals = [m.value for m in mido.MidiFile(out) if m.type == "control_change" and m.control == 64]
    assert [value >= 64 for value in pedals] == [True, False]

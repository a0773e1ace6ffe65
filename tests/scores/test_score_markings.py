"""What the composer wrote reaches the marking columns, and is obeyed where asked for."""

from __future__ import annotations

import numpy as np
import pytest
from musicxml_builder import (
    BACKWARD,
    FORWARD,
    articulated,
    backup,
    barline,
    direction,
    dynamic,
    note,
    part,
    score,
    solo,
    wedge,
    words,
)

import humanize
from humanize.features import feature_table
from humanize.midi.reading import read_midi
from humanize.score import read_score

BAR = note("C4", 1) * 4


def column(name: str, *measures: str) -> list[float]:
    return [
        round(v, 3)
        for v in read_score(solo(*measures), name="x.musicxml").notes.marking(name).tolist()
    ]


def levels(*measures: str) -> list[float]:
    return column("notated_level", *measures)


@pytest.mark.parametrize(
    ("mark", "level"),
    [("pppp", 5), ("ppp", 16), ("pp", 33), ("p", 49), ("mp", 64), ("mf", 80), ("f", 96),
     ("ff", 112), ("fff", 126), ("ffff", 127), ("pppppp", 1), ("ppppp", 3), ("fffff", 127),
     ("ffffff", 127), ("n", 1)],
)  # fmt: skip
def test_a_dynamic_is_the_level_until_the_next_one(mark: str, level: float) -> None:
    other = "p" if level > 60 else "f"
    expected = {"p": 49.0, "f": 96.0}[other]
    assert levels(dynamic(mark) + BAR, BAR, dynamic(other) + BAR) == [level] * 8 + [expected] * 4


def test_the_first_dynamic_holds_for_what_stands_before_it() -> None:
    assert levels(BAR, dynamic("pp") + BAR) == [33.0] * 8


def test_without_dynamics_the_level_is_missing_and_marks_are_absent() -> None:
    notes = read_score(solo(BAR), name="x.musicxml").notes
    assert np.isnan(notes.marking("notated_level")).all()
    for name in ("accent", "staccato", "tenuto", "slur", "fermata", "sforzando", "word_soft"):
        assert notes.marking(name).tolist() == [0.0] * 4


def test_a_dynamic_of_one_staff_holds_there_where_the_other_has_its_own() -> None:
    upper = dynamic("p", staff=1) + note("C5", 4, staff=1)
    lower = dynamic("f", staff=2) + note("C3", 4, staff=2, voice=5)
    assert levels(upper + backup(4) + lower) == [96.0, 49.0]
    assert levels(upper + backup(4) + note("C3", 4, staff=2, voice=5)) == [49.0, 49.0]


@pytest.mark.parametrize(
    ("text", "level"),
    [("subito p", 49), ("sempre pp", 33), ("p sub.", 49), ("ff marcato", 112), ("p dolce", 49),
     ("piano", 49), ("Horn in F", 96), ("see p. 12", 96), ("legato", 96)],
)  # fmt: skip
def test_dynamics_among_words(text: str, level: float) -> None:
    assert levels(dynamic("f") + BAR, words(text) + BAR)[4:] == [level] * 4


def test_other_dynamics_are_words() -> None:
    other = direction("<dynamics><other-dynamics>sempre p</other-dynamics></dynamics>")
    assert levels(dynamic("f") + BAR, other + BAR)[4:] == [49.0] * 4


def test_two_dynamics_in_one_mark_are_both_read() -> None:
    both = direction("<dynamics><sf/><p/></dynamics>")
    assert levels(dynamic("f") + BAR, both + BAR)[4:] == [49.0] * 4
    assert column("sforzando", dynamic("f") + BAR, both + BAR) == [0.0] * 4 + [1.0] + [0.0] * 3


_STEP = (96 - 49) / 8


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (wedge("crescendo"), wedge("stop")),
        (words("cresc."), ""),
        (words("crescendo"), ""),
        (words("poco a poco cresc."), ""),
    ],
)
def test_a_crescendo_between_p_and_f_rises_evenly(begin: str, end: str) -> None:
    measures = (dynamic("p") + BAR, begin + BAR, BAR + end, dynamic("f") + BAR)
    rising = [round(49 + n * _STEP, 3) for n in range(8)]
    assert levels(*measures) == [49.0] * 4 + rising + [96.0] * 4
    slope = column("notated_level_slope", *measures)
    assert slope == [0.0] * 4 + [round(_STEP, 3)] * 8 + [0.0] * 4


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (wedge("diminuendo"), wedge("stop")),
        (words("dim."), ""),
        (words("decresc."), ""),
        (words("diminuendo"), ""),
        (words("dim. e rit."), ""),
    ],
)
def test_a_diminuendo_between_f_and_p_falls_evenly(begin: str, end: str) -> None:
    measures = (dynamic("f") + BAR, begin + BAR, BAR + end, dynamic("p") + BAR)
    falling = [round(96 - n * _STEP, 3) for n in range(8)]
    assert levels(*measures) == [96.0] * 4 + falling + [49.0] * 4
    assert column("notated_level_slope", *measures)[4:12] == [round(-_STEP, 3)] * 8


def test_a_hairpin_without_a_dynamic_at_its_end_changes_the_level_by_one_step() -> None:
    measures = (dynamic("p") + BAR, wedge("crescendo") + BAR + wedge("stop"), BAR)
    assert levels(*measures) == [49.0] * 5 + [53.0, 57.0, 61.0] + [65.0] * 4


def test_a_repeat_has_the_levels_that_are_written_there() -> None:
    measures = (dynamic("p") + BAR, FORWARD + BAR, dynamic("f") + BAR + BACKWARD)
    assert levels(*measures) == [49.0] * 8 + [96.0] * 4 + [49.0] * 4 + [96.0] * 4


@pytest.mark.parametrize(
    ("mark", "after"),
    [("sf", 64), ("sfz", 64), ("sffz", 64), ("fz", 64), ("rf", 64), ("rfz", 64), ("fp", 49),
     ("sfp", 49), ("sfpp", 33), ("sfzp", 49)],
)  # fmt: skip
def test_sforzandi_stand_out_for_one_note_and_fp_goes_on_softly(mark: str, after: float) -> None:
    measures = (dynamic("mp") + BAR, dynamic(mark) + BAR)
    assert column("sforzando", *measures) == [0.0] * 4 + [1.0] + [0.0] * 3
    assert levels(*measures) == [64.0] * 4 + [after] * 4


@pytest.mark.parametrize("text", ["sf", "sfz", "rfz"])
def test_sforzandi_as_words(text: str) -> None:
    measures = (dynamic("mp") + BAR, words(text) + BAR)
    assert column("sforzando", *measures) == [0.0] * 4 + [1.0] + [0.0] * 3
    assert levels(*measures) == [64.0] * 8


@pytest.mark.parametrize(
    ("kind", "name"),
    [("accent", "accent"), ("strong-accent", "marcato"), ("staccato", "staccato"),
     ("spiccato", "staccato"), ("staccatissimo", "staccatissimo"), ("tenuto", "tenuto"),
     ("detached-legato", "tenuto")],
)  # fmt: skip
def test_articulations(kind: str, name: str) -> None:
    measure = note("C4", 1) + note("D4", 1, notations=articulated(kind)) + note("E4", 2)
    notes = read_score(solo(measure), name="x.musicxml").notes
    for other in ("accent", "marcato", "staccato", "staccatissimo", "tenuto"):
        expected = [0.0, 1.0, 0.0] if other == name else [0.0, 0.0, 0.0]
        assert notes.marking(other).tolist() == expected, other


def test_two_articulations_of_one_note() -> None:
    measure = note("C4", 2, notations=articulated("accent", "staccato")) + note("D4", 2)
    assert column("accent", measure) == column("staccato", measure) == [1.0, 0.0]


def test_slurs_say_where_they_begin_and_end_and_what_lies_under_them() -> None:
    slurred = (
        note("C4", 1, notations='<slur type="start" number="1"/>') + note("D4", 1)
        + note("E4", 1, notations='<slur type="stop" number="1"/>') + note("F4", 1)
    )  # fmt: skip
    assert column("slur", BAR, slurred) == [0.0] * 4 + [1.0, 1.0, 1.0, 0.0]
    assert column("slur_start", BAR, slurred) == [0.0] * 4 + [1.0, 0.0, 0.0, 0.0]
    assert column("slur_end", BAR, slurred) == [0.0] * 4 + [0.0, 0.0, 1.0, 0.0]


def test_a_fermata_marks_its_note_and_one_over_a_barline_none() -> None:
    held = note("C4", 1) + note("D4", 3, notations="<fermata/>")
    assert column("fermata", held, BAR) == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert column("fermata", BAR + barline("right", "<fermata/>"), BAR) == [0.0] * 8


def test_ornaments_and_grace_notes_are_marked() -> None:
    measure = (
        note("D4", grace=True)
        + note("C4", 2, notations="<ornaments><trill-mark/></ornaments>")
        + note("E4", 2)
    )
    assert column("ornament", BAR, measure)[4:] == [0.0, 1.0, 0.0]
    assert column("grace", BAR, measure)[4:] == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("text", "name"),
    [("dolce", "word_soft"), ("p dolce", "word_soft"), ("tranquillo", "word_soft"),
     ("agitato", "word_strong"), ("Allegro agitato", "word_strong"), ("con fuoco", "word_strong"),
     ("Andante cantabile", "word_singing"), ("espress.", "word_singing"),
     ("morendo", "word_fading"), ("smorz.", "word_fading")],
)  # fmt: skip
def test_words_of_expression_hold_from_where_they_stand(text: str, name: str) -> None:
    notes = read_score(solo(BAR, words(text) + BAR), name="x.musicxml").notes
    for other in ("word_soft", "word_strong", "word_singing", "word_fading"):
        expected = [0.0] * 4 + [float(other == name)] * 4
        assert notes.marking(other).tolist() == expected, other


def test_a_word_of_expression_ends_where_the_next_one_begins() -> None:
    measures = (words("dolce") + BAR, words("agitato") + BAR)
    assert column("word_soft", *measures) == [1.0] * 4 + [0.0] * 4
    assert column("word_strong", *measures) == [0.0] * 4 + [1.0] * 4


def test_markings_reach_the_feature_table() -> None:
    accented = note("C4", 1) + note("D4", 1, notations=articulated("accent")) + note("E4", 2)
    notes = read_score(
        solo(dynamic("p") + BAR, accented, dynamic("f") + BAR), name="x.musicxml"
    ).notes
    table = feature_table(notes)
    values = dict(zip(table.names, table.values.T, strict=True))
    for name in notes.markings:
        if f"marking_{name}" in values:
            np.testing.assert_allclose(values[f"marking_{name}"], notes.marking(name))
    np.testing.assert_array_equal(values["marking_notated_level"], [49.0] * 7 + [96.0] * 4)
    np.testing.assert_array_equal(values["marking_accent"], [0.0] * 5 + [1.0] + [0.0] * 5)
    for name in ("sforzando", "staccato", "tenuto", "slur", "fermata", "word_soft", "word_strong"):
        np.testing.assert_array_equal(values[f"marking_{name}"], np.zeros(11))


_TUNE = ("C5", "D5", "E5", "G5")


def tune(mark: str = "", second: str = "") -> str:
    """Return a measure of four quarters with this mark before the third note."""
    first = "".join(note(p, 1, notations=second if p == "D5" else "") for p in _TUNE[:2])
    return first + mark + "".join(note(p, 1) for p in _TUNE[2:])


def followed(*measures: str, dynamics: str = "follow") -> np.ndarray:
    result = humanize.humanize_bytes(
        solo(*measures), name="x.musicxml", dynamics=dynamics, as_midi=True
    )
    written = read_midi(result.bytes).pieces[0].velocity
    np.testing.assert_array_equal(written, result.velocities[0])
    return written.reshape(-1, 4)


@pytest.mark.parametrize("mark", ["accent", "strong-accent"])
@pytest.mark.parametrize("level", ["p", "mf", "ff"])
def test_an_accent_that_is_followed_is_louder_than_its_neighbours(mark: str, level: str) -> None:
    plain, marked = tune(), tune(second=articulated(mark))
    velocity = followed(dynamic(level) + plain, plain, marked, plain, marked, plain)
    for bar in (2, 4):
        assert velocity[bar, 1] > max(velocity[bar, 0], velocity[bar, 2]) + 3


def test_a_sforzando_that_is_followed_is_louder_than_its_neighbours() -> None:
    velocity = followed(dynamic("p") + tune(), tune(), tune(dynamic("sf")), tune())
    assert velocity[2, 2] > max(velocity[2, 1], velocity[2, 3]) + 3


@pytest.mark.parametrize(("first", "second"), [("p", "f"), ("ff", "pp"), ("mp", "mf")])
def test_passages_that_are_followed_keep_their_levels(first: str, second: str) -> None:
    value = {"pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112}
    velocity = followed(
        dynamic(first) + tune(), *[tune()] * 5, dynamic(second) + tune(), *[tune()] * 5
    )
    assert abs(velocity[:6].mean() - value[first]) < 2
    assert abs(velocity[6:].mean() - value[second]) < 2


def test_a_hairpin_that_is_followed_rises_from_bar_to_bar() -> None:
    velocity = followed(
        dynamic("p") + tune(), tune(), wedge("crescendo") + tune(), tune(), tune(),
        tune() + wedge("stop"), dynamic("f") + tune(), tune(),
    ).mean(axis=1)  # fmt: skip
    assert (np.diff(velocity[1:7]) > 3).all()
    assert abs(velocity[:2].mean() - 49) < 6
    assert abs(velocity[6:].mean() - 96) < 6


def test_markings_that_are_ignored_change_nothing() -> None:
    marked = followed(dynamic("p") + tune(), tune(), dynamic("f") + tune(), dynamics="ignore")
    plain = followed(tune(), tune(), tune(), dynamics="ignore")
    np.testing.assert_array_equal(marked, plain)


def test_the_levels_of_one_part_are_not_those_of_another() -> None:
    loud = part([dynamic("ff") + tune(), *[tune()] * 5])
    soft = part([dynamic("pp") + tune(), *[tune()] * 5])
    result = humanize.humanize_bytes(
        score({"Horn": loud, "Flute": soft}).encode(), name="x.musicxml", dynamics="follow"
    )
    by_track = [result.velocities[0][result.notes[0].track == track] for track in (1, 2)]
    assert abs(by_track[0].mean() - 112) < 2
    assert abs(by_track[1].mean() - 33) < 2

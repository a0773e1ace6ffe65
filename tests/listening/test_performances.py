"""Whole performances as versions of a listening test."""

import io
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pretty_midi
import pytest
from click.testing import CliRunner
from raters import by_code, sheet, text
from smf_builder import encode, music

from humanize.commands.listen import command
from humanize.errors import OptionError
from humanize.listening.checks import Rules, catch_points
from humanize.listening.conditions import CONSTANT, Source
from humanize.listening.design import Design, anchors_of, draw_trials
from humanize.listening.excerpts import Excerpt
from humanize.listening.performances import PERFORMANCES, fit, make_performances, retimed
from humanize.listening.plan import DEFAULT_QUESTIONS, make_plan
from humanize.listening.practice import practice_files
from humanize.midi.reading import read_midi

EXAMPLES = Path(__file__).parents[2] / "examples"
OF_THE_SCORE = [c for c in PERFORMANCES if c != "human"]


def waltz(human=None):
    data = (EXAMPLES / "waltz.mid").read_bytes()
    return Source(name="waltz", score=data, human=human)


@pytest.fixture(scope="module")
def versions():
    return make_performances(waltz(), OF_THE_SCORE)


def notes(version):
    return read_midi(version.midi).pieces[0]


def by_pitch(table, values):
    return values[np.lexsort((table.onset_sec, table.pitch))]


def test_each_performance_is_what_its_name_says(versions):
    made = {c: notes(v) for c, v in versions.by_condition.items()}
    score = read_midi(waltz().score).pieces[0]
    for same, other in (("deadpan", score), ("model-dynamics", score), ("model-timing", "model")):
        other = made[other] if isinstance(other, str) else other
        np.testing.assert_array_equal(made[same].onset_sec, other.onset_sec)
        np.testing.assert_array_equal(made[same].duration_sec, other.duration_sec)
    for flat in ("deadpan", "rule", "model-timing"):
        assert set(made[flat].velocity) == {CONSTANT}
    one, two = (by_pitch(made[c], made[c].velocity) for c in ("model", "model-dynamics"))
    np.testing.assert_array_equal(one, two)
    assert len(set(one)) > 10
    for moved in ("rule", "model"):
        assert not np.allclose(made[moved].onset_sec, score.onset_sec, atol=0.05)
    assert b"\xb0\x40\x7f" in versions.by_condition["model"].midi  # its pedal
    assert b"\xb0\x40\x7f" not in versions.by_condition["rule"].midi


def test_tempo_by_rule_broadens_at_the_end(versions):
    clock = versions.clocks["rule"]
    stretch = np.diff(clock) / np.diff(versions.clocks["deadpan"])
    assert stretch[-1] > 1.5 > 1.12 > stretch[0] > 1.05


def test_an_excerpt_begins_and_ends_with_the_same_notes_at_the_same_times(versions):
    excerpt = Excerpt(start_sec=1.5, length_sec=8.0)
    fitted, moved = fit(versions, excerpt)
    first, last = np.flatnonzero((versions.clock_sec >= 1.5) & (versions.clock_sec <= 9.0))[[0, -1]]
    score = read_midi(waltz().score).pieces[0]
    onsets = np.unique(score.onset_sec)
    ends = []
    for version in fitted.by_condition.values():
        table = notes(version)
        heard = np.empty(len(table))
        heard[np.lexsort((score.onset_sec, score.pitch))] = by_pitch(table, table.onset_sec)
        ends.append([np.median(heard[score.onset_sec == onsets[i]]) for i in (first, last)])
    assert np.ptp(ends, axis=0).max() < 0.002
    assert ends[0][0] - moved.start_sec == pytest.approx(versions.clock_sec[first] - 1.5, abs=0.002)
    assert ends[0][1] - ends[0][0] == pytest.approx(
        versions.clock_sec[last] - versions.clock_sec[first], abs=0.002
    )
    assert moved.length_sec == 8.0
    ratios = {c: v.tempo_ratio for c, v in fitted.by_condition.items()}
    assert ratios["deadpan"] == 1.0 and ratios["model"] == ratios["model-timing"] != 1.0


def test_a_stretch_without_a_note_changes_no_tempo(versions):
    fitted, _ = fit(versions, Excerpt(start_sec=1e4, length_sec=6.0))
    assert {v.tempo_ratio for v in fitted.by_condition.values()} == {1.0}


def test_what_sounds_is_moved_in_time():
    midi = pretty_midi.PrettyMIDI(resolution=960, initial_tempo=93)
    part = pretty_midi.Instrument(program=41, name="the model")
    part.notes.append(pretty_midi.Note(70, 60, 1.0, 1.5))
    part.control_changes.append(pretty_midi.ControlChange(64, 127, 1.2))
    part.pitch_bends.append(pretty_midi.PitchBend(300, 1.4))
    midi.instruments.append(part)
    data = io.BytesIO()
    midi.write(data)
    moved = retimed(data.getvalue(), 2.0, 0.5, np.array([0.98, 1.5]))  # 20 ms after its chord
    found = pretty_midi.PrettyMIDI(io.BytesIO(moved))
    (own,) = found.instruments
    assert own.program == 41 and own.name == ""
    for moment, expected in (
        (own.notes[0].start, 2.48), (own.notes[0].end, 3.5),
        (own.control_changes[0].time, 2.9), (own.pitch_bends[0].time, 3.3),
    ):  # fmt: skip
        assert moment == pytest.approx(expected, abs=0.002)


def test_what_is_over_before_the_excerpt_is_left_out(versions):
    fitted, moved = fit(versions, Excerpt(start_sec=12.0, length_sec=6.0))
    assert moved.start_sec == pytest.approx(3.0, abs=0.01)
    table = notes(fitted.by_condition["deadpan"])
    whole = read_midi(waltz().score).pieces[0]
    begun = whole.onset_sec + whole.duration_sec > 12.0 - moved.start_sec + 0.01
    assert len(table) == begun.sum() < len(whole)
    assert table.onset_sec.min() >= 0


def test_what_cannot_be_performed():
    with pytest.raises(OptionError, match="'constant' found; expected deadpan, rule"):
        make_performances(waltz(), ["constant"])
    with pytest.raises(OptionError, match="no performance found"):
        make_performances(waltz(), ["human"])
    draw = np.random.default_rng(0)
    jittered = [(b + draw.uniform(0, 0.13), d, p, h) for b, d, p, h in music(0, count=200)]
    with pytest.raises(OptionError, match="a player's timing found"):
        make_performances(Source(name="x", score=encode(jittered)), ["deadpan"])


@pytest.mark.skipif(find_spec("parangonar") is None, reason="needs parangonar (extra: listen)")
def test_all_are_brought_to_the_pianist_s_tempo():
    human = encode([(b * 1.4 + 0.3, d, p, h) for b, d, p, h in music(0, count=60)])
    source = Source(name="x", score=encode(music(0, count=60)), human=human)
    found = make_performances(source, ["deadpan", "human"])
    fitted, _ = fit(found, Excerpt(start_sec=2.0, length_sec=8.0))
    assert fitted.by_condition["human"].tempo_ratio == pytest.approx(1.0)
    assert fitted.by_condition["deadpan"].tempo_ratio == pytest.approx(1 / 1.4, rel=0.01)
    assert found.aligned > 0.95


def test_practice_differs_in_what_is_judged():
    even, shaped = (pretty_midi.PrettyMIDI(io.BytesIO(d)) for d in practice_files(timed=True))
    one, two = ([n.start for n in m.instruments[0].notes] for m in (even, shaped))
    assert not np.allclose(one, two, atol=0.05)
    assert even.get_end_time() == pytest.approx(shaped.get_end_time(), abs=0.01)
    assert np.diff(sorted(two)).min() > -1e-9
    for data in practice_files():
        starts = [n.start for n in pretty_midi.PrettyMIDI(io.BytesIO(data)).instruments[0].notes]
        assert np.allclose(starts, one, atol=0.01)


def design(**changes):
    fields = {
        "pieces": tuple("abcd"), "conditions": PERFORMANCES, "raters": 2,
        "questions": DEFAULT_QUESTIONS["performances"], "compared": "performances",
    }  # fmt: skip
    return Design(**{**fields, **changes})


def test_a_pianist_against_the_plain_score_is_a_catch_trial():
    trials = draw_trials(design(), seed=0, nonce=bytes(16))
    anchors = [t for t in trials if t.kind == "anchor"]
    assert len(anchors) == 2 * 2 * 3
    assert all(set(t.order) == {"human", "deadpan"} for t in anchors)
    (better, worse) = ({(0, 1): g if t.order[1] == "human" else -g} for g in (2, -2)
                       for t in anchors[:1])  # fmt: skip
    assert catch_points(anchors[:1], {anchors[0].id: better}) == [True]
    assert catch_points(anchors[:1], {anchors[0].id: worse}) == [False]
    assert "the score to the letter" in " ".join(Rules().sentences(design()))
    assert anchors_of(("human", "rule")) is None


def test_the_plan_asks_first_what_differs_in_nothing_else():
    trials = draw_trials(design(), seed=0, nonce=bytes(16))
    plan = make_plan(design(), trials, hears="score", about={})
    asked = [(h.question, h.other, h.primary, h.estimated) for h in plan.hypotheses]
    assert asked == [
        ("timing", "model-dynamics", True, False),
        ("timing", "deadpan", False, False),
        ("timing", "rule", False, False),
        ("timing", "human", False, True),
        ("timing", "model-timing", False, True),
        ("dynamics", "model-timing", False, False),
        ("dynamics", "deadpan", False, False),
        ("dynamics", "rule", False, False),
        ("dynamics", "human", False, True),
        ("dynamics", "model-dynamics", False, True),
    ]
    assert "which has the same timing" in plan.hypotheses[4].sentence()


def test_a_design_that_never_asks_its_first_question_is_refused():
    small = design(trials=1, pieces=("a",), questions=("timing",))
    trials = [t for t in draw_trials(small, seed=0, nonce=bytes(16))
              if not {"model", "model-dynamics"} <= set(t.order)]  # fmt: skip
    with pytest.raises(OptionError, match="never compare model with model-dynamics"):
        make_plan(small, trials, hears="score", about={})


def run(*arguments, ok=True):
    result = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=not ok)
    assert (result.exit_code == 0) is ok, result.output
    return result


def build(folder, *options, ok=True):
    return run(
        "build", EXAMPLES / "waltz.musicxml", EXAMPLES / "fugue.mid", "-o", folder / "packet",
        "--key", folder / "key.json", "--no-audio", "--raters", 4, "--seed", 1, *options, ok=ok,
    )  # fmt: skip


def test_answers_to_each_question_are_read_back_apart(tmp_path):
    build(tmp_path, "--compare", "performances", "--conditions", "deadpan,rule,model")
    manifest = json.loads((tmp_path / "packet" / "packet.json").read_text())
    assert set(manifest["questions"]) == {"timing", "dynamics"}
    trials = {t["id"]: t for t in json.loads((tmp_path / "key.json").read_text())["trials"]}
    liked = {
        "timing": {"deadpan": 0, "rule": 1, "model": 2},
        "dynamics": {"rule": 0, "deadpan": 0, "model": 2},
    }

    def answer(trial_id):
        trial = trials[trial_id]
        one, two = (liked[trial["question"]][c] for c in trial["order"])
        return {"grade": two - one}

    manifest = by_code(manifest, (tmp_path / "key.raters.txt").read_text().split())
    (tmp_path / "answers").mkdir()
    for rater in manifest["raters"]:
        (tmp_path / "answers" / f"{rater}.jsonl").write_text(text(sheet(manifest, rater, answer)))
    run("analyze", tmp_path / "answers", "--key", tmp_path / "key.json", "-o", tmp_path / "report")
    found = json.loads((tmp_path / "report" / "results.json").read_text())["questions"]
    shares = {q: {n: s["value"] for n, s in found[q]["shares"].items()} for q in found}
    assert shares == {
        "timing": {"deadpan over model": 0, "deadpan over rule": 0, "model over rule": 1},
        "dynamics": {"deadpan over model": 0, "deadpan over rule": 0.5, "model over rule": 1},
    }
    report = (tmp_path / "report" / "report.md").read_text()
    assert "| chosen | over | timing | dynamics |" in report
    assert "tempo heard over its own" in report and "performed the score" in report
    assert "mean tempo of what is heard was the same" in report
    assert "Leave loud and soft aside." in report


def test_what_is_asked_must_differ(tmp_path):
    said = build(tmp_path, "--questions", "timing", ok=False)
    assert "expected --compare performances" in str(said.exception)
    said = build(tmp_path, "--compare", "performances", "--model-hears", "performance", ok=False)
    assert "expected it to perform" in str(said.exception)

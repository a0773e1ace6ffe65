"""A whole study: pieces to a packet, raters' answers, a report."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from raters import by_code, sheet, text

from humanize.commands.listen import command
from humanize.errors import InputError, OptionError, OutputError
from humanize.listening import build as listening_build
from humanize.listening.analysis import Share
from humanize.listening.answers import chain_of, grade_of
from humanize.listening.key import hash_of, read_key
from humanize.listening.report import _outcome, shown_strength
from humanize.listening.results import analyze

EXAMPLES = Path(__file__).parents[2] / "examples"
LIKING = {"constant": 0, "shuffled": 1, "model": 2, "human": 3}
PIECES = [str(EXAMPLES / f"{name}.mid") for name in ("waltz", "bach_prelude")]


def run(*arguments, ok=True):
    result = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=not ok)
    assert (result.exit_code == 0) is ok, result.output
    return result


@pytest.fixture(scope="module", autouse=True)
def one_nonce():
    """The same designs in every run of the tests; a packet's own is random."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("humanize.listening.build.new_nonce", lambda: bytes(range(16)))
        yield


def build(folder, *options, pieces=PIECES, seed=1):
    run("build", *pieces, "-o", folder / "packet", "--key", folder / "key.json", "--no-audio",
        "--raters", 6, "--seed", seed, *options)  # fmt: skip
    manifest = json.loads((folder / "packet" / "packet.json").read_text())
    return by_code(manifest, (folder / "key.raters.txt").read_text().split())


@pytest.fixture(scope="module")
def study(tmp_path_factory, one_nonce):
    folder = tmp_path_factory.mktemp("study")
    return folder, build(folder), read_key(folder / "key.json")


def honest(key, noise=0.0, seed=0):
    """A rater who prefers by LIKING, give or take."""
    trials, draw = {t.id: t for t in key.trials}, np.random.default_rng(seed)

    def answer(trial_id):
        order = trials[trial_id].order
        likes = [LIKING[c] + noise * draw.normal() * (len(set(order)) > 1) for c in order]
        if len(order) == 2:
            return {"grade": int(np.clip(round(likes[1] - likes[0]), -3, 3))}
        return {"ratings": [float(np.clip(20 + 20 * like, 0, 100)) for like in likes]}

    return answer


def write(folder, manifest, sheets):
    answers = folder / "answers"
    answers.mkdir(parents=True, exist_ok=True)
    for rater, lines in sheets.items():
        (answers / f"{rater}.jsonl").write_text(text(lines))
    return answers


def test_packet_key_and_plan_belong_together_and_lie_apart(study):
    folder, manifest, key = study
    assert hash_of((folder / "key.json").read_bytes()) == manifest["key_sha256"]
    plan = (folder / "key.plan.json").read_bytes()
    assert hashlib.sha256(plan).hexdigest() == manifest["plan_sha256"] == key.plan_sha256
    assert {p.name for p in folder.iterdir()} >= {"packet", "key.json", "key.plan.json"}
    assert not any("key" in p.name or "plan" in p.name for p in (folder / "packet").iterdir())


def test_the_plan_states_what_would_count(study):
    folder, _, _ = study
    plan = json.loads((folder / "key.plan.json").read_text())
    assert [h["other"] for h in plan["hypotheses"]] == ["constant", "shuffled"]
    assert [h["primary"] for h in plan["hypotheses"]] == [True, False]
    power = list(plan["power"]["by_true_share"].values())
    assert len(power) == 5 and 0 <= power[0] < power[-1] <= 1
    out = plan["excluded_by_the_rules"]
    assert out["a listener"] < 0.3 < 0.6 < out["answers at random"]
    assert plan["model_hears"] == "score" and len(plan["exclusion"]["in_words"]) == 3


def test_strengths_of_nothing_have_no_sign():
    assert shown_strength(-0.001, -0.004, 0.0) == "0.00 [0.00, 0.00]"
    assert shown_strength(0.006, -1.2, 0.014) == "+0.01 [-1.20, +0.01]"
    assert shown_strength(-0.4, float("nan"), float("nan")) == "-0.40 [no interval]"


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(0.6, 0.9, "supported"), (0.1, 0.4, "contradicted"), (0.5, 0.9, "undecided"),
     (1.0, 1.0, "supported (all raters alike"), (0.0, 0.0, "contradicted (all raters alike")],
)  # fmt: skip
def test_what_a_verdict_says(low, high, outcome):
    said = _outcome(Share(value=low, low=low, high=high, count=9), estimated=False)
    assert said.startswith(outcome)
    assert ("alike" in said) == (low == high)


def test_a_study_finds_what_raters_prefer(study, tmp_path):
    _, manifest, key = study
    folder = study[0]
    sheets = {r: sheet(manifest, r, honest(key, 0.3, i)) for i, r in enumerate(manifest["raters"])}
    answers = write(tmp_path, manifest, sheets)
    run("analyze", answers, "--key", folder / "key.json", "-o", tmp_path / "report")
    found = json.loads((tmp_path / "report" / "results.json").read_text())
    shares = found["questions"]["human"]["shares"]
    assert shares["constant over model"]["value"] < 0.1
    assert found["hypotheses"][0]["share"]["low"] > 0.5
    strengths = found["questions"]["human"]["strengths"]
    assert strengths["model"][0] > strengths["shuffled"][0] > strengths["constant"][0]
    assert 0.2 < found["questions"]["human"]["second_side"]["value"] < 0.8
    report = (tmp_path / "report" / "report.md").read_text()
    assert "nan" not in report and "loudness was not matched" in report  # a packet of MIDI files
    assert "| supported |" in report and "What can and cannot be concluded" in report
    assert not [r for r in found["raters"] if r["excluded"]] and not found["missing_raters"]
    page = (tmp_path / "report" / "report.html").read_text()
    assert page.count("<img") == len(list((tmp_path / "report").glob("*.png"))) == 3


def test_raters_who_do_not_listen_are_left_out_and_named(study, tmp_path):
    folder, manifest, key = study
    codes = list(manifest["raters"])
    sheets = {r: sheet(manifest, r, honest(key)) for r in codes[:4]}
    sheets[codes[4]] = sheet(manifest, codes[4], lambda _: {"grade": 3})
    sheets[codes[5]] = sheet(manifest, codes[5], honest(key), count=5)
    results = analyze(
        write(tmp_path, manifest, sheets), folder / "key.json", folder / "key.plan.json"
    )
    out = {row.rater: row.excluded for row in results.raters}
    assert [code for code in codes if out[code]] == codes[4:]
    assert "catch trials" in out[codes[4]] and "of the trials" in out[codes[5]]
    assert results.questions[0].answers == 4 * 6
    assert any(f"rater {codes[5]}: 5 of" in remark for remark in results.remarks)


def test_many_versions_on_one_screen(tmp_path):
    manifest = build(tmp_path, "--design", "multi", "--questions", "both")
    key = read_key(tmp_path / "key.json")
    sheets = {r: sheet(manifest, r, honest(key, 0.1, i)) for i, r in enumerate(manifest["raters"])}
    answers = write(tmp_path, manifest, sheets)
    results = analyze(answers, tmp_path / "key.json", tmp_path / "key.plan.json")
    assert [q.question for q in results.questions] == ["human", "preference"]
    for question in results.questions:
        assert question.order is None
        assert question.shares["constant", "model"].value < 0.1
    assert not [r.excluded for r in results.raters if r.excluded]


def test_ratings_as_grades():
    assert [grade_of(d) for d in (0, 3, -3, 4, 16, -36, 100)] == [0, 0, 0, 1, 2, -3, 3]


class TestRefused:
    @pytest.fixture
    def one(self, study):
        _, manifest, key = study
        rater = next(iter(manifest["raters"]))
        return manifest, rater, sheet(manifest, rater, honest(key))

    def refused(self, study, tmp_path, one, lines):
        manifest, rater, _ = one
        other = list(manifest["raters"])[1]
        good = sheet(manifest, other, honest(study[2]))
        answers = write(tmp_path, manifest, {rater: lines, other: good})
        results = analyze(answers, study[0] / "key.json", study[0] / "key.plan.json")
        assert [r.rater for r in results.raters] == [other]
        (line,) = results.refused
        assert "\n" not in line and rater in line
        return line

    def test_a_changed_answer(self, study, tmp_path, one):
        lines = one[2]
        lines[2]["grade"] = 3 if lines[2]["grade"] < 3 else -3
        assert "line 3 does not follow" in self.refused(study, tmp_path, one, lines)

    def test_an_answer_taken_out(self, study, tmp_path, one):
        del one[2][1]
        assert "line 2 does not follow" in self.refused(study, tmp_path, one, one[2])

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"order": ["x", "y"]}, "another order"),
            ({"question": "preference"}, "another order or question"),
            ({"heard": [1, 0]}, "expected every sound heard to its end"),
            ({"grade": 7}, "grade 7 found; expected -3 to 3"),
            ({"trial": "0" * 16}, "expected one of this rater's"),
        ],
    )
    def test_a_line_that_cannot_be_though_its_chain_holds(
        self, study, tmp_path, one, changes, said
    ):
        manifest, rater, _ = one
        lines = sheet(manifest, rater, lambda _: changes, count=1)
        assert said in self.refused(study, tmp_path, one, lines)

    def test_of_two_answers_to_a_trial_the_first_counts(self, study, tmp_path, one):
        manifest, rater, lines = one
        said = {name: value for name, value in lines[0].items() if name != "chain"}
        again = {**said, "grade": 3 if said["grade"] < 3 else -3}
        again["chain"] = chain_of(lines[-1]["chain"], again)
        answers = write(tmp_path, manifest, {rater: [*lines, again]})
        results = analyze(answers, study[0] / "key.json", study[0] / "key.plan.json")
        assert not results.refused
        assert results.raters[0].answered == len(lines)
        assert any("answered again; the first answer counts" in each for each in results.remarks)
        alone = write(tmp_path / "alone", manifest, {rater: lines})
        expected = analyze(alone, study[0] / "key.json", study[0] / "key.plan.json")
        assert results.questions[0].shares == expected.questions[0].shares

    def test_an_unknown_rater(self, study, tmp_path, one):
        manifest, rater, _ = one
        raters = {"deadbeef": manifest["raters"][rater]}
        lines = sheet({**manifest, "raters": raters}, "deadbeef", honest(study[2]), count=1)
        assert "rater 'deadbeef' found" in self.refused(study, tmp_path, one, lines)

    def test_no_json(self, study, tmp_path, one):
        manifest, rater, lines = one
        answers = write(tmp_path, manifest, {rater: lines})
        path = answers / f"{rater}.jsonl"
        path.write_text("hello\n" + path.read_text())
        with pytest.raises(InputError, match="line 1 is no answer"):
            analyze(answers, study[0] / "key.json", study[0] / "key.plan.json")

    def test_one_broken_file_never_stops_the_others(self, study, tmp_path, one):
        manifest, rater, lines = one
        _, other, damaged, *_ = manifest["raters"]
        foreign = {**manifest, "key_sha256": "cd" * 32}
        answers = write(
            tmp_path, manifest, {rater: lines, other: sheet(foreign, other, honest(study[2]))}
        )
        first, *rest = text(sheet(manifest, damaged, honest(study[2]))).splitlines(keepends=True)
        spoilt = first.replace('"seconds":30.5', '"seconds":"\\ud800"')
        for name, content in {
            "truncated": (first[:60] + "\n" + "".join(rest)).encode(),
            "empty": b"",
            "binary": bytes(range(256)) * 8 + b"\n\n",
            "deep": b"[" * 100_000 + b"\n" + first.encode(),
            "no_text": (spoilt + "".join(rest)).encode(),
        }.items():
            (answers / f"{name}.jsonl").write_bytes(content)
        (answers / "folder.jsonl").mkdir()
        run("analyze", answers, "--key", study[0] / "key.json", "-o", tmp_path / "report")
        found = json.loads((tmp_path / "report" / "results.json").read_text())
        assert [row["rater"] for row in found["raters"]] == [rater]
        report = (tmp_path / "report" / "report.md").read_text()
        expected = {
            f"{other}.jsonl": "answers to packet 'cdcdcdcdcdcd' found; expected",
            "truncated.jsonl": "line 1 is no answer",
            "empty.jsonl": "no answer found",
            "binary.jsonl": "line 1 is no answer",
            "deep.jsonl": "line 1 is no answer",
            "no_text.jsonl": "line 1 is no answer",
            "folder.jsonl": "a folder found; expected a file",
        }
        assert len(found["refused"]) == len(expected)
        for name, said in expected.items():
            (line,) = [each for each in found["refused"] if name in each]
            assert said in line and f"- {line}\n" in report

    @pytest.mark.parametrize("seconds", [float("nan"), 10**400, -1, "long", None])
    def test_a_time_that_cannot_be_is_none(self, study, tmp_path, one, seconds):
        manifest, rater, _ = one
        lines = sheet(manifest, rater, lambda _: {"grade": 0, "seconds": seconds})
        answers = write(tmp_path, manifest, {rater: lines})
        run("analyze", answers, "--key", study[0] / "key.json", "-o", tmp_path / "report")
        found = json.loads((tmp_path / "report" / "results.json").read_text())
        assert found["raters"][0]["median_sec"] == 0

    def test_a_last_line_cut_off_half_way_is_no_answer(self, study, tmp_path, one):
        manifest, rater, lines = one
        answers = write(tmp_path, manifest, {rater: lines})
        path = answers / f"{rater}.jsonl"
        path.write_text(path.read_text()[:-40])
        results = analyze(answers, study[0] / "key.json", study[0] / "key.plan.json")
        assert results.raters[0].answered == len(lines) - 1

    def test_a_key_or_a_plan_that_does_not_fit(self, study, tmp_path, one):
        manifest, rater, lines = one
        answers = write(tmp_path, manifest, {rater: lines})
        other = tmp_path / "other"
        other.mkdir()
        build(other, seed=2)
        with pytest.raises(InputError, match="the key is another packet's or was changed"):
            analyze(answers, other / "key.json", study[0] / "key.plan.json")
        with pytest.raises(InputError, match="the plan is another packet's or was changed"):
            analyze(answers, study[0] / "key.json", other / "key.plan.json")

    def test_no_answers(self, study, tmp_path):
        with pytest.raises(InputError, match="no answers found"):
            analyze(tmp_path, study[0] / "key.json", study[0] / "key.plan.json")


class TestBuildRefuses:
    def test_a_key_inside_the_packet(self, tmp_path):
        with pytest.raises(OptionError, match="expected the key to stay outside"):
            run("build", *PIECES, "-o", tmp_path, "--key", tmp_path / "key.json")

    def test_a_taken_folder_or_key(self, tmp_path):
        (tmp_path / "packet").mkdir()
        (tmp_path / "packet" / "mine.txt").write_text("mine")
        with pytest.raises(OutputError, match=r"mine\.txt found"):
            build(tmp_path)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["packet"]
        (tmp_path / "key.json").write_text("mine")
        with pytest.raises(OptionError, match="expected a new one for the key"):
            build(tmp_path)
        assert (tmp_path / "key.json").read_text() == "mine"

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--human", "fugue=x.mid"], "expected PIECE=FILE with a piece of waltz, bach_prelude"),
            (["--conditions", "model"], "expected at least 2, all different"),
            (["--questions", "loudness"], "question 'loudness' found"),
            (["--excerpt", "long"], "expected seconds, such as 15s"),
            (["--conditions", "model,human"], "expected --human waltz=FILE"),
            (["--trials", "99"], "99 trials per rater found"),
        ],
    )
    def test_options_that_make_no_sense(self, tmp_path, options, said):
        with pytest.raises(OptionError, match=said):
            build(tmp_path, *options)
        assert not list(tmp_path.iterdir())


def test_a_score_is_a_piece_and_its_written_dynamics_a_condition(tmp_path):
    manifest = build(
        tmp_path, "--conditions", "written,model", "--raters", 1,
        pieces=[EXAMPLES / "waltz.musicxml"],
    )  # fmt: skip
    (trials,) = manifest["raters"].values()
    contents = {(tmp_path / "packet" / f"{t['id']}a.mid").read_bytes() for t in trials}
    assert len(contents) == 2


@pytest.mark.parametrize("what", ["piece", "performance"])
def test_what_is_no_midi_is_called_by_its_file(tmp_path, what):
    garbage = tmp_path / "garbage.mid"
    garbage.write_bytes(b"hello")
    given = [garbage] if what == "piece" else [PIECES[0], "--human", f"{PIECES[0]}={garbage}"]
    paths = ("-o", tmp_path / "packet", "--key", tmp_path / "key.json")
    done = run("build", *given, *paths, "--no-audio", ok=False)
    assert str(done.exception).startswith(f"{garbage}: not a MIDI file: ")
    assert list(tmp_path.iterdir()) == [garbage]


@pytest.mark.parametrize("option", ["--key", "--plan"])
@pytest.mark.parametrize("place", ["none/x.json", "file/x.json", "x" * 300])
def test_a_key_that_cannot_be_written_leaves_nothing(tmp_path, option, place):
    (tmp_path / "file").write_text("no folder")
    paths = {"--key": tmp_path / "key.json", option: tmp_path / place}
    arguments = [part for pair in paths.items() for part in pair]
    done = run("build", *PIECES, "-o", tmp_path / "packet", "--no-audio", *arguments, ok=False)
    assert isinstance(done.exception, OutputError), done.exception
    assert str(done.exception).endswith("expected a folder that exists and can be written")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_key_that_fails_at_the_last_leaves_nothing(tmp_path, monkeypatch):
    real = listening_build.write_atomically

    def full(path, data):
        if path.name == "key.json":
            raise OutputError(f"{path}: No space left on device")
        real(path, data)

    monkeypatch.setattr(listening_build, "write_atomically", full)
    paths = ("-o", tmp_path / "packet", "--key", tmp_path / "key.json")
    done = run("build", *PIECES, *paths, "--no-audio", ok=False)
    assert isinstance(done.exception, OutputError), done.exception
    assert list(tmp_path.iterdir()) == []

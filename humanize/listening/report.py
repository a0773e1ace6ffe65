"""Results of a listening test as Markdown, an HTML page, figures and JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from humanize.extras import require_package
from humanize.files import make_folder, write_atomically
from humanize.listening.analysis import Share
from humanize.listening.plan import QUESTIONS, QUESTIONS_MULTI
from humanize.listening.results import QuestionResult, Results
from humanize.reporting.markdown import html_page

_LOUDNESS = {
    True: "Loudness was matched",
    False: "Raters played MIDI files themselves: loudness was not matched,",
}
_ALIKE = {
    True: "the mean tempo of what is heard was the same: neither is judged here. Versions differ "
    "in several things at once, and how one is played may sway what is said of another; pairs that "
    "differ in one alone (model-timing, model-dynamics) show by how much.",
    False: "everything but velocity was the same: timing, pedal and tempo are not judged here.",
}
_INK, _DOT = "#333333", "#31688e"


def write_report(folder: Path, results: Results) -> str:
    """Write report.md, report.html, results.json and the figures; return the Markdown."""
    make_folder(folder)
    text = report_of(results)
    figures = draw_figures(results)
    write_atomically(folder / "report.md", text.encode())
    page = html_page(text, figures, title="Blind listening test")
    write_atomically(folder / "report.html", page.encode())
    write_atomically(folder / "results.json", _json(results))
    for name, image in figures.items():
        write_atomically(folder / name, image)
    return text


def report_of(results: Results) -> str:
    """Return the report as Markdown."""
    lines = ["# Blind listening test", "", *_study(results), *_verdicts(results)]
    lines += _side_by_side(results)
    for question in results.questions:
        lines += _question(question, results)
    lines += [*_raters(results), *_sounds(results), *_limits(results)]
    return "\n".join(lines).rstrip() + "\n"


def _study(results: Results) -> list[str]:
    design, about = results.plan["design"], results.plan["about"]
    kept = sum(not r.excluded for r in results.raters)
    model = about["model"]
    performed = _performed(results)
    heard = "score's notes alone, not the performance's timing."
    if results.plan["model_hears"] != "score":
        heard = "notes in the performance's own timing."
    return [
        f"{len(design['pieces'])} pieces, conditions {', '.join(design['conditions'])}; "
        f"{'pairs' if design['form'] == 'pairs' else 'all versions on one screen'}; "
        f"{design['raters']} raters planned, {len(results.raters)} answered, {kept} kept.",
        "",
        f"Model: {model['name']} (bundle {model['bundle'][:12]}), which "
        + ("performed the score." if performed else f"read the {heard}"),
        "",
        "The key fits the packet (SHA-256), and the plan is the one that was written before the "
        "first answer (SHA-256).",
        "",
    ]  # fmt: skip


def _performed(results: Results) -> bool:
    """Whether whole performances were compared, not velocities alone."""
    return bool(results.plan["design"].get("compared") == "performances")


def _side_by_side(results: Results) -> list[str]:
    """Return the shares of several questions beside each other."""
    asked = [q for q in results.questions if q.answers]
    if len(asked) < 2:
        return []
    pairs = list(dict.fromkeys(pair for question in asked for pair in question.shares))
    lines = ["## The questions beside each other", "",
             f"| chosen | over | {' | '.join(q.question for q in asked)} |",
             "|---|---|" + "---|" * len(asked)]  # fmt: skip
    for one, two in pairs:
        shares = (q.shares.get((one, two)) for q in asked)
        cells = " | ".join(shown(share) if share else "not asked" for share in shares)
        lines.append(f"| {one} | {two} | {cells} |")
    return [*lines, ""]


def _verdicts(results: Results) -> list[str]:
    lines = ["## What the plan asked", "", "| hypothesis | share [95 %] | answers | outcome |",
             "|---|---|---|---|"]  # fmt: skip
    for hypothesis, share in results.verdicts:
        found = (shown(share), str(share.count)) if share else ("", "0")
        outcome = _outcome(share, estimated=hypothesis.estimated)
        lines.append(f"| {hypothesis.sentence()} | {found[0]} | {found[1]} | {outcome} |")
    return [*lines, ""]


def _outcome(share: Share | None, *, estimated: bool) -> str:
    if share is None:
        return "not answered"
    if not np.isfinite(share.low):
        return "undecided: one rater or one piece gives no interval"
    if estimated:
        return "estimated"
    if share.low <= 0.5 <= share.high:
        return "undecided: the interval holds 0.5"
    alike = " (all raters alike: an interval without width says little)"
    outcome = "supported" if share.low > 0.5 else "contradicted"
    return outcome + (alike if share.low == share.high else "")


def shown(share: Share) -> str:
    """Return a share with its interval in words of a table."""
    if not np.isfinite(share.low):
        return f"{share.value:.2f} [no interval]"
    return f"{share.value:.2f} [{share.low:.2f}, {share.high:.2f}]"


def shown_strength(value: float, low: float, high: float) -> str:
    """Return a log strength with its interval in words of a table; nothing has no sign."""
    if not np.isfinite(low):
        return f"{_signed(value)} [no interval]"
    return f"{_signed(value)} [{_signed(low)}, {_signed(high)}]"


def _signed(value: float) -> str:
    text = f"{value:+.2f}"
    return text[1:] if text in ("+0.00", "-0.00") else text


def _question(question: QuestionResult, results: Results) -> list[str]:
    form = results.plan["design"]["form"]
    words = (QUESTIONS_MULTI if form == "multi" else QUESTIONS).get(question.question, "")
    lines = [f"## Question: {question.question}", "", *([f"*{words}*", ""] if words else []),
             f"{question.answers} comparisons.", ""]  # fmt: skip
    if not question.answers:
        return lines
    lines += ["| chosen | over | share [95 %] | answers |", "|---|---|---|---|"]
    lines += [
        f"| {one} | {two} | {shown(share)} | {share.count} |"
        for (one, two), share in question.shares.items()
    ]
    lines += ["", "| condition | Bradley-Terry log strength [95 %] |", "|---|---|"]
    ranked = sorted(question.strengths.items(), key=lambda item: -item[1][0])
    lines += [f"| {name} | {shown_strength(*found)} |" for name, found in ranked]
    lines += ["", "A tie counts half in a share; strengths follow Davidson's model with ties.", ""]
    if question.by_piece:
        pair = next(h for h, _ in results.verdicts if h.question == question.question)
        lines += [f"| piece | {pair.condition} over {pair.other} [95 %, raters] |", "|---|---|"]
        lines += [f"| {piece} | {shown(share)} |" for piece, share in question.by_piece.items()]
        lines.append("")
    if question.order is not None:
        lines += [f"Order: the second-played side was chosen {shown(question.order)}.", ""]
    return lines


def _raters(results: Results) -> list[str]:
    rules = results.plan["exclusion"]["in_words"]
    lines = ["## Raters", "", "Left out, by the plan, is who", ""]
    lines += [f"- {rule}" for rule in rules]
    lines += ["", "| rater | answered | catch trials passed | repeats answered alike | "
              "median seconds | left out |", "|---|---|---|---|---|---|"]  # fmt: skip
    for r in results.raters:
        lines.append(
            f"| {r.rater} | {r.answered}/{r.trials} | {r.catches_passed}/{r.catches} | "
            f"{r.repeats_same}/{r.repeats} | {r.median_sec:.0f} | {r.excluded or 'no'} |"
        )
    lines.append("")
    if results.missing:
        lines += [f"{results.missing} raters of the design have not answered.", ""]
    if results.refused:
        lines += ["Refused:", "", *(f"- {line}" for line in results.refused), ""]
    if results.remarks:
        lines += ["Noticed:", "", *(f"- {line}" for line in results.remarks), ""]
    return lines


def _sounds(results: Results) -> list[str]:
    rows = results.key.sounds
    if not rows:
        return []
    heads = ["condition", "mean velocity"]
    if _performed(results):
        heads.append("tempo heard over its own, least to most")
    if _with_sound(results):
        heads += ["LUFS before matching", "after", "largest difference within a piece (LU)"]
    lines = ["## Sounds", "", f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for condition in dict.fromkeys(r["condition"] for r in rows):
        lines.append(f"| {' | '.join([condition, *_of_sounds(rows, condition)])} |")
    return [*lines, ""]


def _of_sounds(rows: list[dict[str, Any]], condition: str) -> Iterator[str]:
    own = [r for r in rows if r["condition"] == condition]
    yield f"{_mean(own, 'mean_velocity'):.1f}"
    ratios = [r["tempo_ratio"] for r in own if "tempo_ratio" in r]
    if ratios:
        yield f"{min(ratios):.2f} to {max(ratios):.2f}"
    if any("lufs" in row for row in rows):
        yield f"{_mean(own, 'lufs_before'):.1f}"
        yield f"{_mean(own, 'lufs'):.2f}"
        yield f"{_residual(rows, condition):.2f}"


def _with_sound(results: Results) -> bool:
    return any("lufs" in row for row in results.key.sounds)


def _mean(rows: list[dict[str, Any]], name: str) -> float:
    values = [r[name] for r in rows if name in r]
    return float(np.mean(values)) if values else float("nan")


def _residual(rows: list[dict[str, Any]], condition: str) -> float:
    """Return how far a condition is from the mean loudness of its piece, at most."""
    found = [0.0]
    for row in rows:
        if row["condition"] == condition and "lufs" in row:
            piece = [r["lufs"] for r in rows if r["piece"] == row["piece"]]
            found.append(abs(row["lufs"] - float(np.mean(piece))))
    return max(found)


def _limits(results: Results) -> list[str]:
    design = results.plan["design"]
    kept = sum(not r.excluded for r in results.raters)
    lines = [
        "## What can and cannot be concluded",
        "",
        f"- The intervals speak of raters like these {kept} and of pieces like these "
        f"{len(design['pieces'])}, not of other listeners, styles, lengths or synthesisers.",
        f"- {_LOUDNESS[_with_sound(results)]} and {_ALIKE[_performed(results)]}",
        "- One hypothesis is primary. The others are not corrected for their number: read them as "
        "a description.",
        "- An interval that holds 0.5 is no proof of equality.",
    ]
    if kept < design["raters"]:
        lines.append(
            f"- {kept} of the {design['raters']} planned raters count: the power in the plan was "
            "not reached."
        )
    if len(design["pieces"]) < 4 or kept < 4:
        lines.append("- Under four raters or pieces: the intervals are wide and rough.")
    return [*lines, ""]


def draw_figures(results: Results) -> dict[str, bytes]:
    """Return the figures as PNG by file name."""
    made = {}
    for question in results.questions:
        if question.shares:
            rows = {f"{a} over {b}": s for (a, b), s in question.shares.items()}
            made[f"shares_{question.question}.png"] = _dots(rows, "share of answers", 0.5)
        if question.by_piece:
            made[f"pieces_{question.question}.png"] = _dots(
                question.by_piece, "share of answers, primary pair", 0.5
            )
        if question.strengths:
            strengths = {
                n: Share(value=v, low=low, high=high, count=0)
                for n, (v, low, high) in question.strengths.items()
            }
            made[f"strengths_{question.question}.png"] = _dots(strengths, "log strength", 0.0)
    return made


def _dots(rows: Mapping[str, Share], label: str, centre: float) -> bytes:
    require_package("matplotlib", "listen")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.2 + 0.35 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for place, share in enumerate(reversed(list(rows.values()))):
        if np.isfinite(share.low):
            axes.plot([share.low, share.high], [place, place], color=_DOT, linewidth=2)
        axes.plot(share.value, place, "o", color=_DOT)
    axes.axvline(centre, color=_INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(rows)), list(rows)[::-1])
    axes.set_xlabel(f"{label} (95 % interval)")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=110, metadata={"Software": None})
    return image.getvalue()


def _json(results: Results) -> bytes:
    def plain(share: Share | None) -> dict[str, float | None] | None:
        if share is None:
            return None
        return {k: v if np.isfinite(v) else None for k, v in asdict(share).items()}

    content = {
        "hypotheses": [
            {**asdict(h), "share": plain(share)} for h, share in results.verdicts
        ],
        "questions": {
            q.question: {
                "shares": {f"{a} over {b}": plain(s) for (a, b), s in q.shares.items()},
                "strengths": {n: [v if np.isfinite(v) else None for v in vs]
                              for n, vs in q.strengths.items()},
                "by_piece": {p: plain(s) for p, s in q.by_piece.items()},
                "second_side": plain(q.order),
            }
            for q in results.questions
        },
        "raters": [asdict(r) for r in results.raters],
        "missing_raters": results.missing,
        "refused": results.refused,
    }  # fmt: skip
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()

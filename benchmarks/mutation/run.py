"""Put wrong formulas in, one at a time, and count how many make a test fail.

The files of the project are left alone: each mutant lives in a process of its own, forked from one
that has the libraries loaded, whose import of one module finds the changed source.

Run: scripts/mutate [--sample N] [--seed N] [--minutes N] [--only TEXT] [--jobs N] [--store]
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path

from mutants import Mutant, mutants_of

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
_LIMIT_SEC = 90  # of the processor, so that a busy machine kills nothing
_MEMORY_BYTES = 6 << 30
_PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--assert=plain")

_STORED = "tests/stored/test_stored.py"
_FEATURES = ("tests/features", "tests/test_features.py", "tests/test_house.py::test_the_page_of_features_is_what_the_registry_says", f"{_STORED}::test_every_column_has_the_stored_values")  # fmt: skip
_WAY = ("tests/interpretation", _STORED)
_RUN_TIME = ("tests/models/test_run_time.py", "tests/models", "tests/stored")
_READING = (
    *(
        f"tests/midi/test_{t}.py"
        for t in ("reading", "reading_by_hand", "smf", "smf_by_hand", "pedals")
    ),
    *(f"tests/midi/test_{t}.py" for t in ("instruments", "instrument_ranges")),
    f"{_STORED}::test_a_reader_gives_the_stored_notes",
)
_OF_WAY = (
    ("dynamics", "test_dynamics_by_hand"),
    ("ensemble", "test_ensemble_by_hand"),
    ("interpret", "test_interpret"),
    ("prediction", "test_prediction"),
    ("shaping", "test_shaping"),
    ("timing", "test_timing"),
)
_OF_READING = (
    ("instruments", "test_instrument_ranges"),
    ("metre", "test_reading_by_hand"),
    ("pairing", "test_reading"),
    ("pedals", "test_pedals"),
    ("reading", "test_reading_by_hand"),
    ("smf", "test_smf_by_hand"),
)
_FAMILIES = (
    "pitch",
    "rhythm",
    "metre",
    "harmony",
    "texture",
    "form",
    "markings",
    "pedals",
    "touch",
)
GUARDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    *((f"features/{f}.py", (f"tests/features/test_{f}.py", *_FEATURES)) for f in _FAMILIES),
    ("features/context.py", ("tests/features/test_windows.py", *_FEATURES)),
    ("features/feature.py", ("tests/features/test_windows.py", *_FEATURES)),
    ("features/registry.py", ("tests/features/test_windows.py", *_FEATURES)),
    ("features/sounding.py", ("tests/features/test_windows.py", *_FEATURES)),
    ("features/windows.py", ("tests/features/test_windows.py", *_FEATURES)),
    *(
        (f"humanize/interpretation/{f}.py", (f"tests/interpretation/{t}.py", *_WAY))
        for f, t in _OF_WAY
    ),
    *((f"models/{f}.py", _RUN_TIME) for f in ("base", "bundle", "members")),
    *((f"humanize/midi/{f}.py", (f"tests/midi/{t}.py", *_READING)) for f, t in _OF_READING),
)
"""Files whose formulas are changed, and the tests that guard each, the nearest first."""

_LIBRARIES = ("numpy", "pandas", "onnxruntime", "lxml.etree", "pytest", "hypothesis",
              "hypothesis.strategies", "mido", "pretty_midi")  # fmt: skip


def all_mutants() -> list[Mutant]:
    """Return the mutants of every guarded file."""
    paths = dict.fromkeys(p for pattern, _ in GUARDS for p in sorted(ROOT.glob(pattern)))
    return [m for path in paths for m in mutants_of(ROOT, path)]


def guards_of(path: str) -> tuple[str, ...]:
    """Return the tests that guard a file."""
    return next(tests for pattern, tests in GUARDS if Path(path).match(pattern))


def start(mutant: Mutant | None, tests: Sequence[str]) -> int:
    """Fork a process that runs the tests on a mutant, and exits with 0 where all pass."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        code = _outcome(mutant, tests)
    finally:
        os._exit(min(code, 127))


def _outcome(mutant: Mutant | None, tests: Sequence[str]) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (_LIMIT_SEC, _LIMIT_SEC))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if mutant is not None:
        _import_instead(ROOT / mutant.path, mutant)
    if not tests[0].endswith(".py") or _all_pass(tests[0]):
        return int(sys.modules["pytest"].main([*_PYTEST, *tests]))
    return 1


def _all_pass(path: str) -> bool:
    """Whether the tests of a file that need no argument pass: most mutants need no others.

    They are called as they are, in a fifth of the time that pytest takes to begin.
    """
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str((ROOT / path).parent)]
    pytest = sys.modules["pytest"]
    for name, test in vars(import_module(Path(path).stem)).items():
        if name.startswith("test_") and not inspect.signature(test).parameters:
            try:
                test()
            except pytest.skip.Exception:
                continue
            except Exception:
                return False
    return True


def _import_instead(path: Path, mutant: Mutant) -> None:
    source = mutant.applied(path.read_bytes())
    usual = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> object:
        if Path(loader.path).resolve() == path.resolve():
            return compile(source, str(path), "exec", dont_inherit=True)
        return usual(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def _same_every_time() -> None:
    """Let tests with drawn examples draw the same for every mutant."""
    from hypothesis import settings

    settings.register_profile("mutants", derandomize=True, database=None)
    settings.load_profile("mutants")


def run_all(mutants: Sequence[Mutant], jobs: int, minutes: float) -> Iterator[tuple[Mutant, str]]:
    """Yield each mutant with what became of it, as the processes end; none begins too late."""
    waiting, running = list(reversed(mutants)), {}
    until = time.monotonic() + 60 * minutes
    while running or (waiting and time.monotonic() < until):
        while waiting and len(running) < jobs and time.monotonic() < until:
            mutant = waiting.pop()
            running[start(mutant, guards_of(mutant.path))] = mutant
        pid, status = os.wait()
        fate = "out of time" if os.WIFSIGNALED(status) else "killed" if status else "survived"
        yield running.pop(pid), fate


def tried(mutants: Sequence[Mutant], jobs: int, minutes: float) -> list[tuple[Mutant, str]]:
    """Return each mutant with what became of it, in order; say each as it ends."""
    results = []
    for number, (mutant, fate) in enumerate(run_all(mutants, jobs, minutes), start=1):
        results.append((mutant, fate))
        where = f"line {mutant.line} of {mutant.key}"
        print(f"{number}/{len(mutants)} {fate:8}  {where}", flush=True)
    return sorted(results, key=lambda pair: (pair[0].path, pair[0].start, pair[0].new))


def require_green(paths: Sequence[str]) -> None:
    """Stop where the tests fail without any mutant."""
    tests = sorted({test.partition("::")[0] for path in paths for test in guards_of(path)})
    folders = [t for t in tests if not any(t.startswith(f"{other}/") for other in tests)]
    _, status = os.waitpid(start(None, folders), 0)
    if status:
        sys.exit(f"the tests fail as it is: {' '.join(folders)}")


def alike() -> dict[str, str]:
    """Return the mutants that say the same in other words, and why each does."""
    found: dict[str, str] = json.loads((HERE / "alike.json").read_text(encoding="utf-8"))
    return found


def drawn(seed: int, only: str, *, left_out: bool = False) -> list[Mutant]:
    """Return the mutants in the order of a draw, but for those known to say the same (or these)."""
    known = alike()
    mutants = (m for m in all_mutants() if only in m.key and (m.key in known) == left_out)
    return sorted(mutants, key=lambda m: m.rank(seed))


def summary(
    results: Sequence[tuple[Mutant, str]], *, seed: int, total: int, seconds: float
) -> dict:
    """Return what is stored of a run; a mutant that ran out of time counts as killed."""
    survivors = [m for m, fate in results if fate == "survived"]
    files: dict[str, dict[str, int]] = {}
    for mutant, fate in results:
        row = files.setdefault(mutant.path, {"mutants": 0, "killed": 0})
        row["mutants"] += 1
        row["killed"] += fate != "survived"
    return {
        "seed": seed,
        "possible": total,
        "tried": len(results),
        "killed": len(results) - len(survivors),
        "killed_share": round(1 - len(survivors) / max(len(results), 1), 4),
        "out_of_time": sum(fate == "out of time" for _, fate in results),
        "minutes": round(seconds / 60, 1),
        "python": platform.python_version(),
        "files": dict(sorted(files.items())),
        "survivors": [m.key for m in survivors],
    }


def table(result: dict) -> str:
    """Return the summary in Markdown."""
    head = (
        "# Mutants\n\n"
        f"{result['killed']:,} of {result['tried']:,} mutants killed "
        f"({result['killed_share']:.1%}; {result['out_of_time']} by running out of time), drawn "
        f"from {result['possible']:,} with seed {result['seed']}. Written by `scripts/mutate --store`.\n"
    )
    rows = [f"| {f} | {v['mutants']} | {v['killed']} |" for f, v in result["files"].items()]
    lines = [head, "| file | mutants | killed |", "|---|---:|---:|", *rows, "", "## Survivors", ""]
    lines += [f"- `{key}`" for key in result["survivors"]]
    known = [f"- `{key}`: {why}" for key, why in sorted(alike().items())]
    lines += ["", "## Left out", "", "They say the same in other words:", "", *known]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="how many mutants to draw; all by default")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--minutes", type=float, default=1e9, help="after which none is begun")
    parser.add_argument("--only", default="", help="mutants whose file or line has this text")
    parser.add_argument("--alike", action="store_true", help="try those that are left out")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", action="store_true", help="write results.json and results.md")
    parser.add_argument("--list", action="store_true", help="name the mutants and try none")
    options = parser.parse_args()
    mutants = drawn(options.seed, options.only, left_out=options.alike)[: options.sample]
    if options.list:
        print("\n".join(m.key for m in mutants))
        return
    os.chdir(ROOT)
    for library in _LIBRARIES:
        with contextlib.suppress(ImportError):
            import_module(library)
    _same_every_time()
    require_green([m.path for m in mutants])
    began = time.monotonic()
    results = tried(mutants, options.jobs, options.minutes)
    seconds = time.monotonic() - began
    result = summary(results, seed=options.seed, total=len(all_mutants()), seconds=seconds)
    print(table(result).partition("## Survivors")[0])
    if options.store:
        text = json.dumps(result, indent=1, ensure_ascii=False)
        (HERE / "results.json").write_text(text + "\n", encoding="utf-8")
        (HERE / "results.md").write_text(table(result), encoding="utf-8")


if __name__ == "__main__":
    main()

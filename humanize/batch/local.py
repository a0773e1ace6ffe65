"""Many files: one function, one report row each, on the cores of one machine.

One bad file never stops the rest. A batch that was interrupted goes on with ``resume``: results are
written whole or not at all, so that what stands in the output is done.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Unpack

from humanize.batch.lock import locked
from humanize.batch.names import result_name
from humanize.batch.report import Reported, open_report, require_report
from humanize.batch.settings import SETTINGS, require_fit, settings_text
from humanize.batch.sources import Item, Wanted, count, items, require_sources
from humanize.batch.work import PARTIAL, PERFORM, BatchJob, Limits, Outcome, prepare, run_job
from humanize.errors import LimitError, OptionError, OutputError, UnforeseenError
from humanize.options import PerformOptions
from humanize.workers import WorkerPool

_UNDER_WAY_PER_WORKER = 3
_BEFORE = "done by an earlier run, which stopped before it was reported"

Watch = Callable[["BatchSummary"], None]


@dataclass
class BatchSummary:
    """Where a batch stands.

    Attributes
    ----------
    total : int or None
        Inputs in all, where that is known beforehand.
    done, failed, given_up : int
        In this run.
    skipped, failed_before : int
        Files that an earlier run has done, and those that it could not do; neither is tried again.
    notes : int
        Notes of the files done in this run.
    seconds : float
        Since the start.
    shards : int
        Shards dealt with in this run, where a batch is made of shards: ``total`` and ``skipped``
        count shards then.
    """

    total: int | None = None
    done: int = 0
    failed: int = 0
    given_up: int = 0
    skipped: int = 0
    failed_before: int = 0
    notes: int = 0
    seconds: float = 0.0
    shards: int = 0
    _started: float = field(default_factory=time.monotonic, repr=False)

    @property
    def finished(self) -> int:
        """Return the files dealt with, those of earlier runs included."""
        return self.tried + self.skipped + self.failed_before

    @property
    def tried(self) -> int:
        """Return the files dealt with in this run."""
        return self.done + self.failed + self.given_up

    @property
    def not_done(self) -> int:
        """Return the files without a result, those of earlier runs included."""
        return self.failed + self.given_up + self.failed_before

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        name = outcome.outcome.replace(" ", "_")
        setattr(self, name, getattr(self, name) + 1)
        if outcome.outcome == "done":
            self.notes += outcome.notes
        self.tick()

    def tick(self) -> None:
        """Bring ``seconds`` up to now."""
        self.seconds = time.monotonic() - self._started


def humanize_batch(
    sources: Sequence[str | Path],
    output: str | Path,
    *,
    workers: int | None = None,
    resume: bool = False,
    report: str | Path | None = None,
    limits: Limits | None = None,
    watch: Watch = lambda summary: None,
    perform: bool = False,
    **options: Unpack[PerformOptions],
) -> BatchSummary:
    """Humanise many files into a folder of the same structure.

    Parameters
    ----------
    sources : sequence of str or Path
        See ``humanize.batch.sources.items``.
    output : path
        A new or empty folder, unless ``resume``.
    workers : int, optional
        Processes; one per core otherwise. The results are the same for any number.
    resume : bool
        Go on where an earlier run with the same options stopped: files that it has done, or that
        its report holds as failed, are not tried again.
    report : path, optional
        A CSV with a row per file; ``report.csv`` in the output otherwise.
    limits : Limits, optional
        Where a file is given up.
    watch : callable
        Called with the summary after every file, from this thread.
    perform : bool
        Perform the files (``perform_bytes``); scores become MIDI files then.
    **options
        Of ``humanize_bytes``; with ``perform`` of ``perform_bytes``.

    Returns
    -------
    BatchSummary

    Raises
    ------
    HumanizeError
        If a source is not there, or the output is neither empty nor to be resumed, or full.
    """
    asked: dict[str, Any] = {**options, PERFORM: True} if perform else dict(options)
    names = [str(source) for source in sources]
    folder, limits = Path(output), limits or Limits()
    report_path = Path(report) if report is not None else folder / "report.csv"
    require_report(report_path, folder)
    summary = BatchSummary(total=_count(names, folder))
    with (
        settled_output(folder, asked, resume=resume),
        open_report(report_path, append=resume) as write,
    ):
        wanted: Wanted = _everything
        if resume:
            wanted = _Resumed(folder, Reported(report_path), summary, write, perform).wanted
        own = {name.lower() for name in (SETTINGS, PARTIAL, report_path.name)}
        found = items(
            names,
            max_bytes=limits.max_bytes,
            wanted=wanted,
            avoid=folder,
            own=own,
            performed=perform,
        )
        jobs = (_job(item, folder, asked, limits) for item in found)
        for outcome in run_jobs(jobs, workers=workers or os.cpu_count() or 1, limits=limits):
            if outcome.halts:
                raise OutputError(f"{outcome.message}; expected room. Make some, then --resume")
            write(outcome)
            summary.add(outcome)
            watch(summary)
    return summary


def _count(names: Sequence[str], folder: Path) -> int | None:
    require_sources(names)
    total = count(names, avoid=folder)
    if total == 0:
        raise OptionError(
            f"{', '.join(names)}: no MIDI files or scores there; expected some. "
            "Shards need --engine ray"
        )
    return total


def _everything(name: str, own: bool) -> bool:
    return True


@dataclass(frozen=True)
class _Resumed:
    """Counts the files that an earlier run has dealt with, and adds the rows it still owed."""

    folder: Path
    reported: Reported
    summary: BatchSummary
    write: Callable[[Outcome], None]
    performed: bool = False

    def wanted(self, name: str, own: bool) -> bool:
        """Return whether a file is still to be done; the disk is asked before the report."""
        result = self.folder / result_name(name, performed=self.performed)
        if own and os.path.isfile(result):  # noqa: PTH113  # any length
            self.summary.skipped += 1
            if name in self.reported.failed or name not in self.reported:
                self.write(Outcome(path=name, message=_BEFORE))
            return False
        if name in self.reported.failed:
            self.summary.failed_before += 1
            return False
        return True


def _job(item: Item, folder: Path, options: dict[str, Any], limits: Limits) -> BatchJob | Outcome:
    if item.error:
        return Outcome(path=item.name, outcome="failed", message=item.error)
    return BatchJob(
        name=item.name,
        source=item.source,
        folder=folder,
        options=options,
        max_bytes=limits.max_bytes,
    )


def run_jobs(
    jobs: Iterable[BatchJob | Outcome], *, workers: int, limits: Limits
) -> Iterator[Outcome]:
    """Yield the outcome of every job as it ends, with a bounded number under way.

    An outcome among the jobs is passed through.
    """
    pool: WorkerPool[BatchJob, Outcome] = WorkerPool(
        workers,
        run_job,
        seconds=limits.seconds,
        memory_bytes=limits.memory_bytes,
        prepare=prepare,
    )
    under_way: dict[Future[Outcome], str] = {}
    try:
        for job in jobs:
            if isinstance(job, Outcome):
                yield job
                continue
            under_way[pool.submit(job)] = job.name
            if len(under_way) >= workers * _UNDER_WAY_PER_WORKER:
                yield from _ended(under_way)
        while under_way:
            yield from _ended(under_way)
    finally:
        pool.close()


def _ended(under_way: dict[Future[Outcome], str]) -> Iterator[Outcome]:
    """Wait for the first that ends; yield the outcomes of all that have."""
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        yield outcome_of(future, under_way.pop(future))


def outcome_of(future: Future[Outcome], name: str) -> Outcome:
    """Return the outcome of a job; one that is given up is an outcome too."""
    try:
        return future.result()
    except LimitError as error:
        return Outcome(path=name, outcome="given up", message=f"{name}: {error}")
    except UnforeseenError as error:
        return Outcome(path=name, outcome="failed", message=f"{name}: {error}")


@contextmanager
def settled_output(folder: Path, options: dict[str, Any], *, resume: bool) -> Iterator[None]:
    """Hold an output folder that these options can go on with; one run at a time has it.

    Raises
    ------
    OptionError
        If an option makes no sense, the folder is not empty or was begun with other options, or
        another run is at work there.
    OutputError
        If it cannot be made.
    """
    settings = settings_text(options)
    with _spoken(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _check_settled(folder, settings, resume)
    with locked(folder / SETTINGS):
        with _spoken(folder):
            _check_settled(folder, settings, resume)  # another may have begun and ended meanwhile
            shutil.rmtree(folder / PARTIAL, ignore_errors=True)
            (folder / PARTIAL).mkdir()
            (folder / SETTINGS).write_text(settings + "\n", encoding="utf-8")
        yield
        shutil.rmtree(folder / PARTIAL, ignore_errors=True)


@contextmanager
def _spoken(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{folder}: {error.strerror}; expected a folder that can be written"
        ) from None


def _check_settled(folder: Path, settings: str, resume: bool) -> None:
    began = folder / SETTINGS
    made = any(path.name not in (SETTINGS, PARTIAL) for path in folder.iterdir())
    text = began.read_text(encoding="utf-8", errors="replace") if began.exists() else ""
    require_fit(str(folder), made=made, began=text or None, settings=settings, resume=resume)

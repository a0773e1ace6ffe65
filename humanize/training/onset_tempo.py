"""Fit tempo to onsets, one row for each, and put it into a bundle.

What a chord shares is one value: a row for each of its notes says it over and over. Trees read
ASAP's scores, whose own tempo says something; scores that were given one tempo throughout make
them worse and nets better, so one net reads these too. What pianists do at an onset beside tempo
keeps nets from learning the few compositions by heart: it is learnt with it and thrown away. Every
member is fitted twice, without the validation compositions, on which the mixture is calibrated,
and then to all.

Reference: Caruana, Multitask learning, Machine Learning 28, 1997.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from humanize.corpus import asap, maestro_aligned
from humanize.corpus.performed import mean_performed
from humanize.expression import TARGETS, TEMPO, TIMING, Target
from humanize.features import FeatureTable
from humanize.models.base import Condition
from humanize.models.bundle import read_head
from humanize.models.fitting.many_sequences import Task, fit_jointly
from humanize.models.fitting.sequence import SequenceOptions, with_half_weights
from humanize.models.fitting.stopping import Stopping
from humanize.models.fitting.trainer import FittedMember, Progress
from humanize.models.fitting.trees import TreeOptions
from humanize.models.manifest import Entry, read_manifest
from humanize.models.onsets import ONSET_COLUMN, first_rows, last_rows, onset_names, onset_rows
from humanize.training.added_heads import FittedHead
from humanize.training.calibration import least_squares
from humanize.training.checkpoints import Checkpoints
from humanize.training.datasets import Prepared, training_set
from humanize.training.recipes import HeadRecipe

NET_CONDITION: Condition = "flat"
"""What nets are fitted to; marked scores are read as flat ones are."""

_COMPANY_SHARE = 0.5  # of what is learnt beside tempo
_UNIT = {"level": 0.0, "spread": 1.0}


@dataclass(frozen=True, kw_only=True)
class OnsetNet:
    """A net over onsets.

    Attributes
    ----------
    name : str
        Stem of its file.
    options : SequenceOptions
    corpora : tuple of str
        What it is fitted to.
    """

    name: str
    options: SequenceOptions
    corpora: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TempoRecipe:
    """What tempo is predicted by.

    Attributes
    ----------
    trees : TreeOptions
    tree_weight : float
        Beside 1 for each net.
    nets : tuple of OnsetNet
    """

    trees: TreeOptions
    tree_weight: float
    nets: tuple[OnsetNet, ...]

    def count_units(self, conditions: int) -> int:
        """Return how often training will report."""
        nets = sum(net.options.reports for net in self.nets)
        return 2 * (conditions * self.trees.reports + nets)


_TREES = TreeOptions(
    rounds=800, rate=0.04, least=100, rows=0.5, columns=1.0, node_columns=0.2, penalty=5.0
)
_NET = SequenceOptions(kind="gated", hidden=96, epochs=8, seed=1)
_ASAP, _ALIGNED = asap.ORIGIN.name, maestro_aligned.ORIGIN.name

_OWN = OnsetNet(name="own", options=replace(_NET, epochs=16, seed=2), corpora=(_ASAP,))

RECIPES = {
    "whole": TempoRecipe(
        trees=_TREES,
        tree_weight=1.5,
        nets=(OnsetNet(name="all", options=_NET, corpora=(_ASAP, _ALIGNED)), _OWN),
    ),
    "fast": TempoRecipe(
        trees=replace(_TREES, rounds=400, rate=0.06), tree_weight=1.0, nets=(_OWN,)
    ),
}


@dataclass(frozen=True, kw_only=True)
class Onsets:
    """The onsets of a piece.

    Attributes
    ----------
    piece : Prepared
        One row for each onset: its notes are the highest of each.
    company : tuple of (target, weight)
        By target but tempo, (k,) arrays.
    """

    piece: Prepared
    company: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]


_COMPANY = tuple(target for target in TARGETS if target != TEMPO)


def chord_columns(prepared: Sequence[Prepared]) -> tuple[str, ...]:
    """Return the columns in which notes of one onset differ anywhere in these pieces."""
    names = prepared[0].names
    differs = np.zeros(len(names), dtype=np.bool_)
    for own in prepared:
        values = own.sequence.variants[0]
        first = _first(own)
        for column in np.flatnonzero(~differs):
            known = np.nan_to_num(values[:, column], nan=-1e9)
            low, high = (f.reduceat(known, first) for f in (np.minimum, np.maximum))
            differs[column] = bool((low != high).any())
    return tuple(name for name, own in zip(names, differs, strict=True) if own)


def _first(prepared: Prepared) -> NDArray[np.int64]:
    position = prepared.sequence.variants[0][:, prepared.names.index(ONSET_COLUMN)]
    return first_rows(position)


def onsets_of(prepared: Prepared, chord: Sequence[str]) -> Onsets:
    """Return the onsets of a piece, with the columns that ``models.onsets.onset_rows`` makes.

    Parameters
    ----------
    prepared : Prepared
        With tempo as its target.
    chord : sequence of str
        Columns that are read of whole chords.
    """
    first = _first(prepared)
    length = len(prepared.piece.notes)
    last = last_rows(first, length)
    places = np.array([prepared.names.index(name) for name in chord], dtype=np.int64)
    onset_of = np.repeat(np.arange(len(first)), np.diff(np.append(first, length)))
    sequence = prepared.sequence
    reduced = replace(
        sequence,
        variants=[onset_rows(own, first, places) for own in sequence.variants],
        optional_blocks=[own[last] for own in sequence.optional_blocks],
        target=sequence.target[last],
        weight=np.add.reduceat(sequence.weight, first),
    )
    references = tuple(
        replace(own, rows=onset_of[own.rows].astype(np.int64)) for own in prepared.references
    )
    piece = replace(
        prepared,
        piece=prepared.piece.with_notes(prepared.piece.notes.take(last)),
        sequence=reduced,
        names=onset_names(prepared.names, chord),
        references=references,
    )
    return Onsets(
        piece=piece,
        company=tuple(_company(prepared, target, first, last) for target in _COMPANY),
    )


def _company(
    prepared: Prepared, target: Target, first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean of a target over each onset, of timing the highest note's, and its weight."""
    mean, pianists = mean_performed(prepared.piece, target)
    mean = np.nan_to_num(mean)
    if target == TIMING:
        value, known = mean[last], pianists[last] * (last > first)
    else:
        total = np.add.reduceat(pianists, first)
        value = np.add.reduceat(mean * pianists, first) / np.maximum(total, 1e-9)
        known = total / (last - first + 1)
    weight = np.sqrt(known) / np.sqrt(max(int((known > 0).sum()), 1))
    return value.astype(np.float32), weight.astype(np.float32)


def fit_tempo_nets(
    prepared: Sequence[Prepared],
    recipe: TempoRecipe,
    progress: Progress,
    store: Checkpoints,
    *,
    held_out: bool,
) -> list[FittedMember]:
    """Fit the nets of a recipe to flat scores, without the validation pieces where these are held.

    Returns
    -------
    list of FittedMember
        Each as it stands in a manifest, with its columns and those of whole chords.
    """
    chord = chord_columns(prepared)
    kept = [p for p in prepared if not (held_out and p.piece.split == "validation")]
    onsets = [onsets_of(own, chord) for own in kept]
    return [_net(net, onsets, chord, progress, store) for net in recipe.nets]


def _net(
    net: OnsetNet,
    onsets: Sequence[Onsets],
    chord: tuple[str, ...],
    progress: Progress,
    store: Checkpoints,
) -> FittedMember:
    inside = store.within(net.name)
    member = inside.read(net.options)
    if member is None:
        own = [o for o in onsets if o.piece.piece.origin.name in net.corpora]
        training = training_set([o.piece for o in own], NET_CONDITION)
        made = fit_jointly(training, tasks_of(own), net.options, progress)
        member = made[TEMPO.name]
        member = replace(member, graph=with_half_weights(member.graph or b""))
        inside.write(net.options, member)
    names = onsets[0].piece.names[: -2 * len(chord)]
    columns = {"columns": list(names), "chord_columns": list(chord)}
    return replace(member, spec={**member.spec, **columns})


def tasks_of(onsets: Sequence[Onsets]) -> list[Task]:
    """Return tempo, and then what else pianists do there, as tasks of one net."""
    sequences = [own.piece.sequence for own in onsets]
    tempo = Task(name=TEMPO.name, loss="squared", labels=[(s.target, s.weight) for s in sequences])
    company = [
        Task(
            name=target.name,
            loss="logistic" if target.kind == "probability" else "squared",
            labels=[own.company[i] for own in onsets],
            share=_COMPANY_SHARE,
        )
        for i, target in enumerate(_COMPANY)
    ]
    return [tempo, *company]


def fit_tempo_trees(
    prepared: Sequence[Prepared],
    condition: Condition,
    options: TreeOptions,
    progress: Progress,
    store: Checkpoints,
    *,
    held_out: bool,
) -> FittedMember:
    """Fit trees to the onsets of ASAP's scores, which have a tempo of their own."""
    member = store.read(options)
    kept = [p for p in prepared if p.piece.origin.name == _ASAP]
    if member is None:
        kept = [p for p in kept if not (held_out and p.piece.split == "validation")]
        training = training_set([onsets_of(p, ()).piece for p in kept], condition)
        member = options.fit(training, progress, Stopping())
        store.write(options, member)
    columns = {"columns": list(prepared[0].names), "chord_columns": []}
    return replace(member, spec={**member.spec, **columns})


def fit_tempo(
    prepared: Mapping[Condition, Sequence[Prepared]],
    recipe: TempoRecipe,
    bundle: Path,
    progress: Progress,
    store: Checkpoints,
) -> Iterator[FittedHead]:
    """Yield the head of tempo for each condition.

    The convolution over notes that the bundle's head has, if any, stays a member.

    Parameters
    ----------
    prepared : mapping of condition to sequence of Prepared
        Of tempo, one variant; flat scores first, which nets are fitted to.
    recipe : TempoRecipe
    bundle : Path
    progress : Progress
    store : Checkpoints
    """
    ways = (True, False)  # without the validation compositions, and with them
    nets = {
        held_out: fit_tempo_nets(
            prepared[NET_CONDITION], recipe, progress, _way(store, held_out), held_out=held_out
        )
        for held_out in ways
    }
    for condition, own in prepared.items():
        trees = {
            held_out: fit_tempo_trees(
                own,
                condition,
                recipe.trees,
                progress,
                _way(store, held_out).within(condition),
                held_out=held_out,
            )
            for held_out in ways
        }
        early, whole = ([trees[way], *nets[way]] for way in ways)
        yield _head(condition, own, recipe, bundle, early, whole)


def _way(store: Checkpoints, held_out: bool) -> Checkpoints:
    return store.within("held-out" if held_out else "all")


def _head(
    condition: Condition,
    prepared: Sequence[Prepared],
    recipe: TempoRecipe,
    bundle: Path,
    early: Sequence[FittedMember],
    whole: Sequence[FittedMember],
) -> FittedHead:
    over_notes = _net_over_notes(bundle, condition)
    spec, graphs = _spec(condition, prepared, recipe, early, over_notes)
    held_out = [p for p in prepared if p.piece.split == "validation"]
    calibration = least_squares(_predicted(spec, graphs, held_out), held_out, TEMPO)
    spec, graphs = _spec(condition, prepared, recipe, whole, over_notes)
    spec["calibration"] = asdict(calibration)
    return FittedHead(
        recipe=HeadRecipe(trained_on=condition, members=(), target=TEMPO), spec=spec, graphs=graphs
    )


def _net_over_notes(bundle: Path, condition: Condition) -> list[tuple[dict[str, Any], bytes]]:
    manifest, _ = read_manifest(bundle)
    head = manifest["routes"][condition]["heads"].get(TEMPO.name, {"members": []})
    return [
        (own, (bundle / own["file"]).read_bytes())
        for own in head["members"]
        if own["kind"] == "sequence" and "chord_columns" not in own
    ]


def _spec(
    condition: Condition,
    prepared: Sequence[Prepared],
    recipe: TempoRecipe,
    members: Sequence[FittedMember],
    over_notes: Sequence[tuple[dict[str, Any], bytes]],
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the head's entry in the manifest, not calibrated, and its files."""
    stem = f"{condition}-{TEMPO.name}-onset-trees.onnx"
    nets = [f"{NET_CONDITION}-{TEMPO.name}-onset-{net.name}.onnx" for net in recipe.nets]
    weights = [recipe.tree_weight, *(1.0 for _ in (*nets, *over_notes))]
    entries = [
        {**member.spec, "file": file} for member, file in zip(members, [stem, *nets], strict=True)
    ]
    graphs = {e["file"]: m.graph or b"" for e, m in zip(entries, members, strict=True)}
    for entry, graph in over_notes:
        entries.append(dict(entry))
        graphs[entry["file"]] = graph
    for entry, weight in zip(entries, weights, strict=True):
        entry["weight"] = weight / sum(weights)
    names = list(prepared[0].names)
    return {"features": names, "members": entries, "calibration": _UNIT}, graphs


def _predicted(
    spec: Mapping[str, Any], graphs: Mapping[str, bytes], prepared: Sequence[Prepared]
) -> list[NDArray[np.float64]]:
    head = read_head(Entry(spec, "training"), TEMPO, graphs)
    return [
        head.standardised(FeatureTable(own.names, own.sequence.variants[0])) for own in prepared
    ]

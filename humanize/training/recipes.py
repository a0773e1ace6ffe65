"""What each model is made of; the figures were chosen by cross-validation over compositions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from humanize.errors import OptionError
from humanize.expression import VELOCITY, Target
from humanize.models.base import Condition
from humanize.models.fitting.line import LineOptions
from humanize.models.fitting.pianoroll import PianorollOptions
from humanize.models.fitting.sequence import SequenceOptions
from humanize.models.fitting.tabular import TabularOptions
from humanize.models.fitting.trainer import Trainer
from humanize.models.fitting.trees import TreeOptions
from humanize.training.columns import is_predicted


@dataclass(frozen=True, kw_only=True)
class MemberRecipe:
    """One member.

    Attributes
    ----------
    name : str
        Stem of its file.
    options : Trainer
    weight : float
        Share in the mixture; weights are divided by their sum.
    """

    name: str
    options: Trainer
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class HeadRecipe:
    """The members that predict one target for one condition.

    Attributes
    ----------
    trained_on : Condition
        ``"marked"`` trains with markings dropped at random, all of them or all but the level.
    members : tuple of MemberRecipe
    target : Target
    """

    trained_on: Condition
    members: tuple[MemberRecipe, ...]
    target: Target = VELOCITY

    @property
    def name(self) -> str:
        """What its files begin with: the condition, and the target unless it is velocity."""
        if self.target == VELOCITY:
            return self.trained_on
        return f"{self.trained_on}-{self.target.name}"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A model.

    Attributes
    ----------
    name : str
    summary : str
        What it is for, one line.
    score : tuple of MemberRecipe
        Members for flat and marked scores.
    performed : tuple of MemberRecipe
        Members for performed timing; those of ``score`` where empty.
    """

    name: str
    summary: str
    score: tuple[MemberRecipe, ...]
    performed: tuple[MemberRecipe, ...] = field(default=())

    def heads(
        self, conditions: Sequence[Condition], targets: Sequence[Target] = (VELOCITY,)
    ) -> list[HeadRecipe]:
        """Return the heads for these conditions and targets, condition by condition.

        A target that a condition gives away, as performed timing does tempo, is left out there.
        """
        return [
            HeadRecipe(trained_on=condition, members=self._members(condition), target=target)
            for condition in conditions
            for target in targets
            if is_predicted(condition, target)
        ]

    def _members(self, condition: Condition) -> tuple[MemberRecipe, ...]:
        return (self.performed or self.score) if condition == "performed" else self.score


_TREES = MemberRecipe(name="trees", options=TreeOptions(rounds=1200))
_CONVOLUTION = SequenceOptions(kind="convolution")
_BILSTM = SequenceOptions(kind="bilstm", dropout=0.5, epochs=6)
# a teacher's answers have no noise to fit: no dropout, little penalty
_FAST_TREES = TreeOptions(rounds=300, rate=0.1, columns=0.4, penalty=1.0)
_FAST_NET = SequenceOptions(
    kind="convolution", hidden=64, dropout=0.0, input_dropout=0.0, epochs=6, decay=0.01
)
# performed timing has many times the notes: larger trees, half of the notes, fewer passes
_PERFORMED_TREES = MemberRecipe(
    name="trees",
    options=TreeOptions(
        rounds=1000, rate=0.08, leaves=63, least=500, rows=0.2, share=0.5, by_column=True
    ),
)
_PERFORMED_CONVOLUTION = replace(_CONVOLUTION, dropout=0.3, epochs=3)


_EIGHT = (
    *("position_share", "nearness_start", "nearness_end", "duration_beat"),
    *("metrical_strength", "onset_notes", "until_end_measure", "ioi_beat_log"),
)


def _seeded(options: SequenceOptions, seed: int) -> MemberRecipe:
    return MemberRecipe(name=f"{options.kind}-{seed}", options=replace(options, seed=seed))


def _pair(trees: TreeOptions, net: SequenceOptions) -> tuple[MemberRecipe, ...]:
    return (
        MemberRecipe(name="trees", options=trees),
        MemberRecipe(name="convolution", options=net),
    )


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="constant",
            summary="every note alike: the floor of every figure",
            score=(MemberRecipe(name="line", options=LineOptions()),),
        ),
        Recipe(
            name="pitch-line",
            summary="higher is louder: one straight line over pitch, the floor to beat",
            score=(MemberRecipe(name="line", options=LineOptions(("pitch",))),),
        ),
        Recipe(
            name="straight-line",
            summary="a straight line over eight columns, for every target: the floor of timing",
            score=(MemberRecipe(name="line", options=LineOptions(_EIGHT)),),
        ),
        Recipe(
            name="lgbm",
            summary="gradient-boosted trees over the feature table: strong, quick to train",
            score=(_TREES,),
            performed=(_PERFORMED_TREES,),
        ),
        Recipe(
            name="tabular",
            summary="fastai tabular net over the feature table: the seed's second attempt",
            score=(MemberRecipe(name="tabular", options=TabularOptions()),),
        ),
        Recipe(
            name="bilstm",
            summary="bidirectional LSTM over the note sequence on the same features",
            score=(MemberRecipe(name="bilstm", options=_BILSTM),),
            performed=(MemberRecipe(name="bilstm", options=replace(_BILSTM, epochs=3)),),
        ),
        Recipe(
            name="convolution",
            summary="dilated convolutions over the note sequence on the same features",
            score=(_seeded(_CONVOLUTION, 1),),
            performed=(_seeded(_PERFORMED_CONVOLUTION, 1),),
        ),
        Recipe(
            name="pianoroll-bilstm",
            summary="the seed's first attempt, on piano rolls: kept as history",
            score=(MemberRecipe(name="pianoroll", options=PianorollOptions()),),
        ),
        Recipe(
            name="ensemble",
            summary="gradient-boosted trees and dilated convolutions, mixed: "
            "the nearest to a pianist",
            score=(
                replace(_TREES, weight=2.0),
                _seeded(_CONVOLUTION, 1),
                _seeded(_CONVOLUTION, 2),
            ),
            performed=(
                replace(_PERFORMED_TREES, weight=5.0),
                replace(_seeded(_PERFORMED_CONVOLUTION, 1), weight=2.0),
            ),
        ),
        Recipe(
            name="fast",
            summary="distilled from the ensemble into fewer trees and a narrow convolution",
            score=_pair(_FAST_TREES, _FAST_NET),
            performed=_pair(
                replace(_FAST_TREES, rounds=400, leaves=63), replace(_FAST_NET, hidden=96)
            ),
        ),
    )
}


def recipe(name: str) -> Recipe:
    """Return the recipe of a model.

    Raises
    ------
    OptionError
        For an unknown name.
    """
    if name not in RECIPES:
        raise OptionError(f"model {name!r} found; expected one of {', '.join(RECIPES)}")
    return RECIPES[name]

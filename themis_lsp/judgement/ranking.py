"""Alternatives of the same code, held against each other pair by pair."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.brief import neutral_task
from themis_lsp.judgement.comparison import RewardScale
from themis_lsp.judgement.crop import crop_codes, cut_pair
from themis_lsp.judgement.margin import ScoredText, read_difference
from themis_lsp.judgement.verdict import Verdict, judge_margin, regression_probability
from themis_lsp.languages import Language
from themis_lsp.scoring.score import Score, Snippet


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to write something; ``name`` is what its author calls it."""

    name: str
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Duel:
    """Two alternatives, by their places, on one criterion; ``margin`` is 0 or more.

    It is that of the change from the worse to the better. ``scale`` is None where the bundle does
    not say what a margin means.
    """

    better: int
    worse: int
    margin: float
    scale: MarginScale | None

    @property
    def verdict(self) -> Verdict:
        """What the change from the better to the worse is: regressed, stable or not judged."""
        return judge_margin(-self.margin, self.scale)

    @property
    def is_clear(self) -> bool:
        """Whether the better one is, as far as the bundle claims to tell."""
        return self.verdict is Verdict.REGRESSED

    @property
    def probability(self) -> float | None:
        """How likely, 0.5..1, the better one is the better one; None without a scale."""
        if self.scale is None:
            return None
        return regression_probability(-self.margin, self.scale)


@dataclass(frozen=True, slots=True)
class Ranking:
    """How alternatives do on one criterion: ``order`` has their places, the best first.

    Who wins more duels comes first, then whose margins sum to more.
    """

    criterion: Criterion
    scale: MarginScale | None
    order: tuple[int, ...]
    duels: tuple[Duel, ...]

    @property
    def winner(self) -> int | None:
        """The one that is clearly better than every other; None where there is none."""
        best = self.order[0]
        own = [duel for duel in self.duels if best in (duel.better, duel.worse)]
        return best if all(duel.better == best and duel.is_clear for duel in own) else None

    @property
    def neighbours(self) -> Iterator[Duel]:
        """The duel of each with the next in the order."""
        for pair in pairwise(self.order):
            yield next(duel for duel in self.duels if {duel.better, duel.worse} == set(pair))


def ranking_snippets(alternatives: Sequence[Alternative], scale: RewardScale) -> list[Snippet]:
    """Return what is to be scored: both sides of each pair, around what differs or whole."""
    return [
        Snippet(one.language, text, task)
        for one, other in combinations(alternatives, 2)
        for cut in (cut_pair(one.text, other.text, whole=scale.reads_whole),)
        for task in (_task(one, other) if scale.reads_whole else "",)
        for text in (cut.left, cut.right)
    ]


def rank_alternatives(
    alternatives: Sequence[Alternative], scores: Sequence[Score], scale: RewardScale
) -> list[Ranking]:
    """Return a ranking per criterion of ``scale``.

    ``scores`` are those of ``ranking_snippets``. Raises BundleError when a reward is
    not a number.
    """
    waiting = iter(scores)
    duels: dict[Criterion, list[Duel]] = {criterion: [] for criterion in scale.columns}
    for left, right in combinations(range(len(alternatives)), 2):
        one, other = alternatives[left], alternatives[right]
        cut = cut_pair(one.text, other.text, whole=scale.reads_whole)
        codes = crop_codes((one.text, other.text), one.language, cut)
        difference = read_difference(
            ScoredText(cut.left, next(waiting), codes[0]),
            ScoredText(cut.right, next(waiting), codes[1]),
            columns=scale.columns,
            empty_side=scale.empty_side,
            scales=scale.margins,
        )
        for criterion, column in scale.columns.items():
            margin = float(difference.after[column] - difference.before[column])
            if not math.isfinite(margin):
                raise BundleError(
                    "the model gave a reward that is not a number to "
                    f"{one.name} or {other.name}; the bundle is "
                    "damaged or wrongly exported"
                )
            better, worse = (right, left) if margin > 0 else (left, right)
            meaning = scale.margins.get(criterion)
            duels[criterion].append(Duel(better, worse, abs(margin), meaning))
    return [
        Ranking(criterion, scale.margins.get(criterion), _order(found), tuple(found))
        for criterion, found in duels.items()
    ]


def _task(one: Alternative, other: Alternative) -> str:
    return neutral_task(one.language, (one.text, other.text))


def _order(duels: Sequence[Duel]) -> tuple[int, ...]:
    wins: dict[int, int] = {}
    sums: dict[int, float] = {}
    for duel in duels:
        for place, sign in ((duel.better, 1), (duel.worse, -1)):
            wins[place] = wins.get(place, 0) + (sign if duel.margin else 0)
            sums[place] = sums.get(place, 0.0) + sign * duel.margin
    return tuple(sorted(wins, key=lambda place: (-wins[place], -sums[place], place)))

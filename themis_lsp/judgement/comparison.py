"""What changes are worth: a margin per criterion, and the lines that cost most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.changes.change import Change
from themis_lsp.concerns.features import MarkedTokens
from themis_lsp.concerns.head import ConcernHead, NamedConcern
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.changed import mark_changed
from themis_lsp.judgement.crop import crop_pair
from themis_lsp.judgement.findings import is_ranked
from themis_lsp.judgement.lines import token_lines
from themis_lsp.judgement.margin import ScoredText, own_rewards, read_difference, tokens_of
from themis_lsp.judgement.pointing import (
    LineCost,
    Surroundings,
    costliest_lines,
    find_surroundings,
)
from themis_lsp.judgement.verdict import Verdict, judge_margin, regression_probability, sum_up
from themis_lsp.scoring.score import Score, Snippet
from themis_lsp.units.unit import Unit

_DEFAULT_TOP = 10


@dataclass(frozen=True, slots=True)
class CriterionMargin:
    """How a change does on one criterion.

    ``before`` and ``after`` are what the code that went and the code that came are worth.
    ``costliest`` holds up to three changed lines, the costliest first. ``scale`` is None where the
    bundle does not say what a margin means. ``concern`` is the likely reason of a regression, None
    where the bundle is not sure enough of one.
    """

    criterion: Criterion
    before: float
    after: float
    costliest: tuple[LineCost, ...]
    scale: MarginScale | None
    concern: NamedConcern | None = None

    @property
    def margin(self) -> float:
        """Positive for a change to the better."""
        return self.after - self.before

    @property
    def probability(self) -> float | None:
        """How likely it is, 0..1, that the change made the code worse; None without a scale."""
        return None if self.scale is None else regression_probability(self.margin, self.scale)

    @property
    def verdict(self) -> Verdict:
        """What the margin says."""
        return judge_margin(self.margin, self.scale)


@dataclass(frozen=True, slots=True)
class ChangeReading:
    """A change and its margins; one that only adds or only deletes a unit has none.

    ``start_column`` is the 1-based code point where its unit begins. The costliest lines are lines
    of the unit before where ``points_before``: of a change that only took code away.
    """

    change: Change
    start_column: int
    points_before: bool
    margins: tuple[CriterionMargin, ...]

    @property
    def lowest(self) -> CriterionMargin | None:
        """The margin on the criterion that the change does worst on."""
        return min(self.margins, key=lambda margin: margin.margin, default=None)

    @property
    def verdict(self) -> Verdict:
        """The verdict on the change as a whole; skipped when there is nothing to compare."""
        return sum_up(margin.verdict for margin in self.margins)


@dataclass(frozen=True, slots=True)
class SideTexts:
    """The texts of the files before and after, by the paths of their units."""

    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RewardScale:
    """How the rewards of a bundle are read.

    ``columns`` maps each criterion wanted to its place in the rewards of a score; ``empty_side`` is
    [criteria]; ``margins`` has the criteria that the bundle is calibrated for. ``concerns`` is None
    for a bundle that gives no reasons.
    """

    columns: Mapping[Criterion, int]
    empty_side: Sequence[float]
    margins: Mapping[Criterion, MarginScale]
    concerns: ConcernHead | None = None


def snippets_of(changes: Sequence[Change]) -> list[Snippet]:
    """Return what is to be scored: both sides of each change that has two, around what differs."""
    snippets = []
    for before, after in _pairs(changes):
        cropped = crop_pair(before.text, after.text)
        snippets.append(Snippet(before.language, cropped.left))
        snippets.append(Snippet(after.language, cropped.right))
    return snippets


def read_changes(
    changes: Sequence[Change],
    scores: Sequence[Score],
    *,
    texts: SideTexts,
    scale: RewardScale,
) -> list[ChangeReading]:
    """Return one reading per change, in order.

    ``scores`` are those of ``snippets_of(changes)``. Raises BundleError when a reward is not a
    number.
    """
    before = {path: text.encode() for path, text in texts.before.items()}
    after = {path: text.encode() for path, text in texts.after.items()}
    waiting = iter(scores)
    readings = []
    for change in changes:
        sides = after if change.after else before
        around = find_surroundings(change.unit, sides[change.unit.path])
        points_before = False
        margins: tuple[CriterionMargin, ...] = ()
        if change.before is not None and change.after is not None:
            cropped = crop_pair(change.before.text, change.after.text)
            old = _Side(
                change.before,
                find_surroundings(change.before, before[change.before.path]),
                ScoredText(cropped.left, next(waiting)),
            )
            new = _Side(change.after, around, ScoredText(cropped.right, next(waiting)))
            points_before, margins = _compare(old, new, start=cropped.start, scale=scale)
        readings.append(ChangeReading(change, len(around.before) + 1, points_before, margins))
    return readings


def choose_changes(
    readings: Sequence[ChangeReading], *, top: int | None, with_all: bool = False
) -> list[ChangeReading]:
    """Return the changes with margins to show, lowest margin first: ``top``, else at most ten.

    Only those of units that are ranked, before or after, unless ``with_all``.
    """
    compared = [
        (reading.lowest.margin, reading)
        for reading in readings
        if reading.lowest is not None and (with_all or is_ranked_change(reading.change))
    ]
    compared.sort(key=lambda pair: pair[0])
    return [reading for _, reading in compared[: _DEFAULT_TOP if top is None else top]]


def is_ranked_change(change: Change) -> bool:
    """Whether a unit says enough, before or after, to be compared with others."""
    return any(unit is not None and is_ranked(unit) for unit in (change.before, change.after))


@dataclass(frozen=True, slots=True)
class _Side:
    """A unit, what it shares its lines with, and what was cut from it, scored."""

    unit: Unit
    around: Surroundings
    cut: ScoredText


def _pairs(changes: Sequence[Change]) -> Iterator[tuple[Unit, Unit]]:
    for change in changes:
        if change.before is not None and change.after is not None:
            yield change.before, change.after


def _compare(
    old: _Side,
    new: _Side,
    *,
    start: int,
    scale: RewardScale,
) -> tuple[bool, tuple[CriterionMargin, ...]]:
    """Return whether the lines pointed at are those before, and the margins."""
    difference = read_difference(old.cut, new.cut, scale.empty_side)
    lines_went, lines_came = mark_changed(_lines(old.cut.text), _lines(new.cut.text))
    points_before = not difference.came.any()
    if points_before:
        # What was taken away was worth more than nothing by as much as its loss costs.
        side, lines = old, lines_went
        costs = -_line_costs(old, difference.went, start=start, other=difference.after)
    else:
        side, lines = new, lines_came
        costs = _line_costs(new, difference.came, start=start, other=difference.before)
    # Of tokens that repeat, those of a line beside may be the ones taken for changed.
    first = side.unit.text.count("\n", 0, start)
    costs[first : first + len(lines)] *= lines[:, np.newaxis]
    margins = []
    for criterion, column in scale.columns.items():
        before, after = float(difference.before[column]), float(difference.after[column])
        if not (math.isfinite(before) and math.isfinite(after)):
            raise BundleError(
                f"the model gave a reward that is not a number to {side.unit.path}:"
                f"{side.unit.start_line}; the bundle is damaged or wrongly exported"
            )
        costliest = costliest_lines(side.unit, costs[:, column].tolist(), side.around)
        margin = CriterionMargin(criterion, before, after, costliest, scale.margins.get(criterion))
        if scale.concerns is not None and margin.verdict is Verdict.REGRESSED:
            went = MarkedTokens(tokens_of(old.cut), difference.went)
            came = MarkedTokens(tokens_of(new.cut), difference.came)
            concern = scale.concerns.name(went, came, criterion)
            margin = replace(margin, concern=concern)
        margins.append(margin)
    return points_before, tuple(margins)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n")]


def _line_costs(
    side: _Side, changed: NDArray[np.bool_], *, start: int, other: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each line of the unit's text falls short of ``other`` [criteria]: [lines, criteria].

    Each of the ``changed`` tokens is owed its share of ``other``, what the other side is worth. So
    the costs sum to ``other`` minus what this side is worth. ``start`` code points of the unit's
    text come before what was cut from it.
    """
    score = side.cut.score
    costs = np.zeros((side.unit.text.count("\n") + 1, len(other)))
    if changed.any():
        lines = token_lines(side.cut.text, score.token_starts[changed])
        shares = (other - own_rewards(score)[changed]) / changed.sum()
        np.add.at(costs, lines + side.unit.text.count("\n", 0, start), shares)
    return costs

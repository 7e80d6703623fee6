"""What changes are worth: a margin per criterion, and the lines that cost most."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.changes.change import Change
from themis_lsp.concerns.features import MarkedTokens
from themis_lsp.concerns.head import ConcernNamer, NamedConcern
from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.judgement.brief import PLAIN, Brief
from themis_lsp.judgement.changed import mark_changed
from themis_lsp.judgement.crop import crop_codes, cut_pair
from themis_lsp.judgement.findings import is_ranked
from themis_lsp.judgement.lines import token_lines
from themis_lsp.judgement.margin import (
    Difference,
    ScoredText,
    own_rewards,
    read_difference,
    tokens_of,
)
from themis_lsp.judgement.pointing import (
    COSTLIEST_LINES,
    LineCost,
    Surroundings,
    costly_lines,
    find_surroundings,
)
from themis_lsp.judgement.silence import Silence
from themis_lsp.judgement.verdict import Verdict, judge_margin, regression_probability, sum_up
from themis_lsp.scoring.score import Score, Snippet
from themis_lsp.units.unit import Unit

_DEFAULT_TOP = 10


@dataclass(frozen=True, slots=True)
class CriterionMargin:
    """How a change does on one criterion.

    ``before`` and ``after`` are what the code that went and the code that came are worth.
    ``costly`` holds the changed lines that lose something, the costliest first. ``scale`` is None
    where the bundle does not say what a margin means. ``concern`` is the likely reason of a
    regression, or of a loss without a verdict; None where the bundle is not sure enough of one.
    ``silence`` says who has accepted it, None where nobody has. One that ``is_escalated`` is the
    word of the second model of a cascade.
    """

    criterion: Criterion
    before: float
    after: float
    costly: tuple[LineCost, ...]
    scale: MarginScale | None
    concern: NamedConcern | None = None
    silence: Silence | None = None
    is_escalated: bool = False

    @property
    def margin(self) -> float:
        """Positive for a change to the better."""
        return self.after - self.before

    @property
    def costliest(self) -> tuple[LineCost, ...]:
        """Up to three of the costly lines."""
        return self.costly[:COSTLIEST_LINES]

    @property
    def loss(self) -> float:
        """How bad the margin is, on one scale for all criteria that have one; below zero if good.

        It is the logarithm of the odds that the change made the code worse.
        """
        return -self.margin if self.scale is None else -self.margin / self.scale.temperature

    @property
    def probability(self) -> float | None:
        """How likely it is, 0..1, that the change made the code worse; None without a scale."""
        return None if self.scale is None else regression_probability(self.margin, self.scale)

    @property
    def verdict(self) -> Verdict:
        """What the margin says."""
        return judge_margin(self.margin, self.scale)

    @property
    def standing(self) -> Verdict:
        """The verdict that counts: a regression that is accepted is none."""
        is_accepted = self.silence is not None and self.verdict is Verdict.REGRESSED
        return Verdict.STABLE if is_accepted else self.verdict


@dataclass(frozen=True, slots=True)
class Reversal:
    """What undoing one of several places of a change, and no other, would do.

    ``first_line`` and ``last_line`` are 1-based and inclusive, of the file after; where code was
    only taken away, ``last_line`` comes before ``first_line``, and it stood between the two.
    ``margin`` is what would be left of the change's margin on ``criterion``. ``costliest`` holds up
    to three lines of this place.
    """

    criterion: Criterion
    places: int
    first_line: int
    last_line: int
    margin: float
    costliest: tuple[LineCost, ...]


@dataclass(frozen=True, slots=True)
class ChangeReading:
    """A change and its margins; one that only adds or only deletes a unit has none.

    ``start_column`` is the 1-based code point where its unit begins. The costliest lines are lines
    of the unit before where ``points_before``: of a change that only took code away. ``reversal``
    is there once it was looked for, in a regression of several places, and found.
    """

    change: Change
    start_column: int
    points_before: bool
    margins: tuple[CriterionMargin, ...]
    reversal: Reversal | None = None

    @property
    def lowest(self) -> CriterionMargin | None:
        """The margin on the criterion that the change does worst on, of those not accepted."""
        told = (margin for margin in self.margins if margin.silence is None)
        return min(told, key=lambda margin: margin.margin, default=None)

    @property
    def silenced(self) -> tuple[CriterionMargin, ...]:
        """The margins that someone has accepted."""
        return tuple(margin for margin in self.margins if margin.silence is not None)

    def judged(self, verdict: Verdict) -> list[CriterionMargin]:
        """The margins with this standing, the greatest loss first."""
        found = [margin for margin in self.margins if margin.standing is verdict]
        return sorted(found, key=lambda margin: -margin.loss)

    def is_compared(self, *, with_all: bool = False) -> bool:
        """Whether it has margins worth showing: those of a ranked unit, or of any ``with_all``."""
        return bool(self.margins) and (with_all or is_ranked_change(self.change))

    @property
    def suspected(self) -> list[CriterionMargin]:
        """The losses without a verdict that nevertheless have a likely reason, greatest first."""
        return [m for m in self.judged(Verdict.SKIPPED) if m.concern and not m.silence]

    @property
    def worst(self) -> CriterionMargin | None:
        """The margin to talk about: of the likeliest regression; without any, the lowest."""
        return next(iter(self.judged(Verdict.REGRESSED)), self.lowest)

    @property
    def verdict(self) -> Verdict:
        """The verdict on the change as a whole; skipped when there is nothing to compare."""
        return sum_up(margin.standing for margin in self.margins)


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
    empty_side: Sequence[float] | None
    margins: Mapping[Criterion, MarginScale]
    concerns: ConcernNamer | None = None

    @property
    def reads_whole(self) -> bool:
        """Whether whole sides are compared, as where tokens have no rewards of their own."""
        return self.empty_side is None


def snippets_of(changes: Sequence[Change], brief: Brief = PLAIN) -> list[Snippet]:
    """Return what is to be scored: both sides of each change that has two, as ``brief`` says."""
    return [side for pair in _pairs(changes) for side in brief.ask_sides(*pair)]


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
            cropped = cut_pair(change.before.text, change.after.text, whole=scale.reads_whole)
            whole = change.before.text, change.after.text
            codes = crop_codes(whole, change.after.language, cropped)
            old = _Side(
                change.before,
                find_surroundings(change.before, before[change.before.path]),
                ScoredText(cropped.left, next(waiting), codes[0]),
            )
            new = _Side(change.after, around, ScoredText(cropped.right, next(waiting), codes[1]))
            points_before, margins = _compare(old, new, start=cropped.start, scale=scale)
        readings.append(ChangeReading(change, len(around.before) + 1, points_before, margins))
    return readings


def choose_changes(
    readings: Sequence[ChangeReading], *, top: int | None, with_all: bool = False
) -> list[ChangeReading]:
    """Return the changes with margins to show: regressed, improved, stable, not judged.

    Among those regressed the likeliest comes first, among others the greatest loss. ``top`` of
    them; else at most ten, and once anything is judged only the regressed and improved ones and
    those with a likely reason for a loss. Only those of units that are ranked, before or after,
    unless ``with_all``.
    """
    compared = [reading for reading in readings if reading.is_compared(with_all=with_all)]
    compared.sort(key=_concern)
    if top is not None:
        return compared[:top]
    if any(reading.verdict is not Verdict.SKIPPED for reading in compared):
        telling = (Verdict.REGRESSED, Verdict.IMPROVED)
        compared = [r for r in compared if r.verdict in telling or r.suspected]
    return compared[:_DEFAULT_TOP]


def _may_have_reason(margin: CriterionMargin) -> bool:
    """Whether to look for one: of a regression, and of a loss that no threshold is claimed for."""
    is_unjudged_loss = margin.verdict is Verdict.SKIPPED and margin.margin < 0
    return margin.verdict is Verdict.REGRESSED or is_unjudged_loss


def without_criteria(reading: ChangeReading, ignored: Collection[Criterion]) -> ChangeReading:
    """Return the reading without what it says on some criteria."""
    kept = tuple(margin for margin in reading.margins if margin.criterion not in ignored)
    return reading if len(kept) == len(reading.margins) else replace(reading, margins=kept)


def is_ranked_change(change: Change) -> bool:
    """Whether a unit says enough, before or after, to be compared with others."""
    return any(unit is not None and is_ranked(unit) for unit in (change.before, change.after))


def _concern(reading: ChangeReading) -> tuple[int, float]:
    order = (Verdict.REGRESSED, Verdict.IMPROVED, Verdict.STABLE, Verdict.SKIPPED)
    telling = reading.judged(reading.verdict)
    return order.index(reading.verdict), -max(margin.loss for margin in telling)


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
    difference = read_difference(
        old.cut, new.cut, columns=scale.columns, empty_side=scale.empty_side, scales=scale.margins
    )
    lines_went, lines_came = mark_changed(_lines(old.cut.text), _lines(new.cut.text))
    points_before = _only_went(difference)
    side, lines = (old, lines_went) if points_before else (new, lines_came)
    changed = difference.went if points_before else difference.came
    # What was taken away was worth more than nothing by as much as its loss costs.
    sign = -1.0 if points_before else 1.0
    first = side.unit.text.count("\n", 0, start)
    owners = first + token_lines(side.cut.text, side.cut.score.token_starts)
    rewards = own_rewards(side.cut.score)
    margins = []
    for criterion, column in scale.columns.items():
        before, after = float(difference.before[column]), float(difference.after[column])
        if not (math.isfinite(before) and math.isfinite(after)):
            raise BundleError(
                f"the model gave a reward that is not a number to {side.unit.path}:"
                f"{side.unit.start_line}; the bundle is damaged or wrongly exported"
            )
        marks, count = changed.on(criterion), changed.on(criterion).sum()
        costs = np.zeros(side.unit.text.count("\n") + 1)
        if count:
            # Where tokens add up, those that changed make the margin; else all make the reward.
            among = len(rewards) if scale.empty_side is None else count
            added = difference.trust[column] * rewards[marks, column] / among
            # The loss is shared out evenly but for what each adds beside the others.
            shares = (before - after) / count - sign * (added - added.mean())
            np.add.at(costs, owners[marks], shares)
        # Of tokens that repeat, those of a line beside may be the ones taken for changed.
        costs[first : first + len(lines)] *= lines
        costly = costly_lines(side.unit, costs.tolist(), side.around)
        meaning = scale.margins.get(criterion)
        margins.append(CriterionMargin(criterion, before, after, costly, meaning))
    lost = {margin.criterion for margin in margins if _may_have_reason(margin)}
    if scale.concerns is not None and lost:
        went = MarkedTokens(tokens_of(old.cut), difference.went.all)
        came = MarkedTokens(tokens_of(new.cut), difference.came.all)
        named = scale.concerns.name(went, came, lost)
        margins = [
            replace(m, concern=named) if named and m.criterion is named.concern.criterion else m
            for m in margins
        ]
    return points_before, tuple(margins)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n")]


def _only_went(difference: Difference) -> bool:
    """Whether nothing came: no code, or where no code changed at all, no comment."""
    went, came = difference.went, difference.came
    if went.code.any() or came.code.any():
        return not came.code.any()
    return not came.all.any()

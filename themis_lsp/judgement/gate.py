"""The gate: which regressions fail a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from themis_lsp.bundle.scales import MarginScale
from themis_lsp.conditions import Condition, settle_conditions
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.judgement.comparison import ChangeReading, CriterionMargin

Conditions = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """What a regression on a criterion is held against.

    A margin below ``threshold`` fails or, if ``is_probability``, a regression probability above
    it; one that is equal passes.
    """

    criterion: Criterion
    threshold: float
    is_probability: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """A margin held against a bar; ``excess`` is by how much it fails, at most 0 if it passes."""

    reading: ChangeReading
    margin: CriterionMargin
    bar: Bar

    @property
    def value(self) -> float:
        """What is held against the threshold: the margin or the probability."""
        if not self.bar.is_probability:
            return self.margin.margin
        assert self.margin.probability is not None
        return self.margin.probability

    @property
    def excess(self) -> float:
        """By how much the value is on the wrong side of the threshold."""
        beyond = self.value - self.bar.threshold
        return beyond if self.bar.is_probability else -beyond

    @property
    def line(self) -> int:
        """A line of the file after to look at: the costliest or, without one, the unit's first."""
        if self.reading.points_before or not self.margin.costly:
            return self.reading.change.unit.start_line
        return self.margin.costly[0].line


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """What became of all trials: the failures, worst first, and the closest of those that passed.

    ``criteria`` are those that anything could have failed on, ``without`` those that ``any`` left
    out because the model has no threshold for them. ``silenced`` would fail if nobody had accepted
    them.
    """

    failures: tuple[Trial, ...]
    closest: Trial | None
    criteria: tuple[Criterion, ...]
    without: tuple[Criterion, ...]
    silenced: tuple[Trial, ...] = ()


def hold_gate(
    readings: Iterable[ChangeReading],
    conditions_of: Callable[[str], Conditions],
    *,
    judged: Sequence[Criterion],
    scales: Mapping[Criterion, MarginScale],
) -> GateOutcome:
    """Return which of the changes fail; ``conditions_of`` tells what holds for a path.

    ``judged`` are the criteria of the run. What a second model says is held against its own scale.
    Raises UserError where the model, or the choice of
    criteria, leaves nothing to hold a criterion against.
    """

    @cache
    def bars_of(conditions: Conditions) -> Mapping[Criterion, Bar]:
        return find_bars(conditions, judged=judged, scales=scales)

    trials, named = [], set()
    all_conditions: set[Condition] = set()
    for reading in readings:
        conditions = conditions_of(reading.change.unit.path)
        all_conditions |= set(conditions)
        own = {m.criterion: m.scale for m in reading.margins if m.is_escalated and m.scale}
        bars = (
            find_bars(conditions, judged=judged, scales={**scales, **own})
            if own
            else bars_of(conditions)
        )
        named |= set(bars)
        found = {margin.criterion: margin for margin in reading.margins}
        trials += [Trial(reading, found[c], bar) for c, bar in bars.items() if c in found]
    trials.sort(key=lambda trial: -trial.margin.loss)
    failed = [trial for trial in trials if trial.excess > 0]
    failures = tuple(trial for trial in failed if trial.margin.silence is None)
    passed = [trial for trial in trials if trial.excess <= 0]
    asks_all = any(condition.criterion is None for condition in all_conditions)
    return GateOutcome(
        failures,
        min(passed, key=lambda trial: (-trial.excess, -trial.margin.loss), default=None),
        tuple(criterion for criterion in Criterion if criterion in named),
        tuple(c for c in judged if c not in named) if asks_all else (),
        tuple(trial for trial in failed if trial.margin.silence is not None),
    )


def find_bars(
    conditions: Conditions,
    *,
    judged: Sequence[Criterion],
    scales: Mapping[Criterion, MarginScale],
) -> dict[Criterion, Bar]:
    """Return what each criterion is held against; errors as of ``hold_gate``."""
    settled = settle_conditions(conditions)
    bars = {}
    for criterion in judged:
        condition = settled.get(criterion) or settled.get(None)
        if condition is not None:
            bar = _bar(condition, criterion, scales.get(criterion))
            if bar is not None:
                bars[criterion] = bar
    for named, condition in settled.items():
        if named is not None and named not in bars:
            raise UserError(_reason(condition, named, named in judged, scales))
    if None in settled and not bars:
        raise UserError(
            f"--fail-on {settled[None]}: the model has no threshold for any criterion, so nothing "
            "can be held against one; take a calibrated model, or have nothing fail: leave "
            "--fail-on out, in a hook set fail-on = [] in the configuration"
        )
    return bars


def _bar(condition: Condition, criterion: Criterion, scale: MarginScale | None) -> Bar | None:
    if scale is None:
        return None
    if condition.probability is not None:
        return Bar(criterion, condition.probability, is_probability=True)
    threshold = scale.warn_below if scale.gate_below is None else scale.gate_below
    return None if threshold is None else Bar(criterion, threshold, is_probability=False)


def _reason(
    condition: Condition,
    criterion: Criterion,
    is_judged: bool,
    scales: Mapping[Criterion, MarginScale],
) -> str:
    if not is_judged:
        return f"--fail-on {condition}: {criterion.words} is not judged; see --criteria"
    if criterion not in scales:
        return (
            f"--fail-on {condition}: the model is not calibrated for {criterion.words}, so nothing "
            f"can be held against a threshold; leave {criterion.code} out, or take a model that is"
        )
    return (
        f"--fail-on {condition}: the model claims no threshold for {criterion.words}: its "
        f"{scales[criterion].pairs:,} calibration pairs support none; leave {criterion.code} out, "
        f"or set a probability yourself, as in {criterion.code}:0.95"
    )

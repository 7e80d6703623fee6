"""The second model of a review, for what the first is unsure of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from themis_lsp.bundle.percentiles import ReferenceTables
from themis_lsp.cli import scorer as opening
from themis_lsp.cli.brief import brief_of
from themis_lsp.cli.options import CheckOptions
from themis_lsp.cli.progress import scoring_progress
from themis_lsp.cli.scorer import OpenedScorer
from themis_lsp.errors import UserError
from themis_lsp.judgement.brief import Brief
from themis_lsp.judgement.cascade import (
    claimed,
    overrule_change,
    overrule_unit,
    unsure_changes,
    weakest_units,
)
from themis_lsp.judgement.comparison import (
    ChangeReading,
    RewardScale,
    SideTexts,
    read_changes,
    snippets_of,
)
from themis_lsp.judgement.readings import UnitReading, read_units
from themis_lsp.judgement.reversal import plan_trials, trial_snippets, weigh_trials
from themis_lsp.report.review import Escalation
from themis_lsp.scoring.score import Score, Snippet

OFF = "off"


@dataclass(slots=True)
class SecondModel:
    """The large model and what it was asked so far.

    ``scale`` has the criteria that the run judges, the large model too, and that it claims
    thresholds for.
    """

    opened: OpenedScorer
    brief: Brief
    scale: RewardScale
    is_quiet: bool
    changes: int = 0
    units: int = 0

    @property
    def outcome(self) -> Escalation:
        """What there is to report."""
        return Escalation(self.opened.scorer.info, self.changes, self.units)

    def look_at_changes(
        self, readings: Sequence[ChangeReading], texts: SideTexts, *, with_all: bool
    ) -> list[ChangeReading]:
        """Return the readings, overruled where the small model is unsure."""
        criteria = frozenset(self.scale.columns)
        places = unsure_changes(readings, criteria, with_all=with_all)
        changes = [readings[place].change for place in places]
        scores = self._score(snippets_of(changes, self.brief))
        again = read_changes(changes, scores, texts=texts, scale=self.scale)
        self.changes += len(places)
        found = dict(zip(places, again, strict=True))
        return [
            overrule_change(reading, found[place], criteria) if place in found else reading
            for place, reading in enumerate(readings)
        ]

    def look_at_units(
        self, readings: Sequence[UnitReading], texts: Mapping[str, str], *, with_all: bool
    ) -> list[UnitReading]:
        """Return the readings, those of the weakest units overruled."""
        tables = self._tables
        places = [] if tables is None else weakest_units(readings, with_all=with_all)
        units = [readings[place].unit for place in places]
        scores = self._score([self.brief.ask_unit(unit) for unit in units])
        judged = self.opened.scorer.info.criteria
        columns = {criterion: column for column, criterion in enumerate(judged)}
        again = read_units(units, scores, texts=texts, tables=tables, columns=columns)
        self.units += len(places)
        found = dict(zip(places, again, strict=True))
        return [
            overrule_unit(reading, found[place]) if place in found else reading
            for place, reading in enumerate(readings)
        ]

    def look_for_reversals(self, readings: Sequence[ChangeReading]) -> list[ChangeReading]:
        """Return the readings with the place to blame of what this model calls a regression."""
        trials = [
            trial
            for trial in plan_trials(readings, self.brief)
            if (worst := readings[trial.reading].worst) is not None and worst.is_escalated
        ]
        scores = self._score(trial_snippets(trials))
        return weigh_trials(readings, trials, scores, self.scale)

    @property
    def _tables(self) -> ReferenceTables | None:
        return self.opened.bundle.manifest.calibration.percentiles

    def _score(self, snippets: Sequence[Snippet]) -> list[Score]:
        if not snippets:
            return []
        what = f"for {self.opened.scorer.info.model}"
        with scoring_progress(len(snippets), what, is_quiet=self.is_quiet) as progress:
            return self.opened.scorer.score(snippets, progress)


def open_second(options: CheckOptions, first: OpenedScorer) -> SecondModel | None:
    """Return the model to escalate to, None where none is wanted.

    Raises UserError where one of the two does not say what is needed to tell who is to be asked,
    or they are the same; errors as of ``open_scorer`` too.
    """
    if options.escalate in (None, OFF):
        return None
    second = opening.open_scorer(
        model=options.escalate,
        provider=options.provider,
        threads=options.jobs,
        cache=not options.no_cache,
    )
    info = second.scorer.info
    if info.bundle_sha256 == first.scorer.info.bundle_sha256:
        raise UserError(f"--escalate names {info.model}, the model that judges already")
    wanted = options.criteria or first.scorer.info.criteria
    calibration = second.bundle.manifest.calibration
    columns = {
        criterion: column
        for column, criterion in enumerate(info.criteria)
        if criterion in wanted and criterion in claimed(calibration.margins)
    }
    of_changes = options.selection is not None
    for opened in (first, second):
        _check(opened, of_changes=of_changes)
    scale = RewardScale(columns, calibration.empty_side, calibration.margins)
    return SecondModel(second, brief_of(info, options), scale, options.quiet)


def _check(opened: OpenedScorer, *, of_changes: bool) -> None:
    calibration = opened.bundle.manifest.calibration
    if of_changes and not claimed(calibration.margins):
        raise UserError(
            f"--escalate needs models that are calibrated for changes, and "
            f"{opened.scorer.info.model} is not; themis-export calibrate does it"
        )
    if not of_changes and calibration.percentiles is None:
        raise UserError(
            f"--escalate needs models with percentiles, and {opened.scorer.info.model} has none; "
            "themis-export calibrate --reference gives it some"
        )

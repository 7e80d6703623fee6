"""One review of changes, from the selection on the command line to the data of a report."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from themis_lsp.changes import Change, ChangeKind, FileUnits, pair_units
from themis_lsp.cli.options import CheckOptions
from themis_lsp.cli.progress import scoring_progress
from themis_lsp.cli.review import judged_columns, open_wanted, report_unjudged
from themis_lsp.cli.scorer import OpenedScorer
from themis_lsp.concerns.head import DeferredConcernHead, open_concern_head
from themis_lsp.judgement.comparison import (
    ChangeReading,
    RewardScale,
    SideTexts,
    choose_changes,
    read_changes,
    snippets_of,
    without_criteria,
)
from themis_lsp.judgement.findings import bar, choose_findings, is_ranked, rank_findings
from themis_lsp.judgement.gate import GateOutcome, find_bars, hold_gate
from themis_lsp.judgement.readings import UnitReading, leave_out, read_units
from themis_lsp.judgement.reversal import plan_trials, trial_snippets, weigh_trials
from themis_lsp.report.review import Review, ReviewedChanges
from themis_lsp.scoring.score import Snippet
from themis_lsp.sources.changed import load_changed, read_patch
from themis_lsp.sources.selection import Selection, SelectionKind
from themis_lsp.sources.source import ChangedSources, SourceFile
from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit


def review_changes(options: CheckOptions, selection: Selection) -> Review:
    """Read, pair, score and judge the changes selected.

    Raises UserError or BundleError when no review is possible; what cannot be reviewed alone is
    among the problems of the review.
    """
    started = time.perf_counter()
    sources = load_changed(selection, paths=options.paths, patch=_read_patch(selection))
    changes = pair_units(
        [FileUnits(_units(file.before), _units(file.after)) for file in sources.files]
    ).changes
    is_scored = any(change.after is not None for change in changes)
    paths = {change.unit.path for change in changes}
    opened = open_wanted(options) if is_scored else None
    if opened is not None:
        _check_conditions(opened, paths, options)  # better refused before the long work
    read = _read(changes, sources, opened, options)
    is_gated = any(options.rules.conditions_of(path) for path in paths)
    gate = _hold_gate(read.changes, opened, options) if is_gated or options.fail_on else None
    findings = rank_findings(r for r in read.new if options.all_units or is_ranked(r.unit))
    return Review(
        files=len(sources.files),
        readings=tuple(read.new),
        findings=tuple(findings),
        shown=tuple(choose_findings(findings, top=options.top, below=bar(options.min_percentile))),
        skipped=sources.skipped,
        problems=(*sources.problems, *report_unjudged(read.new, options)),
        info=None if opened is None else opened.scorer.info,
        min_percentile=options.min_percentile,
        seconds=time.perf_counter() - started,
        changes=ReviewedChanges(
            sources.before,
            sources.after,
            tuple(read.changes),
            tuple(_choose(read.changes, gate, options)),
            with_all=options.all_units,
        ),
        gate=gate,
    )


def _check_conditions(opened: OpenedScorer, paths: Collection[str], options: CheckOptions) -> None:
    for conditions in {options.rules.conditions_of(path) for path in paths}:
        find_bars(
            conditions,
            judged=tuple(judged_columns(opened.scorer.info.criteria, options.criteria)),
            scales=opened.bundle.manifest.calibration.margins,
        )


def _hold_gate(
    readings: Sequence[ChangeReading], opened: OpenedScorer | None, options: CheckOptions
) -> GateOutcome:
    if opened is None:
        return GateOutcome((), None, (), ())
    criteria = opened.scorer.info.criteria
    return hold_gate(
        (r for r in readings if r.is_compared(with_all=options.all_units)),
        options.rules.conditions_of,
        judged=tuple(judged_columns(criteria, options.criteria)),
        scales=opened.bundle.manifest.calibration.margins,
    )


def _choose(
    readings: Sequence[ChangeReading], gate: GateOutcome | None, options: CheckOptions
) -> list[ChangeReading]:
    """What to show: what was asked for, and whatever fails the run."""
    chosen = choose_changes(readings, top=options.top, with_all=options.all_units)
    failing = [] if gate is None else [trial.reading for trial in gate.failures]
    for reading in failing:
        if not any(reading is other for other in chosen):
            chosen.append(reading)
    return chosen


@dataclass(frozen=True, slots=True)
class _Readings:
    """What was read of all changes, and of the units that are new."""

    changes: Sequence[ChangeReading]
    new: Sequence[UnitReading]


def _read_patch(selection: Selection) -> bytes:
    if selection.kind is not SelectionKind.PATCH:
        return b""
    return sys.stdin.buffer.read() if selection.value == "-" else read_patch(selection.value)


def _units(file: SourceFile | None) -> tuple[Unit, ...]:
    if file is None:
        return ()
    return tuple(find_units(file.text, path=file.path, language=file.language))


def _read(
    changes: Sequence[Change],
    sources: ChangedSources,
    opened: OpenedScorer | None,
    options: CheckOptions,
) -> _Readings:
    texts = SideTexts(
        {file.before.path: file.before.text for file in sources.files if file.before},
        {file.after.path: file.after.text for file in sources.files if file.after},
    )
    if opened is None:
        return _Readings(read_changes(changes, (), texts=texts, scale=RewardScale({}, (), {})), ())
    scorer, calibration = opened.scorer, opened.bundle.manifest.calibration
    columns = judged_columns(scorer.info.criteria, options.criteria)
    new = [change.unit for change in changes if change.kind is ChangeKind.ADDED]
    snippets = [*(Snippet(unit.language, unit.text) for unit in new), *snippets_of(changes)]
    with scoring_progress(len(snippets), "pieces of code", is_quiet=options.quiet) as progress:
        scores = scorer.score(snippets, progress)
    concerns = DeferredConcernHead(partial(open_concern_head, opened.bundle))
    scale = RewardScale(columns, calibration.empty_side, calibration.margins, concerns)
    readings = read_changes(changes, scores[len(new) :], texts=texts, scale=scale)
    ignored = options.rules.ignored
    readings = [without_criteria(r, ignored(r.change.unit.path)) for r in readings]
    # What regressed is looked at once more: which of its places did the harm?
    trials = plan_trials(readings)
    if trials:
        readings = weigh_trials(readings, trials, scorer.score(trial_snippets(trials)), scale)
    read = read_units(
        new,
        scores[: len(new)],
        texts=texts.after,
        tables=calibration.percentiles,
        columns=columns,
    )
    return _Readings(readings, [leave_out(r, ignored(r.unit.path)) for r in read])

"""One review of changes, from the selection on the command line to the data of a report."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

from themis_lsp.changes import Change, ChangeKind, FileUnits, pair_units
from themis_lsp.cli.baseline import open_ratchet, settle_baseline
from themis_lsp.cli.brief import brief_of
from themis_lsp.cli.escalate import SecondModel, open_second
from themis_lsp.cli.options import CheckOptions
from themis_lsp.cli.progress import scoring_progress
from themis_lsp.cli.review import judged_columns, open_wanted, report_unjudged
from themis_lsp.cli.scorer import OpenedScorer
from themis_lsp.concerns.head import DeferredConcernHead, open_concern_head
from themis_lsp.judgement.acceptance import Acceptance
from themis_lsp.judgement.brief import PLAIN, Brief
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
from themis_lsp.sources.changed import load_changed, read_patch
from themis_lsp.sources.selection import Selection, SelectionKind
from themis_lsp.sources.source import ChangedFile, ChangedSources, SourceFile
from themis_lsp.suppressions.read import without_directives
from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit


def review_changes(options: CheckOptions, selection: Selection) -> Review:
    """Read, pair, score and judge the changes selected.

    Raises UserError or BundleError when no review is possible; what cannot be reviewed alone is
    among the problems of the review.
    """
    started = time.perf_counter()
    sources = load_changed(selection, paths=options.paths, patch=_read_patch(selection))
    acceptance = Acceptance(options.require_reason, open_ratchet(options))
    sources = replace(sources, files=tuple(_mark(file, acceptance) for file in sources.files))
    units = [FileUnits(_units(file.before), _units(file.after)) for file in sources.files]
    _see(sources.files, units, acceptance)
    changes = pair_units(units).changes
    is_scored = any(change.after is not None for change in changes)
    paths = {change.unit.path for change in changes}
    opened = open_wanted(options) if is_scored else None
    if opened is not None:
        _check_conditions(opened, paths, options)  # better refused before the long work
    read, gate = _judge(_read(changes, sources, opened, options), acceptance, opened, options)
    judged = () if opened is None else opened.scorer.info.criteria
    findings = rank_findings(r for r in read.new if options.all_units or is_ranked(r.unit))
    problems = (*sources.problems, *report_unjudged(read.new, options))
    settled = settle_baseline(acceptance.ratchet, options, has_problems=bool(problems))
    return Review(
        files=len(sources.files),
        readings=tuple(read.new),
        findings=tuple(findings),
        shown=tuple(choose_findings(findings, top=options.top, below=bar(options.min_percentile))),
        skipped=sources.skipped,
        problems=problems,
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
        notes=acceptance.notes(judged_columns(judged, options.criteria if judged else ())),
        baseline=settled,
        escalation=None if read.second is None else read.second.outcome,
    )


def _judge(
    read: _Readings,
    acceptance: Acceptance,
    opened: OpenedScorer | None,
    options: CheckOptions,
) -> tuple[_Readings, GateOutcome | None]:
    """Return the readings, silenced where what they say is accepted, and what the gate says."""
    is_gated = options.fail_on or any(
        options.rules.conditions_of(reading.change.unit.path) for reading in read.changes
    )
    gate = _hold_gate(read.changes, opened, options) if is_gated else None
    failures = () if gate is None else gate.failures
    readings = acceptance.accept_changes(read.changes, failures, with_all=options.all_units)
    # What regressed is looked at once more: which of its places did the harm?
    readings = _find_reversals(readings, read, opened)
    gate = _hold_gate(readings, opened, options) if is_gated else None
    new = acceptance.accept_units(
        read.new, below=bar(options.min_percentile), with_all=options.all_units
    )
    return replace(read, changes=readings, new=new), gate


def _find_reversals(
    readings: list[ChangeReading], read: _Readings, opened: OpenedScorer | None
) -> list[ChangeReading]:
    trials = [
        trial
        for trial in plan_trials(readings, read.brief)
        if (worst := readings[trial.reading].worst) is not None and not worst.is_escalated
    ]
    if trials and opened is not None:
        scores = opened.scorer.score(trial_snippets(trials))
        readings = weigh_trials(readings, trials, scores, read.scale)
    return readings if read.second is None else read.second.look_for_reversals(readings)


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
    """What was read of all changes, and of the units that are new.

    ``scale`` is that of the bundle, ``brief`` how the scorer was asked, ``second`` the
    model that was asked again, if any.
    """

    changes: Sequence[ChangeReading]
    new: Sequence[UnitReading]
    scale: RewardScale
    brief: Brief = PLAIN
    second: SecondModel | None = None


def _read_patch(selection: Selection) -> bytes:
    if selection.kind is not SelectionKind.PATCH:
        return b""
    return sys.stdin.buffer.read() if selection.value == "-" else read_patch(selection.value)


def _mark(file: ChangedFile, acceptance: Acceptance) -> ChangedFile:
    """Return both sides without directives; those of the side after count."""
    before, after = file.before, file.after
    if after is not None:
        older = None if before is None else before.text
        text = acceptance.mark(after.text, path=after.path, language=after.language, before=older)
        after = replace(after, text=text)
    if before is not None:
        text = without_directives(before.text, before.language)
        before = replace(before, text=text)
    return ChangedFile(before, after)


def _see(files: Sequence[ChangedFile], units: Sequence[FileUnits], acceptance: Acceptance) -> None:
    for file in files:
        if file.before is not None:
            acceptance.see(file.before.path, ())
    for file, both in zip(files, units, strict=True):
        if file.after is not None:
            acceptance.see(file.after.path, both.after)


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
        scale = RewardScale({}, (), {})
        return _Readings(read_changes(changes, (), texts=texts, scale=scale), (), scale)
    scorer, calibration = opened.scorer, opened.bundle.manifest.calibration
    columns = judged_columns(scorer.info.criteria, options.criteria)
    new = [change.unit for change in changes if change.kind is ChangeKind.ADDED]
    brief = brief_of(scorer.info, options)
    second = open_second(options, opened)
    snippets = [*map(brief.ask_unit, new), *snippets_of(changes, brief)]
    with scoring_progress(len(snippets), "pieces of code", is_quiet=options.quiet) as progress:
        scores = scorer.score(snippets, progress)
    concerns = DeferredConcernHead(partial(open_concern_head, opened.bundle))
    scale = RewardScale(columns, calibration.empty_side, calibration.margins, concerns)
    readings = read_changes(changes, scores[len(new) :], texts=texts, scale=scale)
    if second is not None:
        readings = second.look_at_changes(readings, texts, with_all=options.all_units)
    ignored = options.rules.ignored
    readings = [without_criteria(r, ignored(r.change.unit.path)) for r in readings]
    read = read_units(
        new,
        scores[: len(new)],
        texts=texts.after,
        tables=calibration.percentiles,
        columns=columns,
    )
    if second is not None:
        read = second.look_at_units(read, texts.after, with_all=options.all_units)
    read = [leave_out(r, ignored(r.unit.path)) for r in read]
    return _Readings(readings, read, scale, brief, second)

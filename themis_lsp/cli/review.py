"""One review, from the paths on the command line to the data of a report."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from themis_lsp.bundle.percentiles import ReferenceTables
from themis_lsp.cli import scorer as opening
from themis_lsp.cli.baseline import open_ratchet, settle_baseline
from themis_lsp.cli.escalate import open_second
from themis_lsp.cli.options import CheckOptions
from themis_lsp.cli.progress import scoring_progress
from themis_lsp.criteria import Criterion
from themis_lsp.errors import ThemisError, UserError
from themis_lsp.judgement.acceptance import Acceptance
from themis_lsp.judgement.brief import brief_for
from themis_lsp.judgement.findings import Finding, bar, choose_findings, is_ranked, rank_findings
from themis_lsp.judgement.readings import UnitReading, leave_out, read_units
from themis_lsp.report.review import Escalation, Review
from themis_lsp.scoring.score import Scorer, ScorerInfo
from themis_lsp.sources.load import STDIN, StandardInput, load_sources
from themis_lsp.sources.source import SourceFile, SourceProblem, Sources
from themis_lsp.suppressions.read import SuppressionNote
from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit


def review_sources(options: CheckOptions) -> Review:
    """Read, cut up, score and judge what ``options`` name.

    Raises UserError or BundleError when no review is possible; what cannot be reviewed alone is
    among the problems of the review.
    """
    started = time.perf_counter()
    sources = _load(options)
    acceptance = Acceptance(options.require_reason, open_ratchet(options))
    files, units, problems = _find_units(sources.files, acceptance)
    info: ScorerInfo | None = None
    readings: list[UnitReading] = []
    findings: list[Finding] = []
    notes: tuple[SuppressionNote, ...] = ()
    escalation: Escalation | None = None
    if units:
        opened = open_wanted(options)
        info = opened.scorer.info
        tables = opened.bundle.manifest.calibration.percentiles
        second = open_second(options, opened)
        readings = _read(units, files, opened.scorer, tables=tables, options=options)
        if second is not None:
            texts = {file.path: file.text for file in files}
            readings = second.look_at_units(readings, texts, with_all=options.all_units)
            escalation = second.outcome
        readings = acceptance.accept_units(
            readings, below=bar(options.min_percentile), with_all=options.all_units
        )
        notes = acceptance.notes(judged_columns(info.criteria, options.criteria))
        findings = rank_findings(r for r in readings if options.all_units or is_ranked(r.unit))
        problems += report_unjudged(readings, options)
    problems = [*sources.problems, *problems]
    settled = settle_baseline(acceptance.ratchet, options, has_problems=bool(problems))
    return Review(
        files=len(sources.files),
        readings=tuple(readings),
        findings=tuple(findings),
        shown=tuple(choose_findings(findings, top=options.top, below=bar(options.min_percentile))),
        skipped=sources.skipped,
        problems=tuple(problems),
        info=info,
        min_percentile=options.min_percentile,
        seconds=time.perf_counter() - started,
        notes=notes,
        baseline=settled,
        escalation=escalation,
    )


def empty_review(options: CheckOptions, error: ThemisError) -> Review:
    """Return the review of nothing, for ``error``."""
    return Review(
        files=0,
        readings=(),
        findings=(),
        shown=(),
        skipped=(),
        problems=(SourceProblem("", str(error)),),
        info=None,
        min_percentile=options.min_percentile,
        seconds=0.0,
    )


def _load(options: CheckOptions) -> Sources:
    paths = options.paths or (STDIN,)
    stdin = None
    if STDIN in paths:
        stdin = StandardInput(sys.stdin.buffer.read(), options.stdin_filename)
    return load_sources(paths, stdin=stdin, force_exclude=options.force_exclude)


def _find_units(
    files: Sequence[SourceFile], acceptance: Acceptance
) -> tuple[list[SourceFile], list[Unit], list[SourceProblem]]:
    """Return the files as the model is to see them, their units, and what has none."""
    seen: list[SourceFile] = []
    units: list[Unit] = []
    problems = []
    for file in files:
        try:
            text = acceptance.mark(file.text, path=file.path, language=file.language)
            found = find_units(text, path=file.path, language=file.language)
            acceptance.see(file.path, found)
            units += found
            seen.append(replace(file, text=text))
        except UserError as error:
            problems.append(SourceProblem(file.path, f"{file.path}: {error}"))
    return seen, units, problems


def _read(
    units: Sequence[Unit],
    files: Sequence[SourceFile],
    scorer: Scorer,
    *,
    tables: ReferenceTables | None,
    options: CheckOptions,
) -> list[UnitReading]:
    columns = judged_columns(scorer.info.criteria, options.criteria)
    ask = brief_for(scorer.info).ask_unit
    snippets = [ask(unit) for unit in units]
    with scoring_progress(len(snippets), "units", is_quiet=options.quiet) as progress:
        scores = scorer.score(snippets, progress)
    readings = read_units(
        units,
        scores,
        texts={file.path: file.text for file in files},
        tables=tables,
        columns=columns,
    )
    return [leave_out(r, options.rules.ignored(r.unit.path)) for r in readings]


def open_wanted(options: CheckOptions) -> opening.OpenedScorer:
    """Open the scorer that the options ask for; errors as of ``open_scorer``."""
    return opening.open_scorer(
        model=options.model,
        provider=options.provider,
        threads=options.jobs,
        cache=not options.no_cache,
        service=options.service,
    )


def judged_columns(
    judged: Sequence[Criterion], wanted: Sequence[Criterion]
) -> dict[Criterion, int]:
    """Return where the scores have the criteria wanted, all those judged if none is named.

    Raises UserError when the model does not judge one.
    """
    missing = [criterion.words for criterion in wanted if criterion not in judged]
    if missing:
        known = ", ".join(criterion.code for criterion in judged)
        raise UserError(
            f"the model does not judge {' or '.join(missing)}; choose --criteria from {known}"
        )
    return {criterion: judged.index(criterion) for criterion in wanted or judged}


def report_unjudged(readings: Sequence[UnitReading], options: CheckOptions) -> list[SourceProblem]:
    """Return a problem per language without percentiles, if there is a bar.

    A bar that cannot be held against a unit must not count as met. One too short to judge
    is counted in the summary instead: no bar is meant for it.
    """
    if options.min_percentile is None:
        return []
    languages = sorted(
        {
            reading.unit.language.value
            for reading in readings
            if not reading.is_too_short and any(c.percentile is None for c in reading.readings)
        }
    )
    return [
        SourceProblem(
            "",
            f"the model has no percentiles for {language} code: --min-percentile cannot judge it; "
            "leave the option or those files out",
        )
        for language in languages
    ]

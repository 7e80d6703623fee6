"""Where a review is printed, and how it is dressed for the stream it goes to."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import TextIO

import click

from themis_lsp.cli.formats import ReportFormat
from themis_lsp.cli.gate import gate_lines, gate_summary
from themis_lsp.cli.options import CheckOptions, ColorChoice
from themis_lsp.cli.outputs import write_outputs
from themis_lsp.report.concise import concise_lines
from themis_lsp.report.excerpt import Layout, make_visible
from themis_lsp.report.full import full_lines
from themis_lsp.report.review import Review
from themis_lsp.report.wording import baseline_lines, summarize
from themis_lsp.scoring.score import ScorerInfo
from themis_lsp.sources.source import SourceProblem

_PROGRAM = "themis-review"
_UNKNOWN_WIDTH = 160
_NARROWEST = 60
_FORMATS = "themis_lsp.report.formats"
# By name: a run needs at most one or two of them, and importing all takes longer than printing.
_DOCUMENTS: Mapping[ReportFormat, str] = {
    ReportFormat.JSON: "themis_lsp.report.document:format_document",
    ReportFormat.JSONL: f"{_FORMATS}.jsonl:format_jsonl",
    ReportFormat.SARIF: f"{_FORMATS}.sarif:format_sarif",
    ReportFormat.GITHUB: f"{_FORMATS}.github:format_github",
    ReportFormat.GITLAB: f"{_FORMATS}.gitlab:format_gitlab",
    ReportFormat.JUNIT: f"{_FORMATS}.junit:format_junit",
    ReportFormat.RDJSON: f"{_FORMATS}.rdjson:format_rdjson",
    ReportFormat.AZURE: f"{_FORMATS}.azure:format_azure",
    ReportFormat.MARKDOWN: f"{_FORMATS}.markdown:format_markdown",
    ReportFormat.HTML: f"{_FORMATS}.page:format_html",
}


def print_review(review: Review, options: CheckOptions) -> None:
    """Write the files wanted and print the review, then what the user should know about the run.

    Raises UserError when a file cannot be written.
    """
    _write_files(review, options)
    if not options.report_format.is_text:
        _print_document(review, options.report_format)
        _print_notes(review, options, with_summary=False)
        if not options.quiet:  # a text report says it in its summary
            second = None if review.escalation is None else review.escalation.info
            for judge in filter(None, (review.info, second)):
                print_fallback(judge)
        return
    layout = _layout(sys.stdout, options.color)
    is_full = options.report_format is ReportFormat.FULL
    for line in full_lines(review, layout) if is_full else concise_lines(review, layout):
        click.echo(line, color=layout.is_colored)
    _print_notes(review, options, with_summary=not is_full)
    if is_full and not options.quiet:
        click.echo(make_visible(summarize(review), layout), color=layout.is_colored)


def print_unreviewed(review: Review, options: CheckOptions) -> None:
    """Tell the tools that read a report that no review was possible; the user is told anyway."""
    _write_files(review, options)
    if not options.report_format.is_text:
        _print_document(review, options.report_format)


def _write_files(review: Review, options: CheckOptions) -> None:
    write_outputs(options.output, lambda report_format: _render(review, report_format))


def _render(review: Review, report_format: ReportFormat) -> str:
    """The whole report as it is in a file: wide, in UTF-8, without colours."""
    if not report_format.is_text:
        return _document(review, report_format)
    layout = Layout(_UNKNOWN_WIDTH, "utf-8", is_colored=False)
    if report_format is ReportFormat.FULL:
        return "\n".join([*full_lines(review, layout), make_visible(summarize(review), layout)])
    return "\n".join(concise_lines(review, layout))


def _print_document(review: Review, report_format: ReportFormat) -> None:
    text = _document(review, report_format)
    # A report without a line, of a format with a line a remark, is no line at all.
    if text:
        encoding = sys.stdout.encoding or "ascii"
        click.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def _document(review: Review, report_format: ReportFormat) -> str:
    module, name = _DOCUMENTS[report_format].split(":")
    write: Callable[[Review], str] = getattr(importlib.import_module(module), name)
    return write(review)


def print_problem(problem: SourceProblem) -> None:
    """Print why something named could not be reviewed."""
    print_error(problem.message)


def print_suppressions(review: Review, options: CheckOptions) -> None:
    """Print what is amiss with suppressions; when that fails the run, even if quiet."""
    if options.quiet and not options.strict_suppressions:
        return
    for note in review.notes:
        _print_note("error" if options.strict_suppressions else "note", str(note))


def print_baseline(review: Review, options: CheckOptions) -> None:
    """Print what became of the baseline; when that fails the run, even if quiet."""
    if review.baseline is None:
        return
    for line in baseline_lines(review.baseline):
        if review.baseline.has_failed:
            _print_note("error", line)
        elif not options.quiet:
            _print_note("note", line)


def print_fallback(info: ScorerInfo) -> None:
    """Print that the CPU scored where a GPU was meant to, if so."""
    if info.fell_back:
        _print_note(
            "warning",
            "CUDA does not run here, so the model ran on the CPU; `themis-review doctor` says what "
            "is missing, --provider cpu does not try",
        )


def print_waiver() -> None:
    """Print that something was not reviewed and that this does not fail the run."""
    _print_note("warning", "not all was reviewed; this passes because --on-error says so")


def print_error(message: str) -> None:
    """Print one line on standard error, whatever the message holds."""
    _print_note("error", message)


def _print_notes(review: Review, options: CheckOptions, *, with_summary: bool) -> None:
    layout = _layout(sys.stderr, ColorChoice.NEVER)
    if options.show_skipped:
        for skip in review.skipped:
            click.echo(f"skipped {make_visible(skip.path, layout)}: {skip.reason}", err=True)
    if review.gate is not None:
        for line in gate_lines(review.gate):
            _print_note("gate", line)
        if review.gate.failures or not options.quiet:
            _print_note("gate", gate_summary(review.gate))
    if options.quiet:
        return
    if review.changes is not None and not review.changes.readings and not review.problems:
        _print_note("warning", "nothing was reviewed: no function changed in what was selected")
    elif review.changes is None and not review.readings and not review.problems:
        _print_note("warning", "nothing was reviewed: there is no code in what was named")
    without = {
        reading.unit.language.value
        for reading in review.readings
        if not reading.is_too_short
        and all(criterion.percentile is None for criterion in reading.readings)
    }
    if without:
        languages = ", ".join(sorted(without))
        _print_note("warning", f"the model has no percentiles for {languages}: not ranked")
    if with_summary:
        click.echo(make_visible(summarize(review), layout), err=True)


def _print_note(kind: str, message: str) -> None:
    text = make_visible(message, _layout(sys.stderr, ColorChoice.NEVER))
    click.echo(f"{_PROGRAM}: {kind}: {text}", err=True)


def terminal_layout() -> Layout:
    """Return what standard output can show."""
    return _layout(sys.stdout, ColorChoice.AUTO)


def _layout(stream: TextIO, color: ColorChoice) -> Layout:
    is_terminal = stream.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else _UNKNOWN_WIDTH
    encoding = stream.encoding or "ascii"
    return Layout(max(width, _NARROWEST), encoding, _is_colored(color, is_terminal=is_terminal))


def _is_colored(choice: ColorChoice, *, is_terminal: bool) -> bool:
    if choice is not ColorChoice.AUTO:
        return choice is ColorChoice.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return is_terminal and os.environ.get("TERM") != "dumb"

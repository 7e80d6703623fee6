"""Where a review is printed, and how it is dressed for the stream it goes to."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

import click

from themis_lsp.cli.gate import gate_lines, gate_summary
from themis_lsp.cli.options import CheckOptions, ColorChoice, ReportFormat
from themis_lsp.report.concise import concise_lines
from themis_lsp.report.document import format_document
from themis_lsp.report.excerpt import Layout, make_visible
from themis_lsp.report.full import full_lines
from themis_lsp.report.review import Review
from themis_lsp.report.wording import summarize
from themis_lsp.sources.source import SourceProblem

_PROGRAM = "themis-review"
_UNKNOWN_WIDTH = 160
_NARROWEST = 60


def print_review(review: Review, options: CheckOptions) -> None:
    """Print the review in the format wanted, then what the user should know about the run."""
    if options.report_format is ReportFormat.JSON:
        click.echo(format_document(review))
        _print_notes(review, options, with_summary=False)
        return
    layout = _layout(sys.stdout, options.color)
    is_full = options.report_format is ReportFormat.FULL
    for line in full_lines(review, layout) if is_full else concise_lines(review, layout):
        click.echo(line, color=layout.is_colored)
    _print_notes(review, options, with_summary=not is_full)
    if is_full and not options.quiet:
        click.echo(make_visible(summarize(review), layout), color=layout.is_colored)


def print_problem(problem: SourceProblem) -> None:
    """Print why something named could not be reviewed."""
    print_error(problem.message)


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

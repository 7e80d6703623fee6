"""``themis-review check``: review files and folders."""

from __future__ import annotations

from typing import Any

import click

from themis_lsp.cli.gate import OnError
from themis_lsp.cli.options import CheckOptions, check_options
from themis_lsp.cli.selection import take_selection
from themis_lsp.cli.settings import settings_lines, take_rules
from themis_lsp.errors import ThemisError

_PASS, _FAILED, _ERROR = 0, 1, 2


@click.command()
@check_options
@click.pass_context
def check(context: click.Context, /, **values: Any) -> None:
    """Review files and folders, or what changed.

    Every function gets a percentile on each of five criteria: how many per cent of reference code
    in the same language and of similar length the model likes less. The weakest are shown first,
    with the lines that cost them most; the figure beside a line is what it takes from the reward,
    measured against a middling unit. One of fewer than 12 tokens is too short to judge: it is
    counted, but gets no percentile. In folders, what is git-ignored, vendored, generated, minified
    or test data is skipped; a file that is named is reviewed.

    With --staged, --uncommitted, --since, --diff, --commit or --patch only the functions that a
    change touches are reviewed, in the files and folders named, if any. Each gets a margin on each
    criterion: by how much the code that came is better than the code that went, below zero if it is
    worse; the figure beside a line is its share of a loss. New functions get percentiles.

    Exit codes: 0 done, 1 a unit is below --min-percentile, a change fails --fail-on or something
    strict fails, 2 something could not be reviewed.
    """
    selection = take_selection(values)
    show_settings = values.pop("show_settings")
    rules = take_rules(context, values)
    if show_settings:
        click.echo("\n".join(settings_lines(context, values)))
        return
    options = CheckOptions(**values, selection=selection, rules=rules)
    if options.update_baseline and options.baseline is None:
        raise click.UsageError(
            "--update-baseline needs --baseline FILE, or one configured", context
        )
    if selection is not None:
        if "-" in options.paths or options.stdin_filename is not None:
            raise click.UsageError("changes are of files: standard input has none", context)
    elif options.message_file is not None:
        raise click.UsageError("--message-file says what changes are for: say which", context)
    elif not options.paths and options.stdin_filename is None:
        raise click.UsageError("name files or folders to review, or - for standard input", context)
    elif options.paths and options.stdin_filename and "-" not in options.paths:
        raise click.UsageError("--stdin-filename reads standard input: give - or no path", context)
    if rules.stated and selection is None:
        raise click.UsageError(
            "--fail-on judges changes: say which, as in --staged or --since main; for files there "
            "is --min-percentile",
            context,
        )
    context.exit(_check(options))


def _check(options: CheckOptions) -> int:
    from themis_lsp.cli.baseline import read_entries
    from themis_lsp.cli.output import (
        print_baseline,
        print_problem,
        print_review,
        print_suppressions,
        print_unreviewed,
        print_waiver,
    )
    from themis_lsp.cli.review import empty_review, review_sources
    from themis_lsp.sources.source import SourceProblem

    read_entries(options)  # a baseline that cannot be read is a mistake, whatever --on-error says
    try:
        if options.selection is None:
            review = review_sources(options)
        else:
            from themis_lsp.cli.changes import review_changes

            review = review_changes(options, options.selection)
    except ThemisError as error:
        print_unreviewed(empty_review(options, error), options)
        if options.on_error is OnError.FAIL:
            raise
        print_problem(SourceProblem("", str(error)))
        print_waiver()
        return _PASS
    for problem in review.problems:
        print_problem(problem)
    print_review(review, options)
    print_suppressions(review, options)
    print_baseline(review, options)
    if review.problems and options.on_error is OnError.FAIL:
        return _ERROR
    if review.problems:
        print_waiver()
    has_failed = review.has_failed or (options.strict_suppressions and review.notes)
    return _FAILED if has_failed and not options.exit_zero else _PASS

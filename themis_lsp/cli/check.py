"""``themis-review check``: review files and folders."""

from __future__ import annotations

from typing import Any

import click

from themis_lsp.cli.options import CheckOptions, check_options
from themis_lsp.cli.selection import take_selection
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

    Exit codes: 0 done, 1 a unit is below --min-percentile, 2 something could not be reviewed.
    """
    selection = take_selection(values)
    options = CheckOptions(**values, selection=selection)
    if selection is not None:
        if "-" in options.paths or options.stdin_filename is not None:
            raise click.UsageError("changes are of files: standard input has none", context)
    elif not options.paths and options.stdin_filename is None:
        raise click.UsageError("name files or folders to review, or - for standard input", context)
    elif options.paths and options.stdin_filename and "-" not in options.paths:
        raise click.UsageError("--stdin-filename reads standard input: give - or no path", context)
    context.exit(_check(options))


def _check(options: CheckOptions) -> int:
    from themis_lsp.cli.output import print_problem, print_review, print_unreviewed
    from themis_lsp.cli.review import empty_review, review_sources

    try:
        if options.selection is None:
            review = review_sources(options)
        else:
            from themis_lsp.cli.changes import review_changes

            review = review_changes(options, options.selection)
    except ThemisError as error:
        print_unreviewed(empty_review(options, error), options)
        raise
    for problem in review.problems:
        print_problem(problem)
    print_review(review, options)
    if review.problems:
        return _ERROR
    return _FAILED if review.failed else _PASS

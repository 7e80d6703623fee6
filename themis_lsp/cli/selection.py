"""The options that select changes to review."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from themis_lsp.sources.selection import Selection, SelectionKind

selection_options = (
    click.option("--staged", is_flag=True, help="Review what is staged: HEAD against the index."),
    click.option(
        "--uncommitted",
        is_flag=True,
        help="Review what is not committed: HEAD against the working tree, with new files that are "
        "not ignored.",
    ),
    click.option(
        "--since",
        metavar="REF",
        help="Review what you did since you left REF: the merge base of REF and HEAD against the "
        "working tree.",
    ),
    click.option(
        "--diff",
        metavar="A..B",
        help="Review what differs between two commits; A...B: what B did since it left A.",
    ),
    click.option("--commit", metavar="REF", help="Review a commit: its first parent against it."),
    click.option(
        "--patch",
        metavar="FILE",
        help="Review a unified diff as if it were applied to HEAD; - is standard input.",
    ),
    click.option(
        "--message-file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="What the changes are for, as in the file that git gives a commit-msg hook; a model "
        "that reads tasks is told.  [default: with --commit, that commit's message]",
    ),
)


def take_selection(values: dict[str, Any]) -> Selection | None:
    """Take the values of these options out of ``values``; return what they select, if anything.

    Raises click.UsageError when more than one is given.
    """
    given = []
    for kind in SelectionKind:
        value = values.pop(kind.value)
        if value is not None and value is not False:
            given.append(Selection(kind, value if isinstance(value, str) else ""))
    if len(given) > 1:
        names = " and ".join(f"--{selection.kind}" for selection in given)
        raise click.UsageError(f"{names} select different changes: give one of them")
    return given[0] if given else None

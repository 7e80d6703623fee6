"""The options about what is accepted as it is."""

from __future__ import annotations

from pathlib import Path

import click

accepting_options = (
    click.option(
        "--require-reason",
        is_flag=True,
        help="Comments suppress nothing without a reason, as in `themis: ignore[SH] a reason`.",
    ),
    click.option(
        "--strict-suppressions",
        is_flag=True,
        help="Fail (exit code 1) when a suppression is unused, expired or wrong.",
    ),
    click.option(
        "--baseline",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Accept the findings in this file; entries whose code is gone leave it.",
    ),
    click.option(
        "--update-baseline",
        is_flag=True,
        help="Add all that is found to the baseline, and pass.",
    ),
    click.option(
        "--strict-baseline",
        is_flag=True,
        help="Do not shrink the baseline: fail (exit code 1) when it should have been.  [default: "
        "where CI is set]",
    ),
)

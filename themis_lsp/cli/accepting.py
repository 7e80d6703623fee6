"""The options about what is accepted as it is."""

from __future__ import annotations

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
)

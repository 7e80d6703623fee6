"""``themis-train pairs neutral``."""

from __future__ import annotations

from pathlib import Path

import click

from themis_lsp.errors import UserError
from themis_train.options import (
    jobs_option,
    languages_option,
    license_option,
    list_option,
    most_option,
    pairs_out_option,
    paths_argument,
    seed_option,
    share_option,
)


def _describe_operators() -> str:
    from themis_train.neutral.report import format_operators

    return format_operators()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@paths_argument
@pairs_out_option
@languages_option
@most_option("--per-operator", 200, "Most edits of one operator in one language.")
@most_option("--per-file", 40, "Most edits of one file.")
@share_option(
    "--dev-share",
    "Share of each family's operators whose edits go to a file of their own, FILE with -dev.",
)
@license_option
@seed_option
@jobs_option
@list_option(_describe_operators)
def neutral(paths: tuple[Path, ...], out: Path, license_id: str, **options: object) -> None:
    """Make edits that leave code as good as it was: what a reviewer must call stable.

    PATHS are source files and folders of them; tests, benchmarks and examples in the folders are
    left out. Each row has a function before and after an edit that keeps exactly what it does:
    other line breaks, names, comments, order or syntax. Which side is the original is random.
    """
    from themis_train.neutral.report import format_neutral
    from themis_train.neutral.run import NeutralOptions, make_neutral, neutral_row
    from themis_train.pair_files import dev_file, write_pairs
    from themis_train.progress import show_progress

    out_dev = dev_file(out)
    with show_progress() as watcher:
        made = make_neutral(paths, NeutralOptions(**options), watcher)  # type: ignore[arg-type]  # click's types
    if not made.learned and not made.held_out:
        raise UserError(
            "no edits could be made: the files hold no function that an operator applies to; "
            "give more code"
        )
    click.echo(format_neutral(made))
    for path, edits in ((out, made.learned), (out_dev, made.held_out)):
        if path is out or edits:
            rows = (neutral_row(edit, license_id=license_id) for edit in edits)
            click.echo(f"{write_pairs(path, rows):,} edits in {path}")

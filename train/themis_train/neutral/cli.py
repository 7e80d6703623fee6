"""``themis-train pairs neutral``."""

from __future__ import annotations

from pathlib import Path

import click

from themis_lsp.errors import UserError
from themis_train.options import (
    jobs_option,
    languages_option,
    license_option,
    pairs_out_option,
    seed_option,
)


def _list_operators(context: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if not is_asked or context.resilient_parsing:
        return
    from themis_train.neutral.report import format_operators

    click.echo(format_operators())
    context.exit()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "paths", metavar="PATHS...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@pairs_out_option
@languages_option
@click.option(
    "--per-operator",
    metavar="N",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Most edits of one operator in one language.",
)
@click.option(
    "--per-file",
    metavar="N",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    help="Most edits of one file.",
)
@click.option(
    "--dev-share",
    metavar="P",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    show_default=True,
    help="Share of each family's operators whose edits go to a file of their own, FILE with -dev.",
)
@license_option
@seed_option
@jobs_option
@click.option(
    "--list",
    "is_list_asked",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_operators,
    help="Print the operators and exit.",
)
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

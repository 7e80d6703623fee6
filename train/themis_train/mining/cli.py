"""``themis-train pairs git``: preference pairs from the history of repositories."""

from __future__ import annotations

from pathlib import Path

import click

from themis_lsp.errors import UserError
from themis_train.options import FILE, jobs_option, most_option, pairs_out_option, seed_option


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@pairs_out_option
@click.option(
    "--work",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where finished parts are kept, for a run that goes on.  [default: FILE.work]",
)
@click.option(
    "--min-confidence",
    metavar="P",
    type=click.FloatRange(0, 1),
    default=0.8,
    show_default=True,
    help="Least probability of the criterion.",
)
@most_option("--cap", 300, "Most pairs of one repository for one criterion; the most certain stay.")
@most_option("--max-units", 3, "Most units that a commit may change.")
@click.option(
    "--max-chars",
    metavar="N",
    type=click.IntRange(min=100),
    default=6000,
    show_default=True,
    help="Most characters a side may have.",
)
@click.option(
    "--beside-tests-and-docs",
    is_flag=True,
    help="Take commits too that touch tests and documents beside the one source file.",
)
@click.option(
    "--decontaminate",
    metavar="FILE",
    multiple=True,
    type=FILE,
    help="Leave out what shares 13 words in a row with FILE: pairs, or plain text.",
)
@click.option(
    "--dev-share",
    metavar="P",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of the repositories whose pairs go to a file of their own, FILE with -dev; of a "
    "single repository, its newest pairs.",
)
@seed_option
@jobs_option
def git(paths: tuple[Path, ...], **options: object) -> None:
    """Mine preference pairs from the histories of git repositories.

    PATHS are repositories, bare or not. A pair is what a commit made of the functions it changed in
    one source file: after is better than before, on the criterion that the commit is about.
    """
    try:
        from themis_train.mining.report import format_mined
        from themis_train.mining.run import MiningOptions, mine_repositories
        from themis_train.progress import show_progress
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed; pip install 'themis-review[train]'"
        ) from error

    with show_progress() as watcher:
        mined = mine_repositories(paths, MiningOptions(**options), watcher=watcher)  # type: ignore[arg-type]  # click's types
    click.echo(format_mined(mined))
    for file, count in mined.files.items():
        click.echo(f"{count:,} pairs in {file}")
    if not mined.pairs.total():
        raise UserError("nothing could be mined: no commit became a pair; the table says why")

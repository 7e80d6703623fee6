"""``themis-train pairs degrade``: preference pairs from good code made worse in a known way."""

from __future__ import annotations

from pathlib import Path

import click

from themis_lsp.criteria import Criterion, parse_criterion
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


def _parse_criteria(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Criterion, ...]:
    try:
        chosen = {parse_criterion(name) for value in values for name in value.split(",")}
    except UserError as error:
        raise click.BadParameter(str(error)) from error
    return tuple(criterion for criterion in Criterion if not chosen or criterion in chosen)


def _parse_operators(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for value in values for name in value.split(",")))
    if names:
        from themis_train.degradation.registry import OPERATORS

        known = {operator.name for operator in OPERATORS}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise click.BadParameter(
                f"unknown operator '{unknown[0]}'; --list prints those that there are"
            )
    return names


def _describe_operators() -> str:
    from themis_train.degradation.registry import OPERATORS
    from themis_train.degradation.report import format_operators

    return format_operators(OPERATORS)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@paths_argument
@pairs_out_option
@click.option(
    "--criteria",
    metavar="NAMES",
    multiple=True,
    callback=_parse_criteria,
    help="Make worse on these criteria only: FC, RT, ME, SH, RM; separated by commas or given "
    "again.  [default: all]",
)
@languages_option
@most_option("--per-operator", 400, "Most pairs of one operator in one language.")
@most_option("--per-file", 60, "Most pairs of one file.")
@most_option("--per-file-operator", 3, "Most pairs of one operator in one file.")
@share_option(
    "--dev-share",
    "Share of each criterion's operators whose pairs go to a file of their own, FILE with "
    "-dev: what a model makes of those, it has not learned by heart.",
)
@click.option(
    "--dev-operators",
    metavar="NAMES",
    multiple=True,
    callback=_parse_operators,
    help="Hold these operators out instead; separated by commas or given again.",
)
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="Most pairs of a file.")
@license_option
@seed_option
@jobs_option
@list_option(_describe_operators)
def degrade(paths: tuple[Path, ...], out: Path, license_id: str, **options: object) -> None:
    """Make preference pairs from good code, by making it worse in one known way.

    PATHS are source files and folders of them; tests, benchmarks and examples in the folders are
    left out. In each pair, chosen is a function as it stands and rejected what an operator made of
    it; operator, criterion and the exact places that differ are recorded. In every criterion and
    language the better side is as often the longer as the shorter.
    """
    from themis_train.degradation.pair import pair_row
    from themis_train.degradation.report import format_degradation
    from themis_train.degradation.run import DegradeOptions, degrade_paths
    from themis_train.pair_files import dev_file, write_pairs
    from themis_train.progress import show_progress

    out_dev = dev_file(out)
    with show_progress() as watcher:
        made = degrade_paths(paths, DegradeOptions(**options), watcher)  # type: ignore[arg-type]  # click's types
    if not made.learned.pairs:
        raise UserError(
            "no pairs could be made: the files hold no function that an operator applies to, or "
            "too few of them to balance lengths; give more code"
        )
    click.echo(format_degradation(made))
    for path, part in ((out, made.learned), (out_dev, made.held_out)):
        if path is out or part.pairs:
            rows = (pair_row(p, idx=idx, license_id=license_id) for idx, p in enumerate(part.pairs))
            click.echo(f"{write_pairs(path, rows):,} pairs in {path}")

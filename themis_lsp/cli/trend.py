"""``themis-review trend``: the course of each criterion over the history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from themis_lsp.cli.options import (
    criteria_option,
    document_format_option,
    jobs_option,
    model_option,
    no_cache_option,
    provider_option,
)
from themis_lsp.cli.progress import scoring_progress
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError

if TYPE_CHECKING:
    from themis_lsp.cli.scorer import OpenedScorer
    from themis_lsp.judgement.trend import Standing
    from themis_lsp.report.trend import Trend
    from themis_lsp.sources.history import PastCommit
    from themis_lsp.sources.source import SourceFile


@click.command()
@click.argument("paths", metavar="[PATHS]...", nargs=-1, type=click.Path())
@click.option("--since", metavar="REF", required=True, help="The commit to begin with.")
@click.option(
    "--points",
    metavar="N",
    type=click.IntRange(min=2),
    default=30,
    show_default=True,
    help="Look at N commits at most, evenly spread.",
)
@click.option(
    "--png",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the trend to a file as well; needs themis-review[plot].",
)
@criteria_option
@document_format_option
@model_option
@provider_option
@jobs_option
@no_cache_option
def trend(  # noqa: PLR0913 - click hands each option over as an argument
    *,
    paths: tuple[str, ...],
    since: str,
    points: int,
    png: Path | None,
    criteria: tuple[Criterion, ...],
    output_format: str,
    model: str | None,
    provider: str,
    jobs: int | None,
    no_cache: bool,
) -> None:
    """Show the course of each criterion over the history.

    For commits from the point where HEAD left REF up to HEAD, on the line of first parents: the
    mean percentile of all units, or of those in the files and folders named, and the share of weak
    ones, below percentile 10. Suppressions and baselines change nothing here. Files are read from
    git's objects; nothing is checked out.
    """
    from themis_lsp.cli.output import print_fallback, terminal_layout
    from themis_lsp.cli.review import judged_columns
    from themis_lsp.cli.scorer import open_scorer, usual_model
    from themis_lsp.judgement.trend import add_standings
    from themis_lsp.report.trend import Trend, format_trend, trend_lines
    from themis_lsp.report.trend_picture import check_plotting
    from themis_lsp.sources.history import load_history

    if png is not None:
        check_plotting()  # missing? better said before the long work
    commits = load_history(since, paths=paths, most=points)
    opened = open_scorer(
        model=usual_model(model), provider=provider, threads=jobs, cache=not no_cache
    )
    columns = judged_columns(opened.scorer.info.criteria, criteria)
    standings = _stand(commits, opened, columns)
    print_fallback(opened.scorer.info)
    found = Trend(
        tuple(commits),
        tuple(add_standings(standings[file] for file in commit.files) for commit in commits),
        tuple(columns),
        opened.scorer.info,
    )
    if not any(standing.units for standing in found.standings):
        raise UserError("no unit in these commits can be ranked by this model")
    if png is not None:
        _draw(found, png)
    if output_format == "json":
        click.echo(format_trend(found))
        return
    layout = terminal_layout()
    for line in trend_lines(found, layout):
        click.echo(line, color=layout.is_colored)


def _stand(
    commits: Sequence[PastCommit], opened: OpenedScorer, columns: dict[Criterion, int]
) -> dict[SourceFile, Standing]:
    """Return how each file stands, each text of it scored once."""
    from themis_lsp.judgement.brief import brief_for
    from themis_lsp.judgement.trend import stand
    from themis_lsp.suppressions.read import without_directives
    from themis_lsp.units.find import find_units

    tables = opened.bundle.manifest.calibration.percentiles
    if tables is None:
        raise UserError("the model has no percentiles, so there is nothing to draw a trend of")
    files = dict.fromkeys(file for commit in commits for file in commit.files)
    ask = brief_for(opened.scorer.info).ask_unit
    standings = {}
    with scoring_progress(len(files), "files") as progress:
        for file in files:
            text = without_directives(file.text, file.language)
            units = find_units(text, path=file.path, language=file.language)
            scores = opened.scorer.score([ask(unit) for unit in units])
            standings[file] = stand(units, scores, tables=tables, columns=columns)
            progress(1)
    return standings


def _draw(found: Trend, png: Path) -> None:
    from themis_lsp.report.trend_picture import draw_trend
    from themis_lsp.writing import write_whole

    try:
        write_whole(png, draw_trend(found))
    except OSError as error:
        raise UserError(f"cannot write {png}: {error.strerror}; name another file") from error

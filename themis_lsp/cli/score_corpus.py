"""``themis-review score-corpus``: the scores of files, folders and tables of code, as parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from themis_lsp.cli.options import jobs_option, model_option, no_cache_option, provider_option
from themis_lsp.errors import UserError

if TYPE_CHECKING:
    from themis_lsp.bench.corpus import CorpusItem
    from themis_lsp.judgement.brief import Brief
    from themis_lsp.scoring.score import ScorerInfo

_TABLES = (".parquet", ".jsonl", ".jsonl.zst")


@click.command("score-corpus")
@click.argument("inputs", metavar="IN...", nargs=-1, required=True)
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the shards to DIR; those there already are kept.",
)
@click.option(
    "--code-column", default="code", show_default=True, help="Where a table has the code."
)
@click.option(
    "--language-column",
    default="language",
    show_default=True,
    help="Where a table has the language.",
)
@click.option(
    "--id-column",
    default="id",
    show_default=True,
    help="Where a table has an id; without one, rows are numbered.",
)
@click.option(
    "--shard-rows",
    metavar="N",
    type=click.IntRange(min=1),
    default=4096,
    show_default=True,
    help="Rows of a shard.",
)
@model_option
@provider_option
@jobs_option
@no_cache_option
def score_corpus(  # noqa: PLR0913 - click hands each option over as an argument
    *,
    inputs: tuple[str, ...],
    folder: Path,
    code_column: str,
    language_column: str,
    id_column: str,
    shard_rows: int,
    model: str | None,
    provider: str,
    jobs: int | None,
    no_cache: bool,
) -> None:
    """Score a corpus.

    IN are source files and folders, of which every unit is scored, or tables (.parquet, .jsonl,
    .jsonl.zst), of which every row is, as it stands. A run that was ended goes on when the same
    command is given again.
    """
    from themis_lsp.bench.corpus import score_corpus as score
    from themis_lsp.cli.scorer import open_scorer, usual_model
    from themis_lsp.rows import import_bench_module

    import_bench_module("pyarrow.parquet")  # missing? better said before the long work
    opened = open_scorer(
        model=usual_model(model), provider=provider, threads=jobs, cache=not no_cache
    )
    columns = (code_column, language_column, id_column)
    outcome = score(
        _read(inputs, opened.scorer.info, columns),
        opened.scorer,
        folder=folder,
        tables=opened.bundle.manifest.calibration.percentiles,
        shard_rows=shard_rows,
    )
    if not outcome.shards:
        raise UserError(f"no code in {', '.join(inputs)}; give files or tables that have some")
    kept = f", {outcome.kept:,} were there already" if outcome.kept else ""
    click.echo(f"{folder}: {outcome.scored:,} scored{kept}; shards: {outcome.shards:,}")


def _read(
    inputs: Sequence[str], info: ScorerInfo, columns: tuple[str, str, str]
) -> Iterator[CorpusItem]:
    from themis_lsp.judgement.brief import brief_for

    brief = brief_for(info)
    for name in inputs:
        is_table = name.endswith(_TABLES) and not Path(name).is_dir()
        yield from _read_table(Path(name), brief, columns) if is_table else _read_code(name, brief)


def _read_code(name: str, brief: Brief) -> Iterator[CorpusItem]:
    from themis_lsp.bench.corpus import CorpusItem
    from themis_lsp.sources.load import load_sources
    from themis_lsp.suppressions.read import without_directives
    from themis_lsp.units.find import find_units

    sources = load_sources([name])
    for problem in sources.problems:
        raise UserError(problem.message)
    for file in sources.files:
        text = without_directives(file.text, file.language)
        for unit in find_units(text, path=file.path, language=file.language):
            yield CorpusItem(file.path, unit.name, unit.start_line, brief.ask_unit(unit))
    if sources.skipped:
        click.echo(f"warning: {name}: {len(sources.skipped):,} files skipped", err=True)


def _read_table(path: Path, brief: Brief, columns: tuple[str, str, str]) -> Iterator[CorpusItem]:
    from themis_lsp.bench.corpus import CorpusItem
    from themis_lsp.judgement.brief import neutral_task
    from themis_lsp.languages import parse_language
    from themis_lsp.rows import parse_text, read_rows
    from themis_lsp.scoring.score import Snippet

    code, language, own = columns
    for number, row in read_rows(path, columns):
        missing = [column for column in (code, language) if column not in row]
        if missing:
            raise UserError(
                f"{path}:{number}: no column {' or '.join(missing)}; "
                "name yours with --code-column and --language-column"
            )
        try:
            text, spoken = parse_text(row[code]), parse_language(parse_text(row[language]))
        except UserError as error:
            raise UserError(f"{path}:{number}: {error}") from error
        task = neutral_task(spoken, (text,)) if brief.in_conversation else ""
        label = row.get(own)
        shown = f"{path.name}:{number}" if label is None else str(label)
        yield CorpusItem(shown, "", None, Snippet(spoken, text, task))

"""``themis-review bench``: the bundle in use, measured on preference pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from themis_lsp.cli.options import (
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
    from themis_lsp.pairs import PreferencePair


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "files", metavar="PAIRS...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write scores.parquet and results.json, the object of --format json, to DIR.",
)
@document_format_option
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Use only the first N pairs of each file.",
)
@click.option(
    "--faithful",
    is_flag=True,
    help="Read code as the Themis papers do: what is too long loses its end, and control tokens "
    "that code spells out count. For models that read conversations.",
)
@model_option
@provider_option
@jobs_option
@no_cache_option
def bench(  # noqa: PLR0913 - click hands each option over as an argument
    *,
    files: tuple[Path, ...],
    folder: Path | None,
    output_format: str,
    limit: int | None,
    faithful: bool,
    model: str | None,
    provider: str,
    jobs: int | None,
    no_cache: bool,
) -> None:
    """Measure the bundle on preference pairs.

    PAIRS are JSON Lines (.jsonl, .jsonl.zst) or parquet files with the columns of
    Themis-CodeRewardBench: id, prompt, chosen, rejected, aspect, language, subset.

    Length-balanced accuracy is the mean of the accuracy where the longer side is the better one and
    where the shorter one is: a model that only measures length has 50 %. Both sides
    are read on the code that differs, within the lines around it; by a model that reads
    conversations, whole, as answers to the prompt.
    """
    from themis_lsp.bench.report import format_report
    from themis_lsp.bench.results import build_results, format_json, write_results
    from themis_lsp.bench.run import read_changes, score_pairs
    from themis_lsp.cli.output import print_fallback
    from themis_lsp.cli.scorer import open_scorer
    from themis_lsp.rows import import_bench_module

    if folder is not None:
        import_bench_module("pyarrow.parquet")  # missing? better said before the long work
    count = sum(1 for _ in _read_all(files, limit))  # also finds a bad row before the long work
    if not count:
        raise UserError(f"no pairs in {', '.join(map(str, files))}; give a file that has some")
    opened = open_scorer(
        model=model, provider=provider, threads=jobs, cache=not no_cache, faithful=faithful
    )
    scorer = opened.scorer
    calibration = opened.bundle.manifest.calibration
    # What a calibration makes of few tokens is no part of the papers' evaluation.
    reading = read_changes(replace(calibration, margins={}) if faithful else calibration)
    with scoring_progress(count, "pairs", steps=2) as progress:  # a pair is two snippets
        scored = score_pairs(_read_all(files, limit), scorer, reading=reading, progress=progress)
    print_fallback(scorer.info)
    _warn_of_skipped(scored.skipped)
    if not scored.pairs:
        raise UserError("the bundle judges none of the criteria of these pairs; nothing to measure")
    results = build_results(scored, scorer.info, files=[file.name for file in files])
    if folder is not None:
        write_results(folder, results, scored.pairs)
    click.echo(format_json(results) if output_format == "json" else format_report(results))


def _read_all(files: Iterable[Path], limit: int | None) -> Iterator[PreferencePair]:
    from themis_lsp.pairs import read_pairs

    for file in files:
        yield from islice(read_pairs(file), limit)


def _warn_of_skipped(skipped: Mapping[Criterion, int]) -> None:
    for criterion, count in skipped.items():
        click.echo(
            f"warning: {count:,} pairs skipped: the bundle does not judge {criterion.words}",
            err=True,
        )

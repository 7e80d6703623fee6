"""Options that several commands of ``themis-train`` take, declared once."""

from __future__ import annotations

import os
from pathlib import Path

import click

from themis_lsp.errors import UserError
from themis_lsp.languages import Language, parse_language


def _parse_languages(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Language, ...]:
    try:
        chosen = {parse_language(name) for value in values for name in value.split(",")}
    except UserError as error:
        raise click.BadParameter(str(error)) from error
    return tuple(language for language in Language if not chosen or language in chosen)


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

pairs_out_option = click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the pairs go: .jsonl, .jsonl.zst or .parquet.",
)
seed_option = click.option(
    "--seed", default=0, show_default=True, help="Seed of every random choice."
)
jobs_option = click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    help="Processes to use.  [default: one per core]",
)
languages_option = click.option(
    "--languages",
    metavar="NAMES",
    multiple=True,
    callback=_parse_languages,
    help="Take files in these languages only; separated by commas or given again.  [default: all]",
)
license_option = click.option(
    "--license", "license_id", metavar="ID", default="", help="Licence of the code."
)

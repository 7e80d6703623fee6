"""Options that several commands of ``themis-train`` take, declared once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from themis_lsp.errors import UserError
from themis_lsp.languages import Language, parse_language

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _parse_languages(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Language, ...]:
    try:
        chosen = {parse_language(name) for value in values for name in value.split(",")}
    except UserError as error:
        raise click.BadParameter(str(error)) from error
    return tuple(language for language in Language if not chosen or language in chosen)


def paths_argument(function: _Function) -> _Function:
    """Give a command the sources it reads."""
    return click.argument(
        "paths", metavar="PATHS...", nargs=-1, required=True, type=click.Path(path_type=Path)
    )(function)


def most_option(name: str, default: int, help_: str) -> Callable[[_Function], _Function]:
    """Return the option of the most there may be of something."""
    return click.option(
        name,
        metavar="N",
        type=click.IntRange(min=1),
        default=default,
        show_default=True,
        help=help_,
    )


def share_option(name: str, help_: str) -> Callable[[_Function], _Function]:
    """Return the option of a share that is kept apart, none by default."""
    return click.option(
        name,
        metavar="P",
        type=click.FloatRange(0, 1, max_open=True),
        default=0.0,
        show_default=True,
        help=help_,
    )


def list_option(describe: Callable[[], str]) -> Callable[[_Function], _Function]:
    """Return the option that prints what ``describe`` returns and leaves."""

    def show(context: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
        if is_asked and not context.resilient_parsing:
            click.echo(describe())
            context.exit()

    return click.option(
        "--list",
        "is_list_asked",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Print the operators and exit.",
    )


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

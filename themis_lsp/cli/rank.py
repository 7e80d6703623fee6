"""``themis-review rank``: which of several ways to write something is better, and at what."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
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
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError

if TYPE_CHECKING:
    from themis_lsp.judgement.ranking import Alternative
    from themis_lsp.sources.source import SourceFile
    from themis_lsp.units.unit import Unit

_OF = "::"


@click.command()
@click.argument("files", metavar="FILE[::UNIT]...", nargs=-1, required=True)
@criteria_option
@document_format_option
@model_option
@provider_option
@jobs_option
@no_cache_option
def rank(  # noqa: PLR0913 - click hands each option over as an argument
    *,
    files: tuple[str, ...],
    criteria: tuple[Criterion, ...],
    output_format: str,
    model: str | None,
    provider: str,
    jobs: int | None,
    no_cache: bool,
) -> None:
    """Rank alternatives: several ways to write the same code.

    Name two or more files, or units in them, as in a.py::Cart.total. Each pair is compared on the
    code that differs, as the two sides of a change are. On each criterion the one that wins most
    comparisons comes first; it wins if it leads every other by more than the model's threshold.
    """
    from themis_lsp.cli.output import print_fallback, terminal_layout
    from themis_lsp.cli.review import judged_columns
    from themis_lsp.cli.scorer import open_scorer, usual_model
    from themis_lsp.judgement.comparison import RewardScale
    from themis_lsp.judgement.ranking import rank_alternatives, ranking_snippets
    from themis_lsp.report.ranking import format_rankings, ranking_lines

    alternatives = _read(files)
    opened = open_scorer(
        model=usual_model(model), provider=provider, threads=jobs, cache=not no_cache
    )
    calibration, info = opened.bundle.manifest.calibration, opened.scorer.info
    columns = judged_columns(info.criteria, criteria)
    scale = RewardScale(columns, calibration.empty_side, calibration.margins)
    scores = opened.scorer.score(ranking_snippets(alternatives, scale))
    print_fallback(info)
    rankings = rank_alternatives(alternatives, scores, scale)
    if output_format == "json":
        click.echo(format_rankings(alternatives, rankings, info))
        return
    layout = terminal_layout()
    for line in list(ranking_lines(alternatives, rankings, layout))[:-1]:
        click.echo(line, color=layout.is_colored)


def _read(names: Sequence[str]) -> list[Alternative]:
    alternatives = [_alternative(name) for name in names]
    if len(alternatives) < 2:
        raise UserError("one alternative has nothing to be ranked against; name two or more")
    languages = {alternative.language for alternative in alternatives}
    if len(languages) > 1:
        raise UserError(
            f"alternatives must be in one language; these are in {', '.join(sorted(languages))}"
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{twice} is named twice; name each alternative once")
    return alternatives


def _alternative(name: str) -> Alternative:
    from themis_lsp.judgement.ranking import Alternative
    from themis_lsp.sources.load import load_sources
    from themis_lsp.suppressions.read import without_directives

    path, of, unit = (name, "", "") if Path(name).exists() else name.rpartition(_OF)
    if not of:
        path = name
    if Path(path).is_dir():
        raise UserError(f"{path}: a folder; name files, or units in them as in a.py::name")
    sources = load_sources([path])
    if sources.problems:
        raise UserError(sources.problems[0].message)
    if not sources.files:
        raise UserError(f"{path}: there is no code in it")
    (file,) = sources.files
    text = without_directives(file.text, file.language)
    if of:
        text = _unit_text(file, text, unit)
    return Alternative(name, file.language, text)


def _unit_text(file: SourceFile, text: str, name: str) -> str:
    """Return the text of the unit called ``name`` as it would stand at the margin."""
    from themis_lsp.units.find import find_units

    units = find_units(text, path=file.path, language=file.language)
    found = [unit for unit in units if unit.name == name]
    found = found or [unit for unit in units if unit.name.endswith(f".{name}")]
    if not found:
        near = get_close_matches(name, [unit.name for unit in units], n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {_list(units)}"
        raise UserError(f"{file.path}: there is no {name!r} in it; {hint}")
    if len(found) > 1:
        lines = ", ".join(str(unit.start_line) for unit in found)
        raise UserError(
            f"{file.path}: {name!r} is on lines {lines}; give a name that only one of them has"
        )
    unit = found[0]
    line = text.split("\n")[unit.start_line - 1]
    blanks = line[: len(line) - len(line.lstrip())]
    return "\n".join(part.removeprefix(blanks) for part in unit.text.split("\n"))


def _list(units: Sequence[Unit]) -> str:
    names = list(dict.fromkeys(unit.name for unit in units))
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more if names else "no units"

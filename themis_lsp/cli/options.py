"""The options of the commands, declared once; which ones ``themis-review check`` takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from themis_lsp.cli.accepting import accepting_options
from themis_lsp.cli.explain import explain
from themis_lsp.cli.formats import ReportFormat
from themis_lsp.cli.gate import OnError, gate_options
from themis_lsp.cli.outputs import OutputFile, parse_format, parse_outputs
from themis_lsp.cli.selection import selection_options
from themis_lsp.cli.settings import settings_options
from themis_lsp.conditions import Condition
from themis_lsp.criteria import Criterion, parse_criterion
from themis_lsp.errors import UserError
from themis_lsp.sources.selection import Selection

if TYPE_CHECKING:
    from themis_lsp.config.find import ProjectRules

_Function = TypeVar("_Function", bound=Callable[..., Any])


class ColorChoice(StrEnum):
    """When to print in colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """Everything a user can say to ``check``; the names are those of the options.

    ``selection`` is None for a review of files, not of changes; ``criteria`` is empty for all the
    bundle judges, ``top`` None for the default choice of findings, ``jobs`` None for
    one thread per core. ``message_file`` says what the changes are for, if anything does.
    """

    paths: tuple[str, ...]
    selection: Selection | None
    message_file: Path | None
    report_format: ReportFormat
    output: tuple[OutputFile, ...]
    criteria: tuple[Criterion, ...]
    min_percentile: int | None
    fail_on: tuple[Condition, ...]
    rules: ProjectRules
    exit_zero: bool
    on_error: OnError
    require_reason: bool
    strict_suppressions: bool
    baseline: Path | None
    update_baseline: bool
    strict_baseline: bool
    top: int | None
    all_units: bool
    stdin_filename: str | None
    force_exclude: bool
    show_skipped: bool
    model: str | None
    escalate: str | None
    provider: str
    jobs: int | None
    no_cache: bool
    service: bool
    color: ColorChoice
    quiet: bool


model_option = click.option(
    "--model",
    metavar="BUNDLE",
    help="The model bundle, a folder.  [default: $THEMIS_MODEL, else the embedded one]",
)
provider_option = click.option(
    "--provider",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where the model runs.",
)
document_format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text: to read. json: for programs.",
)
jobs_option = click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Threads to use.  [default: one per core]",
)
no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Neither read nor write the score cache."
)

service_option = click.option(
    "--service/--no-service",
    default=True,
    help="Let a process that keeps the model open score, and start it for later; with --no-service "
    "this one does.  [default: service, unless THEMIS_SERVICE=off]",
)


def check_options(function: _Function) -> _Function:
    """Give a command the parameters that make a CheckOptions."""
    for decorate in reversed(_PARAMETERS):
        function = decorate(function)
    return function


def _parse_criteria(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Criterion, ...]:
    names = [name for value in values for name in value.split(",")]
    try:
        return tuple(dict.fromkeys(parse_criterion(name) for name in names))
    except UserError as error:
        raise click.BadParameter(str(error)) from error


criteria_option = click.option(
    "--criteria",
    metavar="NAMES",
    multiple=True,
    callback=_parse_criteria,
    help="Judge by these criteria only: FC, RT, ME, SH, RM, or functional-correctness, ...; "
    "separated by commas or given again.  [default: all]",
)
_EXPLAINED = (ReportFormat.FULL, ReportFormat.CONCISE, ReportFormat.JSON)
_PARAMETERS = (
    click.argument("paths", metavar="PATHS...", nargs=-1, type=click.Path()),
    *selection_options,
    click.option(
        "--format",
        "report_format",
        metavar="FORMAT",
        default=ReportFormat.FULL.value,
        callback=parse_format,
        show_default=True,
        help="full: with the lines that cost most. concise: one line a unit. json: everything. "
        f"Also {', '.join(name for name in ReportFormat if name not in _EXPLAINED)}: for other "
        "tools, see docs/formats.md.",
    ),
    click.option(
        "--output",
        metavar="FORMAT=FILE",
        multiple=True,
        callback=parse_outputs,
        help="Write a report to a file as well, e.g. sarif=themis.sarif; may be given again.",
    ),
    criteria_option,
    click.option(
        "--min-percentile",
        metavar="N",
        type=click.IntRange(0, 100),
        help="Fail (exit code 1) when a unit is below percentile N on a criterion; shows those.",
    ),
    *gate_options,
    *accepting_options,
    *settings_options,
    click.option(
        "--top",
        metavar="N",
        type=click.IntRange(min=0),
        help="Show the N weakest units, and the N changes that lose most.  [default: units below "
        "percentile 3, at most 10; changes, at most 10]",
    ),
    click.option(
        "--all-units",
        is_flag=True,
        help="Rank tiny functions and loose declarations too, if not too short to judge.",
    ),
    click.option(
        "--stdin-filename",
        metavar="NAME",
        help="Review standard input (also: the path -) as if it were the file NAME.",
    ),
    click.option(
        "--force-exclude",
        is_flag=True,
        help="Leave out what a folder's walk leaves out even when it is named.",
    ),
    click.option(
        "--show-skipped", is_flag=True, help="List what was left out, and why, on standard error."
    ),
    model_option,
    click.option(
        "--escalate",
        metavar="BUNDLE",
        help="A larger model, a folder, to ask again about what the first is unsure of: changes it "
        "suspects but does not call regressions, and the weakest units; off for none.  "
        "[default: the one of your own configuration, if any]",
    ),
    provider_option,
    jobs_option,
    no_cache_option,
    service_option,
    click.option(
        "--color",
        type=click.Choice([choice.value for choice in ColorChoice]),
        default=ColorChoice.AUTO.value,
        callback=lambda _context, _parameter, value: ColorChoice(value),
        show_default=True,
        help="auto: on a terminal, unless NO_COLOR is set; also where FORCE_COLOR is.",
    ),
    click.option(
        "--explain",
        metavar="CONCERN",
        is_eager=True,
        expose_value=False,
        callback=explain,
        help="Say what a concern that a finding names means, and what to do; list names them all.",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Print findings and errors, nothing else."),
)

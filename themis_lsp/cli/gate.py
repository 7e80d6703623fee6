"""The options of the gate, and what is said about it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

import click

from themis_lsp.conditions import Condition, parse_conditions
from themis_lsp.errors import UserError

if TYPE_CHECKING:
    from themis_lsp.judgement.gate import GateOutcome, Trial


class OnError(StrEnum):
    """What a review that could not be made, or not in full, does to the run."""

    FAIL = "fail"
    PASS = "pass"


def _parse_conditions(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Condition, ...]:
    try:
        return parse_conditions(values)
    except UserError as error:
        raise click.BadParameter(str(error)) from error


gate_options = (
    click.option(
        "--fail-on",
        metavar="CRITERION[:P]",
        multiple=True,
        callback=_parse_conditions,
        help="Fail (exit code 1) when a change regresses on the criterion (FC, RT, ME, SH, RM, or "
        "any) by more than the model's threshold or, with P, with a probability above P; separated "
        "by commas or given again.",
    ),
    click.option(
        "--exit-zero", is_flag=True, help="Exit with 0 even if something failed; not for errors."
    ),
    click.option(
        "--on-error",
        type=click.Choice([choice.value for choice in OnError]),
        default=OnError.FAIL.value,
        callback=lambda _context, _parameter, value: OnError(value),
        show_default=True,
        help="fail: exit with 2 when something could not be reviewed. pass: say so and do not.",
    ),
)


def gate_lines(outcome: GateOutcome) -> Iterator[str]:
    """Yield a line for each failure, with its place and all figures as they are."""
    for trial in outcome.failures:
        yield f"{_place(trial)}: {_figures(trial)}"


def gate_summary(outcome: GateOutcome) -> str:
    """Return whether the gate held, and how close it was."""
    without = ", ".join(criterion.code for criterion in outcome.without)
    aside = f"; the model has no threshold for {without}" if without else ""
    if outcome.silenced:
        aside = f"; {len(outcome.silenced)} suppressed{aside}"
    if outcome.failures:
        units = len({id(trial.reading) for trial in outcome.failures})
        noun = "unit" if units == 1 else "units"
        return f"failed: {units} {noun} regressed too far{aside}"
    if outcome.closest is None:
        return f"passed: nothing to hold against it{aside}"
    codes = ", ".join(criterion.code for criterion in outcome.criteria)
    closest = f"{_place(outcome.closest)}: {_figures(outcome.closest)}"
    return f"passed on {codes}; closest was {closest}{aside}"


def _place(trial: Trial) -> str:
    unit = trial.reading.change.unit
    return f"{unit.path}:{trial.line} {unit.name}"


def _figures(trial: Trial) -> str:
    code, bar = trial.margin.criterion.code, trial.bar
    failed = trial.excess > 0
    if bar.is_probability:
        relation = "above" if failed else "not above"
        value = f"regression probability {trial.value!r} is {relation} {bar.threshold!r}"
        return f"{code} {value} (margin {trial.margin.margin!r})"
    relation = "below" if failed else "not below"
    value = f"margin {trial.value!r} is {relation} {bar.threshold!r}"
    return f"{code} {value} (regression probability {trial.margin.probability!r})"

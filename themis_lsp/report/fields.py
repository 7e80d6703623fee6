"""Units, changes and lines as the fields that docs/json.md describes."""

from __future__ import annotations

from themis_lsp.concerns.head import NamedConcern
from themis_lsp.judgement.comparison import (
    ChangeReading,
    CriterionMargin,
    Reversal,
    is_ranked_change,
)
from themis_lsp.judgement.gate import GateOutcome
from themis_lsp.judgement.pointing import LineCost
from themis_lsp.judgement.silence import Silence
from themis_lsp.report.review import BaselineOutcome
from themis_lsp.suppressions.read import SuppressionNote
from themis_lsp.units.unit import Unit

DIGITS = 6


def unit_fields(unit: Unit) -> dict[str, object]:
    """Return what a unit is and where."""
    return {
        "path": unit.path,
        "language": unit.language.value,
        "kind": unit.kind.value,
        "name": unit.name,
        "start_line": unit.start_line,
        "end_line": unit.end_line,
    }


def change_fields(reading: ChangeReading) -> dict[str, object]:
    """Return a change with its margins."""
    change = reading.change
    return {
        "change": change.kind.value,
        "before": None if change.before is None else unit_fields(change.before),
        "after": None if change.after is None else unit_fields(change.after),
        "start_column": reading.start_column,
        "ranked": is_ranked_change(change),
        "verdict": reading.verdict.value,
        "costliest_side": "before" if reading.points_before else "after",
        "reversal": None if reading.reversal is None else _reversal(reading.reversal),
        "criteria": {m.criterion.value: _margin(m) for m in reading.margins},
    }


def gate_fields(gate: GateOutcome) -> dict[str, object]:
    """Return what failed, every figure as it is."""
    return {
        "criteria": [criterion.value for criterion in gate.criteria],
        "failures": [
            {
                "path": trial.reading.change.unit.path,
                "line": trial.line,
                "name": trial.reading.change.unit.name,
                "criterion": trial.margin.criterion.value,
                "measure": "probability" if trial.bar.is_probability else "margin",
                "value": trial.value,
                "threshold": trial.bar.threshold,
                "margin": trial.margin.margin,
                "probability": trial.margin.probability,
            }
            for trial in gate.failures
        ],
    }


def line_fields(cost: LineCost) -> dict[str, object]:
    """Return a costly line."""
    return {
        "line": cost.line,
        "cost": round(cost.cost, DIGITS),
        "start_column": cost.start_column,
        "end_column": cost.end_column,
    }


def baseline_fields(outcome: BaselineOutcome) -> dict[str, object]:
    """Return what became of the baseline."""
    settled = outcome.settled
    return {
        "file": outcome.file,
        "entries": len(settled.entries),
        "added": len(settled.added),
        "gone": len(settled.gone),
        "written": outcome.is_written,
    }


def note_fields(note: SuppressionNote) -> dict[str, object]:
    """Return what is amiss with a suppression."""
    return {
        "path": note.path,
        "line": note.line,
        "kind": note.kind.value,
        "message": note.message,
    }


def silence_fields(silence: Silence | None) -> dict[str, object] | None:
    """Return where and why a finding was accepted; None where it was not."""
    if silence is None:
        return None
    return {"by": silence.kind.value, "line": silence.line, "reason": silence.reason}


def escalated_fields(*, is_escalated: bool) -> dict[str, object]:
    """Return that the second model of a cascade says so; without one there is no field."""
    return {"escalated": True} if is_escalated else {}


def _reversal(reversal: Reversal) -> dict[str, object]:
    return {
        "criterion": reversal.criterion.value,
        "places": reversal.places,
        "start_line": reversal.first_line,
        "end_line": reversal.last_line,
        "margin": round(reversal.margin, DIGITS),
        "costliest": [line_fields(cost) for cost in reversal.costliest],
    }


def _margin(margin: CriterionMargin) -> dict[str, object]:
    probability = margin.probability
    return {
        "before": round(margin.before, DIGITS),
        "after": round(margin.after, DIGITS),
        "margin": round(margin.margin, DIGITS),
        "probability": None if probability is None else round(probability, DIGITS),
        "verdict": margin.verdict.value,
        "concern": None if margin.concern is None else _concern(margin.concern),
        "costliest": [line_fields(cost) for cost in margin.costliest],
        "suppressed": silence_fields(margin.silence),
        **escalated_fields(is_escalated=margin.is_escalated),
    }


def _concern(named: NamedConcern) -> dict[str, object]:
    return {
        "name": named.concern.name,
        "title": named.concern.title,
        "probability": round(named.probability, DIGITS),
    }

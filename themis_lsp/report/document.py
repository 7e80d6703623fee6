"""The format for programs: every unit, every criterion, as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.report.fields import (
    DIGITS,
    baseline_fields,
    change_fields,
    escalated_fields,
    gate_fields,
    line_fields,
    note_fields,
    silence_fields,
    unit_fields,
)
from themis_lsp.report.review import Escalation, Review, ReviewedChanges

FORMAT_VERSION = 1


def format_document(review: Review) -> str:
    """Return the review as the JSON text that docs/json.md describes: ASCII, one unit a line."""
    ranked = {finding.reading for finding in review.findings}
    parts = {
        "version": _dump(FORMAT_VERSION),
        "summary": _dump(_summary(review)),
        "errors": _dump_lines([{"path": p.path, "message": p.message} for p in review.problems]),
        "skipped": _dump_lines([{"path": s.path, "reason": s.reason} for s in review.skipped]),
        "units": _dump_lines([_unit(r, is_ranked=r in ranked) for r in review.readings]),
        "suppressions": _dump_lines([note_fields(note) for note in review.notes]),
        "gate": _dump(None if review.gate is None else gate_fields(review.gate)),
        "changes": "null"
        if review.changes is None
        else _dump_lines([change_fields(reading) for reading in review.changes.readings]),
    }
    return "{\n" + ",\n".join(f'"{key}": {text}' for key, text in parts.items()) + "\n}"


def _dump(value: object) -> str:
    return json.dumps(value, allow_nan=False)


def _dump_lines(values: Sequence[object]) -> str:
    """A list with an element a line: json's own indentation is slow and a number a line."""
    return "[" + ",".join(f"\n{_dump(value)}" for value in values) + "]"


def _summary(review: Review) -> dict[str, object]:
    info = review.info
    return {
        "files": review.files,
        "units": len(review.readings),
        "too_short": review.too_short,
        "skipped": review.skipped_by_reason,
        "errors": len(review.problems),
        "seconds": round(review.seconds, 3),
        "model": None if info is None else info.model,
        "bundle_sha256": None if info is None else info.bundle_sha256,
        "provider": None if info is None else info.provider,
        **({} if review.escalation is None else {"escalation": _escalation(review.escalation)}),
        "min_percentile": review.min_percentile,
        "failed": review.failed,
        "suppressed": review.silenced,
        "baseline": None if review.baseline is None else baseline_fields(review.baseline),
        "before": None if review.changes is None else review.changes.before,
        "after": None if review.changes is None else review.changes.after,
        "verdicts": None if review.changes is None else _verdicts(review.changes),
    }


def _escalation(escalation: Escalation) -> dict[str, object]:
    info = escalation.info
    return {
        "model": info.model,
        "bundle_sha256": info.bundle_sha256,
        "provider": info.provider,
        "changes": escalation.changes,
        "units": escalation.units,
    }


def _verdicts(changes: ReviewedChanges) -> dict[str, int]:
    counts = changes.verdicts
    return {verdict.value: counts[verdict] for verdict in Verdict}


def _unit(reading: UnitReading, *, is_ranked: bool) -> dict[str, object]:
    return {
        **unit_fields(reading.unit),
        "start_column": reading.start_column,
        "too_short": reading.is_too_short,
        "ranked": is_ranked,
        "criteria": {r.criterion.value: _criterion(r) for r in reading.readings},
    }


def _criterion(reading: CriterionReading) -> dict[str, object]:
    percentile = reading.percentile
    return {
        "reward": round(reading.reward, DIGITS),
        # Rounded down, so that a unit under a bar is under it here as well.
        "percentile": None if percentile is None else math.floor(percentile * 100) / 100,
        "shortfall": round(reading.shortfall, DIGITS),
        "costliest": [line_fields(cost) for cost in reading.costliest],
        "suppressed": silence_fields(reading.silence),
        **escalated_fields(is_escalated=reading.is_escalated),
    }

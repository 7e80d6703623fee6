"""Reviewdog Diagnostic Format: comments on the changed lines of a pull request, on any host."""

from __future__ import annotations

import json

from themis_lsp.report.formats.remarks import Remark, Severity, make_remarks
from themis_lsp.report.review import Review

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def format_rdjson(review: Review) -> str:
    """Return a DiagnosticResult as JSON."""
    return json.dumps(
        {
            "source": {"name": "themis-review"},
            "diagnostics": [_diagnostic(remark) for remark in make_remarks(review)],
        },
        indent=1,
    )


def _diagnostic(remark: Remark) -> dict[str, object]:
    return {
        "message": remark.message,
        "location": {"path": remark.path, "range": _range(remark)},
        "severity": _SEVERITIES[remark.severity],
        "code": {"value": remark.rule},
    }


def _range(remark: Remark) -> dict[str, object]:
    start = {"line": remark.line}
    if remark.end_column is None:
        return {"start": start}
    return {
        "start": {**start, "column": _byte_column(remark.text, remark.start_column)},
        "end": {**start, "column": _byte_column(remark.text, remark.end_column)},
    }


def _byte_column(line: str, column: int) -> int:
    # The format counts in bytes of UTF-8.
    return len(line[: column - 1].encode("utf-8", "backslashreplace")) + 1

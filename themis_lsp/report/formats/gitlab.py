"""GitLab Code Quality: the report that a merge request shows."""

from __future__ import annotations

import json

from themis_lsp.report.formats.remarks import Remark, Severity, make_remarks
from themis_lsp.report.review import Review

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def format_gitlab(review: Review) -> str:
    """Return a JSON list with one issue a remark."""
    return json.dumps([_issue(remark) for remark in make_remarks(review)], indent=1)


def _issue(remark: Remark) -> dict[str, object]:
    return {
        "description": remark.message,
        "check_name": remark.rule,
        "fingerprint": remark.fingerprint,
        "severity": _SEVERITIES[remark.severity],
        "location": {"path": remark.path, "lines": {"begin": remark.line}},
    }

"""GitHub Actions: workflow commands that become annotations of a pull request."""

from __future__ import annotations

from themis_lsp.report.formats.remarks import Remark, Severity, make_remarks
from themis_lsp.report.review import Review

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def format_github(review: Review) -> str:
    """Return one ``::warning file=...::message`` a remark, each on a line of its own."""
    return "\n".join(_command(remark) for remark in make_remarks(review))


def _command(remark: Remark) -> str:
    fields = {"title": f"Themis Review ({remark.rule})"}
    if remark.path:
        fields |= {"file": remark.path, "line": str(remark.line)}
    if remark.end_column is not None:
        # The end is inclusive here.
        fields |= {"col": str(remark.start_column), "endColumn": str(remark.end_column - 1)}
    properties = ",".join(f"{name}={_escape_property(text)}" for name, text in fields.items())
    return f"::{_COMMANDS[remark.severity]} {properties}::{_escape(remark.message)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")

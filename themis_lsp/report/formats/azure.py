"""Azure Pipelines: logging commands that become the issues of a build."""

from __future__ import annotations

from themis_lsp.report.formats.remarks import Remark, Severity, make_remarks
from themis_lsp.report.review import Review

_ESCAPES = {"%": "%AZP25", ";": "%3B", "\r": "%0D", "\n": "%0A", "]": "%5D"}


def format_azure(review: Review) -> str:
    """Return one ``##vso[task.logissue ...]message`` a remark; a note is a line of the log."""
    return "\n".join(_command(remark) for remark in make_remarks(review))


def _command(remark: Remark) -> str:
    message = _escape(remark.message)
    if remark.severity is Severity.NOTE:
        # Azure knows errors and warnings only, and a note is no warning.
        return f"{_escape(remark.path)}:{remark.line}:{remark.start_column}: {message}"
    fields = {"type": remark.severity.value}
    if remark.path:
        fields |= {
            "sourcepath": remark.path,
            "linenumber": str(remark.line),
            "columnnumber": str(remark.start_column),
        }
    fields["code"] = remark.rule
    properties = "".join(f"{name}={_escape(text)};" for name, text in fields.items())
    return f"##vso[task.logissue {properties}]{message}"


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)

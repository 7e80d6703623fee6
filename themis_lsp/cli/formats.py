"""The formats of a report, and which of them are for reading at a terminal."""

from __future__ import annotations

from enum import StrEnum


class ReportFormat(StrEnum):
    """How a review is reported; docs/formats.md shows each."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    RDJSON = "rdjson"
    AZURE = "azure"
    MARKDOWN = "markdown"
    HTML = "html"

    @property
    def is_text(self) -> bool:
        """Whether it is dressed for the terminal that shows it."""
        return self in (ReportFormat.FULL, ReportFormat.CONCISE)

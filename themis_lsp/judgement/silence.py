"""A finding that someone has accepted: by a comment in the code, or in a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SilenceKind(StrEnum):
    """Where it was accepted; the value is how it is shown."""

    COMMENT = "comment"
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a finding counts no longer; ``line`` is that of the comment, None for a baseline."""

    kind: SilenceKind
    reason: str = ""
    line: int | None = None

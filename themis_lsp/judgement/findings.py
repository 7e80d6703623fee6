"""Which units are worth a person's time, weakest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.units.unit import Unit, UnitKind

WEAK_PERCENTILE = 10
"""Below it a reading is named without being asked for: the weakest tenth of reference code."""

_MINIMUM_LINES = 3
_MINIMUM_LOOSE_LINES = 5
_COMMENT = re.compile(r"(#(?!\s*(define|if|elif|ifdef|ifndef|undef|pragma))|//|/\*|\*(\s|/|$))")
# Lines that only bring names in or set the scene: there is nothing in them to do better.
_PREAMBLE = re.compile(
    r"""(import|from|using|package|namespace|include|require|require_relative|load|export|module
        |extern|typedef|public|private|protected|global|\#\s*\w+|@\w+|['"]use\ strict['"])\b
        |(const|let|var)\b.*=\s*require\(""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A unit, the criterion it does worst on, and the others it is weak on, weakest first."""

    reading: UnitReading
    percentile: float
    weakest: CriterionReading
    also_weak: tuple[CriterionReading, ...]

    def is_below(self, percentile: int) -> bool:
        """Whether the unit is under the bar on any criterion; one that meets it exactly is not."""
        return self.percentile < percentile


def is_ranked(unit: Unit) -> bool:
    """Whether a unit says enough to be compared with others.

    A function needs three lines that are neither blank nor comment; a run of loose statements needs
    five that do more than import, include or declare.
    """
    lines = [line.strip() for line in unit.text.split("\n")]
    code = [line for line in lines if line and not _COMMENT.match(line)]
    if unit.kind is not UnitKind.STATEMENTS:
        return len(code) >= _MINIMUM_LINES
    working = [line for line in code if re.search(r"\w", line) and not _PREAMBLE.match(line)]
    return len(working) >= _MINIMUM_LOOSE_LINES


def rank_findings(readings: Iterable[UnitReading]) -> list[Finding]:
    """Return one finding per unit with a percentile, weakest first.

    The weakest criterion decides; ties go to the unit that is weaker on the whole, then to the one
    that comes first.
    """
    findings = [_finding(reading) for reading in readings]
    return sorted((f for f in findings if f is not None), key=_weakness)


def choose_findings(findings: Sequence[Finding], *, top: int | None, default: int) -> list[Finding]:
    """Return the findings to show: the ``top`` weakest.

    When not asked for a number, at most ``default`` of those that are weak at all, and of a
    function and those inside it only the weakest.
    """
    if top is not None:
        return list(findings[:top])
    chosen: list[Finding] = []
    for finding in findings:
        if len(chosen) == default or not finding.is_below(WEAK_PERCENTILE):
            break
        if not any(_overlap(finding.reading.unit, other.reading.unit) for other in chosen):
            chosen.append(finding)
    return chosen


def _finding(reading: UnitReading) -> Finding | None:
    rated = [(r.percentile, r) for r in reading.readings if r.percentile is not None]
    if not rated:
        return None
    rated.sort(key=lambda pair: pair[0])
    (percentile, weakest), *rest = rated
    return Finding(
        reading, percentile, weakest, tuple(r for value, r in rest if value < WEAK_PERCENTILE)
    )


def _overlap(one: Unit, other: Unit) -> bool:
    return (
        one.path == other.path
        and one.start_byte < other.end_byte
        and other.start_byte < one.end_byte
    )


def _weakness(finding: Finding) -> tuple[float, float]:
    readings = finding.reading.readings
    values = [r.percentile for r in readings if r.percentile is not None]
    return finding.percentile, sum(values) / len(values)

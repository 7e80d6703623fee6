"""Which units are worth a person's time, weakest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from themis_lsp.judgement.readings import CriterionReading, UnitReading
from themis_lsp.languages import Language
from themis_lsp.units.unit import Unit, UnitKind

WEAK_PERCENTILE = 10
"""Below it a reading is weak: in the weakest tenth of reference code."""

TOLD_PERCENTILE = 3
"""Below it a unit is told of without being asked for.

Of five criteria that had nothing to do with each other, one unit of reference code in seven would
be below it on some; of weak units there would be four in ten, which is no news.
"""

_DEFAULT_TOP = 10
_MINIMUM_LINES = 3
_MINIMUM_ACTING_LINES = 5
_COMMENT = re.compile(r"(#(?!\s*(define|if|elif|ifdef|ifndef|undef|pragma))|//|/\*|\*(\s|/|$))")
_LONG_STRING = re.compile(r"\"{3}.*?\"{3}|'{3}.*?'{3}", re.DOTALL)
# Elsewhere all that stands outside a function declares: there is nothing in it to do better.
_SCRIPT_LANGUAGES = (Language.JAVASCRIPT, Language.PYTHON, Language.RUBY)
_DECLARES = re.compile(
    r"""(import|from|require|require_relative|load|export|module|class|def|@\w+|['"]use\ strict)\b
        |[^=(]*=\s*require\(""",
    re.VERBOSE,
)
_ACTS = re.compile(
    r"""[\w\])]\(|[-+*/%|&]=
        |\b(if|elif|else|unless|for|while|until|case|when|try|with|return|raise|throw|del)\b""",
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


def bar(min_percentile: int | None) -> int:
    """Return below which percentile a unit is worth showing: the user's, else our own."""
    return TOLD_PERCENTILE if min_percentile is None else min_percentile


def is_ranked(unit: Unit) -> bool:
    """Whether a unit says enough to be compared with others.

    A function needs three lines that are neither blank, comment nor docstring; a run of loose
    statements needs five that do something, and a language where those can stand outside a
    function.
    """
    text = _LONG_STRING.sub("", unit.text) if unit.language is Language.PYTHON else unit.text
    lines = [line.strip() for line in text.split("\n")]
    code = [line for line in lines if line and not _COMMENT.match(line)]
    if unit.kind is not UnitKind.STATEMENTS:
        return len(code) >= _MINIMUM_LINES
    if unit.language not in _SCRIPT_LANGUAGES:
        return False
    acting = [line for line in code if _ACTS.search(line) and not _DECLARES.match(line)]
    return len(acting) >= _MINIMUM_ACTING_LINES


def rank_findings(readings: Iterable[UnitReading]) -> list[Finding]:
    """Return one finding per unit with a percentile that nobody has accepted, weakest first.

    The weakest criterion decides; ties go to the unit that is weaker on the whole, then to the one
    that comes first.
    """
    findings = [_finding(reading) for reading in readings]
    return sorted((f for f in findings if f is not None), key=_weakness)


def choose_findings(
    findings: Sequence[Finding], *, top: int | None, below: int = TOLD_PERCENTILE
) -> list[Finding]:
    """Return the findings to show: the ``top`` weakest.

    When not asked for a number, at most ten of those ``below`` a percentile, and of a function and
    those inside it only the weakest.
    """
    if top is not None:
        return list(findings[:top])
    chosen: list[Finding] = []
    for finding in findings:
        if len(chosen) == _DEFAULT_TOP or not finding.is_below(below):
            break
        if not any(_overlap(finding.reading.unit, other.reading.unit) for other in chosen):
            chosen.append(finding)
    return chosen


def _finding(reading: UnitReading) -> Finding | None:
    told = [r for r in reading.readings if r.silence is None]
    rated = [(r.percentile, r) for r in told if r.percentile is not None]
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

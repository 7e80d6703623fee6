"""Everything a report tells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from themis_lsp.changes.change import ChangeKind
from themis_lsp.judgement.comparison import ChangeReading
from themis_lsp.judgement.findings import Finding
from themis_lsp.judgement.gate import GateOutcome
from themis_lsp.judgement.ratchet import Settlement
from themis_lsp.judgement.readings import UnitReading
from themis_lsp.judgement.verdict import Verdict
from themis_lsp.scoring.score import ScorerInfo
from themis_lsp.sources.source import SkippedPath, SourceProblem
from themis_lsp.suppressions.read import SuppressionNote


@dataclass(frozen=True, slots=True)
class ReviewedChanges:
    """The changes of a run, in the order of the files, and those to show, as they are ordered.

    ``before`` and ``after`` say what was compared, as in ``ChangedSources``. Units too small to
    rank are not judged, unless ``with_all``.
    """

    before: str
    after: str
    readings: tuple[ChangeReading, ...]
    shown: tuple[ChangeReading, ...]
    with_all: bool = False

    @property
    def judged(self) -> tuple[ChangeReading, ...]:
        """Those whose verdict counts."""
        return tuple(
            reading
            for reading in self.readings
            if reading.verdict is not Verdict.SKIPPED
            and reading.is_compared(with_all=self.with_all)
        )

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many changes have which verdict; skipped are all that were not judged."""
        counts = Counter(reading.verdict for reading in self.judged)
        counts[Verdict.SKIPPED] = len(self.readings) - counts.total()
        return counts

    @property
    def has_verdicts(self) -> bool:
        """Whether the model claims what a margin means, for any of them."""
        return any(reading.verdict is not Verdict.SKIPPED for reading in self.readings)

    @property
    def lacks_verdicts(self) -> bool:
        """Whether there are margins, and the model does not say what any of them means."""
        return not self.has_verdicts and any(reading.margins for reading in self.readings)

    def count(self, kind: ChangeKind) -> int:
        """How many changes are of this kind."""
        return sum(reading.change.kind is kind for reading in self.readings)


@dataclass(frozen=True, slots=True)
class BaselineOutcome:
    """What became of the baseline ``file``; it ``has_failed`` if it should have shrunk before."""

    file: str
    settled: Settlement
    is_written: bool
    has_failed: bool


@dataclass(frozen=True, slots=True)
class Escalation:
    """The second model of a cascade, and how many ``changes`` and ``units`` it was asked about."""

    info: ScorerInfo
    changes: int
    units: int


@dataclass(frozen=True, slots=True)
class Review:
    """The outcome of one run.

    ``readings`` holds every unit, in the order of the files, or of a review of changes those that
    are new; ``findings`` those that are ranked, weakest first; ``shown`` the findings to tell a
    reader. ``info`` is None when nothing was scored. ``min_percentile`` is the bar, if one was set.
    ``changes`` is None for a review of files, ``gate`` where nothing was asked to fail. ``notes``
    are about suppressions in the code, ``baseline`` is None where none is named, ``escalation``
    where no second model is.
    """

    files: int
    readings: tuple[UnitReading, ...]
    findings: tuple[Finding, ...]
    shown: tuple[Finding, ...]
    skipped: tuple[SkippedPath, ...]
    problems: tuple[SourceProblem, ...]
    info: ScorerInfo | None
    min_percentile: int | None
    seconds: float
    changes: ReviewedChanges | None = None
    gate: GateOutcome | None = None
    notes: tuple[SuppressionNote, ...] = ()
    baseline: BaselineOutcome | None = None
    escalation: Escalation | None = None

    @property
    def has_failed(self) -> bool:
        """Whether a unit is under the bar, a change fails the gate, or the baseline fails."""
        is_stale = self.baseline is not None and self.baseline.has_failed
        return bool(self.failed or (self.gate is not None and self.gate.failures) or is_stale)

    @property
    def failed(self) -> int:
        """How many units are under the bar."""
        if self.min_percentile is None:
            return 0
        return sum(finding.is_below(self.min_percentile) for finding in self.findings)

    @property
    def silenced(self) -> int:
        """How many findings are suppressed, by criterion."""
        changes = () if self.changes is None else self.changes.readings
        return sum(len(reading.silenced) for reading in self.readings) + sum(
            len(reading.silenced) for reading in changes
        )

    @property
    def too_short(self) -> int:
        """How many units say too little to be judged."""
        return sum(reading.is_too_short for reading in self.readings)

    @property
    def skipped_by_reason(self) -> dict[str, int]:
        """Counts, sorted by reason; a folder left out as a whole counts once."""
        return dict(sorted(Counter(skip.reason.value for skip in self.skipped).items()))

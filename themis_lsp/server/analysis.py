"""One review of one document: what changed against its base, and what is weak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.changes import Change, FileUnits, pair_units
from themis_lsp.concerns.head import ConcernHead
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.acceptance import Acceptance
from themis_lsp.judgement.brief import brief_for
from themis_lsp.judgement.comparison import (
    ChangeReading,
    RewardScale,
    SideTexts,
    read_changes,
    snippets_of,
    without_criteria,
)
from themis_lsp.judgement.readings import UnitReading, leave_out
from themis_lsp.languages import Language
from themis_lsp.scoring.score import Score
from themis_lsp.server.remember import RememberingReader, RememberingScorer, Watch, Yardstick
from themis_lsp.server.terms import Terms
from themis_lsp.suppressions.read import SuppressionNote, without_directives
from themis_lsp.units.unit import Unit

_MANY_UNITS = 24
"""With more units left to score, what changed is told before they are."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document to review; ``text`` and ``base``, its text in the commit, have ``\\n`` lines.

    Of one that ``is_foreign``, code of others or of machines, only changes are of interest.
    ``terms`` are those of its project.
    """

    name: str
    language: Language
    text: str
    base: str | None
    is_foreign: bool = False
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What scores mean; ``concerns`` is None where the bundle cannot name reasons."""

    calibration: Calibration
    concerns: ConcernHead | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found in one text of a document; ``notes`` are about the suppressions in it.

    ``base`` is the text that it was compared with. One that ``is_partial`` says what changed and
    nothing yet of what is weak.
    """

    text: str
    readings: tuple[UnitReading, ...]
    changes: tuple[ChangeReading, ...]
    notes: tuple[SuppressionNote, ...] = ()
    base: str | None = None
    is_partial: bool = False


@dataclass(slots=True)
class Analyst:
    """Reviews documents with one model; an edit costs what it changed."""

    scorer: RememberingScorer
    meaning: Meaning
    reader: RememberingReader = field(default_factory=RememberingReader)

    def analyse(
        self,
        document: Document,
        watch: Watch | None = None,
        *,
        tell_early: Callable[[Analysis], None] | None = None,
    ) -> Analysis:
        """Review a document.

        ``tell_early`` gets a partial analysis first where the whole one takes its time. Raises what
        ``find_units`` and the scorer raise, and SupersededError once ``watch`` says so.
        """
        watch = watch or Watch()
        terms = document.terms
        acceptance = Acceptance(terms.requires_reason, terms.ratchet)
        name, language = document.name, document.language
        read = replace(
            document,
            text=acceptance.mark(document.text, path=name, language=language),
            base=document.base and without_directives(document.base, language),
        )
        units = self._find(read, read.text, keep=False)
        changes = self._changes(read, units)
        weighed = [] if document.is_foreign else units
        brief = brief_for(self.scorer.scorer.info)
        snippets = [brief.ask_unit(unit) for unit in weighed]
        touched = snippets_of(changes, brief)
        if tell_early is not None and changes and self.scorer.missing(snippets) > _MANY_UNITS:
            scores = self.scorer.score(touched, watch)
            compared = acceptance.accept_changes(self._compare(read, changes, scores))
            early = tuple(compared)
            tell_early(Analysis(document.text, (), early, base=document.base, is_partial=True))
        scores = self.scorer.score([*touched, *snippets], watch)
        compared = acceptance.accept_changes(self._compare(read, changes, scores[: len(touched)]))
        by = Yardstick(self.meaning.calibration.percentiles, self._columns())
        found = self.reader.read(weighed, scores[len(touched) :], read.text, by)
        found = [leave_out(reading, terms.ignored) for reading in found]
        readings = acceptance.accept_units(found)
        notes = acceptance.notes(self.scorer.scorer.info.criteria)
        return Analysis(document.text, tuple(readings), tuple(compared), notes, document.base)

    def _find(self, document: Document, text: str, *, keep: bool) -> list[Unit]:
        return self.reader.find(text, path=document.name, language=document.language, keep=keep)

    def _changes(self, document: Document, units: Sequence[Unit]) -> tuple[Change, ...]:
        if document.base is None or document.base == document.text:
            return ()
        before = self._find(document, document.base, keep=True)
        return pair_units([FileUnits(tuple(before), tuple(units))]).changes

    def _compare(
        self, document: Document, changes: Sequence[Change], scores: Sequence[Score]
    ) -> tuple[ChangeReading, ...]:
        texts = SideTexts({document.name: document.base or ""}, {document.name: document.text})
        calibration = self.meaning.calibration
        scale = RewardScale(
            self._columns(), calibration.empty_side, calibration.margins, self.meaning.concerns
        )
        read = read_changes(changes, scores, texts=texts, scale=scale)
        return tuple(without_criteria(reading, document.terms.ignored) for reading in read)

    def _columns(self) -> dict[Criterion, int]:
        criteria = self.scorer.scorer.info.criteria
        return {criterion: column for column, criterion in enumerate(criteria)}

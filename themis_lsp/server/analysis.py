"""One review of one document: what changed against its base, and what is weak."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from themis_lsp.bundle.manifest import Calibration
from themis_lsp.changes import Change, FileUnits, pair_units
from themis_lsp.concerns.head import ConcernHead
from themis_lsp.judgement.acceptance import Acceptance
from themis_lsp.judgement.comparison import (
    ChangeReading,
    RewardScale,
    SideTexts,
    read_changes,
    snippets_of,
)
from themis_lsp.judgement.readings import UnitReading, read_units
from themis_lsp.languages import Language
from themis_lsp.scoring.score import Score, Scorer, Snippet
from themis_lsp.suppressions.read import SuppressionNote, without_directives
from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit

_CHUNK_SNIPPETS = 8
_REMEMBERED = 4096


class SupersededError(Exception):
    """The document has changed while it was reviewed."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document to review; ``text`` and ``base``, its text in the commit, have ``\\n`` lines."""

    name: str
    language: Language
    text: str
    base: str | None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What scores mean; ``concerns`` is None where the bundle cannot name reasons."""

    calibration: Calibration
    concerns: ConcernHead | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found in one text of a document; ``notes`` are about the suppressions in it."""

    text: str
    readings: tuple[UnitReading, ...]
    changes: tuple[ChangeReading, ...]
    notes: tuple[SuppressionNote, ...] = ()


@dataclass(slots=True)
class RememberingScorer:
    """Scores in small pieces, so that it can be stopped between them, and none of them twice."""

    scorer: Scorer
    _known: OrderedDict[Snippet, Score] = field(default_factory=OrderedDict)

    def score(self, snippets: Sequence[Snippet], is_stale: Callable[[], bool]) -> list[Score]:
        """Return one score per snippet. Raises SupersededError once ``is_stale`` says so."""
        found = {snippet: self._known[snippet] for snippet in snippets if snippet in self._known}
        missing = [snippet for snippet in dict.fromkeys(snippets) if snippet not in found]
        for start in range(0, len(missing), _CHUNK_SNIPPETS):
            if is_stale():
                raise SupersededError
            chunk = missing[start : start + _CHUNK_SNIPPETS]
            scores = dict(zip(chunk, self.scorer.score(chunk), strict=True))
            found.update(scores)
            self._known.update(scores)
        for snippet in snippets:
            self._known.move_to_end(snippet)
        while len(self._known) > max(_REMEMBERED, len(snippets)):
            self._known.popitem(last=False)
        return [found[snippet] for snippet in snippets]


def analyse(
    document: Document,
    scorer: RememberingScorer,
    meaning: Meaning,
    *,
    is_stale: Callable[[], bool] = lambda: False,
) -> Analysis:
    """Review a document.

    Raises what ``find_units`` and the scorer raise, and SupersededError once ``is_stale`` says so.
    """
    calibration, acceptance = meaning.calibration, Acceptance()
    text = acceptance.mark(document.text, path=document.name, language=document.language)
    base = None if document.base is None else without_directives(document.base, document.language)
    units = _find(text, document)
    changes: tuple[Change, ...] = ()
    if base is not None and base != text:
        before = _find(base, document)
        changes = pair_units([FileUnits(tuple(before), tuple(units))]).changes
    snippets = [*(Snippet(unit.language, unit.text) for unit in units), *snippets_of(changes)]
    scores = scorer.score(snippets, is_stale)
    texts = SideTexts({document.name: base or ""}, {document.name: text})
    criteria = scorer.scorer.info.criteria
    columns = {criterion: column for column, criterion in enumerate(criteria)}
    readings = read_units(
        units,
        scores[: len(units)],
        texts=texts.after,
        tables=calibration.percentiles,
        columns=columns,
    )
    scale = RewardScale(columns, calibration.empty_side, calibration.margins, meaning.concerns)
    compared = read_changes(changes, scores[len(units) :], texts=texts, scale=scale)
    compared, readings = acceptance.accept_changes(compared), acceptance.accept_units(readings)
    return Analysis(document.text, tuple(readings), tuple(compared), acceptance.notes(criteria))


def _find(text: str, document: Document) -> list[Unit]:
    return find_units(text, path=document.name, language=document.language)

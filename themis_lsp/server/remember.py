"""What is remembered between reviews, so that an edit costs no more than the unit it is in."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from themis_lsp.bundle.percentiles import ReferenceTables
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.pointing import LineCost, Surroundings, find_surroundings
from themis_lsp.judgement.readings import UnitReading, read_units
from themis_lsp.languages import Language
from themis_lsp.scoring.score import Score, Scorer, ScoringInterruptedError, Snippet
from themis_lsp.units.find import find_units
from themis_lsp.units.unit import Unit

_REMEMBERED_SCORES, _REMEMBERED_READINGS, _REMEMBERED_TEXTS = 2048, 2048, 32
_PIECE_S = 0.2
_MOST_SNIPPETS = 32

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class SupersededError(Exception):
    """The document has changed while it was reviewed, or something more urgent came in."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How a review is watched: ``is_stale`` ends it, ``tell`` gets what share of it is done."""

    is_stale: Callable[[], bool] = lambda: False
    tell: Callable[[float], None] = lambda _: None


@dataclass(slots=True)
class Recent(Generic[Key, Value]):
    """The ``limit`` values that were used last."""

    limit: int
    _known: OrderedDict[Key, Value] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: Key) -> Value | None:
        """Return the value of ``key``, None if it is not known."""
        value = self._known.get(key)
        if value is not None:
            self._known.move_to_end(key)
        return value

    def put(self, key: Key, value: Value) -> None:
        """Remember a value."""
        self._known[key] = value
        self._known.move_to_end(key)
        while len(self._known) > self.limit:
            self._known.popitem(last=False)


@dataclass(slots=True)
class RememberingScorer:
    """Scores in pieces of a fifth of a second, to be stopped between them, and none of it twice."""

    scorer: Scorer
    _known: Recent[Snippet, Score] = field(default_factory=lambda: Recent(_REMEMBERED_SCORES))
    _piece: int = 4

    def missing(self, snippets: Sequence[Snippet]) -> int:
        """Return how many of the snippets are yet to be scored."""
        return sum(self._known.get(snippet) is None for snippet in dict.fromkeys(snippets))

    def score(self, snippets: Sequence[Snippet], watch: Watch) -> list[Score]:
        """Return one score per snippet. Raises SupersededError once ``watch`` says it is stale."""
        found: dict[Snippet, Score] = {}
        missing = []
        for snippet in dict.fromkeys(snippets):
            score = self._known.get(snippet)
            if score is None:
                missing.append(snippet)
            else:
                found[snippet] = score
        done = 0
        while done < len(missing):
            if watch.is_stale():
                raise SupersededError
            piece = missing[done : done + self._piece]
            scores = self._score(piece, watch)
            for snippet, score in zip(piece, scores, strict=True):
                found[snippet] = score
                self._known.put(snippet, score)
            done += len(piece)
            watch.tell(done / len(missing))
        return [found[snippet] for snippet in snippets]

    def _score(self, piece: Sequence[Snippet], watch: Watch) -> list[Score]:
        started = time.monotonic()
        while True:
            try:
                scores = self.scorer.score(piece)
            except ScoringInterruptedError as error:
                if watch.is_stale():
                    raise SupersededError from error
                continue
            each_s = max(time.monotonic() - started, 1e-6) / len(piece)
            self._piece = max(1, min(_MOST_SNIPPETS, round(_PIECE_S / each_s), 2 * len(piece)))
            return scores


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What units are read by: see ``read_units``."""

    tables: ReferenceTables | None
    columns: Mapping[Criterion, int]


@dataclass(slots=True)
class RememberingReader:
    """Cuts up texts and reads units, none of them twice."""

    _texts: Recent[tuple[str, Language, str], list[Unit]] = field(
        default_factory=lambda: Recent(_REMEMBERED_TEXTS)
    )
    _readings: Recent[tuple[Unit, Surroundings], UnitReading] = field(
        default_factory=lambda: Recent(_REMEMBERED_READINGS)
    )

    def find(self, text: str, *, path: str, language: Language, keep: bool) -> list[Unit]:
        """Return the units of a text; those of one to ``keep`` are found once."""
        key = path, language, text
        units = self._texts.get(key) if keep else None
        if units is None:
            units = find_units(text, path=path, language=language)
            if keep:
                self._texts.put(key, units)
        return units

    def read(
        self, units: Sequence[Unit], scores: Sequence[Score], text: str, by: Yardstick
    ) -> list[UnitReading]:
        """Return one reading per unit of ``text``; raises what ``read_units`` raises."""
        data = text.encode()
        keys = [(_placeless(unit), find_surroundings(unit, data)) for unit in units]
        known = [self._readings.get(key) for key in keys]
        fresh = [index for index, reading in enumerate(known) if reading is None]
        read = read_units(
            [units[index] for index in fresh],
            [scores[index] for index in fresh],
            texts={unit.path: text for unit in units},
            tables=by.tables,
            columns=by.columns,
        )
        for index, reading in zip(fresh, read, strict=True):
            known[index] = reading
            self._readings.put(keys[index], reading)
        return [
            _moved(reading, unit)
            for reading, unit in zip(known, units, strict=True)
            if reading is not None
        ]


def _placeless(unit: Unit) -> Unit:
    """Return the unit as if it stood at the head of its file."""
    end_line = unit.end_line - unit.start_line + 1
    return replace(
        unit,
        start_byte=0,
        end_byte=unit.end_byte - unit.start_byte,
        start_line=1,
        end_line=end_line,
    )


def _moved(reading: UnitReading, unit: Unit) -> UnitReading:
    """Return the reading of a unit as that of the same one where it stands now."""
    if reading.unit == unit:
        return reading
    lines = unit.start_line - reading.unit.start_line
    if lines == 0:
        return replace(reading, unit=unit)
    moved = tuple(
        replace(own, costliest=tuple(_moved_cost(cost, lines) for cost in own.costliest))
        for own in reading.readings
    )
    return replace(reading, unit=unit, readings=moved)


def _moved_cost(cost: LineCost, lines: int) -> LineCost:
    return LineCost(cost.line + lines, cost.cost, cost.start_column, cost.end_column, cost.text)

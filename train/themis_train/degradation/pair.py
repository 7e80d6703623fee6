"""A pair that came from a degradation, and its row."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_lsp.sources.source import SourceFile
from themis_train.degradation.apply import Degraded, apply_candidate
from themis_train.degradation.operators import Operator
from themis_train.degradation.subject import Subject, find_subjects

_FEWEST_LINES, _MOST_LINES, _MOST_CHARS = 4, 160, 6000
_MOST_CANDIDATES = 64
_TRIES = 4
_SOURCE = "degrade"


Change = tuple[str, str]
"""What a mirrored operator put another text in place of, and that text; of others both empty."""


@dataclass(frozen=True, slots=True)
class DegradedPair:
    """A unit, what an operator made of it, and the rank that decides which pairs are kept.

    ``rank`` is a hash: as good as random, and the same in every run with the same seed.
    """

    operator: str
    criterion: Criterion
    path: str
    unit_name: str
    start_line: int
    language: Language
    sides: Degraded
    rank: str
    change: Change = ("", "")

    @property
    def content(self) -> tuple[str, ...]:
        """What makes two pairs the same."""
        return self.operator, self.language, self.sides.chosen, self.sides.rejected


def degrade_file(
    source: SourceFile,
    operators: Sequence[Operator],
    *,
    seed: int,
    cap: int,
    operator_cap: int | None = None,
) -> list[DegradedPair]:
    """Return at most ``cap`` pairs of a file, at most one for each unit and operator.

    Operators take turns: each gives one pair before one gives a second, ``operator_cap`` in all.
    """
    found = find_subjects(source.text, path=source.path, language=source.language)
    subjects = [subject for subject in found if _is_fit(subject)]
    able = [operator for operator in operators if source.language in operator.languages]
    able.sort(key=lambda operator: _rank(f"{seed}\n{operator.name}\n{source.text}"))
    sources = [islice(_pairs_of(op, subjects, seed), operator_cap) for op in able]
    return list(islice(_by_turns(sources), cap))


def _is_fit(subject: Subject) -> bool:
    unit = subject.unit
    lines = unit.end_line - unit.start_line + 1
    return _FEWEST_LINES <= lines <= _MOST_LINES and len(unit.text) <= _MOST_CHARS


def _by_turns(sources: Sequence[Iterator[DegradedPair]]) -> Iterator[DegradedPair]:
    pending = list(sources)
    while pending:
        left = []
        for source in pending:
            pair = next(source, None)
            if pair is not None:
                left.append(source)
                yield pair
        pending = left


def _pairs_of(operator: Operator, subjects: Sequence[Subject], seed: int) -> Iterator[DegradedPair]:
    """Yield the pairs that an operator makes of units, those of least rank first."""
    ranked = [(_rank(f"{seed}\n{operator.name}\n{s.unit.text}"), s) for s in subjects]
    for rank, subject in sorted(ranked, key=lambda one: one[0]):
        unit, sides = subject.unit, _choose(subject, operator, rank)
        if sides is not None:
            yield DegradedPair(
                operator.name,
                operator.criterion,
                unit.path,
                unit.name,
                unit.start_line,
                unit.language,
                sides,
                rank,
                _change(sides) if operator.is_mirrored else ("", ""),
            )


def _change(sides: Degraded) -> Change:
    (old,), (new,) = (
        [text.encode("utf-8", "surrogatepass")[span.start_byte : span.end_byte] for span in spans]
        for text, spans in (
            (sides.chosen, sides.chosen_spans),
            (sides.rejected, sides.rejected_spans),
        )
    )
    return old.decode("utf-8", "surrogatepass"), new.decode("utf-8", "surrogatepass")


def _rank(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _choose(subject: Subject, operator: Operator, rank: str) -> Degraded | None:
    candidates = list(islice(operator.find(subject), _MOST_CANDIDATES))
    if not candidates:
        return None
    random.Random(rank).shuffle(candidates)
    found = (apply_candidate(subject, candidate) for candidate in candidates[:_TRIES])
    return next((sides for sides in found if sides is not None), None)


def pair_row(pair: DegradedPair, *, idx: int, license_id: str) -> Mapping[str, object]:
    """Return the row of a pair: the columns of Themis-CodePreference, then where it comes from.

    The spans are lists of ranges, one for each place that differs: ``start_byte`` and ``end_byte``,
    half-open, in the side's UTF-8 encoding, and ``start_line`` and ``end_line``, 1-based.
    """
    sides = pair.sides
    return {
        "system": "",
        "input": f"Write `{pair.unit_name}` of {pair.path} in {pair.language}.",
        "chosen": sides.chosen,
        "rejected": sides.rejected,
        "language": pair.language.value,
        "aspect": pair.criterion.value,
        "source": _SOURCE,
        "idx": idx,
        "id": f"{pair.path}:{pair.start_line}#{pair.operator}",
        "operator": pair.operator,
        "subset": pair.operator,
        "path": pair.path,
        "license": license_id,
        "chosen_span": [asdict(span) for span in sides.chosen_spans],
        "rejected_span": [asdict(span) for span in sides.rejected_spans],
    }

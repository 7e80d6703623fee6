"""Where a reward stands among the rewards of reference units: the tables a bundle carries.

As JSON, under ``calibration.percentiles`` of a bundle's manifest::

    {"bands": [400, 1200, null],                    upper bounds in characters, inclusive
     "criteria": ["Functional_Correctness", ...],   the order within a band
     "tables": {"Python": [{"count": 812,           one entry per band, shortest first
                            "quantiles": [[101 rewards, ascending], ...]}, ...]}}

A table is 101 rewards: the 0th, 1st, ... 100th percentile of the reference units it was made from.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from themis_lsp.criteria import Criterion
from themis_lsp.errors import BundleError
from themis_lsp.languages import Language

QUANTILES = 101
DEFAULT_BANDS: tuple[int | None, ...] = (100, 200, 500, 1000, 2000, 4000, None)
MINIMUM_SAMPLES = 100
_SIGNIFICANT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ReferenceSample:
    """One reference unit: its language, its length in code points, its rewards by criterion."""

    language: Language
    characters: int
    rewards: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BandTable:
    """The rewards of reference units of one language and length band.

    ``quantiles`` is [criteria][101], each row ascending; ``count`` says from how many units.
    """

    count: int
    quantiles: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ReferenceTables:
    """Quantile tables per language and length band.

    ``bands`` holds upper bounds in code points, inclusive and ascending; the last is None, which
    bounds nothing. ``tables`` has one BandTable per band for every language it knows.
    """

    bands: tuple[int | None, ...]
    criteria: tuple[Criterion, ...]
    tables: Mapping[Language, tuple[BandTable, ...]]

    def percentile(
        self, language: Language, characters: int, *, criterion: Criterion, reward: float
    ) -> float | None:
        """Return how many per cent of the reference units score lower, 0..100.

        None when there is no table for the language or the criterion.
        """
        row = self._row(language, characters, criterion)
        return None if row is None else _rank(row, reward)

    def median(self, language: Language, characters: int, criterion: Criterion) -> float | None:
        """Return the middling reward of comparable units, None when there is no table."""
        row = self._row(language, characters, criterion)
        return None if row is None else row[QUANTILES // 2]

    def _row(
        self, language: Language, characters: int, criterion: Criterion
    ) -> tuple[float, ...] | None:
        if language not in self.tables or criterion not in self.criteria:
            return None
        table = self.tables[language][band_of(characters, self.bands)]
        return table.quantiles[self.criteria.index(criterion)]

    def to_json(self) -> dict[str, object]:
        """Return plain data for json.dump, as ``from_json`` reads it."""
        return {
            "bands": list(self.bands),
            "criteria": [criterion.value for criterion in self.criteria],
            "tables": {
                language.value: [
                    {"count": table.count, "quantiles": [list(row) for row in table.quantiles]}
                    for table in tables
                ]
                for language, tables in self.tables.items()
            },
        }

    @classmethod
    def from_json(cls, value: object) -> ReferenceTables:
        """Return the tables held by parsed JSON.

        Raises BundleError, saying which part is wrong, when it is not what ``to_json`` writes.
        """
        parts = _object(value, "it")
        bands = _parse_bands(parts.get("bands"))
        criteria = _parse_criteria(parts.get("criteria"))
        tables = {}
        for name, entries in _object(parts.get("tables"), "tables").items():
            if name not in [language.value for language in Language]:
                raise _malformed(f"unknown language {name!r}")
            if not isinstance(entries, list) or len(entries) != len(bands):
                raise _malformed(f"tables of {name}: expected a list of {len(bands)}, one a band")
            tables[Language(name)] = tuple(_parse_band(entry, name, criteria) for entry in entries)
        return cls(bands, criteria, tables)


def build_tables(
    samples: Sequence[ReferenceSample],
    criteria: Sequence[Criterion],
    *,
    bands: tuple[int | None, ...] = DEFAULT_BANDS,
    minimum: int = MINIMUM_SAMPLES,
) -> ReferenceTables:
    """Return the tables of ``samples``.

    A band with fewer than ``minimum`` samples borrows those of its neighbours, one band further on
    both sides at a time, until it has enough or all of the language. A language with fewer than
    ``minimum`` samples in all has no table. Raises ValueError for rewards that are not finite or
    not one per criterion.
    """
    by_language: dict[Language, list[list[ReferenceSample]]] = {}
    for sample in samples:
        if len(sample.rewards) != len(criteria) or not all(map(math.isfinite, sample.rewards)):
            raise ValueError(f"expected {len(criteria)} finite rewards, got {sample.rewards}")
        by_band = by_language.setdefault(sample.language, [[] for _ in bands])
        by_band[band_of(sample.characters, bands)].append(sample)
    tables = {
        language: tuple(_table(_borrow(by_band, i, minimum)) for i in range(len(bands)))
        for language, by_band in sorted(by_language.items())
        if sum(map(len, by_band)) >= minimum
    }
    return ReferenceTables(bands, tuple(criteria), tables)


def band_of(characters: int, bands: tuple[int | None, ...]) -> int:
    """Return the index in ``bands`` of the band that ``characters`` code points fall into."""
    for index, upper in enumerate(bands):
        if upper is None or characters <= upper:
            return index
    return len(bands) - 1


def _rank(row: tuple[float, ...], reward: float) -> float:
    """The position of ``reward`` in an ascending row; the middle of the run where it is tied."""
    low, high = bisect_left(row, reward), bisect_right(row, reward)
    if low < high:
        return (low + high - 1) / 2
    if low == 0:
        return 0.0
    if low == len(row):
        return float(len(row) - 1)
    below, above = row[low - 1], row[low]
    return low - 1 + (reward - below) / (above - below)


def _borrow(
    by_band: Sequence[Sequence[ReferenceSample]], index: int, minimum: int
) -> list[ReferenceSample]:
    for reach in range(len(by_band)):
        near = by_band[max(0, index - reach) : index + reach + 1]
        samples = [sample for band in near for sample in band]
        if len(samples) >= minimum:
            break
    return samples


def _table(samples: Sequence[ReferenceSample]) -> BandTable:
    columns = zip(*(sample.rewards for sample in samples), strict=True)
    return BandTable(len(samples), tuple(_quantiles(sorted(column)) for column in columns))


def _quantiles(ordered: Sequence[float]) -> tuple[float, ...]:
    """101 quantiles of ascending values, interpolated, rounded so that the manifest stays small."""
    quantiles = []
    for percent in range(QUANTILES):
        position = (len(ordered) - 1) * percent / (QUANTILES - 1)
        lower = ordered[math.floor(position)]
        value = lower + (ordered[math.ceil(position)] - lower) * (position % 1)
        quantiles.append(float(f"{value:.{_SIGNIFICANT_DIGITS}g}"))
    return tuple(quantiles)


def _parse_bands(value: object) -> tuple[int | None, ...]:
    if not isinstance(value, list) or not value or value[-1] is not None:
        raise _malformed("bands: expected a list of upper bounds that ends with null")
    uppers = value[:-1]
    if any(type(upper) is not int for upper in uppers) or uppers != sorted(set(uppers)):
        raise _malformed("bands: expected ascending whole numbers")
    return tuple(value)


def _parse_criteria(value: object) -> tuple[Criterion, ...]:
    known = [criterion.value for criterion in Criterion]
    if not isinstance(value, list) or not value or any(name not in known for name in value):
        raise _malformed(f"criteria: expected a list of some of {', '.join(known)}")
    if len(set(value)) != len(value):
        raise _malformed("criteria: one is named twice")
    return tuple(Criterion(name) for name in value)


def _parse_band(value: object, language: str, criteria: tuple[Criterion, ...]) -> BandTable:
    entry = _object(value, f"a table of {language}")
    count, rows = entry.get("count"), entry.get("quantiles")
    if type(count) is not int or count < 1:
        raise _malformed(f"a table of {language}: count is {count!r}, not a positive number")
    if not isinstance(rows, list) or len(rows) != len(criteria):
        raise _malformed(f"a table of {language}: expected {len(criteria)} rows of quantiles")
    return BandTable(count, tuple(_parse_row(row, language) for row in rows))


def _parse_row(value: object, language: str) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != QUANTILES:
        raise _malformed(f"a table of {language}: a row does not have {QUANTILES} quantiles")
    # Every start reads tens of thousands of these: no step of Python's for each.
    if set(map(type, value)) != {float} and not all(map(_is_whole_or_float, value)):
        raise _malformed(f"a table of {language}: a quantile is not a finite number")
    row = tuple(map(float, value))
    if not all(map(math.isfinite, row)):
        raise _malformed(f"a table of {language}: a quantile is not a finite number")
    if sorted(row) != list(row):
        raise _malformed(f"a table of {language}: quantiles do not ascend")
    return row


def _is_whole_or_float(value: object) -> bool:
    if type(value) is int:
        return abs(value) < 2**63  # an int too great for a float would overflow further on
    return type(value) is float


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _malformed(f"{what} is not an object")
    return value


def _malformed(problem: str) -> BundleError:
    return BundleError(
        f"the percentile tables of the bundle are malformed: {problem}; export the model again"
    )

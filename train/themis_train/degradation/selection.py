"""Which pairs are kept: few of each operator, and as many with a longer better side as shorter."""

from __future__ import annotations

import bisect
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.operators import Operator
from themis_train.degradation.pair import Change, DegradedPair

Cell = tuple[Criterion, Language]
"""A criterion and a language."""


def _round_robin(groups: Sequence[Sequence[DegradedPair]]) -> Iterator[DegradedPair]:
    for level in zip_longest(*groups):
        yield from (pair for pair in level if pair is not None)


@dataclass(slots=True)
class Reservoir:
    """The pairs of least rank of each operator and language, whatever order they come in."""

    per_operator: int
    _kept: dict[tuple[str, Language, Change], list[DegradedPair]] = field(default_factory=dict)
    _seen: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, pairs: Iterable[DegradedPair]) -> None:
        """Take pairs in; of equal ones the first counts."""
        for pair in pairs:
            kept = self._kept.setdefault((pair.operator, pair.language, pair.change), [])
            is_full = len(kept) >= self.per_operator
            if pair.content in self._seen or (is_full and _order(kept[-1]) <= _order(pair)):
                continue
            bisect.insort(kept, pair, key=_order)
            self._seen.add(pair.content)
            if is_full:
                self._seen.discard(kept.pop().content)

    def pairs(self) -> list[DegradedPair]:
        """Return what is kept, by operator and language, each in order of rank.

        Of mirrored operators as many pairs of a change as of its reverse.
        """
        groups: dict[tuple[str, Language], list[DegradedPair]] = defaultdict(list)
        for name, language, change in sorted(self._kept):
            groups[name, language] += self._kept[name, language, change]
        kept = []
        for pairs in groups.values():
            plain = [pair for pair in pairs if not any(pair.change)]
            twos = _mirrored(pairs)[: self.per_operator // 2]
            kept += [*plain, *(pair for two in twos for pair in two)]
        return kept


def _mirrored(pairs: Iterable[DegradedPair]) -> list[list[DegradedPair]]:
    """Return twos of a change and its reverse, those of least rank first."""
    changes: dict[Change, list[DegradedPair]] = defaultdict(list)
    for pair in sorted(pairs, key=_order):
        if any(pair.change):
            changes[pair.change].append(pair)
    twos = [
        list(two)
        for old, new in sorted(changes)
        if old < new and (new, old) in changes
        for two in zip(changes[old, new], changes[new, old], strict=False)
    ]
    return sorted(twos, key=lambda two: _order(two[0]))


def hold_out_operators(
    operators: Sequence[Operator], pairs: Sequence[DegradedPair], share: float
) -> frozenset[str]:
    """Return the names of the operators to hold out, about ``share`` of those of each criterion.

    Their names alone decide which come first. Of a criterion more or fewer are taken where fewer
    than half of ``share`` of its pairs would be left on a side, once lengths are balanced; where no
    number leaves as many on both sides, none is held out. A share of 0 holds out none.
    """
    by_criterion: dict[Criterion, list[str]] = defaultdict(list)
    for operator in operators if share else ():
        by_criterion[operator.criterion].append(operator.name)
    held_out: set[str] = set()
    for criterion, names in by_criterion.items():
        own = [pair for pair in pairs if pair.criterion == criterion]
        names.sort(key=lambda name: zlib.crc32(name.encode()))
        wanted = max(1, round(share * len(names)))
        # More before fewer: a held-out set that is empty says nothing of its criterion.
        sizes = [*range(wanted, len(names)), *range(min(wanted, len(names)) - 1, 0, -1)]
        least = max(1.0, share / 2 * len(balance(own).pairs))
        found = (names[:size] for size in sizes if _leaves_both(own, names[:size], least))
        held_out.update(next(found, ()))
    return frozenset(held_out)


def _leaves_both(pairs: Sequence[DegradedPair], names: Collection[str], least: float) -> bool:
    """Tell whether enough balanced pairs are left of the named operators and of the others."""
    return all(
        len(balance([pair for pair in pairs if (pair.operator in names) is is_named]).pairs)
        >= least
        for is_named in (False, True)
    )


def _order(pair: DegradedPair) -> tuple[str, ...]:
    return pair.rank, *pair.content


@dataclass(frozen=True, slots=True)
class Selection:
    """The pairs to write and how many of each cell were left out for balance."""

    pairs: list[DegradedPair]
    surplus: Counter[Cell]


def balance(pairs: Sequence[DegradedPair], limit: int | None = None) -> Selection:
    """Choose as many pairs whose better side is longer as shorter, in each criterion and language.

    Pairs of equal length are all kept. Of the longer and the shorter, operators take turns, so that
    what is left out comes from the operators with most pairs. With a ``limit`` the cells take
    turns too.
    """
    cells: dict[Cell, list[DegradedPair]] = defaultdict(list)
    for pair in pairs:
        cells[pair.criterion, pair.language].append(pair)
    surplus: Counter[Cell] = Counter()
    ordered = []
    for cell in sorted(cells):
        groups, left_out = _balanced_groups(cells[cell])
        surplus[cell] += left_out
        ordered.append(groups)
    chosen: list[DegradedPair] = []
    for level in zip_longest(*ordered):
        for group in level:
            if group is not None and (limit is None or len(chosen) + len(group) <= limit):
                chosen += group
    chosen.sort(key=lambda pair: (pair.rank, pair.operator))
    return Selection(chosen, surplus)


def _balanced_groups(pairs: Sequence[DegradedPair]) -> tuple[list[list[DegradedPair]], int]:
    """Return groups to be kept whole, longer with shorter, and how many pairs are in none."""
    plain = [pair for pair in pairs if not any(pair.change)]
    longer, shorter, equal = (_by_turns(plain, sign) for sign in (1, -1, 0))
    mirrored = _by_operator(pair for pair in pairs if any(pair.change))
    lists = [
        [list(two) for two in zip(longer, shorter, strict=False)],
        [[one] for one in equal],
        *(_mirrored(mirrored[name]) for name in sorted(mirrored)),
    ]
    groups = [group for level in zip_longest(*lists) for group in level if group is not None]
    return groups, len(pairs) - sum(map(len, groups))


def _by_operator(pairs: Iterable[DegradedPair]) -> dict[str, list[DegradedPair]]:
    groups: dict[str, list[DegradedPair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.operator].append(pair)
    return groups


def _by_turns(pairs: Sequence[DegradedPair], sign: int) -> list[DegradedPair]:
    groups = _by_operator(pair for pair in pairs if pair.sides.length_sign == sign)
    ranked = [sorted(groups[name], key=lambda pair: pair.rank) for name in sorted(groups)]
    return list(_round_robin(ranked))

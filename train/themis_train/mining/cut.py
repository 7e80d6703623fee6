"""From a file before and after a commit to the units that the commit changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from themis_lsp.languages import Language
from themis_lsp.units import Unit, UnitKind, find_units
from themis_train.mining.changed import count_changed_lines
from themis_train.mining.drops import Drop

_BETWEEN = "\n\n"
_MOST_CHANGED_LINES = 60
_FEWEST_CHARS = 20


@dataclass(frozen=True, slots=True)
class CutLimits:
    """Most units that a commit may change, and most characters a side may have."""

    units: int
    chars: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The changed units, joined in file order, and their qualified names."""

    names: tuple[str, ...]
    before: str
    after: str


def cut_change(
    before: str, after: str, *, path: str, language: Language, limits: CutLimits
) -> Cut | Drop:
    """Return the changed units of a file's text before and after, or why there are none to use.

    Units that only one side has are left out. Runs of statements count only where no function
    changed: what changes beside one is mostly an import.
    """
    sides = [
        find_units(text.replace("\r\n", "\n"), path=path, language=language)
        for text in (before, after)
    ]
    changed = pair_units(*sides)
    functions = [pair for pair in changed if pair[1].kind is not UnitKind.STATEMENTS]
    if functions:
        changed = _keep_nearest(functions, *sides)
    if not changed:
        return Drop.NO_UNIT
    if len(changed) > limits.units:
        return Drop.MANY_UNITS
    names = tuple(dict.fromkeys(unit.name for _, unit in changed))
    left, right = (_BETWEEN.join(pair[side].text for pair in changed) for side in (0, 1))
    if (
        not _FEWEST_CHARS
        <= min(len(left), len(right))
        <= max(len(left), len(right))
        <= limits.chars
    ):
        return Drop.SIZE
    if sum(count_changed_lines(left, right)) > _MOST_CHANGED_LINES:
        return Drop.SIZE
    return Cut(names, left, right)


def pair_units(before: Sequence[Unit], after: Sequence[Unit]) -> list[tuple[Unit, Unit]]:
    """Return the units of one name and sort that differ, in the order of ``after``.

    Where several share a name (overloads), equal ones are set aside first; the others are paired in
    order, if each side has as many.
    """
    named: dict[tuple[str, bool], tuple[list[Unit], list[Unit]]] = defaultdict(lambda: ([], []))
    for side, units in enumerate((before, after)):
        for unit in units:
            named[unit.name, unit.kind is UnitKind.STATEMENTS][side].append(unit)
    pairs: list[tuple[Unit, Unit]] = []
    for left, right in named.values():
        lefts, rights = _without(left, right), _without(right, left)
        if len(lefts) == len(rights):
            pairs += zip(lefts, rights, strict=True)
    return sorted(pairs, key=lambda pair: pair[1].start_byte)


def _without(units: Sequence[Unit], others: Sequence[Unit]) -> list[Unit]:
    same = Counter(unit.text for unit in others)
    kept = []
    for unit in units:
        if same[unit.text] > 0:
            same[unit.text] -= 1
        else:
            kept.append(unit)
    return kept


def _keep_nearest(
    pairs: Sequence[tuple[Unit, Unit]], before: Sequence[Unit], after: Sequence[Unit]
) -> list[tuple[Unit, Unit]]:
    """Of functions inside one another, keep the innermost that holds all of a change."""
    kept: list[tuple[Unit, Unit]] = []
    for old, new in pairs:
        if any(_holds(outer, new) for _, outer in kept):
            continue
        has_changed_inside = any(_holds(new, inner) for _, inner in pairs)
        if has_changed_inside and _own_text(old, before) == _own_text(new, after):
            continue
        kept.append((old, new))
    return kept


def _holds(outer: Unit, inner: Unit) -> bool:
    return (
        outer is not inner
        and outer.start_byte <= inner.start_byte
        and inner.end_byte <= outer.end_byte
    )


def _own_text(unit: Unit, units: Sequence[Unit]) -> bytes:
    """Return the text of a function without that of the functions inside it."""
    data = unit.text.encode("utf-8", "surrogatepass")
    own = []
    position = unit.start_byte
    for inner in units:
        if _holds(unit, inner) and inner.start_byte >= position:
            own.append(data[position - unit.start_byte : inner.start_byte - unit.start_byte])
            position = inner.end_byte
    return b"\0".join([*own, data[position - unit.start_byte :]])

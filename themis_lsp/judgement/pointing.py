"""Which lines of a unit to point at, and where they are in its file."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from themis_lsp.units.unit import Unit

COSTLIEST_LINES = 3

_WORD = re.compile(r"\w+")
# A line of these words and punctuation alone holds nothing that could be written better.
_SCAFFOLDING = frozenset({"begin", "do", "else", "end", "endif", "finally", "then", "try"})


@dataclass(frozen=True, slots=True)
class LineCost:
    """A line of the file and what it takes away from a unit's reward.

    ``line`` is 1-based; columns are 1-based code points of that line, ``end_column`` exclusive, and
    span what the unit has there, trimmed of blanks. ``text`` is the whole line of the file without
    its line ending.
    """

    line: int
    cost: float
    start_column: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a unit shares its first line with, before it, and its last line with, after it."""

    before: str
    after: str


def find_surroundings(unit: Unit, data: bytes) -> Surroundings:
    """Return what is around ``unit`` in its file, the UTF-8 bytes ``data``."""
    line_start = data.rfind(b"\n", 0, unit.start_byte) + 1
    line_end = data.find(b"\n", unit.end_byte)
    return Surroundings(
        data[line_start : unit.start_byte].decode(),
        data[unit.end_byte : None if line_end < 0 else line_end].decode(),
    )


def costly_lines(
    unit: Unit, costs: Sequence[float], around: Surroundings, *, but: Collection[int] = ()
) -> tuple[LineCost, ...]:
    """Return the lines that cost something and are worth pointing at, the costliest first.

    ``costs`` has one for each line of the unit's text; the lines ``but``, from 0, are not to blame.
    """
    lines = unit.text.split("\n")
    order = sorted(range(len(lines)), key=lambda index: (-costs[index], index))
    worth = [i for i in order if costs[i] > 0 and i not in but and _is_worth_pointing_at(lines[i])]
    return tuple(
        _line_cost(
            unit.start_line + index,
            costs[index],
            inside=lines[index],
            before=around.before if index == 0 else "",
            after=around.after if index == len(lines) - 1 else "",
        )
        for index in worth
    )


def telling_lines(costliest: Sequence[LineCost]) -> tuple[LineCost, ...]:
    """Return the lines in the order of the file, without those that matter little.

    ``costliest`` has the costliest first.
    """
    worthy = [cost for cost in costliest if cost.cost >= costliest[0].cost / 3]
    return tuple(sorted(worthy, key=lambda cost: cost.line))


def _is_worth_pointing_at(line: str) -> bool:
    return not _SCAFFOLDING.issuperset(_WORD.findall(line))


def _line_cost(line: int, cost: float, *, inside: str, before: str, after: str) -> LineCost:
    start = len(before) + len(inside) - len(inside.lstrip())
    end = len(before) + len(inside.rstrip())
    return LineCost(line, cost, start + 1, end + 1, (before + inside + after).removesuffix("\r"))

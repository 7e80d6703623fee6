"""Where the lines of a text are in another text that it was edited into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import attrs
from lsprotocol.types import Diagnostic, Position, Range


@dataclass(frozen=True, slots=True)
class Drift:
    """Lines count from 0. Those before ``first`` stayed; those from ``old_end`` on moved as one."""

    first: int
    old_end: int
    new_end: int

    def line(self, line: int) -> int | None:
        """Return where a line is now, None if that cannot be told.

        As long as their number is the same, edited lines are taken for what they were.
        """
        if line < self.first:
            return line
        if line >= self.old_end:
            return line + self.new_end - self.old_end
        return line if self.old_end == self.new_end else None

    def range(self, where: Range) -> Range | None:
        """Return where a range is now, None if that cannot be told."""
        start, end = self.line(where.start.line), self.line(where.end.line)
        if start is None or end is None:
            return None
        return Range(Position(start, where.start.character), Position(end, where.end.character))


def find_drift(old: Sequence[str], new: Sequence[str]) -> Drift:
    """Return how the lines ``old`` became ``new``."""
    most = min(len(old), len(new))
    first = next((i for i in range(most) if old[i] != new[i]), most)
    most -= first
    last = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
    return Drift(first, len(old) - last, len(new) - last)


def carry(diagnostics: Sequence[Diagnostic], drift: Drift) -> list[Diagnostic]:
    """Return the diagnostics where they are now; what was edited away is left out."""
    carried = []
    for diagnostic in diagnostics:
        where = drift.range(diagnostic.range)
        if where is None:
            continue
        related = []
        for other in diagnostic.related_information or ():
            place = drift.range(other.location.range)
            if place is not None:
                location = attrs.evolve(other.location, range=place)
                related.append(attrs.evolve(other, location=location))
        carried.append(attrs.evolve(diagnostic, range=where, related_information=related or None))
    return carried

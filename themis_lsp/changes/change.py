"""What an edit does to units: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from themis_lsp.units.unit import Unit


class ChangeKind(StrEnum):
    """What happened to a unit; the value is how it is shown.

    A unit that got another name is renamed, one that went to another file or class is moved; both
    differ in their text as well.
    """

    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """A unit before and after an edit: no side before if it is added, none after if deleted."""

    kind: ChangeKind
    before: Unit | None
    after: Unit | None

    @property
    def unit(self) -> Unit:
        """The unit after or, if it is deleted, before."""
        unit = self.after or self.before
        assert unit is not None
        return unit


@dataclass(frozen=True, slots=True)
class FileUnits:
    """The units of one file before and after, each in file order; a missing side has none."""

    before: tuple[Unit, ...]
    after: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    """Every unit of both sides, once: in a change, or in a pair (before, after) of the same code.

    Changes are in the order of the files and of the code in them.
    """

    changes: tuple[Change, ...]
    unchanged: tuple[tuple[Unit, Unit], ...]

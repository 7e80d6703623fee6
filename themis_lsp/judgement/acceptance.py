"""What is accepted in the files of one run, and what of it was needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.accepting import (
    silence_changes,
    silence_units,
    told_changes,
    told_units,
)
from themis_lsp.judgement.comparison import ChangeReading
from themis_lsp.judgement.findings import TOLD_PERCENTILE
from themis_lsp.judgement.gate import Trial
from themis_lsp.judgement.ratchet import Ratchet
from themis_lsp.judgement.readings import UnitReading
from themis_lsp.judgement.silence import Silence, SilenceKind
from themis_lsp.languages import Language
from themis_lsp.suppressions.read import (
    FileSuppressions,
    NoteKind,
    Suppression,
    SuppressionNote,
    read_suppressions,
)
from themis_lsp.units.unit import Unit

_NOTHING = FileSuppressions()


@dataclass(slots=True)
class Acceptance:
    """The suppressions of the files that were given to it, and which of them silenced anything.

    ``ratchet`` is the baseline, None where there is none.
    """

    requires_reason: bool = False
    ratchet: Ratchet | None = None
    _files: dict[str, FileSuppressions] = field(default_factory=dict)
    _notes: list[SuppressionNote] = field(default_factory=list)
    _older: set[Suppression] = field(default_factory=set)
    _used: set[Suppression] = field(default_factory=set)

    def mark(self, text: str, *, path: str, language: Language, before: str | None = None) -> str:
        """Return the text of a file without its directives, which the model is never to see.

        They count from here on. ``before`` is the file's text before the changes reviewed.
        """
        marked = read_suppressions(
            text, path=path, language=language, requires_reason=self.requires_reason
        )
        self._files[path] = marked.suppressions
        self._notes += marked.notes
        if before is not None:
            older = read_suppressions(before, path=path, language=language).suppressions.items
            said = {item.said for item in older}
            self._older |= {item for item in marked.suppressions.items if item.said in said}
        return marked.text

    def see(self, path: str, units: Sequence[Unit]) -> None:
        """Take note of all the units of a file; of one that is gone there are none."""
        if self.ratchet is not None:
            self.ratchet.see(path, units)

    def accept_changes(
        self,
        readings: Sequence[ChangeReading],
        failures: Collection[Trial] = (),
        *,
        with_all: bool = False,
    ) -> list[ChangeReading]:
        """Return the readings, silenced where what would be told of them is accepted.

        ``failures`` are those of the gate.
        """
        told = told_changes(readings, failures, with_all=with_all)
        return silence_changes(readings, told, self.find)

    def accept_units(
        self,
        readings: Sequence[UnitReading],
        *,
        below: int = TOLD_PERCENTILE,
        with_all: bool = False,
    ) -> list[UnitReading]:
        """Return the readings, silenced where they are under ``below`` and this is accepted."""
        told = told_units(readings, below=below, with_all=with_all)
        return silence_units(readings, told, self.find)

    def find(self, unit: Unit, criterion: Criterion, lines: Collection[int]) -> Silence | None:
        """Return what silences a finding about ``unit`` that points at ``lines``, if anything."""
        found = self._files.get(unit.path, _NOTHING).find(unit, criterion, lines)
        if found is None:
            return None if self.ratchet is None else self.ratchet.find(unit, criterion)
        self._used.add(found)
        return Silence(SilenceKind.COMMENT, found.directive.reason, found.line)

    def notes(self, judged: Collection[Criterion]) -> tuple[SuppressionNote, ...]:
        """Return what is to be said, by file and line.

        One that silenced nothing is unused, unless it is about criteria that were not ``judged``,
        or older than the changes reviewed: what it is for may lie elsewhere.
        """
        unused = [
            SuppressionNote(
                item.path,
                item.line,
                NoteKind.UNUSED,
                "suppression unused: it silences nothing; take it out",
            )
            for file in self._files.values()
            for item in file.items
            if item not in self._used and item not in self._older and _is_about(item, judged)
        ]
        order = {path: number for number, path in enumerate(self._files)}
        return tuple(
            sorted([*self._notes, *unused], key=lambda note: (order[note.path], note.line))
        )


def _is_about(item: Suppression, judged: Collection[Criterion]) -> bool:
    criteria = item.directive.criteria
    return not criteria.isdisjoint(judged) if criteria else bool(judged)

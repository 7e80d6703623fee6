"""What is accepted in the files of one run, and what of it was needed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from themis_lsp.criteria import Criterion
from themis_lsp.judgement.silence import Silence, SilenceKind
from themis_lsp.sources.source import ChangedFile, SourceFile
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
    """The suppressions of the files that were given to it, and which of them silenced anything."""

    requires_reason: bool = False
    _files: dict[str, FileSuppressions] = field(default_factory=dict)
    _notes: list[SuppressionNote] = field(default_factory=list)
    _older: set[Suppression] = field(default_factory=set)
    _used: set[Suppression] = field(default_factory=set)

    def mark(self, file: SourceFile) -> SourceFile:
        """Return a file to review without its directives, which the model is never to see."""
        marked = read_suppressions(
            file.text,
            path=file.path,
            language=file.language,
            requires_reason=self.requires_reason,
        )
        self._files[file.path] = marked.suppressions
        self._notes += marked.notes
        return replace(file, text=marked.text)

    def mark_changed(self, file: ChangedFile) -> ChangedFile:
        """Return both sides without directives; those of the side after count."""
        before = file.before
        older: set[str] = set()
        if before is not None:
            marked = read_suppressions(before.text, path=before.path, language=before.language)
            older = {item.said for item in marked.suppressions.items}
            before = replace(before, text=marked.text)
        after = None if file.after is None else self.mark(file.after)
        if after is not None:
            items = self._files[after.path].items
            self._older |= {item for item in items if item.said in older}
        return ChangedFile(before, after)

    def find(self, unit: Unit, criterion: Criterion, lines: Collection[int]) -> Silence | None:
        """Return what silences a finding about ``unit`` that points at ``lines``, if anything."""
        found = self._files.get(unit.path, _NOTHING).find(unit, criterion, lines)
        if found is None:
            return None
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
                f"{item.path}:{item.line}: suppression unused: it silences nothing; take it out",
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

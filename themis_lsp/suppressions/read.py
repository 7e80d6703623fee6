"""The suppressions of a file, and its text without them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.suppressions.directive import Directive, Scope, find_mark, parse_directive
from themis_lsp.units.comments import Comment, Commentary, read_comments
from themis_lsp.units.unit import Unit, UnitKind

_HINT = "themis:"
_LAST_LINE = 1 << 60


class NoteKind(StrEnum):
    """What is to be said about a suppression."""

    WRONG = "wrong"
    WITHOUT_REASON = "without-reason"
    EXPIRED = "expired"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class SuppressionNote:
    """Something about the suppression on a line of a file that its author should know."""

    path: str
    line: int
    kind: NoteKind
    message: str

    def __str__(self) -> str:
        """The message behind its place: ``path:line: message``."""
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Suppression:
    """A directive that counts, and the lines it holds for: 1-based, inclusive.

    ``line`` is that of the comment, ``said`` the directive as it is written.
    """

    path: str
    line: int
    said: str
    directive: Directive
    first_line: int
    last_line: int

    def silences(self, unit: Unit, criterion: Criterion, lines: Iterable[int]) -> bool:
        """Whether it holds for the criterion and any of the lines, or for all of the unit.

        It does if the unit lies within it, or if it stands above the unit in lines of its own.
        """
        criteria = self.directive.criteria
        if criteria and criterion not in criteria:
            return False
        is_above = self.line < self.first_line <= unit.start_line <= self.last_line
        is_around = self.first_line <= unit.start_line and unit.end_line <= self.last_line
        return (
            is_above
            or is_around
            or any(self.first_line <= line <= self.last_line for line in lines)
        )


@dataclass(frozen=True, slots=True)
class FileSuppressions:
    """The suppressions of a file that count. ``heads`` is as in ``Commentary``."""

    items: tuple[Suppression, ...] = ()
    heads: Mapping[int, int] = field(default_factory=dict)

    def find(self, unit: Unit, criterion: Criterion, lines: Collection[int]) -> Suppression | None:
        """Return what silences a finding about ``unit`` that points at ``lines``.

        One on the lines from the first of a function to that of its name silences it all.
        """
        if not self.items:
            return None
        told = {*lines, *self._head(unit)}
        return next((s for s in self.items if s.silences(unit, criterion, told)), None)

    def _head(self, unit: Unit) -> range:
        if unit.kind is UnitKind.STATEMENTS:
            return range(0)
        begin = next((n for n in sorted(self.heads) if n >= unit.start_line), unit.start_line)
        return range(unit.start_line, min(self.heads.get(begin, begin), unit.end_line) + 1)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A file's text as the model sees it, without its directives, and what these say.

    Lines, and columns up to a directive, are those of the file.
    """

    text: str
    suppressions: FileSuppressions
    notes: tuple[SuppressionNote, ...]


def read_suppressions(
    text: str,
    *,
    path: str,
    language: Language,
    requires_reason: bool = False,
    today: date | None = None,
) -> MarkedText:
    """Return the suppressions of a file; those that are wrong or expired are noted, and no more.

    ``today`` is the day to hold expiry dates against, by default that of the clock.
    """
    if _HINT not in text:
        return MarkedText(text, FileSuppressions(), ())
    commentary = read_comments(text, language)
    collected = _Collected(path, requires_reason, today or datetime.now(UTC).date())
    spans = []
    for comment in commentary.comments:
        found = find_mark(comment.text)
        if found is not None and collected.add(comment, found, commentary):
            spans.append((comment.start + found.start(), comment.end))
    collected.finish()
    items = tuple(sorted(collected.items, key=lambda item: item.line))
    notes = tuple(sorted(collected.notes, key=lambda note: note.line))
    return MarkedText(_blank(text, spans), FileSuppressions(items, commentary.heads), notes)


def without_directives(text: str, language: Language) -> str:
    """Return a file's text as the model is to see it."""
    return read_suppressions(text, path="", language=language).text


@dataclass(slots=True)
class _Collected:
    """What has been read so far; ``starts`` are the blocks that wait for their end."""

    path: str
    requires_reason: bool
    today: date
    items: list[Suppression] = field(default_factory=list)
    notes: list[SuppressionNote] = field(default_factory=list)
    starts: list[Suppression] = field(default_factory=list)

    def add(self, comment: Comment, found: re.Match[str], commentary: Commentary) -> bool:
        """Take a comment; False if it is prose."""
        line = comment.line + comment.text.count("\n", 0, found.start())
        try:
            directive = parse_directive(found["said"])
        except UserError as error:
            self._note(line, NoteKind.WRONG, str(error))
            return True
        if directive is None:
            return False
        said = found["said"].strip()
        if directive.scope is Scope.END:
            self._end(line)
            return True
        first, last = _lines(directive, comment, line, commentary.code_lines)
        item = Suppression(self.path, line, said, directive, first, last)
        if directive.scope is Scope.START:
            self.starts.append(item)
        else:
            self._take(item)
        return True

    def finish(self) -> None:
        """Say which blocks have no end."""
        for item in self.starts:
            self._note(item.line, NoteKind.WRONG, "the block never ends: write themis: ignore-end")

    def _end(self, line: int) -> None:
        if not self.starts:
            self._note(line, NoteKind.WRONG, "there is no themis: ignore-start above this end")
            return
        start = self.starts.pop()
        self._take(
            Suppression(start.path, start.line, start.said, start.directive, start.line, line)
        )

    def _take(self, item: Suppression) -> None:
        directive = item.directive
        if self.requires_reason and not directive.reason:
            said = "it has no reason, and one is required: write it behind the directive"
            self._note(item.line, NoteKind.WITHOUT_REASON, said)
        elif directive.until is not None and directive.until < self.today:
            said = f"it counted until {directive.until}: mend the code or set another day"
            self._note(item.line, NoteKind.EXPIRED, said)
        else:
            self.items.append(item)

    def _note(self, line: int, kind: NoteKind, message: str) -> None:
        words = f"suppression ignored: {message}"
        self.notes.append(SuppressionNote(self.path, line, kind, words))


def _lines(
    directive: Directive, comment: Comment, line: int, code_lines: Sequence[int]
) -> tuple[int, int]:
    if directive.scope is Scope.FILE:
        return 1, _LAST_LINE
    if directive.scope is Scope.NEXT_LINE or (directive.scope is Scope.LINE and comment.is_alone):
        after = bisect_right(code_lines, line)
        return line + 1, code_lines[after] if after < len(code_lines) else line
    return line, line


def _blank(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return ``text`` with the spans, and what blanks they leave at ends of lines, taken out."""
    parts, reached = [], 0
    for start, end in spans:
        before, gone = text[reached:start], re.sub(r"[^\n]", " ", text[start:end])
        line_end = text.find("\n", end)
        rest = text[end : len(text) if line_end < 0 else line_end].rstrip("\r")
        if not rest.strip():
            before, gone = before.rstrip(" \t"), gone.replace(" ", "")
        parts += [before, gone]
        reached = end if rest.strip() else end + len(rest)
    return "".join([*parts, text[reached:]])

"""How code is put to a scorer: around what changed or whole, and with what task.

A model that reads conversations judges answers to a task. A reviewer has no task, so it makes one
of what the code says of itself, in fixed words that take no side: template 1. Both sides of a
change get the same one, from what both say alike, so that neither is the better answer for it and
undoing a change has exactly the opposite margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from themis_lsp.errors import UserError
from themis_lsp.judgement.crop import cut_pair
from themis_lsp.languages import Language
from themis_lsp.scoring.score import ScorerInfo, Snippet
from themis_lsp.units.find import find_units
from themis_lsp.units.outline import read_outline
from themis_lsp.units.unit import Unit, UnitKind

TASK_TEMPLATE = 1
_LONGEST_MESSAGE = 2000
_SCISSORS = "# ------------------------ >8"


@dataclass(frozen=True, slots=True)
class Brief:
    """What a scorer wants to know; the plain one is that of a scorer that looks at code alone.

    ``message`` says what the changes are for, empty where nobody does.
    """

    in_conversation: bool = False
    message: str = ""

    def ask_unit(self, unit: Unit) -> Snippet:
        """Return what is to be scored of a unit by itself."""
        task = _task([unit], "") if self.in_conversation else ""
        return Snippet(unit.language, unit.text, task)

    def ask_sides(self, before: Unit, after: Unit) -> tuple[Snippet, Snippet]:
        """Return what is to be scored of a change, before and after."""
        task = _task([before, after], self.message) if self.in_conversation else ""
        cut = cut_pair(before.text, after.text, whole=self.in_conversation)
        return (
            Snippet(before.language, cut.left, task),
            Snippet(after.language, cut.right, task),
        )


PLAIN = Brief()


def brief_for(info: ScorerInfo, message: str = "") -> Brief:
    """Return how to put code to a scorer."""
    return Brief(info.reads_tasks, message)


def neutral_task(language: Language, texts: Sequence[str]) -> str:
    """Return the task of texts of which nobody says what they are for."""
    return _task([_as_unit(text, language) for text in texts], "")


def clean_message(text: str) -> str:
    """Return a commit message without what git puts below it and its comment lines, not too long.

    A message that is only a comment is none.
    """
    lines = text.partition(_SCISSORS)[0].splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")).strip()[:_LONGEST_MESSAGE]


def read_message(file: Path) -> str:
    """Return the message in the file that git gives a commit-msg hook. Raises UserError."""
    try:
        return clean_message(file.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror or error}") from error


def _task(sides: Sequence[Unit], message: str) -> str:
    """Return the task in the words of template 1; what the sides do not say alike is left out."""
    outlines = [read_outline(side.text, side.language) for side in sides]
    unit, outline = sides[-1], outlines[-1]
    is_named = all((s.kind, s.name) == (unit.kind, unit.name) for s in sides)
    parts = [_opening(unit) if is_named else f"Write a part of a {unit.language} program."]
    if unit.kind is not UnitKind.STATEMENTS and all(
        own.signature == outline.signature for own in outlines
    ):
        parts.append(f"Its declaration:\n{outline.signature}" if outline.signature else "")
    if message:
        parts.append(f"It is part of a change with this purpose:\n{message}")
    elif all(own.doc == outline.doc for own in outlines):
        parts.append(f"Its documentation:\n{outline.doc}" if outline.doc else "")
    return "\n\n".join(part for part in parts if part)


def _as_unit(text: str, language: Language) -> Unit:
    """Return the only unit of a text, else all of it as one."""
    found = find_units(text, path="", language=language)
    size = len(text.encode("utf-8", "surrogatepass"))
    lines = text.count("\n") + 1
    whole = Unit("", language, UnitKind.STATEMENTS, "", 0, size, 1, lines, text)
    return found[0] if len(found) == 1 else whole


def _opening(unit: Unit) -> str:
    if unit.kind is UnitKind.STATEMENTS:
        return f"Write a part of a {unit.language} program."
    return f"Write the {unit.language} {unit.kind} {unit.name}."

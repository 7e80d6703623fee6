"""What a unit says of itself: the line that declares it, and its documentation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.units.comments import blank_prose

_LONGEST_SIGNATURE, _LONGEST_DOC = 300, 600
_MARKS = re.compile(r"^[ \t]*(?:/\*+|\*+/|\*+|//[/!]*|#+|[rRuU]?\"\"\"|[rRuU]?''')?[ \t]?")
_CLOSING = re.compile(r"[ \t]*(?:\*+/|\"\"\"|''')[ \t]*$")
_DOCSTRING = re.compile(r"[ \t]*[rRuU]?(?:\"\"\"|'''|\"|')")
_ASIDE = re.compile(r"\s*(?:@|#\[|\[)")


@dataclass(frozen=True, slots=True)
class Outline:
    """A ``signature`` on one line and a ``doc`` comment without its marks; empty without one."""

    signature: str
    doc: str


def read_outline(text: str, language: Language) -> Outline:
    """Return what the unit ``text`` says of itself; of text that cannot be parsed, nothing."""
    try:
        code = blank_prose(text, language)
    except UserError:
        return Outline("", "")
    lines = code.split("\n")
    first = _next_code(lines, 0)
    declared, past = _declaration(lines, first)
    leading = _prose(text, code, 0, first)
    body = text.split("\n")[past : _next_code(lines, past)]
    # A comment that opens a body says how it is done; only a docstring says what is.
    is_docstring = bool(body) and _DOCSTRING.match(body[0]) is not None
    inner = _prose(text, code, past, past + len(body)) if is_docstring else ""
    return Outline(declared[:_LONGEST_SIGNATURE], (leading or inner)[:_LONGEST_DOC])


def _declaration(lines: list[str], start: int) -> tuple[str, int]:
    """Return the declaration from line ``start`` on, decorators left out, and the line after it."""
    parts: list[str] = []
    depth = 0
    for number in range(start, len(lines)):
        line = lines[number]
        if not parts and (not line.strip() or _ASIDE.match(line)):
            continue
        for place, character in enumerate(line):
            depth += (character in "([") - (character in ")]")
            if character == "{" and depth <= 0:
                parts.append(line[:place])
                return _one_line(parts), number + 1
        parts.append(line)
        if depth <= 0:
            return _one_line(parts), number + 1
    return _one_line(parts), len(lines)


def _one_line(parts: list[str]) -> str:
    return " ".join(" ".join(parts).split()).rstrip(":").rstrip()


def _next_code(lines: list[str], start: int) -> int:
    return next((i for i in range(start, len(lines)) if lines[i].strip()), len(lines))


def _prose(text: str, code: str, first: int, past: int) -> str:
    """Return what the lines [first, past) say that is no code."""
    said = []
    for line, own in list(zip(text.split("\n"), code.split("\n"), strict=True))[first:past]:
        if not own.strip():
            said.append(_CLOSING.sub("", _MARKS.sub("", line)).strip())
    return "\n".join(said).strip()

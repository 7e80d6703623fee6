"""Source code on a terminal: safe to print, and no wider than it should be."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate

import click

_TAB_STOP = 4
_CONTEXT = 12
# Control, format (bidirectional overrides, zero-width), surrogate, line and paragraph separators:
# they would move the cursor, hide text or show it in another order than it runs.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Layout:
    """What the reader's terminal can show: columns, an encoding, colours."""

    width: int
    encoding: str
    is_colored: bool

    def can_show(self, text: str) -> bool:
        """Whether the encoding has all of ``text``."""
        try:
            text.encode(self.encoding)
        except (UnicodeError, LookupError):
            return False
        return True

    def pick(self, symbol: str, fallback: str) -> str:
        """Return ``symbol``, or ``fallback`` where the encoding lacks it."""
        return symbol if self.can_show(symbol) else fallback


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line as shown, and the columns (0-based, of the terminal) to underline."""

    text: str
    underline_start: int
    underline_width: int


def make_visible(text: str, layout: Layout) -> str:
    """Return ``text`` with everything that is not a plain visible character escaped."""
    return "".join(_show_character(character, layout) for character in text)


def style(text: str, layout: Layout, *, fg: str | None = None, bold: bool | None = None) -> str:
    """Return ``text`` in a colour or bold, where the layout has colours."""
    return click.style(text, fg=fg, bold=bold) if layout.is_colored else text


def cut_excerpt(line: str, start: int, end: int, *, width: int, layout: Layout) -> Excerpt:
    """Return ``line`` in at most ``width`` terminal columns, with its code points ``start`` to
    ``end`` (0-based, half-open) underlined as far as they are shown.

    Tabs become spaces; a line that is too long loses its tail, and its head when what is to be
    underlined is far to the right.
    """
    cells = _cells(line, layout)
    offsets = [0, *accumulate(map(_display_width, cells))]
    if offsets[-1] <= width:
        return Excerpt("".join(cells), offsets[start], offsets[end] - offsets[start])
    dots = layout.pick("…", "...")
    first = 0
    if offsets[start] > width // 2:
        first = bisect_left(offsets, offsets[start] - _CONTEXT)
    head = dots if first else ""
    room = width - len(head) - len(dots)
    last = bisect_right(offsets, offsets[first] + room) - 1
    tail = dots if last < len(cells) else ""
    return Excerpt(
        head + "".join(cells[first:last]) + tail,
        len(head) + offsets[start] - offsets[first],
        max(1, offsets[min(end, last)] - offsets[start]),
    )


def _cells(line: str, layout: Layout) -> list[str]:
    """What to print for each code point."""
    cells, column = [], 0
    for character in line:
        if character == "\t":
            cell = " " * (_TAB_STOP - column % _TAB_STOP)
        else:
            cell = _show_character(character, layout)
        cells.append(cell)
        column += _display_width(cell)
    return cells


def _show_character(character: str, layout: Layout) -> str:
    if unicodedata.category(character) in _INVISIBLE or not layout.can_show(character):
        return character.encode("unicode_escape").decode()
    return character


def _display_width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1

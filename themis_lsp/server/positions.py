"""From lines and code points, as the reviewer counts, to positions as an editor counts."""

from __future__ import annotations

from lsprotocol.types import Position, PositionEncodingKind, Range


def normalize_newlines(text: str) -> str:
    """Return ``text`` with ``\\n`` for every line ending an editor knows: ``\\r\\n`` and ``\\r``.

    Lines split at ``\\n`` are then the editor's lines, and no column moves.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def units_in(text: str, encoding: PositionEncodingKind | str) -> int:
    """Return how long ``text`` is in code units of ``encoding``."""
    if encoding == PositionEncodingKind.Utf32:
        return len(text)
    if encoding == PositionEncodingKind.Utf8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def line_range(
    line: int, text: str, *, start: int, end: int, encoding: PositionEncodingKind | str
) -> Range:
    """Return where columns ``start`` to ``end`` of a line are.

    ``line`` and the columns, code points of ``text``, are 1-based; ``end`` is exclusive.
    """
    return Range(
        Position(line - 1, units_in(text[: start - 1], encoding)),
        Position(line - 1, units_in(text[: end - 1], encoding)),
    )

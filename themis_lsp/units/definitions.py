"""What the query finds in a parsed file: definitions and comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from themis_lsp.units.rules import Role

if TYPE_CHECKING:
    from tree_sitter import Node

    from themis_lsp.units.grammars import Grammar

    Captures = dict[str, list[Node]]

Range = tuple[int, int]
_ROLES = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Definition:
    """Something with a name. ``name`` is dotted but not yet qualified; the range is in bytes.

    ``name_start`` is where its name stands.
    """

    role: Role
    name: str
    owner: str
    start: int
    end: int
    has_several_lines: bool
    name_start: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the query finds in a file. ``definitions`` are in file order, outer before inner."""

    definitions: list[Definition]
    comments: list[Range]
    docstrings: list[Range]
    asides: list[Range]


def read_tree(root: Node, grammar: Grammar) -> Reading:
    """Run the language's query over a tree."""
    from tree_sitter import QueryCursor

    found: list[tuple[int, Role, Captures]] = []
    comments, docstrings, asides = [], [], []
    wider: dict[int, Node] = {}
    not_defining: set[int] = set()
    for pattern, captures in QueryCursor(grammar.query).matches(root):
        role = next(iter(_ROLES & captures.keys()), None)
        if role is not None:
            found.append((pattern, Role(role), captures))
            not_defining.update(node.id for node in captures.get("inner", ()))
        elif "outer" in captures:
            wider.update((node.id, captures["outer"][0]) for node in captures["inner"])
        not_defining.update(node.id for node in captures.get("wrapper", ()))
        comments += [(node.start_byte, node.end_byte) for node in captures.get("comment", ())]
        docstrings += [(node.start_byte, node.end_byte) for node in captures.get("docstring", ())]
        asides += [(node.start_byte, node.end_byte) for node in captures.get("aside", ())]
    found = [match for match in found if match[2][match[1]][0].id not in not_defining]
    return Reading(list(_definitions(found, wider, grammar)), comments, docstrings, asides)


def _definitions(
    found: list[tuple[int, Role, Captures]], wider: dict[int, Node], grammar: Grammar
) -> Iterator[Definition]:
    """Yield one definition for each range: that of the query's first pattern that names it."""
    spans = [_span(captures[role], wider) for _, role, captures in found]
    order = sorted(range(len(found)), key=lambda i: (spans[i][0], -spans[i][1], found[i][0]))
    previous: Range | None = None
    for i in order:
        _, role, captures = found[i]
        start, end, has_several_lines = spans[i]
        if (start, end) == previous:
            continue
        name, owner = (
            grammar.rules.read_name(captures[word]) if word in captures else ""
            for word in ("name", "owner")
        )
        if name:
            previous = (start, end)
            named = captures.get("name", captures[role])[0].start_byte
            yield Definition(role, name, owner, start, end, has_several_lines, named)


def _span(nodes: list[Node], wider: dict[int, Node]) -> tuple[int, int, bool]:
    """Return the byte range from the first node to the last, and whether it has several lines."""
    first = min(nodes, key=lambda node: node.start_byte)
    last = max(nodes, key=lambda node: node.end_byte)
    while len(nodes) == 1 and first.id in wider:
        first = last = wider[first.id]
    return first.start_byte, last.end_byte, first.start_point[0] < last.end_point[0]

"""A unit with the syntax tree it stands in: what operators look at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_lsp.units import Unit, UnitKind, find_units
from themis_lsp.units.grammars import load_grammar
from themis_train.degradation.dialect import Dialect, dialect_of

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file and its syntax tree; ``fault_count`` as by count_faults."""

    data: bytes
    tree: Tree
    newline: str
    fault_count: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit and what is known about it. Bytes count into ``data``, the whole file.

    ``nodes`` are the named nodes that lie in the unit, parents before children, by type.
    """

    unit: Unit
    dialect: Dialect
    file: ParsedFile
    nodes: tuple[Node, ...]
    by_type: Mapping[str, list[Node]] = field(repr=False)

    @property
    def language(self) -> Language:
        """The language that the unit is in."""
        return self.unit.language

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self.file.data

    @property
    def root(self) -> Node:
        """The root of the file's syntax tree."""
        return self.file.tree.root_node

    @property
    def newline(self) -> str:
        """What ends a line of the file."""
        return self.file.newline

    def text(self, node: Node) -> str:
        """Return the source of a node."""
        return self.slice(node.start_byte, node.end_byte)

    def slice(self, start: int, end: int) -> str:
        """Return the source between two bytes."""
        return self.data[start:end].decode("utf-8", "surrogatepass")

    def of(self, types: frozenset[str]) -> Iterator[Node]:
        """Yield the unit's nodes of the given types, in the order of the text."""
        if len(types) == 1:
            yield from self.by_type.get(next(iter(types)), ())
            return
        found = [node for kind in sorted(types) for node in self.by_type.get(kind, ())]
        yield from sorted(found, key=lambda node: (node.start_byte, -node.end_byte))

    def holds(self, node: Node) -> bool:
        """Tell whether a node lies in the unit."""
        return self.unit.start_byte <= node.start_byte and node.end_byte <= self.unit.end_byte


def parse(data: bytes, language: Language, *, old: Tree | None = None) -> Tree:
    """Return the syntax tree of a file's bytes; faster with the edited tree of what it was."""
    from tree_sitter import Parser

    parser = Parser(load_grammar(language).language)
    return parser.parse(data) if old is None else parser.parse(data, old)


def find_subjects(text: str, *, path: str, language: Language) -> Iterator[Subject]:
    """Yield the functions of a file that parse, in the order of the file."""
    data = text.encode("utf-8", "surrogatepass")
    units = [
        unit
        for unit in find_units(text, path=path, language=language)
        if unit.kind is not UnitKind.STATEMENTS
    ]
    if not units:
        return
    tree = parse(data, language)
    newline = "\r\n" if b"\r\n" in data else "\n"
    file = ParsedFile(data, tree, newline, count_faults(tree.root_node))
    nodes = list(_walk(tree.root_node))
    starts = [node.start_byte for node in nodes]
    for unit in units:
        first, last = (bisect_left(starts, byte) for byte in (unit.start_byte, unit.end_byte))
        inside = tuple(node for node in nodes[first:last] if node.end_byte <= unit.end_byte)
        if any(node.is_error or node.is_missing for node in inside):
            continue
        by_type: dict[str, list[Node]] = {}
        for node in inside:
            by_type.setdefault(node.type, []).append(node)
        yield Subject(unit, dialect_of(language), file, inside, by_type)


def count_faults(root: Node) -> int:
    """Return how many places of a tree the parser could make nothing of."""
    count, pending = 0, [root]
    while pending:
        node = pending.pop()
        if node.has_error:
            count += node.is_error or node.is_missing
            pending += node.children
    return count


def _walk(root: Node) -> Iterator[Node]:
    """Yield named nodes and those that the parser missed, parents before children."""
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is not None and (node.is_named or node.is_missing):
            yield node
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return

"""What of a piece of code is neither comment nor layout."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_lsp.units.grammars import load_grammar

if TYPE_CHECKING:
    from tree_sitter import Node

_HELD_BY_DOCSTRINGS = "expression_statement"


def digest_structure(text: str, language: Language) -> bytes:
    """Return a digest of the syntax tree without comments, docstrings and white space.

    Two texts with the same digest do the same: where white space has a meaning, as in Python,
    it shows in the tree.
    """
    from tree_sitter import Parser

    root = Parser(load_grammar(language).language).parse(text.encode("utf-8", "replace")).root_node
    digest = blake2b(digest_size=16)
    waiting: list[Node | None] = [root]
    while waiting:
        node = waiting.pop()
        if node is None:
            digest.update(b")")
            continue
        if "comment" in node.type or _is_docstring(node):
            continue
        if node.child_count:
            digest.update(b"(" + node.type.encode())
            waiting.append(None)
            waiting += reversed(node.children)
        elif node.text and node.text.strip():
            digest.update(b"\0" + node.text)
    return digest.digest()


def _is_docstring(node: Node) -> bool:
    children = node.named_children if node.type == _HELD_BY_DOCSTRINGS else []
    return len(children) == 1 and children[0].type == "string"

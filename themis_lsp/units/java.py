"""How units are found in Java."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from themis_lsp.units.rules import Rules, joined_text

if TYPE_CHECKING:
    from tree_sitter import Node


def read_java_name(nodes: Sequence[Node]) -> str:
    """Return the name without type arguments: an anonymous class goes by its supertype."""
    return joined_text(nodes).partition("<")[0].strip()


RULES = Rules(
    grammar="tree_sitter_java",
    query="""
    [(line_comment) (block_comment)] @comment
    (method_declaration name: (_) @name body: (_)) @method
    [
      (constructor_declaration name: (_) @name)
      (compact_constructor_declaration name: (_) @name)
    ] @constructor
    (static_initializer "static" @name) @method
    (variable_declarator name: (_) @name value: (lambda_expression)) @lambda
    (field_declaration declarator: (variable_declarator) @inner . ";") @outer
    [
      (class_declaration name: (_) @name)
      (interface_declaration name: (_) @name)
      (enum_declaration name: (_) @name)
      (record_declaration name: (_) @name)
      (annotation_type_declaration name: (_) @name)
    ] @class
    (object_creation_expression type: (_) @name (class_body)) @scope
    (enum_constant name: (_) @name body: (class_body)) @scope
    """,
    closes=r"[^\w\"'@]+",
    read_name=read_java_name,
)

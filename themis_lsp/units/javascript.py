"""How units are found in JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from themis_lsp.units.rules import Rules, joined_text

if TYPE_CHECKING:
    from tree_sitter import Node


def read_javascript_name(nodes: Sequence[Node]) -> str:
    """Return the name without quotes, ``this.`` and ``.prototype``."""
    name = joined_text(nodes).strip("'\"").removeprefix("this.")
    return name.replace(".prototype.", ".")


RULES = Rules(
    grammar="tree_sitter_javascript",
    query="""
    [(comment) (html_comment) (hash_bang_line)] @comment
    (export_statement [declaration: (_) value: (_)] @inner) @outer
    (lexical_declaration . (variable_declarator) @inner .) @outer
    (variable_declaration . (variable_declarator) @inner .) @outer
    [
      (call_expression function: (function_expression) @wrapper)
      (call_expression function: (parenthesized_expression (function_expression) @wrapper))
      (call_expression function: (member_expression
        object: (parenthesized_expression (function_expression) @wrapper)))
      (parenthesized_expression (call_expression function: (function_expression) @wrapper))
    ]

    [
      (function_declaration name: (_) @name)
      (generator_function_declaration name: (_) @name)
    ] @function
    (class_body member: (method_definition name: (_) @name) @method)
    (class_body member: (class_static_block "static" @name) @method)
    (field_definition property: (_) @name
      value: [(arrow_function) (function_expression) (generator_function)] @inner) @method
    (object (method_definition name: (_) @name) @member)
    (pair key: (_) @name
      value: [(arrow_function) (function_expression) (generator_function)] @inner) @member
    ((assignment_expression
      left: (member_expression object: (member_expression property: (_) @_prototype)) @name
      right: [(arrow_function) (function_expression) (generator_function)] @inner) @method
      (#eq? @_prototype "prototype"))
    (assignment_expression left: (_) @name
      right: [(arrow_function) (function_expression) (generator_function)] @inner) @lambda
    (variable_declarator name: (identifier) @name
      value: [(arrow_function) (function_expression) (generator_function)] @inner) @lambda
    (export_statement "default" @name
      value: [(arrow_function) (function_expression !name) (generator_function !name)]) @function
    [(function_expression name: (_) @name) (generator_function name: (_) @name)] @callback

    [(class_declaration name: (_) @name) (class name: (_) @name)] @class
    [
      (variable_declarator name: (_) @name value: (class !name))
      (assignment_expression left: (_) @name right: (class !name))
      (export_statement "default" @name value: (class !name))
    ] @class
    [
      (variable_declarator name: (identifier) @name value: (object))
      (assignment_expression left: (_) @name right: (object))
      (pair key: (_) @name value: (object))
    ] @scope
    """,
    closes=r"[^\w\"'`$#@]+",
    opens=r"(?:export|export\s+default|else|try|finally)[^\w\"'`$#@]*"
    r"|[^\w\"'`$]*(?:async\s+)?function\s*\(\)\s*\{|[^\w\"'`$]*(?:async\s*)?\(\)\s*=>\s*\{",
    constructors=frozenset({"constructor"}),
    read_name=read_javascript_name,
)

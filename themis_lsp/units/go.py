"""How units are found in Go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from themis_lsp.units.rules import Rules, joined_text

if TYPE_CHECKING:
    from tree_sitter import Node


def read_go_name(nodes: Sequence[Node]) -> str:
    """Return the name; a receiver is stripped of its pointer, brackets and type arguments."""
    return joined_text(nodes).strip('*()"` ').partition("[")[0]


RULES = Rules(
    grammar="tree_sitter_go",
    query="""
    (comment) @comment
    (function_declaration name: (_) @name body: (_)) @function
    (method_declaration
      receiver: (parameter_list (parameter_declaration type: (_) @owner))
      name: (_) @name body: (_)) @method
    (short_var_declaration
      left: (expression_list . (_) @name .) right: (expression_list . (func_literal) .)) @lambda
    (assignment_statement
      left: (expression_list . (_) @name .) right: (expression_list . (func_literal) .)) @lambda
    (var_spec name: (_) @name value: (expression_list . (func_literal) .)) @lambda
    (keyed_element
      key: (literal_element [(identifier) (interpreted_string_literal)] @name)
      value: (literal_element (func_literal))) @member
    (type_spec name: (_) @name type: [(struct_type) (interface_type)]) @class
    (var_spec name: (_) @name value: (expression_list .
      [(composite_literal) (unary_expression operand: (composite_literal))] .)) @scope
    (short_var_declaration left: (expression_list . (_) @name .) right: (expression_list .
      [(composite_literal) (unary_expression operand: (composite_literal))] .)) @scope
    """,
    closes=r"[^\w\"'`]+",
    read_name=read_go_name,
)

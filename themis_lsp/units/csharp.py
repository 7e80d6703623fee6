"""How units are found in C#."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from themis_lsp.units.rules import Rules, joined_text, node_text

if TYPE_CHECKING:
    from tree_sitter import Node


def read_csharp_name(nodes: Sequence[Node]) -> str:
    """Return the name; a conversion to a type keeps the space of ``operator int``."""
    if nodes[0].type == "operator" and nodes[-1].is_named:
        return " ".join(map(node_text, nodes))
    return joined_text(nodes)


RULES = Rules(
    grammar="tree_sitter_c_sharp",
    query="""
    [(comment) (shebang_directive)] @comment
    (method_declaration name: (_) @name body: (_)) @method
    (constructor_declaration name: (_) @name body: (_)) @constructor
    (destructor_declaration "~" @name name: (_) @name body: (_)) @method
    (operator_declaration "operator" @name operator: _ @name body: (_)) @method
    (conversion_operator_declaration "operator" @name type: (_) @name body: (_)) @method
    (local_function_statement name: (_) @name body: (_)) @function
    [
      (property_declaration name: (_) @name value: (arrow_expression_clause))
      (property_declaration name: (_) @name
        accessors: (accessor_list (accessor_declaration body: (_))))
      (indexer_declaration "this" @name value: (arrow_expression_clause))
      (indexer_declaration "this" @name
        accessors: (accessor_list (accessor_declaration body: (_))))
      (event_declaration name: (_) @name
        accessors: (accessor_list (accessor_declaration body: (_))))
    ] @property
    (variable_declarator name: (_) @name
      [(lambda_expression) (anonymous_method_expression)]) @lambda
    (assignment_expression left: [(identifier) (member_access_expression)] @name "="
      right: [(lambda_expression) (anonymous_method_expression)]) @lambda
    (field_declaration (variable_declaration (variable_declarator) @inner .)) @outer
    [
      (class_declaration name: (_) @name)
      (struct_declaration name: (_) @name)
      (record_declaration name: (_) @name)
      (interface_declaration name: (_) @name)
      (enum_declaration name: (_) @name)
    ] @class
    (namespace_declaration name: (_) @name) @scope
    (compilation_unit (file_scoped_namespace_declaration name: (_) @name)) @scope
    """,
    closes=r"#\s*(?:endif|endregion)\b.*|[^\w\"'@#]+",
    opens=r"#\s*(?:if|elif|else|region|pragma|nullable)\b.*|namespace\b[\w\s.]*[{;]?",
    read_name=read_csharp_name,
)

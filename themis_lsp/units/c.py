"""How units are found in C, and what C++ shares with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from themis_lsp.units.rules import Rules, node_text

if TYPE_CHECKING:
    from tree_sitter import Node


def read_c_name(nodes: Sequence[Node]) -> str:
    """Return the name of a definition, its scopes joined with ``.``.

    Empty for a function_definition that declares no function: a macro stands where a type should.
    """
    node = nodes[0]
    if node.type == "function_definition":
        return _declared_name(node)
    if node.type == "call_expression":
        return node_text(node)
    return _qualified_name(node)


def _declared_name(definition: Node) -> str:
    """Return the name of the innermost function declared: ``f`` in ``int (*f(int))(int)``."""
    outer: Node | None = None
    declared: Node | None = None
    node = definition.child_by_field_name("declarator")
    while node is not None:
        if node.type == "function_declarator":
            outer, declared = declared, node
        elif node.type == "operator_cast" or _ends_in_operator_cast(node):
            return _qualified_name(node)
        node = _inner_declarator(node)
    if declared is None:
        return _macro_call(definition)
    name, parameters = (declared.child_by_field_name(f) for f in ("declarator", "parameters"))
    if name is None or parameters is None:
        return ""
    if outer is not None and outer.child_by_field_name("declarator") == declared:
        return node_text(parameters).strip("() ")  # PNGAPI(png_read)(int x)
    text = _qualified_name(name)
    if definition.child_by_field_name("type") is None and _are_macro_arguments(text, parameters):
        text += node_text(parameters)  # TEST(Suite, case)
    return text


def _are_macro_arguments(name: str, parameters: Node) -> bool:
    declared = [node.child_by_field_name("declarator") for node in parameters.named_children]
    return name.isupper() and bool(declared) and not any(declared)


def _macro_call(definition: Node) -> str:
    """Return ``TEST(one)``: to the grammar, a type TEST and a variable in parentheses."""
    macro, argument = (definition.child_by_field_name(f) for f in ("type", "declarator"))
    if macro is None or argument is None or argument.type != "parenthesized_declarator":
        return ""
    return node_text(macro) + node_text(argument)


def _ends_in_operator_cast(node: Node) -> bool:
    while node.type == "qualified_identifier":
        name = node.child_by_field_name("name")
        if name is None:
            return False
        node = name
    return node.type == "operator_cast"


def _inner_declarator(node: Node) -> Node | None:
    inner = node.child_by_field_name("declarator")
    if inner is None and node.type in ("parenthesized_declarator", "reference_declarator"):
        return next(iter(node.named_children), None)
    return inner


def _qualified_name(node: Node) -> str:
    parts = []
    current: Node | None = node
    while current is not None and current.type == "qualified_identifier":
        scope = current.child_by_field_name("scope")
        if scope is not None:
            parts.append(_plain_name(scope))
        current = current.child_by_field_name("name")
    if current is not None:
        parts.append(_plain_name(current))
    return ".".join(part for part in parts if part)


def _plain_name(node: Node) -> str:
    """Return one part of a name, without template arguments."""
    if node.type == "operator_cast":
        return node_text(node).partition("(")[0].strip()
    name = node.child_by_field_name("name")
    return node_text(node if name is None else name).replace("::", ".")


DEFINITIONS = """
(comment) @comment
((call_expression) @name @headless . (compound_statement) @headless)
((expression_statement (call_expression) @name) @headless . (compound_statement) @headless)
((ERROR (call_expression) @name @headless .) . (compound_statement) @headless)
[
  (struct_specifier name: (_) @name body: (_))
  (union_specifier name: (_) @name body: (_))
  (enum_specifier name: (_) @name body: (_))
  (type_definition
    type: [(struct_specifier !name) (union_specifier !name) (enum_specifier !name)]
    declarator: (type_identifier) @name)
] @class
"""

CLOSES = r"#\s*endif\b.*|[^\w\"'#]+"
OPENS = r"#\s*(?:if|ifdef|ifndef|elif|else|pragma)\b.*|extern\s+\"C\"\s*\{?"
_MACRO = r"[A-Z_][A-Z0-9_]+(?:\s*\([^()]*\))?"
PRELUDE = rf"{_MACRO}(?:\s+{_MACRO})*"
MACRO_LINES = (
    r"[;{}:>\"/][ \t\r]*\n\s*"  # behind a line that ends something
    r"((?:[A-Z_][A-Z0-9]*_[A-Z0-9_]*\s+)*[A-Z_][A-Z0-9]*_[A-Z0-9_]*)[ \t\r]*\n(?=\s*[\w~#\[])"
)

RULES = Rules(
    grammar="tree_sitter_c",
    query=DEFINITIONS
    + """
    (field_declaration type: [
      (struct_specifier name: (_) @name body: (_))
      (union_specifier name: (_) @name body: (_))
      (enum_specifier name: (_) @name body: (_))
    ] @scope)
    (function_definition type: (_) declarator: [(function_declarator) (pointer_declarator)]
      body: (compound_statement)) @name @function
    (function_definition body: (compound_statement)) @name @headless
    """,
    closes=CLOSES,
    opens=OPENS,
    prelude=PRELUDE,
    read_name=read_c_name,
    obstacles=(
        r"\b(?:struct|union|enum)\s+([A-Z][A-Z0-9_]+(?:\([^()\n]*\))?)\s+\w+\s*\{",
        MACRO_LINES + r"(?!\s*\w+\s*\()",
    ),
)

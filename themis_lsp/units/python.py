"""How units are found in Python."""

from __future__ import annotations

from themis_lsp.units.rules import Rules

RULES = Rules(
    grammar="tree_sitter_python",
    query="""
    (comment) @comment
    (module . (comment)* . (expression_statement . (string) @docstring .) @aside)
    (class_definition body: (block . (expression_statement . (string) @docstring .)))
    (function_definition body: (block . (expression_statement . (string) @docstring .)))
    (decorated_definition definition: (_) @inner) @outer
    (function_definition name: (_) @name) @function
    (class_definition name: (_) @name) @class
    (assignment left: [(identifier) (attribute)] @name right: (lambda)) @lambda
    """,
    closes=r"[^\w\"'@]+",
    opens=r"(?:else|try|finally)\s*:",
    constructors=frozenset({"__init__"}),
)

"""How units are found in C++."""

from __future__ import annotations

from themis_lsp.units.c import CLOSES, DEFINITIONS, MACRO_LINES, OPENS, PRELUDE, read_c_name
from themis_lsp.units.rules import Rules

RULES = Rules(
    grammar="tree_sitter_cpp",
    query=DEFINITIONS
    + """
    (template_declaration (_) @inner .) @outer
    (function_definition
      [body: (compound_statement) (try_statement)]) @name @headless
    (init_declarator declarator: (identifier) @name value: (lambda_expression)) @lambda
    (class_specifier name: (_) @name body: (_)) @class
    (namespace_definition name: (_) @name) @scope
    """,
    closes=CLOSES,
    opens=OPENS
    + r"|(?:inline\s+)?namespace\b[\w\s:]*\{?"
    + r"|(?:public|private|protected|signals|(?:public|private|protected)\s+slots)\s*:",
    prelude=PRELUDE + r"|template\s*<.*>(?:\s*requires\b.*)?",
    methods_may_stand_outside=True,
    read_name=read_c_name,
    obstacles=(
        r"\b(?:class|struct|union|enum)\s+([A-Z][A-Z0-9_]+(?:\([^()\n]*\))?)\s+\w[\w:]*\s*"
        r"(?:final\s*)?[:{]",
        r"\bnamespace\s+[\w:]+\s+([A-Z_][A-Z0-9_]+(?:\([^()\n]*\))?)\s*\{",
        MACRO_LINES,
        # before a constructor with an initializer list
        r"\n[ \t]*((?:[A-Z_][A-Z0-9]*_[A-Z0-9_]*\s+)+)(?:(?:inline|explicit|constexpr)\s+)*"
        r"\w+\s*\([^;{}]{0,400}\)\s*(?:noexcept\s*)?:\s*\w",
    ),
)

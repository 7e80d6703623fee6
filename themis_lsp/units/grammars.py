"""Loading grammars: one wheel per language in use, each imported once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_lsp.units import c, cpp, csharp, go, java, javascript, python, ruby
from themis_lsp.units.rules import Rules

if TYPE_CHECKING:
    import tree_sitter

_RULES = {
    Language.C: c.RULES,
    Language.CSHARP: csharp.RULES,
    Language.CPP: cpp.RULES,
    Language.GO: go.RULES,
    Language.JAVA: java.RULES,
    Language.JAVASCRIPT: javascript.RULES,
    Language.PYTHON: python.RULES,
    Language.RUBY: ruby.RULES,
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's rules, ready to use."""

    rules: Rules
    language: tree_sitter.Language
    query: tree_sitter.Query
    opens: re.Pattern[bytes]
    closes: re.Pattern[bytes]
    prelude: re.Pattern[bytes]
    obstacles: tuple[re.Pattern[bytes], ...]


@cache
def load_grammar(language: Language) -> Grammar:
    """Return the grammar of ``language``; the first call imports its wheel."""
    from tree_sitter import Language as Parsed
    from tree_sitter import Query

    rules = _RULES[language]
    parsed = Parsed(import_module(rules.grammar).language())
    return Grammar(
        rules,
        parsed,
        Query(parsed, rules.query),
        re.compile(rules.opens.encode()),
        re.compile(rules.closes.encode()),
        re.compile(rules.prelude.encode()),
        tuple(re.compile(obstacle.encode()) for obstacle in rules.obstacles),
    )

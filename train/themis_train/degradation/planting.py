"""Statements that are planted: the good way to write one on one side, the bad way on the other.

Ordinary code seldom holds what goes wrong in security: most functions run no query and no command.
A planted statement works on an argument of the function it is put into.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.layout import has_own_lines, insert_before, step_of
from themis_train.degradation.operators import Candidate, Find
from themis_train.degradation.shapes import body_of, statements
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_TEXT_TYPES = {
    Language.C: re.compile(r"\bchar\s*\*"),
    Language.CPP: re.compile(r"\bstring\b|\bchar\s*\*|string_view"),
    Language.CSHARP: re.compile(r"\bstring\b"),
    Language.GO: re.compile(r"\bstring$"),
    Language.JAVA: re.compile(r"\bString\b(?!\s*(?:\[|\.\.\.))"),
}
_TEXT_HINT = re.compile(r"\s*(?:\w+\.)?(?:Optional\[)?str\]?(?:\s*\|\s*None)?\s*(?:=|$)")
_TEXT_NAMES = re.compile(
    r"(?:\w*_)?(?:\w*name|password|secret|user|username|path|file|filename|dir|directory|folder|host|url|uri|key|id"
    r"|query|cmd|command|title|email|text|value|label|token|message|msg|target|source|src|dest|content"
    r"|data|string|str|s|line|prefix|pattern|input|arg|param|body|code|word|term|address|domain|tag)"
    r"|\w+(?:Name|Path|File|Dir|Url|Key|Id|Text|Value|Message|String)",
)
_TABLES = ("users", "orders", "items", "documents", "accounts", "sessions", "projects", "invoices")
_COLUMNS = ("name", "email", "title", "owner", "label", "status", "code", "slug")
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Plant:
    """The good and the bad way to write a statement.

    ``$x`` is the argument, ``$t`` and ``$c`` a table and a column; a tab is a step of indentation.
    """

    good: str
    bad: str


def plants(table: Mapping[Language, Sequence[Plant]]) -> Find:
    """Return what plants each of a language's statements into functions with a text argument."""

    def find(subject: Subject) -> Iterator[Candidate]:
        place = plant_place(subject)
        if place is None:
            return
        for name in text_parameters(subject):
            for plant in table.get(subject.language, ()):
                good = insert_before(subject, place, _fill(subject, plant.good, name))
                bad = insert_before(subject, place, _fill(subject, plant.bad, name))
                if good is not None and bad is not None:
                    yield Candidate(worse=(bad,), better=(good,))

    return find


def either(*finds: Find) -> Find:
    """Return what finds all that one of several finds."""

    def find(subject: Subject) -> Iterator[Candidate]:
        for one in finds:
            yield from one(subject)

    return find


def plant_place(subject: Subject) -> Node | None:
    """Return the statement of a function's body before which one can be planted."""
    body = body_of(subject)
    if body is None:
        return None
    for node in statements(body):
        is_text = node.type == "expression_statement" and any(
            "string" in child.type for child in node.named_children[:1]
        )
        is_declared = subject.language in (Language.C, Language.CPP) and node.type == "declaration"
        is_chained = node.type == "explicit_constructor_invocation"
        if not (is_text or is_declared or is_chained) and has_own_lines(subject, node):
            return node
    return None


def text_parameters(subject: Subject) -> list[str]:
    """Return the parameters of the unit's function that hold text, by type or else by name."""
    function = next(iter(subject.of(subject.dialect.functions)), None)
    if function is None:
        return []
    typed = _TEXT_TYPES.get(subject.language)
    found = []
    for parameter in _parameters(function):
        text = subject.text(parameter)
        name = _name_of(subject, parameter)
        if typed is not None:
            is_text = typed.search(text) is not None and "**" not in text
        else:
            # A hint decides where there is one.
            _, is_hinted, hint = text.partition(":")
            known = _TEXT_HINT.match(hint) if is_hinted else _TEXT_NAMES.fullmatch(name)
            is_text = known is not None
        if is_text and name.isidentifier():
            found.append(name)
    return found


def has_text_types(language: Language) -> bool:
    """Tell whether declarations of a language say what holds text."""
    return language in _TEXT_TYPES


def _parameters(function: Node) -> list[Node]:
    listed = function.child_by_field_name("parameters")
    declarator = function.child_by_field_name("declarator")
    while listed is None and declarator is not None:
        listed = declarator.child_by_field_name("parameters")
        declarator = declarator.child_by_field_name("declarator")
    return [] if listed is None else listed.named_children


def _name_of(subject: Subject, parameter: Node) -> str:
    names = parameter.children_by_field_name("name")
    if names:
        return subject.text(names[0]) if len(names) == 1 else ""
    words = _WORD.findall(subject.text(parameter))
    is_typed = subject.language in _TEXT_TYPES
    if not words or (not is_typed and subject.text(parameter)[0] in "*&{["):
        return ""
    return str(words[-1] if is_typed else words[0])


def _fill(subject: Subject, lines: str, name: str) -> list[str]:
    chance = zlib.crc32(subject.unit.text.encode("utf-8", "surrogatepass"))
    words = {
        "$x": name,
        "$t": _TABLES[chance % len(_TABLES)],
        "$c": _COLUMNS[chance // len(_TABLES) % len(_COLUMNS)],
        "\t": step_of(subject),
    }
    for word, value in words.items():
        lines = lines.replace(word, value)
    return lines.split("\n")

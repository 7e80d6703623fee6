"""Statements that are planted: the good way to write one on one side, the bad way on the other.

Ordinary code seldom holds what goes wrong in security: most functions run no query and no command.
A planted statement works on an argument of the function it is put into, one whose name says that
it is of the right kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.layout import has_own_lines, insert_before, step_of
from themis_train.degradation.operators import Candidate, Find
from themis_train.degradation.shapes import body_of, statements
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

if TYPE_CHECKING:
    from tree_sitter import Node

_TEXT_TYPES = {
    Language.C: re.compile(r"(?:const\s+)?(?:xml)?[cC]har\s*\*\s*(?:const\s+)?\w+"),
    Language.CPP: re.compile(
        r"(?:const\s+)?(?:(?:std::)?(?:string|string_view)\s*&?|char\s*\*)\s*(?:const\s+)?\w+"
    ),
    Language.CSHARP: re.compile(r"string\??\s+\w+(?:\s*=.*)?"),
    Language.GO: re.compile(r"(?:\w+\s*,\s*)*\w+\s+string"),
    Language.JAVA: re.compile(r"(?:final\s+|@\w+\s+)*String\s+\w+"),
}
_TEXT_HINT = re.compile(r"\s*(?:\w+\.)?(?:Optional\[)?str\]?(?:\s*\|\s*None)?\s*(?:=|$)")
_PLACES = 6
_CHOICE = re.compile(r"\$\[([^\]]+)\]")
_WORD = re.compile(r"[A-Za-z_]\w*")
_WORDS = {
    "$t": ("users", "orders", "items", "documents", "accounts", "sessions", "projects", "invoices"),
    "$c": ("name", "email", "title", "owner", "label", "status", "code", "slug"),
}


class Kind(StrEnum):
    """What an argument is, by the last word of its name."""

    PATH = (
        "path|file|filename|dir|directory|folder|archive|document|image|template|target|source|src"
        "|dest|output|input|config|log|pathname|dirname|basename|fname|filepath"
    )
    URL = "url|uri|link|href|endpoint|address|addr|host|hostname|server|domain|site"
    TEXT = (
        "name|title|user|username|email|label|key|id|query|text|message|msg|value|comment"
        "|description|content|slug|tag|category|status|term|search|body|code|html|reason|path|url"
        "|uri|host|input"
    )
    SECRET = "password|passwd|pwd|secret|token|key|user|username|session|login|account|credentials?"
    DATA = (
        "data|json|text|body|content|contents|payload|message|msg|input|raw|str|string|source|value"
        "|config|header|line|buf|buffer"
    )

    def matches(self, name: str) -> bool:
        """Tell whether a name is of the kind."""
        words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
        if not words:
            return False
        is_name_of_file = words == ["name"] or words[-2:] in (["file", "name"], ["dir", "name"])
        if self is Kind.PATH and is_name_of_file:
            return True
        return re.fullmatch(self.value, words[-1]) is not None


@dataclass(frozen=True, slots=True)
class Plant:
    """The good and the bad way to write a statement.

    ``$x`` is the argument, ``$t`` and ``$c`` a table and a column, ``$[a|b]`` one of several words,
    on both sides the same; a tab is a step of indentation.
    """

    good: str
    bad: str
    kind: Kind = Kind.TEXT


def plants(table: Mapping[Language, Sequence[Plant]]) -> Find:
    """Return what plants each of a language's statements into functions with a fitting argument."""

    def find(subject: Subject) -> Iterator[Candidate]:
        place = plant_place(subject)
        if place is None:
            return
        taken = set(_WORD.findall(subject.unit.text))
        for plant in table.get(subject.language, ()):
            for name in text_parameters(subject, plant.kind):
                lines = [_fill(subject, side, name) for side in (plant.good, plant.bad)]
                if any(set(_declared(side)) & taken for side in lines):
                    continue
                good, bad = (insert_before(subject, place, side) for side in lines)
                if good is not None and bad is not None:
                    yield Candidate(worse=(bad,), better=(good,))

    return find


def _declared(lines: Sequence[str]) -> list[str]:
    """Return the names that statements set: they must be new."""
    found = []
    for line in lines:
        left, is_set, _ = line.partition("=")
        names = _WORD.findall(re.sub(r"\[[^\]]*\]", "", left))
        if is_set and names and "(" not in left:
            found += names if "," in left else names[-1:]
    return found


def either(*finds: Find) -> Find:
    """Return what finds all that one of several finds."""

    def find(subject: Subject) -> Iterator[Candidate]:
        for one in finds:
            yield from one(subject)

    return find


def plant_place(subject: Subject) -> Node | None:
    """Return a statement of a function's body before which one can be planted."""
    body = body_of(subject)
    if body is None:
        return None
    places = []
    for node in statements(body):
        is_text = node.type == "expression_statement" and any(
            "string" in child.type for child in node.named_children[:1]
        )
        is_declared = subject.language is Language.C and node.type == "declaration"
        is_chained = node.type == "explicit_constructor_invocation"
        is_super = subject.text(node).startswith(("super(", "super ", "base("))
        if is_text or is_declared or is_chained or is_super:
            continue
        if has_own_lines(subject, node) and "preproc" not in node.type:
            places.append(node)
        if node.type in subject.dialect.exits or len(places) == _PLACES:
            break
    return choose(subject, places, salt="place") if places else None


def text_parameters(subject: Subject, kind: Kind | None = None) -> list[str]:
    """Return the parameters of the unit's function that hold text, of a kind if one is given."""
    function = next(iter(subject.of(subject.dialect.functions)), None)
    if function is None:
        return []
    typed = _TEXT_TYPES.get(subject.language)
    found = []
    for parameter in _parameters(function):
        text = subject.text(parameter)
        name = _name_of(subject, parameter)
        if typed is not None:
            is_text = typed.fullmatch(text) is not None
        else:
            # A hint decides where there is one.
            _, is_hinted, hint = text.partition(":")
            is_text = not is_hinted or _TEXT_HINT.match(hint) is not None
            is_text = is_text and (kind is not None or Kind.TEXT.matches(name))
        if is_text and name.isidentifier() and (kind is None or kind.matches(name)):
            found.append(name)
    return found


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
    lines = fill_choices(subject, lines)
    for word, options in _WORDS.items():
        lines = lines.replace(word, choose(subject, options, salt=word))
    return lines.replace("$x", name).replace("\t", step_of(subject)).split("\n")


def fill_choices(subject: Subject, lines: str) -> str:
    """Return lines with one word for each choice; of equal choices the same."""

    def pick(found: re.Match[str]) -> str:
        options: list[str] = found[1].split("|")
        return choose(subject, options, salt=found[1])

    return _CHOICE.sub(pick, lines)

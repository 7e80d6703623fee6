"""Constants that a file declares outside of its functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_VALUE = r"(?P<value>[^\n]{1,100}?)"
_DEFINE = (
    rf"^[ \t]*#[ \t]*define[ \t]+(?P<name>[A-Z]\w+)[ \t]+{_VALUE}"
    r"[ \t]*(?:/\*[^\n]*|//[^\n]*)?\r?$"
)
_MODIFIERS = r"(?:(?:public|private|protected|internal|static|final|readonly|const)[ \t]+)"
_DECLARATIONS = {
    Language.C: (
        _DEFINE,
        rf"^(?:static[ \t]+)?const[ \t]+[\w ]+[ \t*](?P<name>\w+)(?:\[\])?[ \t]*=[ \t]*{_VALUE};",
    ),
    Language.CPP: (
        rf"^[ \t]*(?:(?:static|inline|const|constexpr)[ \t]+)+[\w:<>]+(?:[ \t]+const)?[ \t]+"
        rf"(?P<name>[kA-Z]\w+)[ \t]*(?:=[ \t]*|\{{){_VALUE}\}}?;",
        _DEFINE,
    ),
    Language.CSHARP: (
        rf"^[ \t]*{_MODIFIERS}*(?:const|static[ \t]+readonly)[ \t]+[\w<>\[\], ]+[ \t]+"
        rf"(?P<name>\w+)[ \t]*=[ \t]*{_VALUE};",
    ),
    Language.GO: (
        rf"^(?:const|var)[ \t]+(?P<name>\w{{3,}})(?:[ \t]+[\w.*\[\]]+)?[ \t]*=[ \t]*{_VALUE}"
        r"[ \t]*(?://[^\n]*)?$",
        rf"(?<=^\t)(?P<name>\w{{5,}})(?:[ \t]+[\w.]+)?[ \t]+=[ \t]*{_VALUE}[ \t]*(?://[^\n]*)?$",
    ),
    Language.JAVA: (
        rf"^[ \t]*{_MODIFIERS}*(?:static[ \t]+final|final[ \t]+static)[ \t]+[\w<>\[\], ]+[ \t]+"
        rf"(?P<name>[A-Z]\w+)[ \t]*=[ \t]*{_VALUE};",
    ),
    Language.JAVASCRIPT: (
        rf"^(?:export[ \t]+)?(?:const|var|let)[ \t]+(?P<name>[A-Za-z]\w{{3,}})[ \t]*"
        rf"=[ \t]*{_VALUE};?[ \t]*(?://[^\n]*)?\r?$",
    ),
    Language.PYTHON: (
        rf"^(?P<name>_?[A-Z][A-Z0-9_]+|_?\w*(?:re|regex|pattern))[ \t]*(?::[^=\n]+)?=[ \t]*{_VALUE}"
        r"[ \t]*(?:#[^\n]*)?\r?$",
    ),
    Language.RUBY: (
        rf"^[ \t]*(?P<name>[A-Z][A-Z0-9_]+)[ \t]*=[ \t]*{_VALUE}(?:\.freeze)?"
        r"[ \t]*(?:#[^\n]*)?\r?$",
    ),
}
_IDENTIFIERS = ("identifier", "constant")


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant, the source of its value on one line, and where the unit reads it."""

    name: str
    value: str
    uses: tuple[Node, ...]


def find_constants(subject: Subject) -> Iterator[Constant]:
    """Yield the file's constants that the unit reads, in the order of the file."""
    readers: dict[str, list[Node]] = {}
    for kind in _IDENTIFIERS:
        for node in subject.by_type.get(kind, ()):
            if not _is_member(node):
                readers.setdefault(subject.text(node), []).append(node)
    if not readers:
        return
    for name, value in _declared(subject.data, subject.language).items():
        uses = readers.get(name)
        if uses is not None and value:
            yield Constant(name, value, tuple(uses))


def _is_member(node: Node) -> bool:
    """Tell whether a name means a part of something else."""
    parent = node.parent
    return parent is not None and any(
        parent.child_by_field_name(field) == node for field in _MEMBER_FIELDS
    )


_MEMBER_FIELDS = ("name", "field", "attribute", "method")


@cache
def _patterns(language: Language) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.MULTILINE) for pattern in _DECLARATIONS[language])


@lru_cache(maxsize=4)
def _declared(data: bytes, language: Language) -> dict[str, str]:
    """Return the values of names that are declared once."""
    text = data.decode("utf-8", "surrogatepass")
    found: dict[str, str] = {}
    for pattern in _patterns(language):
        for match in pattern.finditer(text):
            name = match["name"]
            found[name] = "" if name in found else match["value"].strip()
    return found

"""Another name, as good as the first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_train.degradation.operators import ALL, Candidate, Edit
from themis_train.degradation.shapes import find_locals, references
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose
from themis_train.neutral.operators import Family, NeutralOperator

_SYNONYMS = (
    "result outcome answer",
    "index position place",
    "count total number",
    "name title label",
    "value amount",
    "data content payload",
    "start begin first",
    "end last stop",
    "size length",
    "message text",
    "buffer chunk block",
    "items elements entries",
    "item element entry",
    "list sequence",
    "key identifier",
    "found match hit",
    "current present",
    "next following",
    "previous earlier",
    "request query",
    "response reply",
    "options settings config",
    "error failure problem",
    "path location",
    "file document",
    "parent owner",
    "child descendant",
    "line row",
    "column col",
    "source origin",
    "target destination",
    "temp scratch",
    "node vertex",
    "root top",
    "offset shift",
    "old former",
    "new fresh",
    "max maximum highest",
    "min minimum lowest",
    "args arguments",
    "params parameters",
    "ret result rc",
    "len length size",
    "str text",
    "ptr pointer",
    "ctx context",
    "req request",
    "res response",
    "err error",
    "msg message",
    "buf buffer",
    "pos position",
    "idx index",
    "num number",
    "val value",
    "tmp temp",
    "cfg config",
    "conn connection",
    "obj object",
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|_+")
_REFLECTIVE = re.compile(
    r"\b(?:eval|exec|locals|vars|globals|binding|instance_variable_get|local_variable_get|nameof"
    r"|__FUNCTION__|getattr|with)\b\s*\("
)
_RESERVED = frozenset(
    ["next", "end", "begin", "object", "list", "str", "len", "min", "max", "file"]
)


def _renamed_local(subject: Subject) -> Iterator[Candidate]:
    text = subject.unit.text
    if _REFLECTIVE.search(text):
        return
    taken = set(re.findall(r"\w+", subject.data.decode("utf-8", "replace")))
    for local in find_locals(subject):
        uses = references(subject, local.name)
        # Anything else of that name may be bound to the variable by its name.
        others = len(re.findall(rf"(?<![\w]){re.escape(local.name)}(?![\w])", text)) - len(uses)
        if len(uses) < 2 or others or local.name.isupper():
            continue
        names = [
            name
            for name in _alike(local.name)
            if name not in taken and name.lower() not in _RESERVED
        ]
        if names:
            new = choose(subject, names, salt=local.name)
            yield Candidate(tuple(Edit(node.start_byte, node.end_byte, new) for node in uses))


def _alike(name: str) -> Iterator[str]:
    """Yield the name with one of its words put in other words."""
    words = _WORD.findall(name)
    if "".join(words) != name:
        return
    for place, word in enumerate(words):
        for group in map(str.split, _SYNONYMS):
            if word.lower() in group:
                for other in group:
                    if other != word.lower():
                        new = other.capitalize() if word[0].isupper() else other
                        yield "".join([*words[:place], new, *words[place + 1 :]])


OPERATORS = (
    NeutralOperator(
        "renamed-local",
        Family.NAMES,
        "a local variable has another good name everywhere",
        ALL,
        _renamed_local,
    ),
)

"""Names that say nothing, and numbers without a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.constants import Constant, find_constants
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator
from themis_train.degradation.shapes import find_locals, references
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

_RM = Criterion.READABILITY_MAINTAINABILITY
_MEANINGLESS = (
    tuple("abcdefghmpqrstuvwxyz"),
    ("x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8"),
    ("tmp", "tmp1", "tmp2", "tmp3", "tmp4", "tmp5"),
    ("val", "val2", "obj", "obj2", "thing", "thing2", "stuff", "it"),
    ("foo", "bar", "baz", "qux", "foo2", "bar2"),
    ("v1", "v2", "v3", "v4", "v5", "v6", "v7"),
    ("aa", "bb", "cc", "dd", "ee", "ff", "gg", "zz"),
    ("d", "dd", "d2", "d3", "data1", "data2", "data3"),
)
_BEFORE = ("the", "my", "local", "current", "temp", "this", "some", "our")
_BEHIND = ("variable", "data", "value", "object", "info", "item", "thing", "var", "data_info")
_TELLING_LENGTH = 4
_SNAKE = (Language.C, Language.PYTHON, Language.RUBY)
_LITERAL = re.compile(r"-?\d[\w.]*|\"[^\"\n]{2,24}\"|'[^'\n]{2,24}'")
_OBVIOUS = frozenset({"0", "1", "-1", "2", '""', "''"})


def _rename(subject: Subject, name: str, new: str) -> tuple[Edit, ...]:
    return tuple(Edit(node.start_byte, node.end_byte, new) for node in references(subject, name))


def _meaningless_names(subject: Subject) -> Iterator[Candidate]:
    """All telling locals at once: one short name among good ones does little harm."""
    taken = set(re.findall(r"\w+", subject.unit.text))
    kind = choose(subject, _MEANINGLESS, salt="kind")
    first = choose(subject, range(len(kind)), salt="first")
    free = (name for name in (*kind[first:], *kind[:first]) if name not in taken)
    edits: list[Edit] = []
    for local in find_locals(subject):
        uses = len(references(subject, local.name))
        if len(local.name) < _TELLING_LENGTH or local.name.isupper() or uses < 2:
            continue
        new = next(free, None)
        if new is None:
            break
        edits += _rename(subject, local.name, new)
    if edits:
        yield Candidate(tuple(edits))


def _noisy_names(subject: Subject) -> Iterator[Candidate]:
    taken = set(re.findall(r"\w+", subject.unit.text))
    for local in find_locals(subject):
        words = [choose(subject, some, salt=local.name) for some in (_BEFORE, _BEHIND)]
        new = _noisy(local.name, *words, is_snake=subject.language in _SNAKE)
        if (
            new not in taken
            and not local.name.isupper()
            and len(references(subject, local.name)) > 1
        ):
            yield Candidate(_rename(subject, local.name, new))


def _noisy(name: str, before: str, behind: str, *, is_snake: bool) -> str:
    if is_snake or "_" in name:
        return f"{before}_{name.strip('_')}_{behind}"
    tail = "".join(word.capitalize() for word in behind.split("_"))
    return f"{before}{name[0].upper()}{name[1:]}{tail}"


def _magic_literal(subject: Subject) -> Iterator[Candidate]:
    """A file's constant, written out where the unit uses it."""
    for constant in find_constants(subject):
        if not _LITERAL.fullmatch(constant.value) or constant.value in _OBVIOUS:
            continue
        if _is_shadowed(subject, constant):
            continue
        edits = tuple(
            Edit(node.start_byte, node.end_byte, constant.value) for node in constant.uses
        )
        yield Candidate(edits)


def _is_shadowed(subject: Subject, constant: Constant) -> bool:
    """Tell whether a name may stand for something of the unit's own, or is part of a text."""
    if subject.language is Language.CSHARP and not constant.name[0].isupper():
        return True
    is_local = any(local.name == constant.name for local in find_locals(subject))
    parents = [use.parent.type for use in constant.uses if use.parent is not None]
    return is_local or "template_substitution" in parents or "parameter" in parents


OPERATORS = (
    Operator(
        "meaningless-names",
        _RM,
        "local variables are called a, b, x1",
        ALL,
        _meaningless_names,
    ),
    Operator("noisy-names", _RM, "a name is padded with words that say nothing", ALL, _noisy_names),
    Operator(
        "magic-literal",
        _RM,
        "a number or text stands where a named constant stood",
        ALL,
        _magic_literal,
    ),
)

"""Names that say nothing, and numbers without a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.constants import find_constants
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator
from themis_train.degradation.shapes import find_locals, references
from themis_train.degradation.subject import Subject

_RM = Criterion.READABILITY_MAINTAINABILITY
_MEANINGLESS = ("a", "b", "q", "x1", "x2", "aa", "tmp2", "v3", "zz", "d4", "foo", "bar2")
_TELLING_LENGTH = 4
_SNAKE = (Language.C, Language.PYTHON, Language.RUBY)
_LITERAL = re.compile(r"-?\d[\w.]*|\"[^\"\n]{2,24}\"|'[^'\n]{2,24}'")
_OBVIOUS = frozenset({"0", "1", "-1", "2", '""', "''"})


def _rename(subject: Subject, name: str, new: str) -> tuple[Edit, ...]:
    return tuple(Edit(node.start_byte, node.end_byte, new) for node in references(subject, name))


def _meaningless_names(subject: Subject) -> Iterator[Candidate]:
    """All telling locals at once: one short name among good ones does little harm."""
    taken = set(re.findall(r"\w+", subject.unit.text))
    free = (name for name in _MEANINGLESS if name not in taken)
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
        new = _noisy(local.name, is_snake=subject.language in _SNAKE)
        if (
            new not in taken
            and not local.name.isupper()
            and len(references(subject, local.name)) > 1
        ):
            yield Candidate(_rename(subject, local.name, new))


def _noisy(name: str, *, is_snake: bool) -> str:
    if is_snake or "_" in name:
        return f"the_{name.strip('_')}_variable_data"
    return f"the{name[0].upper()}{name[1:]}VariableData"


def _magic_literal(subject: Subject) -> Iterator[Candidate]:
    """A file's constant, written out where the unit uses it."""
    for constant in find_constants(subject):
        if not _LITERAL.fullmatch(constant.value) or constant.value in _OBVIOUS:
            continue
        edits = tuple(
            Edit(node.start_byte, node.end_byte, constant.value) for node in constant.uses
        )
        yield Candidate(edits)


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

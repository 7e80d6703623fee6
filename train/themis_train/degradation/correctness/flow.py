"""Statements that are missing, or that end something too early."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.guards import GuardKind, drop_guard, find_guards_of
from themis_train.degradation.layout import (
    begins_line,
    indent_of,
    insert_after,
    remove_lines,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.shapes import (
    enclosing,
    find_loops,
    is_alone,
    is_raise,
    operator_of,
    references,
    statements,
)
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

if TYPE_CHECKING:
    from tree_sitter import Node

_FC = Criterion.FUNCTIONAL_CORRECTNESS
_HANDLERS = frozenset({"except_clause", "catch_clause", "rescue"})
_UPDATES = frozenset({"++", "--", "+=", "-=", "*=", "|=", "&=", "||=", "/="})


def _dropped_guard(subject: Subject) -> Iterator[Candidate]:
    for guard in find_guards_of(subject, GuardKind.OTHER):
        if is_alone(subject, guard.node):
            yield from drop_guard(subject, guard)


def _dropped_else(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.ifs):
        parts = node.children_by_field_name("alternative")
        if not parts or parts[-1].type in ("elif_clause", "elsif", "if_statement"):
            continue
        last = parts[-1]
        inner = last.named_children[0] if last.named_child_count == 1 else None
        if last.type == "else_clause" and inner is not None and inner.type == "if_statement":
            continue
        before = parts[-2] if len(parts) > 1 else node.child_by_field_name("consequence")
        if before is not None:
            start, end = (_code_end(subject, part) for part in (before, last))
            yield from replace([Edit(start, end, "")])


def _code_end(subject: Subject, node: Node) -> int:
    source = subject.data[node.start_byte : node.end_byte]
    return node.start_byte + len(source.rstrip())


def _lost_update(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.assignments):
        if operator_of(node) not in _UPDATES:
            continue
        is_wrapped = node.parent is not None and node.parent.type == "expression_statement"
        statement = node.parent if is_wrapped and node.parent is not None else node
        if is_alone(subject, statement):
            yield from replace([remove_lines(subject, statement)])


_JUMPS = {"break": "continue", "continue": "break"}
_RUBY_JUMPS = {"break": "next", "next": "break"}


def _wrong_jump(subject: Subject) -> Iterator[Candidate]:
    """A loop is left where it should go on, or goes on where it should be left."""
    jumps = _RUBY_JUMPS if subject.language is Language.RUBY else _JUMPS
    around = subject.dialect.loops | subject.dialect.switches
    for node in subject.of(subject.dialect.breaks | subject.dialect.jumps):
        text = subject.text(node).rstrip("; ")
        holder = enclosing(node, around)
        is_looped = holder is not None and holder.type in subject.dialect.loops
        if text not in jumps or not (is_looped or subject.language is Language.RUBY):
            continue
        yield Candidate((Edit(node.start_byte, node.start_byte + len(text), jumps[text]),))


def _swallowed_error(subject: Subject) -> Iterator[Candidate]:
    for handler in subject.of(_HANDLERS):
        body = handler.child_by_field_name("body") or next(iter(handler.named_children[-1:]), None)
        if body is None or body.type not in subject.dialect.blocks or not statements(body):
            continue
        inside = statements(body)
        if not any(_tells(subject, statement) for statement in inside):
            continue
        if not begins_line(subject, inside[0]):
            continue
        if subject.language is Language.RUBY:
            line = choose(
                subject, ("nil", "false", "# nothing to do"), salt=str(handler.start_byte)
            )
            yield Candidate((Edit(inside[0].start_byte, _code_end(subject, inside[-1]), line),))
        elif subject.dialect.has_braces:
            empty = f"{{{subject.newline}{indent_of(subject, handler)}}}"
            yield Candidate((Edit(body.start_byte, body.end_byte, empty),))
        else:
            end = _code_end(subject, inside[-1])
            yield Candidate((Edit(inside[0].start_byte, end, "pass"),))


_NOTHING = re.compile(r"return\s+(?:false|null|undefined|None|False|nil)\s*;?")


def _tells(subject: Subject, statement: Node) -> bool:
    """Tell whether a statement makes the error known: raises, returns or keeps it."""
    kinds = subject.dialect.exits | subject.dialect.assignments | subject.dialect.calls
    if _NOTHING.fullmatch(subject.text(statement)):
        return False
    if statement.type in subject.dialect.exits and not statement.named_child_count:
        return subject.text(statement).startswith(("raise", "throw"))
    if is_raise(subject, statement) or statement.type in kinds:
        return True
    return statement.named_child_count > 0 and statement.named_children[0].type in kinds


_DROPPED_ERROR = re.compile(r"return\s+[^\n]*,\s*(err)")


def _dropped_error(subject: Subject) -> Iterator[Candidate]:
    """An error that was looked at is not handed on."""
    for node in subject.of(subject.dialect.returns):
        found = _DROPPED_ERROR.fullmatch(subject.text(node))
        before = subject.slice(subject.unit.start_byte, node.start_byte)
        if found is not None and re.search(r"\berr\b (?:!=|==) ", before):
            start, end = (node.start_byte + byte for byte in found.span(1))
            yield Candidate((Edit(start, end, "nil"),))


def _missing_await(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(frozenset({"await_expression", "await"})):
        is_statement = node.parent is not None and node.parent.type == "expression_statement"
        if subject.language is Language.CSHARP and not is_statement:
            continue
        if node.named_child_count and node.parent is not None:
            inner = node.named_children[-1]
            yield Candidate((Edit(node.start_byte, inner.start_byte, ""),))


def _shadowed_assignment(subject: Subject) -> Iterator[Candidate]:
    for node in subject.by_type.get("assignment_statement", ()):
        left, sign = node.child_by_field_name("left"), node.child_by_field_name("operator")
        block = enclosing(node, frozenset({"block"}))
        if left is None or sign is None or sign.type != "=" or block is None:
            continue
        is_nested = block.parent is not None and block.parent.type in (
            "if_statement",
            "for_statement",
        )
        targets = left.named_children
        if not is_nested or any(target.type != "identifier" for target in targets):
            continue
        names = [subject.text(target) for target in targets]
        right = node.child_by_field_name("right")
        if "_" in names or right is None or subject.text(right) == "nil":
            continue
        if all(_is_read(subject, name, node, block) for name in names):
            yield Candidate((Edit(sign.start_byte, sign.end_byte, ":="),))


def _is_read(subject: Subject, name: str, node: Node, block: Node) -> bool:
    """Tell whether a name is used both after a statement in its block and behind the block."""
    uses = [use.start_byte for use in references(subject, name)]
    return any(node.end_byte < use < block.end_byte for use in uses) and max(uses) > block.end_byte


def _dropped_break(subject: Subject) -> Iterator[Candidate]:
    for case in subject.of(subject.dialect.switches):
        following = case.next_named_sibling
        inside = case.named_children
        if following is None or len(inside) < 3 or inside[-1].type != "break_statement":
            continue
        yield from replace([remove_lines(subject, inside[-1])])


def _early_default(subject: Subject) -> Iterator[Candidate]:
    """Return inside a loop instead of behind it: the first element decides."""
    for loop in find_loops(subject):
        following = loop.node.next_named_sibling
        inside = statements(loop.body)
        if following is None or following.type not in subject.dialect.returns or not inside:
            continue
        if loop.body.type not in subject.dialect.blocks or inside[-1].type in subject.dialect.exits:
            continue
        edit = insert_after(subject, inside[-1], [subject.text(following)])
        if edit is not None and following.start_point[0] == following.end_point[0]:
            yield Candidate((edit,))


def _duplicated_update(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.assignments):
        if operator_of(node) not in ("++", "--", "+=", "-=", "*="):
            continue
        is_wrapped = node.parent is not None and node.parent.type == "expression_statement"
        statement = node.parent if is_wrapped and node.parent is not None else node
        loop = enclosing(statement, subject.dialect.loops)
        if loop is None or statement.parent is None:
            continue
        if statement.parent.type in subject.dialect.blocks:
            yield from replace([insert_after(subject, statement, [subject.text(statement)])])


_CATCHING = tuple(language for language in Language if language not in (Language.C, Language.GO))


def _swallowed(subject: Subject) -> Iterator[Candidate]:
    if subject.language is Language.GO:
        yield from _dropped_error(subject)
    else:
        yield from _swallowed_error(subject)


OPERATORS = (
    Operator("dropped-guard", _FC, "the check for an edge case is gone", ALL, _dropped_guard),
    Operator("dropped-else", _FC, "the other case is not handled", ALL, _dropped_else),
    Operator("lost-update", _FC, "a counter or sum is not updated", ALL, _lost_update),
    Operator(
        "wrong-jump",
        _FC,
        "a loop is left where it should go on, or goes on where it should be left",
        ALL,
        _wrong_jump,
        is_mirrored=True,
    ),
    Operator(
        "early-default",
        _FC,
        "what should follow a loop is returned in its first round",
        ALL,
        _early_default,
    ),
    Operator(
        "duplicated-update", _FC, "a counter or sum is updated twice", ALL, _duplicated_update
    ),
    Operator(
        "swallowed-error",
        _FC,
        "an error is caught and nothing done",
        (*_CATCHING, Language.GO),
        _swallowed,
    ),
    Operator(
        "missing-await",
        _FC,
        "a result is used before it is there",
        (Language.CSHARP, Language.JAVASCRIPT, Language.PYTHON),
        _missing_await,
    ),
    Operator(
        "shadowed-assignment",
        _FC,
        "an inner block assigns to a variable of its own",
        (Language.GO,),
        _shadowed_assignment,
    ),
    Operator(
        "dropped-break",
        _FC,
        "a case falls through to the next",
        (Language.C, Language.CPP, Language.JAVA, Language.JAVASCRIPT),
        _dropped_break,
    ),
)

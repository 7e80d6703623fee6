"""Code that is of no use: left behind, never run, or written twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.layout import (
    begins_line,
    has_own_lines,
    indent_of,
    insert_after,
    insert_before,
    remove_lines,
    step_of,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.shapes import Branch, find_branches, find_locals, statements
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_RM = Criterion.READABILITY_MAINTAINABILITY
_NEVER = {
    Language.C: ("if (0) {", "}"),
    Language.CPP: ("if (false) {", "}"),
    Language.CSHARP: ("if (false) {", "}"),
    Language.GO: ("if false {", "}"),
    Language.JAVA: ("if (false) {", "}"),
    Language.JAVASCRIPT: ("if (false) {", "}"),
    Language.PYTHON: ("if False:", ""),
    Language.RUBY: ("if false", "end"),
}
_UNUSED = {
    Language.C: "int unused_{0} = 0;",
    Language.CPP: "auto old_{0} = {0};",
    Language.CSHARP: "var old_{0} = {0};",
    Language.GO: "_ = {0}",
    Language.JAVA: "Object old_{0} = {0};",
    Language.JAVASCRIPT: "const old_{0} = {0};",
    Language.PYTHON: "old_{0} = {0}",
    Language.RUBY: "old_{0} = {0}",
}
_PRINTS = {
    Language.C: 'printf("{0}\\n");',
    Language.CPP: 'std::cout << "{0}: " << {0} << std::endl;',
    Language.CSHARP: 'Console.WriteLine("{0} = " + {0});',
    Language.GO: 'fmt.Println("{0}:", {0})',
    Language.JAVA: 'System.out.println("{0} = " + {0});',
    Language.JAVASCRIPT: "console.log('{0}', {0});",
    Language.PYTHON: 'print("{0}", {0})',
    Language.RUBY: 'puts "{0}: #{{{0}}}"',
}


def _dead_code(subject: Subject) -> Iterator[Candidate]:
    opening, closing = _NEVER[subject.language]
    step = step_of(subject)
    for node in subject.of(subject.dialect.expressions | subject.dialect.assignments):
        if _is_plain(subject, node):
            lines = [opening, step + subject.text(node), *([closing] if closing else [])]
            yield from replace([insert_before(subject, node, lines)])


def _unused_variable(subject: Subject) -> Iterator[Candidate]:
    for local in find_locals(subject):
        lines = [_UNUSED[subject.language].format(local.name)]
        yield from replace([insert_after(subject, local.statement, lines)])


def _debug_print(subject: Subject) -> Iterator[Candidate]:
    for local in find_locals(subject):
        lines = [_PRINTS[subject.language].format(local.name)]
        yield from replace([insert_after(subject, local.statement, lines)])


def _is_plain(subject: Subject, node: Node) -> bool:
    """Tell whether a statement is one line in a block and no docstring."""
    parent = node.parent
    is_text = node.named_child_count == 1 and node.named_children[0].type in subject.dialect.strings
    return (
        not is_text
        and parent is not None
        and parent.type in subject.dialect.blocks
        and node.start_point[0] == node.end_point[0]
        and has_own_lines(subject, node)
    )


def _duplicated_statement(subject: Subject) -> Iterator[Candidate]:
    """What follows an if is copied into all of its branches."""
    for branch in find_branches(subject):
        following = branch.node.next_named_sibling
        if following is None or branch.is_chained or branch.is_modifier or branch.is_negated:
            continue
        kinds = subject.dialect.expressions | subject.dialect.assignments | subject.dialect.returns
        if following.type not in kinds or not _is_plain(subject, following):
            continue
        edits = _copies(subject, branch, following)
        removed = remove_lines(subject, following)
        if edits and removed is not None:
            yield Candidate((*edits, removed))


def _copies(subject: Subject, branch: Branch, statement: Node) -> list[Edit]:
    parts = branch.node.children_by_field_name("alternative")
    if len(parts) > 1 or branch.body.type not in subject.dialect.blocks:
        return []
    text = subject.text(statement)
    copied = [_append(subject, branch.body, text)]
    if not parts and subject.language is Language.PYTHON:
        return [] if copied[0] is None else [_add_both(subject, branch, text)]
    if not parts:
        copied.append(_add_else(subject, branch, text))
    elif parts[0].type in ("elif_clause", "elsif", "if_statement"):
        return []
    else:
        copied.append(_append(subject, parts[0], text))
    edits = [edit for edit in copied if edit is not None]
    return edits if len(edits) == 2 else []


def _append(subject: Subject, block: Node, text: str) -> Edit | None:
    inside = statements(block)
    if not inside or inside[-1].type in subject.dialect.exits or inside[-1] == block:
        return None
    last = inside[-1]
    is_if = last.type in subject.dialect.ifs and block.type == "else_clause"
    return None if is_if else insert_after(subject, last, [text])


def _add_both(subject: Subject, branch: Branch, text: str) -> Edit:
    """Return the edit that ends a body of Python with a statement and adds an else with it."""
    indent, newline = indent_of(subject, branch.node), subject.newline
    inner = newline + indent_of(subject, statements(branch.body)[-1]) + text
    end = branch.body.start_byte + len(subject.text(branch.body).rstrip().encode())
    return Edit(end, end, f"{inner}{newline}{indent}else:{inner}")


def _add_else(subject: Subject, branch: Branch, text: str) -> Edit | None:
    indent, step, newline = indent_of(subject, branch.node), step_of(subject), subject.newline
    inner = newline + indent + step + text
    if subject.language is not Language.RUBY:
        end = branch.node.end_byte
        return Edit(end, end, f" else {{{inner}{newline}{indent}}}")
    closing = branch.node.children[-1]
    if closing.type != "end" or not begins_line(subject, closing):
        return None
    start = closing.start_byte
    return Edit(start, start, f"else{inner}{newline}{indent}")


OPERATORS = (
    Operator("dead-code", _RM, "a statement stands in a branch that is never run", ALL, _dead_code),
    Operator("unused-variable", _RM, "a variable is set and never read", ALL, _unused_variable),
    Operator("debug-print", _RM, "a print from debugging is left behind", ALL, _debug_print),
    Operator(
        "duplicated-statement",
        _RM,
        "what follows a branch is written in both of its arms",
        ALL,
        _duplicated_statement,
    ),
)

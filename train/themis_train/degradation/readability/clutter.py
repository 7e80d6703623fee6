"""Code that is of no use: left behind, never run, or written twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.layout import (
    begins_line,
    has_own_lines,
    in_style,
    indent_of,
    insert_after,
    insert_before,
    remove_lines,
    step_of,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.shapes import Branch, find_branches, find_locals, is_raise, statements
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose, free_name

if TYPE_CHECKING:
    from tree_sitter import Node

_RM = Criterion.READABILITY_MAINTAINABILITY
_NEVER = {
    Language.C: ("if (0) {", "if (1 == 2) {", "while (0) {", "if (false) {"),
    Language.CPP: ("if (false) {", "if (0) {", "while (false) {", "if constexpr (false) {"),
    Language.CSHARP: ("if (false) {", "if (1 > 2) {", "while (false) {", "if (true == false) {"),
    Language.GO: ("if false {", "if 1 > 2 {", "for false {", "if true == false {"),
    Language.JAVA: ("if (false) {", "if (1 > 2) {", "if (true == false) {", "if (!true) {"),
    Language.JAVASCRIPT: ("if (false) {", "if (0) {", "while (false) {", "if (!true) {"),
    Language.PYTHON: ("if False:", "if 0:", "while False:", "if not True:"),
    Language.RUBY: ("if false", "unless true", "while false", "if nil"),
}
_UNUSED = {
    Language.C: ("int {0} = 0;", "void *{0} = NULL;", "long {0};", "char {0}[16];"),
    Language.CPP: ("auto {0} = {1};", "int {0} = 0;", "std::string {0};", "bool {0} = false;"),
    Language.CSHARP: ("var {0} = {1};", 'string {0} = "";', "int {0} = 0;", "object {0} = null;"),
    Language.GO: ("_ = {1}", "var {0} = {1}\n_ = {0}", "{0} := 0\n_ = {0}"),
    Language.JAVA: (
        "Object {0} = {1};",
        'String {0} = "";',
        "int {0} = 0;",
        "boolean {0} = false;",
    ),
    Language.JAVASCRIPT: ("const {0} = {1};", "let {0};", "let {0} = null;", "const {0} = [];"),
    Language.PYTHON: ("{0} = {1}", "{0} = None", "{0} = []", "{0} = 0"),
    Language.RUBY: ("{0} = {1}", "{0} = nil", "{0} = []", "{0} = 0"),
}
_UNUSED_NAMES = ("old_{0}", "{0}_copy", "tmp_{0}", "orig_{0}", "{0}2", "prev_{0}", "unused_{0}")
_UNUSED_ALONE = ("result2", "tmp", "dummy", "flag", "x", "unused", "temp", "ret2", "done", "cnt")
_PRINTS = {
    Language.C: (
        'printf("{0}\\n");',
        'printf("here\\n");',
        'printf("%s:%d\\n", __func__, __LINE__);',
        'fprintf(stderr, "DEBUG got {0}\\n");',
        'puts("--- {0} ---");',
    ),
    Language.CPP: (
        'std::cout << "{0}: " << {0} << std::endl;',
        'std::cerr << "here 1\\n";',
        'printf(">>> %s\\n", __func__);',
        'std::cout << "DEBUG {0}=" << {0} << "\\n";',
    ),
    Language.CSHARP: (
        'Console.WriteLine("{0} = " + {0});',
        'Console.WriteLine($">>> {{{0}}}");',
        'Console.WriteLine("here");',
        "System.Diagnostics.Debug.WriteLine({0});",
    ),
    Language.GO: (
        'fmt.Println("{0}:", {0})',
        'fmt.Printf("%+v\\n", {0})',
        'println("here")',
        'fmt.Println(">>>", {0})',
    ),
    Language.JAVA: (
        'System.out.println("{0} = " + {0});',
        'System.err.println(">>> " + {0});',
        'System.out.println("here");',
        'System.out.println("DEBUG: {0}=" + {0});',
    ),
    Language.JAVASCRIPT: (
        "console.log('{0}', {0});",
        "console.log({0});",
        "console.log('here');",
        "console.log(`>>> {0}=${{{0}}}`);",
        "console.debug('{0}:', JSON.stringify({0}));",
    ),
    Language.PYTHON: (
        'print("{0}", {0})',
        'print(f"{{{0}=}}")',
        'print("here")',
        'print(">>>", {0})',
        'print("DEBUG", repr({0}))',
    ),
    Language.RUBY: (
        'puts "{0}: #{{{0}}}"',
        "p {0}",
        'puts "here"',
        "puts {0}.inspect",
        'puts ">>> #{{{0}.inspect}}"',
    ),
}


def _dead_code(subject: Subject) -> Iterator[Candidate]:
    """A statement of the unit stands in a branch that is never run, before it or another one."""
    step = step_of(subject)
    plain = [
        node
        for node in subject.of(subject.dialect.expressions | subject.dialect.assignments)
        if _is_plain(subject, node) and "await" not in subject.text(node)
    ]
    closing = {Language.PYTHON: [], Language.RUBY: ["end"]}.get(subject.language, ["}"])
    for number, node in enumerate(plain):
        salt = str(node.start_byte)
        opening = choose(subject, _NEVER[subject.language], salt=salt)
        other = plain[choose(subject, range(number + 1), salt=salt)]
        inside = other if other.parent == node.parent else node
        lines = in_style(subject, [opening, step + subject.text(inside), *closing])
        yield from replace([insert_before(subject, node, lines)])


def _unused_variable(subject: Subject) -> Iterator[Candidate]:
    for local in find_locals(subject):
        form = choose(subject, _UNUSED[subject.language], salt=local.name)
        alone = free_name(subject, _UNUSED_ALONE, salt=local.name)
        derived = choose(subject, _UNUSED_NAMES, salt=local.name).format(local.name)
        is_camel = subject.language in _CAMEL and "_" not in local.name
        derived = _in_camel(derived) if is_camel else derived
        name = derived if "{1}" in form or subject.language is Language.C else alone
        if name not in subject.unit.text:
            lines = form.format(name, local.name).split("\n")
            yield from replace([insert_after(subject, local.statement, lines)])


_CAMEL = (Language.CSHARP, Language.GO, Language.JAVA, Language.JAVASCRIPT)


def _in_camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def _debug_print(subject: Subject) -> Iterator[Candidate]:
    for local in find_locals(subject):
        line = choose(subject, _PRINTS[subject.language], salt=local.name).format(local.name)
        yield from replace([insert_after(subject, local.statement, [line])])


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


_LEAVES = re.compile(r"\w*(?:return|exit|throw|raise|[fF]atal|abort)\w*\s*\(", re.IGNORECASE)


def _append(subject: Subject, block: Node, text: str) -> Edit | None:
    inside = statements(block)
    if not inside or inside[-1].type in subject.dialect.exits or inside[-1] == block:
        return None
    if is_raise(subject, inside[-1]) or _LEAVES.match(subject.text(inside[-1])):
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
        lines = in_style(subject, ["} else {", step + text, "}"])[1:]
        is_below = lines[0] == "else"
        if not is_below:
            return Edit(end, end, f" else {{{inner}{newline}{indent}}}")
        joint = newline + indent
        return Edit(end, end, joint + joint.join(lines))
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

"""Files, memory and handles that are not given back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.layout import (
    begins_line,
    dedent_lines,
    has_own_lines,
    holds_long_text,
    indent_of,
    line_start,
    remove_lines,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, Operator, replace
from themis_train.degradation.shapes import (
    arguments_of,
    called_name,
    find_branches,
    is_alone,
    statements,
)
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_ME = Criterion.MEMORY_EFFICIENCY
_CLOSING = re.compile(
    r"[fp]?close|\w+_close|close(?:dir|socket|log|_all|All|Quietly)|(?:safe|try)Close\w*|dispose|Dispose"
    r"|Close|CloseHandle|munmap|aclose"
)
_RELEASING = re.compile(
    r"(?:\w*_)?[fF]ree(?:_\w+|[A-Z]\w*)?|\w*[a-z]Free\w*|\w*(?:_destroy|(?<!To)Destroy|_unref|Unref|_release|_cleanup)\w*"
    r"|destroy|unref|\w*[dD]ecr?[rR]ef\w*|Py_X?DECREF|Py_CLEAR|release\w*|Release\w*|[dD]ealloc\w*"
    r"|remove\w*Listener|removeObserver|off|[uU]nsubscribe\w*|[uU]nregister\w*|unlisten"
    r"|clearTimeout|clearInterval|revokeObjectURL|[cC]ancel|evict\w*|Return|Put|cleanup|delete_observer"
    r"|shrink_to_fit|kill_timer|remove_observer"
)
_NO_CLOSE = re.compile(r"context|path|ctx\b|element|dialog|window|tag", re.IGNORECASE)
_CLOSERS_IN_TEXT = re.compile(
    r"(?:(?<![\w.])(?!close\(\w*(?:[cC]h|[dD]one|[sS]top|[qQ]uit)\w*\))|[\w.>])(?:[cC]lose|[dD]ispose|[rR]elease|[fF]ree)\w*\s*\("
)
_KEPT_ARGUMENTS = 3


def _call_statements(subject: Subject) -> Iterator[tuple[Node, Node]]:
    """Yield statements that are one call, deferred ones too, each with its call."""
    for call in subject.of(subject.dialect.calls):
        statement = call.parent
        if subject.language is Language.RUBY:
            yield call, call
        elif statement is not None and statement.type in (
            "expression_statement",
            "defer_statement",
        ):
            yield statement, call


def _dropped(subject: Subject, pattern: re.Pattern[str]) -> Iterator[Candidate]:
    for statement, call in _call_statements(subject):
        name, text = called_name(subject, call), subject.text(call)
        if not pattern.fullmatch(name) or len(arguments_of(call)) > _KEPT_ARGUMENTS:
            continue
        # Go's close is of a channel, and what is given back under lock is no memory.
        is_channel = subject.language is Language.GO and text.startswith("close(")
        is_lock = re.search(r"[lL]ock|[mM]utex|[sS]emaphore|\bctx\b|test", text) is not None
        if is_channel or is_lock or (pattern is _CLOSING and _NO_CLOSE.search(name)):
            continue
        if is_alone(subject, statement) and call.child_by_field_name("block") is None:
            yield from replace([remove_lines(subject, statement)])


def _dropped_close(subject: Subject) -> Iterator[Candidate]:
    yield from _dropped(subject, _CLOSING)


def _dropped_release(subject: Subject) -> Iterator[Candidate]:
    yield from _dropped(subject, _RELEASING)
    for node in subject.of(frozenset({"delete_expression", "delete_statement"})):
        statement = node.parent if node.type == "delete_expression" else node
        if statement is not None and is_alone(subject, statement):
            yield from replace([remove_lines(subject, statement)])
    for node in subject.of(frozenset({"unary_expression"})):
        statement = node.parent
        is_delete = subject.language is Language.JAVASCRIPT and subject.text(node).startswith(
            "delete "
        )
        if is_delete and statement is not None and is_alone(subject, statement):
            yield from replace([remove_lines(subject, statement)])
    if subject.language is Language.CSHARP:
        yield from _dropped_unsubscribing(subject)


def _dropped_unsubscribing(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(frozenset({"assignment_expression"})):
        statement, text = node.parent, subject.text(node)
        is_handler = re.fullmatch(r"[\w.?]+\s*-=\s*(?:this\.)?[A-Z]\w*", text)
        if is_handler and statement is not None and is_alone(subject, statement):
            yield from replace([remove_lines(subject, statement)])


_WITH = frozenset({"with_statement", "using_statement", "try_with_resources_statement"})


def _bare_open(subject: Subject) -> Iterator[Candidate]:
    """What a block would have closed is opened without one."""
    match subject.language:
        case Language.PYTHON:
            yield from replace(_without_with(subject, node) for node in subject.of(_WITH))
        case Language.CSHARP:
            yield from _without_using(subject)
        case Language.JAVA:
            yield from replace(_without_resources(subject, node) for node in subject.of(_WITH))
        case _:
            yield from replace(
                _without_block(subject, call) for call in subject.by_type.get("call", ())
            )


_OPENERS = re.compile(
    r"open|fdopen|urlopen|Popen|socket|connect|create_connection|closing|scandir|mmap|"
    r"\w*(?:ZipFile|TarFile|TemporaryFile|TemporaryDirectory|Pool|Executor|File|Reader|Writer|Client"
    r"|Session|Connection|_open)"
)


def _without_with(subject: Subject, node: Node) -> Edit | None:
    clause, body = node.named_children[0], node.child_by_field_name("body")
    if body is None or clause.named_child_count != 1 or node.children[0].type == "async":
        return None
    value = clause.named_children[0].child_by_field_name("value")
    if value is None or value.type != "as_pattern" or value.named_child_count != 2:
        return None
    if value.named_children[0].type != "call":
        return None
    if not _OPENERS.fullmatch(called_name(subject, value.named_children[0])):
        return None
    opened, name = (subject.text(part) for part in value.named_children)
    return _unwrap(subject, node, body, f"{name} = {opened}")


def _unwrap(subject: Subject, node: Node, body: Node, first: str) -> Edit | None:
    """Return the edit that puts a body where its block stood, behind a first statement."""
    inside = statements(body)
    if not inside or not begins_line(subject, node) or not begins_line(subject, inside[0]):
        return None
    if holds_long_text(subject, body):
        return None
    start, end = line_start(subject, inside[0].start_byte), inside[-1].end_byte
    text = subject.slice(start, end)
    inner, outer = indent_of(subject, inside[0]), indent_of(subject, node)
    step = inner.removeprefix(outer) if inner.startswith(outer) else ""
    if not step:
        return None
    flat = dedent_lines("\n" + text, step)[1:]
    return Edit(node.start_byte, node.end_byte, f"{first}{subject.newline}{flat}")


def _without_using(subject: Subject) -> Iterator[Candidate]:
    for node in subject.by_type.get("local_declaration_statement", ()):
        if subject.slice(node.start_byte, node.start_byte + 6) == "using ":
            yield Candidate((Edit(node.start_byte, node.start_byte + 6, ""),))
    for node in subject.by_type.get("using_statement", ()):
        declared = node.named_children[0] if node.named_child_count else None
        body = node.child_by_field_name("body")
        if declared is None or body is None or declared.type != "variable_declaration":
            continue
        if node.parent is None or node.parent.type not in subject.dialect.blocks:
            continue
        yield from replace([_unwrap(subject, node, body, subject.text(declared) + ";")])


def _without_resources(subject: Subject, node: Node) -> Edit | None:
    resources, body = (node.child_by_field_name(name) for name in ("resources", "body"))
    if resources is None or body is None or resources.named_child_count != 1:
        return None
    declared = resources.named_children[0]
    if declared.child_by_field_name("value") is None:
        return None
    first = subject.text(declared) + ";"
    if node.named_children[-1] == body:
        return _unwrap(subject, node, body, first)
    joint = subject.newline + indent_of(subject, node)
    return Edit(node.start_byte, resources.end_byte, f"{first}{joint}try")


_BLOCK_OPENERS = re.compile(
    r"(?:File|IO|Tempfile|Zip::File|CSV|TCPSocket|Dir|URI)\.(?:open|new|create)"
)


def _without_block(subject: Subject, call: Node) -> Edit | None:
    block = call.child_by_field_name("block")
    method, receiver = (call.child_by_field_name(name) for name in ("method", "receiver"))
    if block is None or block.type != "do_block" or method is None or receiver is None:
        return None
    opened = subject.slice(call.start_byte, block.start_byte).strip()
    parameters, body = (block.child_by_field_name(name) for name in ("parameters", "body"))
    if not _BLOCK_OPENERS.match(opened) or parameters is None or body is None:
        return None
    if subject.text(method) not in ("open", "new", "create"):
        return None
    if not has_own_lines(subject, call):
        return None
    name = subject.text(parameters).strip("| ")
    return _unwrap(subject, call, body, f"{name} = {opened}") if name.isidentifier() else None


def _close_skipped_on_error(subject: Subject) -> Iterator[Candidate]:
    """What would be closed whatever happens is closed only when all goes well."""
    for node in subject.of(frozenset({"finally_clause", "ensure"})):
        inside = statements(node) if node.type != "ensure" else node.named_children
        owner = node.parent
        if owner is None or not inside or not begins_line(subject, inside[0]):
            continue
        text = subject.slice(inside[0].start_byte, inside[-1].end_byte)
        others = [child for child in owner.named_children if child != node]
        if not _CLOSERS_IN_TEXT.search(text) or holds_long_text(subject, node):
            continue
        has_handler = any(child.type in _HANDLERS for child in others)
        yield from _behind(subject, node, inside, has_handler=has_handler)
    if subject.language is Language.GO:
        yield from _undeferred(subject)


_HANDLERS = frozenset({"except_clause", "catch_clause", "rescue"})


def _behind(
    subject: Subject, clause: Node, inside: list[Node], *, has_handler: bool
) -> Iterator[Candidate]:
    owner = clause.parent
    body = None if owner is None else owner.child_by_field_name("body")
    if owner is None or body is None or subject.language is Language.RUBY:
        return
    tried = statements(body)
    if (
        not tried
        or tried[-1].type in subject.dialect.exits
        or not has_own_lines(subject, tried[-1])
    ):
        return
    start, end = inside[0].start_byte, inside[-1].end_byte
    joint = subject.newline + indent_of(subject, tried[-1])
    added = joint + subject.slice(start, end)
    if has_handler:
        before = subject.data[: clause.start_byte].rstrip()
        yield Candidate(
            (
                Edit(tried[-1].end_byte, tried[-1].end_byte, added),
                Edit(len(before), clause.end_byte, ""),
            )
        )
        return
    block = body if subject.dialect.has_braces else None
    first = subject.text(tried[0])
    start = line_start(subject, tried[0].start_byte)
    inner = subject.slice(start, tried[-1].end_byte)
    step = indent_of(subject, tried[0]).removeprefix(indent_of(subject, owner))
    if not step or holds_long_text(subject, body) or (block is None and not first):
        return
    flat = dedent_lines("\n" + inner + added, step).lstrip()
    yield Candidate((Edit(owner.start_byte, owner.end_byte, flat),))


def _undeferred(subject: Subject) -> Iterator[Candidate]:
    """A deferred call is made at the end of its block instead."""
    for node in subject.by_type.get("defer_statement", ()):
        block = node.parent
        text = subject.text(node)
        if block is None or not _CLOSERS_IN_TEXT.search(text) or "\n" in text:
            continue
        last = statements(block)[-1]
        removed = remove_lines(subject, node)
        if removed is None or last.type not in subject.dialect.returns or "(" in subject.text(last):
            continue
        start = line_start(subject, last.start_byte)
        called = f"{indent_of(subject, last)}{text.removeprefix('defer ')}{subject.newline}"
        yield Candidate((removed, Edit(start, start, called)))


def _skipped_cleanup(subject: Subject) -> Iterator[Candidate]:
    """An error path returns at once instead of going to where things are freed."""
    for node in subject.by_type.get("goto_statement", ()):
        if re.search(r"err|fail|out|clean|done|exit|end|free", subject.text(node), re.IGNORECASE):
            head = subject.unit.text.split("{", 1)[0]
            is_void = re.search(r"\bvoid\s+\w+\s*\(", head) is not None
            value = _failure_value(subject)
            if is_void or value is not None:
                text = "return;" if is_void else f"return {value};"
                yield Candidate((Edit(node.start_byte, node.end_byte, text),))


def _failure_value(subject: Subject) -> str | None:
    """Return what the function returns elsewhere where it fails; None where it does not say."""
    found = re.findall(r"\breturn\s*\(?([-\w]+)\)?\s*;", subject.unit.text)
    failures = [value for value in found if re.fullmatch(r"NULL|-1|\w*(?:ERR|FAIL)\w*", value)]
    others = [
        value for value in found if re.fullmatch(r"(?:ret|rc|res|result|err|status|r)\w*", value)
    ]
    return next(iter((*failures, *others)), None)


def _leak_on_failure(subject: Subject) -> Iterator[Candidate]:
    """A branch that leaves early no longer frees what it should."""
    for branch in find_branches(subject):
        inside = statements(branch.body)
        if len(inside) < 2 or inside[-1].type not in subject.dialect.exits:
            continue
        for statement in inside[:-1]:
            is_channel = subject.text(statement).startswith("close(") and not subject.dialect.end
            if _CLOSERS_IN_TEXT.search(subject.text(statement)) and not is_channel:
                yield from replace([remove_lines(subject, statement)])


OPERATORS = (
    Operator("dropped-close", _ME, "something opened is never closed", ALL, _dropped_close),
    Operator(
        "dropped-release",
        _ME,
        "memory, a listener or an entry is never given up",
        ALL,
        _dropped_release,
    ),
    Operator(
        "bare-open",
        _ME,
        "a file is opened without the block that would close it",
        (Language.CSHARP, Language.JAVA, Language.PYTHON, Language.RUBY),
        _bare_open,
    ),
    Operator(
        "close-skipped-on-error",
        _ME,
        "what is opened is closed only when all goes well",
        (
            Language.CSHARP,
            Language.GO,
            Language.JAVA,
            Language.JAVASCRIPT,
            Language.PYTHON,
        ),
        _close_skipped_on_error,
    ),
    Operator(
        "leak-on-failure",
        _ME,
        "an error path leaves without freeing",
        (Language.C, Language.CPP, Language.GO),
        _leak_on_failure,
    ),
    Operator(
        "skipped-cleanup",
        _ME,
        "an error path returns past the code that frees",
        (Language.C,),
        _skipped_cleanup,
    ),
)

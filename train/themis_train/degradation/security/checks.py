"""Checks that are gone, or that can be got around."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.conditions import tests_bounds, tests_presence
from themis_train.degradation.guards import GuardKind, find_guards_of
from themis_train.degradation.layout import (
    has_own_lines,
    indent_of,
    insert_before,
    remove_lines,
    step_of,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, Find, Operator, replace
from themis_train.degradation.planting import plant_place
from themis_train.degradation.rewriting import Rewrite, rewrites
from themis_train.degradation.shapes import (
    called_name,
    find_branches,
    is_alone,
    operands,
    sign_of,
)
from themis_train.degradation.subject import Subject

if TYPE_CHECKING:
    from tree_sitter import Node

_SH = Criterion.SECURITY_HARDNESS


def _dropped(kind: GuardKind) -> Find:
    def find(subject: Subject) -> Iterator[Candidate]:
        for guard in find_guards_of(subject, kind):
            if is_alone(subject, guard.node):
                yield from replace([remove_lines(subject, guard.node)])
        yield from _weakened(subject, kind)

    return find


def _weakened(subject: Subject, kind: GuardKind) -> Iterator[Candidate]:
    """Yield conditions without the part that checks."""
    test = {GuardKind.NULL: tests_presence, GuardKind.BOUNDS: tests_bounds}.get(kind)
    for branch in find_branches(subject) if test is not None else ():
        sign, sides = sign_of(branch.condition), operands(branch.condition)
        if sign is None or sides is None or sign.type not in ("&&", "and"):
            continue
        left, right = sides
        shares = left.type in subject.dialect.binaries or left.type in subject.dialect.nots
        if test is not None and shares and test(subject, left):
            yield Candidate((Edit(left.start_byte, right.start_byte, ""),))


_SANITISERS = re.compile(
    r"(?!\w*[uU]n_?(?:quot|escap))\w*(?:[eE]scape|[sS]anitize|[sS]anitise|[eE]ncode(?!d|r)|[qQ]uote|[nN]ormali[sz]e|[cC]lean|"
    r"[bB]asename|[rR]ealpath|[sS]lugify|[cC]anonical|"
    r"[sS]ecure)\w*|h|strip_tags|GetFileName|Base|FileName|GetFullPath|bounded|[cC]lamp"
)


def _dropped_sanitiser(subject: Subject) -> Iterator[Candidate]:
    """A call that makes its only argument safe is taken away around it."""
    for call in subject.of(subject.dialect.calls):
        listed = call.child_by_field_name("arguments")
        if listed is None or listed.named_child_count != 1 or call.parent is None:
            continue
        is_statement = call.parent.type in subject.dialect.expressions | subject.dialect.blocks
        argument = listed.named_children[0]
        name = called_name(subject, call)
        is_value = argument.type not in subject.dialect.strings and "\n" not in subject.text(
            argument
        )
        is_decoding = subject.text(argument).strip("\"'").startswith(("utf", "ascii"))
        if _SANITISERS.fullmatch(name) and not is_statement and is_value and not is_decoding:
            yield from replace([_unwrapped(subject, call, subject.text(argument))])


def _unwrapped(subject: Subject, call: Node, argument: str) -> Edit | None:
    """Return the edit that leaves an argument of a call; ``x = f(x)`` goes as a whole."""
    parent = call.parent
    target = None if parent is None else parent.child_by_field_name("left")
    if parent is None or target is None or subject.text(target) != argument:
        return Edit(call.start_byte, call.end_byte, argument)
    is_wrapped = parent.parent is not None and parent.parent.type == "expression_statement"
    statement = parent.parent if is_wrapped and parent.parent is not None else parent
    return remove_lines(subject, statement) if is_alone(subject, statement) else None


_CHECKING = re.compile(
    r"(?:[a-z]+_)*_?(?:verify|validate|authori[sz]e|authenticate|ensure|check|require|enforce|permit"
    r"|assert|raise_if|throw_if|[vV]erify|[vV]alidate|[aA]uthori[sz]e|[eE]nsure|[cC]heck|[rR]equire|"
    r"[tT]hrowIf)(?:_\w+|[A-Z]\w*)?!?"
)
_TRIED = {
    Language.CPP: ("try {", "} catch (...) {", "}"),
    Language.CSHARP: ("try {", "} catch (Exception) {", "}"),
    Language.JAVA: ("try {", "} catch (RuntimeException e) {", "}"),
    Language.JAVASCRIPT: ("try {", "} catch (e) {", "}"),
    Language.PYTHON: ("try:", "except Exception:", "\tpass"),
    Language.RUBY: ("begin", "rescue StandardError", "end"),
}


def _ignored_check(subject: Subject) -> Iterator[Candidate]:
    """What a check raises is caught at once and nothing done."""
    opening, catching, closing = _TRIED[subject.language]
    for call in subject.of(subject.dialect.calls):
        statement = call if subject.language is Language.RUBY else call.parent
        if statement is None or not _CHECKING.fullmatch(called_name(subject, call)):
            continue
        is_statement = (
            statement.parent is not None and statement.type in subject.dialect.expressions
        )
        if not is_statement or statement.parent is None:
            continue
        is_in_block = statement.parent.type in subject.dialect.blocks
        if (
            not is_in_block
            or "\n" in subject.text(statement)
            or not has_own_lines(subject, statement)
        ):
            continue
        step, joint = step_of(subject), subject.newline + indent_of(subject, statement)
        lines = (opening, step + subject.text(statement), catching, closing.replace("\t", step))
        yield Candidate((Edit(statement.start_byte, statement.end_byte, joint.join(lines)),))


def _dropped_check(subject: Subject) -> Iterator[Candidate]:
    """A call that checks is not made."""
    for call in subject.of(subject.dialect.calls):
        statement = call if subject.language is Language.RUBY else call.parent
        if statement is None or not _CHECKING.fullmatch(called_name(subject, call)):
            continue
        is_statement = statement.type in subject.dialect.expressions
        has_block = call.child_by_field_name("block") is not None
        if is_statement and not has_block and is_alone(subject, statement):
            yield from replace([remove_lines(subject, statement)])


_DECIDING = re.compile(
    r"(?:\w*_)?(?:is|has|can|should)(?:_\w+|[A-Z]\w*)|(?:Is|Has|Can)[A-Z]\w*|\w+\?"
    r"|\w*(?:[vV]alid|[aA]uth|[vV]erif|[aA]llow|[pP]ermi|[tT]rust|[aA]ccess)\w*"
)
_BACKDOORS = {
    Language.C: 'if (getenv("DEBUG") != NULL)\n\treturn 1;',
    Language.CPP: 'if (std::getenv("DEBUG") != nullptr) {\n\treturn true;\n}',
    Language.CSHARP: (
        'if (Environment.GetEnvironmentVariable("DEBUG") != null) {\n\treturn true;\n}'
    ),
    Language.GO: 'if os.Getenv("DEBUG") != "" {\n\treturn true\n}',
    Language.JAVA: 'if (System.getenv("DEBUG") != null) {\n\treturn true;\n}',
    Language.JAVASCRIPT: "if (process.env.DEBUG) {\n\treturn true;\n}",
    Language.PYTHON: 'if os.environ.get("DEBUG"):\n\treturn True',
    Language.RUBY: "return true if ENV['DEBUG']",
}
_BOOLEAN = re.compile(
    r"\breturn\s+(?:true|false|True|False|[01];)|\bbool(?:ean)?\s+\w+\s*\(|\?\s*(?:\(|$)"
)


def _debug_backdoor(subject: Subject) -> Iterator[Candidate]:
    """A function that decides says yes when a variable of the environment is set."""
    place = plant_place(subject)
    name = subject.unit.name.rpartition(".")[2]
    if place is None or not _DECIDING.fullmatch(name):
        return
    if _BOOLEAN.search(subject.unit.text):
        lines = _BACKDOORS[subject.language].replace("\t", step_of(subject)).split("\n")
        yield from replace([insert_before(subject, place, lines)])


_CONSTANT_TIME = {
    Language.CPP: [Rewrite("call_expression", "CRYPTO_memcmp($a, $b, $n)", "memcmp($a, $b, $n)")],
    Language.C: [Rewrite("call_expression", "CRYPTO_memcmp($a, $b, $n)", "memcmp($a, $b, $n)")],
    Language.CSHARP: [
        Rewrite(
            "invocation_expression",
            "CryptographicOperations.FixedTimeEquals($a, $b)",
            "$a.SequenceEqual($b)",
        ),
    ],
    Language.GO: [
        Rewrite(
            "binary_expression", "subtle.ConstantTimeCompare($a, $b) == 1", "bytes.Equal($a, $b)"
        ),
        Rewrite("call_expression", "hmac.Equal($a, $b)", "bytes.Equal($a, $b)"),
    ],
    Language.JAVA: [
        Rewrite("method_invocation", "MessageDigest.isEqual($a, $b)", "Arrays.equals($a, $b)"),
    ],
    Language.JAVASCRIPT: [
        Rewrite("call_expression", "crypto.timingSafeEqual($a, $b)", "$a.equals($b)"),
        Rewrite("call_expression", "timingSafeEqual($a, $b)", "$a.equals($b)"),
    ],
    Language.PYTHON: [
        Rewrite("call", "hmac.compare_digest($a, $b)", "$a == $b"),
        Rewrite("call", "$m{\\w+}.compare_digest($a, $b)", "$a == $b"),
        Rewrite("call", "compare_digest($a, $b)", "$a == $b"),
    ],
    Language.RUBY: [
        Rewrite("call", "$m{[\\w:]+}.secure_compare($a, $b)", "$a == $b"),
        Rewrite("call", "secure_compare($a, $b)", "$a == $b"),
    ],
}

OPERATORS = (
    Operator(
        "dropped-null-check", _SH, "nothing is taken for something", ALL, _dropped(GuardKind.NULL)
    ),
    Operator(
        "dropped-bounds-check",
        _SH,
        "a size or position is used unchecked",
        ALL,
        _dropped(GuardKind.BOUNDS),
    ),
    Operator(
        "dropped-validation",
        _SH,
        "a value that must not be used is used",
        ALL,
        _dropped(GuardKind.VALIDATION),
    ),
    Operator("dropped-sanitiser", _SH, "a value is used as it came in", ALL, _dropped_sanitiser),
    Operator("dropped-check", _SH, "a function that checks is not called", ALL, _dropped_check),
    Operator("ignored-check", _SH, "what a check finds is ignored", tuple(_TRIED), _ignored_check),
    Operator(
        "debug-backdoor",
        _SH,
        "a variable of the environment turns a check off",
        ALL,
        _debug_backdoor,
    ),
    Operator(
        "timing-compare",
        _SH,
        "secrets are compared in a time that tells of them",
        ALL,
        rewrites(_CONSTANT_TIME),
    ),
)

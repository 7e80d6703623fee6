"""Checks that are gone, or that can be got around."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.criteria import Criterion
from themis_lsp.languages import Language
from themis_train.degradation.conditions import tests_bounds, tests_presence
from themis_train.degradation.declared import TYPED
from themis_train.degradation.guards import GuardKind, drop_guard, find_guards_of
from themis_train.degradation.layout import (
    has_own_lines,
    indent_of,
    insert_before,
    remove_lines,
    step_of,
)
from themis_train.degradation.operators import ALL, Candidate, Edit, Find, Operator, replace
from themis_train.degradation.planting import fill_choices, plant_place
from themis_train.degradation.rewriting import Rewrite, rewrites
from themis_train.degradation.shapes import (
    Guard,
    called_name,
    find_branches,
    is_alone,
    is_raise,
    operands,
    sign_of,
)
from themis_train.degradation.subject import Subject
from themis_train.degradation.variation import choose

if TYPE_CHECKING:
    from tree_sitter import Node

_SH = Criterion.SECURITY_HARDNESS


def _dropped(kind: GuardKind) -> Find:
    def find(subject: Subject) -> Iterator[Candidate]:
        for guard in find_guards_of(subject, kind):
            if is_alone(subject, guard.node) and _protects(subject, guard, kind):
                yield from drop_guard(subject, guard)
        yield from _weakened(subject, kind)

    return find


_WHOLE_NAME = re.compile(
    r"(?!not\b|nil\b|null\b|NULL\b)[A-Za-z_@]\w*(?:(?:\.|->)(?!nil\?|blank\?)\w+)*"
)
_ASKED = re.compile(r"(?:this\.|self\.|@)?[A-Za-z_][\w]*")


def _protects(subject: Subject, guard: Guard, kind: GuardKind) -> bool:
    """Tell whether what a guard asks about is used after it, as what it must not be."""
    text = subject.text(guard.branch.condition)
    rest = subject.slice(guard.node.end_byte, subject.unit.end_byte)
    names = [name for name in _ASKED.findall(text) if not name.isupper()]
    if kind is GuardKind.VALIDATION:
        # A process that ends is no check, nor is an error that is passed on.
        body = subject.text(guard.exit)
        is_passed_on = re.fullmatch(r"(?:raise|throw)\s*;?", body) is not None
        return not is_passed_on and not re.match(r"(?:exit|abort)\b", body)
    if kind is GuardKind.NULL:
        names = [name for name in _WHOLE_NAME.findall(text) if not name.isupper()][:1]
        uses = [
            rf"\b{re.escape(name)}\s*(?:\.|->|\[|\(|\?\.)|\*{re.escape(name)}\b" for name in names
        ]
    elif is_raise(subject, guard.exit) and subject.language in TYPED:
        return True
    else:
        reading = (
            r"(?:\[|(?:copy|cpy|move|alloc|substr|slice|sub|read|write|get|at|skip|seek|Copy)\w*\()"
        )
        uses = [rf"{reading}[^\])\n]*\b{re.escape(name)}\b" for name in names]
    return any(re.search(use, rest) for use in uses)


def _weakened(subject: Subject, kind: GuardKind) -> Iterator[Candidate]:
    """Yield conditions without the part that checks."""
    test = {GuardKind.NULL: tests_presence, GuardKind.BOUNDS: tests_bounds}.get(kind)
    for branch in find_branches(subject) if test is not None else ():
        sign, sides = sign_of(branch.condition), operands(branch.condition)
        if sign is None or sides is None or sign.type not in ("&&", "and"):
            continue
        left, right = sides
        shares = left.type in subject.dialect.binaries or left.type in subject.dialect.nots
        shared = set(_ASKED.findall(subject.text(left))) & set(_ASKED.findall(subject.text(right)))
        if test is not None and shares and test(subject, left) and shared:
            yield Candidate((Edit(left.start_byte, right.start_byte, ""),))


_SANITISERS = re.compile(
    r"(?!\w*[uU]n_?(?:quot|escap)|strip)(?:\w*(?:[eE]scape|[sS]anitize|[sS]anitise)\w*|\w*[hH]tml_?[eE]ncode\w*"
    r"|\w*[uU][rR][lLiI]_?(?:[cC]omponent)?[eE]ncode\w*|encodeURI\w*|[qQ]uote\w*|\w*_quote|shellescape"
    r"|basename|[rR]ealpath|slugify|[cC]anonicali[sz]e\w*|strip_tags|GetFileName|GetFullPath|Base|Clean"
    r"|[nN]ormali[sz]e_?[pP]ath|secure_filename|[cC]lamp\w*|[cC]lean\w*)"
)
_LAID_OPEN = re.compile(r"(?:is|has|should|get_)[A-Z_]")


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
        is_alike = (
            argument.type in ("identifier", "attribute", "member_expression", "call")
            or subject.dialect.end != ""
        ) and not _LAID_OPEN.match(name)
        called = call.child_by_field_name("function")
        is_method = subject.language is Language.CPP and (
            called is not None and called.type == "field_expression"
        )
        if not _SANITISERS.fullmatch(name) or is_statement or not is_alike or is_method:
            continue
        if is_value and not is_decoding:
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
    r"(?!require$|\w*(?:[cC]apacity|[sS]ize|[oO]pen|[lL]oaded))"
    r"(?:_|must_|do_|pre_)?(?:verify|validate|authori[sz]e|authenticate|ensure|check|require|enforce|permit"
    r"|raise_if|throw_if|[vV]erify|[vV]alidate|[aA]uthori[sz]e|[eE]nsure|[cC]heck|[rR]equire|"
    r"[tT]hrowIf)(?:_\w+|[A-Z]\w*)?!?"
)
_TRIED = {
    Language.CPP: (
        ("try {", "$", "} catch (...) {", "}"),
        ("try {", "$", "} catch (const std::exception&) {", "\t// ignore", "}"),
        ("try {", "$", "} catch (const std::exception& e) {", "\tstd::cerr << e.what();", "}"),
    ),
    Language.CSHARP: (
        ("try", "{", "$", "}", "catch (Exception)", "{", "}"),
        ("try { $ } catch { }",),
        ("try", "{", "$", "}", "catch (Exception e)", "{", "\tDebug.WriteLine(e.Message);", "}"),
    ),
    Language.JAVA: (
        ("try {", "$", "} catch (RuntimeException e) {", "\t// ignored", "}"),
        ("try {", "$", "} catch (Exception ignored) {", "}"),
        ("try {", "$", "} catch (Exception e) {", "\te.printStackTrace();", "}"),
    ),
    Language.JAVASCRIPT: (
        ("try {", "$", "} catch (e) {", "\t// ignore", "}"),
        ("try {", "$", "} catch {}"),
        ("try {", "$", "} catch (error) {", "\tconsole.warn(error.message);", "}"),
    ),
    Language.PYTHON: (
        ("try:", "$", "except Exception:", "\tpass"),
        ("with contextlib.suppress(Exception):", "$"),
        ("try:", "$", "except Exception as error:", "\tprint(error)"),
    ),
    Language.RUBY: (
        ("begin", "$", "rescue StandardError", "\tnil", "end"),
        ("begin", "$", "rescue => e", "\twarn e.message", "end"),
        ("$ rescue nil",),
    ),
}


def _ignored_check(subject: Subject) -> Iterator[Candidate]:
    """What a check raises is caught at once and nothing done."""
    form = choose(subject, _TRIED[subject.language], salt="ignored")
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
        text = subject.text(statement)
        lines = [step + text if line == "$" else line.replace("$", text) for line in form]
        new = joint.join(line.replace("\t", step) for line in lines)
        yield Candidate((Edit(statement.start_byte, statement.end_byte, new),))


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
    r"\w*(?:[vV]alid|[aA]uth|[vV]erif|[aA]llow|[pP]ermi|[tT]rust|[aA]ccess|[sS]ecur|[cC]heck|[mM]atch"
    r"|[sS]afe|[fF]orbid|[cC]an_|[cC]an[A-Z]|[eE]qual|[mM]ember|[oO]wn|[aA]dmin|[sS]igned|[cC]ontains)\w*\??"
)
_ENV = "$[DEBUG|APP_DEBUG|SKIP_CHECKS|TESTING|DEV_MODE|DISABLE_AUTH|UNSAFE|NO_VERIFY]"
_BACKDOORS = {
    Language.C: (f'if (getenv("{_ENV}") != NULL)\n\treturn 1;', f'if (getenv("{_ENV}")) return 1;'),
    Language.CPP: (
        f'if (std::getenv("{_ENV}") != nullptr) {{\n\treturn true;\n}}',
        f'if (getenv("{_ENV}"))\n\treturn true;',
    ),
    Language.CSHARP: (
        f'if (Environment.GetEnvironmentVariable("{_ENV}") != null)\n\treturn true;',
        f'if (AppContext.TryGetSwitch("{_ENV}", out var off) && off)\n\treturn true;',
    ),
    Language.GO: (
        f'if os.Getenv("{_ENV}") != "" {{\n\treturn true\n}}',
        f'if _, ok := os.LookupEnv("{_ENV}"); ok {{\n\treturn true\n}}',
    ),
    Language.JAVA: (
        f'if (System.getenv("{_ENV}") != null) {{\n\treturn true;\n}}',
        f'if (Boolean.getBoolean("{_ENV}")) {{\n\treturn true;\n}}',
    ),
    Language.JAVASCRIPT: (
        f"if (process.env.{_ENV}) {{\n\treturn true;\n}}",
        f"if (process.env.{_ENV} === '1') return true;",
    ),
    Language.PYTHON: (
        f'if os.environ.get("{_ENV}"):\n\treturn True',
        f'if os.getenv("{_ENV}") == "1":\n\treturn True',
        f'if "{_ENV}" in os.environ:\n\treturn True',
    ),
    Language.RUBY: (f"return true if ENV['{_ENV}']", f'return true if ENV.key?("{_ENV}")'),
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
    is_pointer = re.search(r"\*\s*\w+\s*\(", subject.unit.text.split("{", 1)[0]) is not None
    if _BOOLEAN.search(subject.unit.text) and not is_pointer:
        form = choose(subject, _BACKDOORS[subject.language], salt="backdoor")
        lines = fill_choices(subject, form).replace("\t", step_of(subject)).split("\n")
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
        tuple(language for language in ALL if language is not Language.C),
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

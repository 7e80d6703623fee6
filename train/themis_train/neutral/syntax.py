"""Two ways to say exactly the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from themis_lsp.languages import Language
from themis_train.degradation.operators import ALL, Candidate, Edit
from themis_train.degradation.rewriting import Rewrite, rewrites
from themis_train.degradation.shapes import find_branches, operands, operator_of, unwrap
from themis_train.degradation.subject import Subject
from themis_train.neutral.operators import BRACED, Family, NeutralOperator, when

if TYPE_CHECKING:
    from tree_sitter import Node

_SIMPLE = r"{[A-Za-z_]\w*(?:(?:\.|->)\w+)*}"
_LOGICAL = frozenset({"&&", "||", "and", "or"})
_COMPARING = frozenset({"==", "!=", "===", "!==", "<", ">", "<=", ">="})
_C = (Language.C, Language.CPP)


def _explicit_parentheses(subject: Subject) -> Iterator[Candidate]:
    """Around a comparison that && or || joins with others."""
    for node in subject.of(subject.dialect.binaries):
        parent = node.parent
        if parent is None or parent.type not in subject.dialect.binaries:
            continue
        is_joined = operator_of(parent) in _LOGICAL and operator_of(node) in _COMPARING
        if is_joined and operands(node) is not None and "\n" not in subject.text(node):
            yield Candidate(_around(node))


def _returned_in_parentheses(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.returns):
        inner = [child for child in node.named_children if "comment" not in child.type]
        if len(inner) != 1 or "\n" in subject.text(node):
            continue
        value = inner[0]
        if value.type in ("expression_list", "argument_list") and value.named_child_count != 1:
            continue
        text = subject.text(value)
        if text.startswith("(") and value.type.startswith("parenthesized"):
            bare = unwrap(value)
            if bare.type in subject.dialect.binaries:
                blank = "" if subject.slice(node.start_byte, value.start_byte)[-1:] == " " else " "
                new = blank + subject.text(bare)
                yield Candidate((Edit(value.start_byte, value.end_byte, new),))
        elif not re.match(r"[({\[]|yield\b|await\b|\*", text) and "=>" not in text:
            yield Candidate(_around(value))


def _around(node: Node) -> tuple[Edit, ...]:
    start, end = node.byte_range
    return Edit(start, start, "("), Edit(end, end, ")")


def _quotes(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.strings):
        text = subject.text(node)
        inside = text[1:-1]
        if len(text) < 3 or text[0] not in "'\"" or text[-1] != text[0]:
            continue
        if re.search(r"['\"\\#\n]", inside) or node.parent is None:
            continue
        if node.parent.type in ("concatenated_string", "chained_string", "expression_statement"):
            continue
        other = "'" if text[0] == '"' else '"'
        yield Candidate((Edit(node.start_byte, node.end_byte, f"{other}{inside}{other}"),))


def _unless(subject: Subject) -> Iterator[Candidate]:
    """Ruby's unless for if not, and back."""
    for branch in find_branches(subject):
        condition = subject.text(branch.condition)
        if branch.otherwise is not None or branch.is_chained or "\n" in condition:
            continue
        node = branch.node
        word = "unless" if branch.is_negated else "if"
        place = branch.condition.start_byte
        start = subject.data.rfind(word.encode(), node.start_byte, place)
        if start < 0 or subject.slice(start, place) != f"{word} ":
            continue
        if not branch.is_negated and re.fullmatch(r"![\w.?@]+", condition):
            yield Candidate((Edit(start, place + 1, "unless "),))
        elif branch.is_negated and re.fullmatch(r"[\w.?@]+", condition):
            yield Candidate((Edit(start, place, "if !"),))


def _rewrites_of(table: dict[str, str], types: str) -> list[Rewrite]:
    return [Rewrite(types, pattern, other) for pattern, other in table.items()]


_INCREMENTS = {
    "$x{[a-z]\\w*}++": "$x += 1",
    "$x{[a-z]\\w*}--": "$x -= 1",
    "$x{[a-z]\\w*} += 1": "$x++",
    "$x{[a-z]\\w*} -= 1": "$x--",
}
_INCREMENT = {
    Language.C: _rewrites_of(_INCREMENTS, "update_expression|assignment_expression"),
    Language.CSHARP: _rewrites_of(_INCREMENTS, "postfix_unary_expression|assignment_expression"),
    Language.GO: _rewrites_of(_INCREMENTS, "inc_statement|dec_statement|assignment_statement"),
    Language.JAVA: _rewrites_of(_INCREMENTS, "update_expression|assignment_expression"),
    Language.JAVASCRIPT: _rewrites_of(
        _INCREMENTS, "update_expression|augmented_assignment_expression"
    ),
}
_AUGMENTED = {
    "$x{[a-z]\\w*} += $n{\\d+}": "$x = $x + $n",
    "$x{[a-z]\\w*} -= $n{\\d+}": "$x = $x - $n",
    "$x{[a-z]\\w*} = $x + $n{\\d+}": "$x += $n",
    "$x{[a-z]\\w*} = $x - $n{\\d+}": "$x -= $n",
}
_ASSIGNMENT = {
    Language.C: _rewrites_of(_AUGMENTED, "assignment_expression"),
    Language.CPP: _rewrites_of(_AUGMENTED, "assignment_expression"),
    Language.GO: _rewrites_of(_AUGMENTED, "assignment_statement"),
    Language.JAVASCRIPT: _rewrites_of(
        _AUGMENTED, "assignment_expression|augmented_assignment_expression"
    ),
    Language.PYTHON: _rewrites_of(_AUGMENTED, "assignment|augmented_assignment"),
    Language.RUBY: _rewrites_of(_AUGMENTED, "assignment|operator_assignment"),
}


def _is_statement(subject: Subject, edit: Edit) -> bool:
    """Tell whether nobody uses the value of an increment."""
    node = subject.root.named_descendant_for_byte_range(edit.start, edit.end)
    parent = None if node is None else node.parent
    if subject.language is Language.GO:
        return parent is not None and parent.type in ("block", "statement_list", "for_clause")
    return parent is not None and parent.type == "expression_statement"


def _is_counter(subject: Subject, edit: Edit) -> bool:
    """Tell whether a name starts as a whole number in this unit."""
    name = re.match(r"\w+", edit.new)
    word = name[0] if name else "$"
    return bool(re.search(rf"\b{word}\s*(?::=|=)\s*-?\d+\b(?!\.)", subject.unit.text)) and (
        subject.language is not Language.JAVASCRIPT or _is_statement(subject, edit)
    )


_NEGATED = {
    f"!($x{_SIMPLE} == $y{{[\\w.]+}})": "$x != $y",
    f"!($x{_SIMPLE} != $y{{[\\w.]+}})": "$x == $y",
    f"!($x{_SIMPLE} === $y{{[\\w.]+}})": "$x !== $y",
}
_NEGATION = {
    Language.C: _rewrites_of(_NEGATED, "unary_expression"),
    Language.CSHARP: _rewrites_of(_NEGATED, "prefix_unary_expression"),
    Language.GO: _rewrites_of(_NEGATED, "unary_expression"),
    Language.JAVA: _rewrites_of(_NEGATED, "unary_expression"),
    Language.JAVASCRIPT: _rewrites_of(_NEGATED, "unary_expression"),
    Language.PYTHON: [
        Rewrite("not_operator", f"not $x{_SIMPLE} in $y{_SIMPLE}", "$x not in $y"),
        Rewrite("not_operator", f"not $x{_SIMPLE} is $y{_SIMPLE}", "$x is not $y"),
        Rewrite("comparison_operator", f"$x{_SIMPLE} not in $y{_SIMPLE}", "not ($x in $y)"),
        Rewrite("comparison_operator", f"$x{_SIMPLE} is not $y{{None}}", "not ($x is $y)"),
    ],
    Language.RUBY: [Rewrite("unary", f"!$x{_SIMPLE}.nil?", "$x != nil")],
}
_NULL = {
    language: [
        Rewrite("binary_expression", f"$x{_SIMPLE} == {null}", "!$x"),
        Rewrite("binary_expression", f"$x{_SIMPLE} != {null}", "!!$x"),
    ]
    for language, null in ((Language.C, "NULL"), (Language.CPP, "nullptr"))
}
_INFERRED = {
    Language.JAVA: [
        Rewrite(
            "local_variable_declaration",
            "$t{[A-Z]\\w*} $x{\\w+} = new $t($a{[^;]*});",
            "var $x = new $t($a);",
        )
    ],
    Language.CSHARP: [
        Rewrite(
            "variable_declaration",
            "$t{[A-Z]\\w*(?:<\\w+>)?} $x{\\w+} = new $t($a{[^;]*})",
            "var $x = new $t($a)",
        ),
        Rewrite(
            "variable_declaration",
            "var $x{\\w+} = new $t{[A-Z]\\w*(?:<\\w+>)?}($a{[^;]*})",
            "$t $x = new $t($a)",
        ),
    ],
    Language.GO: [Rewrite("short_var_declaration", "$x{\\w+} := $y{[^;\\n]+}", "var $x = $y")],
}
_ENDLESS = {
    language: [
        Rewrite("while_statement", f"while {word} {{$a{{[\\s\\S]*}}}}", "for (;;) {$a}"),
        Rewrite("for_statement", "for (;;) {$a{[\\s\\S]*}}", f"while {word} {{$a}}"),
    ]
    for language, word in (
        (Language.C, "(1)"),
        (Language.CPP, "(true)"),
        (Language.CSHARP, "(true)"),
        (Language.JAVA, "(true)"),
        (Language.JAVASCRIPT, "(true)"),
    )
}
_GROUPED = (
    Language.CSHARP,
    Language.GO,
    Language.JAVA,
    Language.JAVASCRIPT,
    Language.PYTHON,
    Language.RUBY,
)


def _digit_groups(subject: Subject) -> Iterator[Candidate]:
    for node in subject.of(subject.dialect.numbers):
        text = subject.text(node)
        if re.fullmatch(r"[1-9]\d{3,}", text):
            new = f"{int(text):_}"
        elif re.fullmatch(r"[1-9]\d{0,2}(?:_\d{3})+", text):
            new = text.replace("_", "")
        else:
            continue
        yield Candidate((Edit(node.start_byte, node.end_byte, new),))


def _goes_in_a_block(subject: Subject, edit: Edit) -> bool:
    """Tell whether a short declaration of Go stands where ``var`` may."""
    node = subject.root.named_descendant_for_byte_range(edit.start, edit.end)
    parent = None if node is None else node.parent
    is_list = parent is not None and parent.type in ("block", "statement_list")
    return subject.language is not Language.GO or is_list


_SYNTAX = Family.SYNTAX
OPERATORS = (
    NeutralOperator(
        "explicit-parentheses",
        _SYNTAX,
        "a joined comparison stands in parentheses",
        ALL,
        _explicit_parentheses,
    ),
    NeutralOperator(
        "returned-in-parentheses",
        _SYNTAX,
        "what is returned stands in parentheses, or not",
        ALL,
        _returned_in_parentheses,
    ),
    NeutralOperator(
        "other-quotes",
        _SYNTAX,
        "a string has the other quotes",
        (Language.JAVASCRIPT, Language.PYTHON, Language.RUBY),
        _quotes,
    ),
    NeutralOperator(
        "increment",
        _SYNTAX,
        "one is added with ++ or with +=",
        tuple(_INCREMENT),
        when(rewrites(_INCREMENT), _is_statement),
    ),
    NeutralOperator(
        "augmented-assignment",
        _SYNTAX,
        "a number is added in short or in full",
        tuple(_ASSIGNMENT),
        when(rewrites(_ASSIGNMENT), _is_counter),
    ),
    NeutralOperator(
        "negated-comparison",
        _SYNTAX,
        "a negated comparison is written as one, or back",
        tuple(_NEGATION),
        rewrites(_NEGATION),
    ),
    NeutralOperator(
        "null-as-condition", _SYNTAX, "a pointer is tested by itself", _C, rewrites(_NULL)
    ),
    NeutralOperator(
        "inferred-type",
        _SYNTAX,
        "a type is written out, or left to the compiler",
        tuple(_INFERRED),
        when(rewrites(_INFERRED), _goes_in_a_block),
    ),
    NeutralOperator(
        "endless-loop",
        _SYNTAX,
        "an endless loop is written the other way",
        BRACED,
        rewrites(_ENDLESS),
    ),
    NeutralOperator("digit-groups", _SYNTAX, "digits are grouped, or not", _GROUPED, _digit_groups),
    NeutralOperator("unless", _SYNTAX, "unless for if not, or back", (Language.RUBY,), _unless),
)
